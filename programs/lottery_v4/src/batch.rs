//! A batch of items, each an entry of a page with its wallet: what `pay` and `refund` share.

use anchor_lang::{AnchorAccount, prelude::*};
use lottery_interface::args::ITEM_LEN;

use crate::{
    errors::{LotteryError, add, sub},
    events::{self, Paid},
    state::{Entry, Page, Round, Wallet, page_entries, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `page` [writable], then the wallets [writable], each
/// once.
#[derive(Accounts)]
pub struct Batch {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    #[account(mut)]
    pub page: Account<Page>,
}

/// What came of a batch.
pub struct Done {
    pub items: u32,
    pub amount_units: u64,
}

/// Wallets of a batch, each once. `None` stands for one that is closed: its items are passed over, so that
/// nobody's missing account holds up the others.
fn load_wallets(views: &[AccountView], mint: &Address) -> Result<alloc::vec::Vec<Option<Account<Wallet>>>> {
    let mut wallets = alloc::vec::Vec::with_capacity(views.len());
    for (i, view) in views.iter().enumerate() {
        // The runtime hands in an account given twice as the same memory, so comparing where it lies is enough: 32
        // bytes for each pair would be most of what a batch costs.
        require!(
            views[..i].iter().all(|other| !core::ptr::eq(other.address(), view.address())),
            LotteryError::DuplicateAccount
        );
        wallets.push(if view.owned_by(&crate::ID) {
            // SAFETY: given once among these, and Anchor refuses one that is also a named account.
            let wallet = unsafe { Account::<Wallet>::load_mut(*view)? };
            require!(wallet.mint == *mint, LotteryError::WrongMint);
            Some(wallet)
        } else {
            None
        });
    }
    Ok(wallets)
}

/// Credits each item once. `credit` gives the amount of an entry and its index, or says why it has none; `flag` marks an
/// entry that was credited. Fails only when nothing new was done: with `again` if all was done before.
pub fn credit_items(
    page: &mut Account<Page>,
    views: &[AccountView],
    mint: &Address,
    items: &[u8],
    flag: u8,
    again: LotteryError,
    credit: impl Fn(&Entry, u32) -> Result<u64>,
) -> Result<Done> {
    require!(!items.is_empty() && items.len().is_multiple_of(ITEM_LEN), LotteryError::ItemsMalformed);
    let mut wallets = load_wallets(views, mint)?;
    let count = page.count;
    let entries = page_entries(page, 0, count)?;
    let mut done = Done { items: 0, amount_units: 0 };
    let mut before = false;
    for item in items.chunks_exact(ITEM_LEN) {
        let index = u32::from_le_bytes([item[0], item[1], item[2], item[3]]) as usize;
        let entry = entries.get_mut(index).ok_or(LotteryError::ItemOutOfRange)?;
        let amount = credit(entry, index as u32)?;
        let place = item[4] as usize;
        let view = views.get(place).ok_or(LotteryError::ItemOutOfRange)?;
        require!(entry.wallet == *view.address(), LotteryError::WrongWallet);
        if entry.flags & flag != 0 {
            before = true;
            continue;
        }
        let Some(wallet) = &mut wallets[place] else { continue };
        wallet.balance_units = add(wallet.balance_units, amount)?;
        entry.flags |= flag;
        done.items += 1;
        done.amount_units = add(done.amount_units, amount)?;
    }
    if done.items == 0 {
        return Err(if before { again } else { LotteryError::NothingToPay }.into());
    }
    Ok(done)
}

/// Takes what was credited out of the round's box, pays the cranker and logs; the last step of a batch.
pub fn book(batch: &mut Batch, done: &Done, refund: bool) -> Result<()> {
    let Batch { cranker, round, page } = batch;
    round.cash_units = sub(round.cash_units, done.amount_units)?;
    pay_reward(round, cranker, 0, done.items as u64)?;
    events::log(&Paid {
        lottery_id: round.lottery_id,
        round_index: round.index,
        amount_units: done.amount_units,
        page_sequence: page.sequence,
        items: done.items,
        refund: refund as u64,
    });
    page.invariant()?;
    round.invariant()
}
