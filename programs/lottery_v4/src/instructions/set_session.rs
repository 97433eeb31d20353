use anchor_lang::prelude::*;

use crate::{args::SessionArgs, errors::LotteryError, state::Wallet};

/// Accounts: `owner` [signer], `wallet` [writable].
#[derive(Accounts)]
pub struct SetSession {
    pub owner: Signer,
    #[account(mut)]
    pub wallet: Account<Wallet>,
}

pub fn handler(ctx: &mut Context<SetSession>, args: SessionArgs) -> Result<()> {
    let SetSession { owner, wallet } = &mut ctx.accounts;
    wallet.require_owner(owner.address())?;
    let ends = args.key == Address::default() && args.expires_at == 0 && args.limit_units == 0;
    if !ends {
        let now = Clock::get()?.unix_timestamp;
        require!(
            args.key != Address::default()
                && args.key != *owner.address()
                && args.expires_at > now
                && args.limit_units > 0
                && args.lotteries.iter().any(|id| *id != 0),
            LotteryError::InvalidSession
        );
    }
    wallet.session_key = args.key;
    wallet.session_lotteries = args.lotteries;
    wallet.session_expires_at = args.expires_at;
    wallet.session_limit_units = args.limit_units;
    wallet.session_spent_units = 0;
    Ok(())
}
