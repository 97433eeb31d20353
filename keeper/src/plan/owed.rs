//! Prizes and refunds, in batches that fit a transaction.

use lottery_interface::{
    accounts::{Entry, FLAG_PAID, FLAG_REFUNDED},
    args::ITEM_LEN,
    instructions::Item,
};

use crate::{
    action::Step,
    state::{ChainState, RoundState},
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
        let Some(entries) = &page.entries else { continue };
        let mut items = unsettled_items(entries, refunds);
        items.retain(|item| state.wallets.contains(&item.wallet.to_bytes()));
        steps.extend(batches(items).into_iter().map(|items| match refunds {
            true => Step::Refund { sequence: *sequence, items },
            false => Step::Pay { sequence: *sequence, items },
        }));
    }
    steps
}

/// Entries that are owed something and did not get it yet.
pub fn unsettled_items(entries: &[Entry], refunds: bool) -> Vec<Item> {
    let is_owed = |entry: &Entry| match refunds {
        true => entry.flags & FLAG_REFUNDED == 0,
        false => entry.tier != 0 && entry.flags & FLAG_PAID == 0,
    };
    let indexed = entries.iter().enumerate().filter(|(_, entry)| is_owed(entry));
    indexed.map(|(index, entry)| Item { index: index as u32, wallet: entry.wallet.into() }).collect()
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
