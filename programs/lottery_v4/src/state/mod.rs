//! Accounts: the layouts of `lottery_interface`, with what the program does with them.

mod beacon;
mod config;
mod lottery;
mod oracle_set;
mod page;
mod ranking;
mod registry;
mod round;
mod vault;
mod wallet;

pub use beacon::*;
pub use config::*;
pub use lottery::*;
pub use oracle_set::*;
pub use page::*;
pub use ranking::*;
pub use registry::*;
pub use round::*;
pub use vault::*;
pub use wallet::*;

use anchor_lang::prelude::*;

/// Moves lamports between accounts that this program owns, or from one of them to anyone.
pub fn move_lamports(from: &impl Lamports, to: &impl Lamports, lamports: u64) -> Result<()> {
    from.sub_lamports(lamports)?;
    to.add_lamports(lamports)?;
    Ok(())
}

/// Closes an account of this program and gives its lamports to `to`.
pub fn close_account(account: &AccountView, to: &impl Lamports) -> Result<()> {
    let mut view = *account;
    to.add_lamports(view.lamports())?;
    view.set_lamports(0);
    // SAFETY: the typed account is not used after this; its bytes are zeroed so that a later
    // instruction of the same transaction that revives it cannot read the old state.
    unsafe {
        view.borrow_unchecked_mut().fill(0);
        view.close_unchecked();
    }
    Ok(())
}
