//! Prizes and refunds, in batches that fit a transaction.

use lottery_interface::{
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED, RaffleState},
    args::ITEM_LEN,
    instructions::Item,
};

use lottery_rules::raffle::Standing;

use crate::{
    action::Step,
    state::{ChainState, PageState, RoundState},
};

/// Bytes for a batch's wallets (an address and its place) and items, of the 1,232 of a transaction.
const BATCH_BYTES: usize = 860;
const WALLET_BYTES: usize = 33;

/// Every batch that can be credited now. Wallets that do not exist are left out: theirs expires.
pub fn plan(state: &ChainState, round: &RoundState) -> Vec<Step> {
    if round.account.expired != 0 {
        return Vec::new();
    }
    let refunds = round.refunds();
    let mut steps = Vec::new();
    for (sequence, page) in &round.pages {
        let mut items = owed_items(round, *sequence, page);
        items.retain(|item| state.wallets.contains(&item.wallet.to_bytes()));
        steps.extend(batches(items).into_iter().map(|items| match refunds || round.has_places() {
            true => Step::Refund { sequence: *sequence, items },
            false => Step::Pay { sequence: *sequence, items },
        }));
    }
    steps
}

/// Entries of a page, if they are known, that are owed something and did not get it yet.
pub fn owed_items(round: &RoundState, sequence: u32, page: &PageState) -> Vec<Item> {
    let refunds = round.refunds();
    let places = round.raffle.filter(|_| round.has_places());
    let is_owed = |index: u32, entry: &Entry| match &places {
        _ if refunds => entry.flags & FLAG_REFUNDED == 0,
        Some(raffle) => entry.flags & FLAG_REFUNDED == 0 && is_without_place(raffle, entry, sequence, index),
        None => entry.tier != 0 && entry.flags & FLAG_PAID == 0,
    };
    let entries = page.entries.iter().flatten().enumerate();
    let owed = entries.filter(|(index, entry)| is_owed(*index as u32, entry));
    owed.map(|(index, entry)| Item { index: index as u32, wallet: entry.wallet.into() }).collect()
}

/// No rank, or an offer that lapsed, or a wait in vain.
fn is_without_place(raffle: &RaffleState, entry: &Entry, page: u32, index: u32) -> bool {
    let threshold =
        Standing { key: raffle.threshold_key, page: raffle.threshold_page, index: raffle.threshold_index };
    Standing { key: entry.picks[1], page, index } > threshold || entry.tier > 1
}

/// Splits items so that each batch fits; a wallet's items stay together, since it is named only once.
fn batches(mut items: Vec<Item>) -> Vec<Vec<Item>> {
    items.sort_by_key(|item| (item.wallet, item.index));
    let mut batches: Vec<Vec<Item>> = Vec::new();
    let mut bytes = BATCH_BYTES;
    for item in items {
        let again =
            batches.last().and_then(|batch| batch.last()).is_some_and(|last| last.wallet == item.wallet);
        let more = ITEM_LEN + if again { 0 } else { WALLET_BYTES };
        if bytes + more > BATCH_BYTES {
            batches.push(Vec::new());
            bytes = ITEM_LEN + WALLET_BYTES;
        } else {
            bytes += more;
        }
        batches.last_mut().expect("a batch was just pushed").push(item);
    }
    batches
}
