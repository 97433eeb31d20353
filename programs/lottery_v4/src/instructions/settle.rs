use anchor_lang::prelude::*;
use lottery_interface::kinds::{PageStatus, RoundStatus};

use crate::{
    errors::{LotteryError, add},
    kinds::{self, Tally},
    state::{Config, Page, Round, page_entries, pay_reward},
};

/// Accounts: `cranker` [writable, signer], `round` [writable], `config` [], `page` [writable].
#[derive(Accounts)]
pub struct Settle {
    #[account(mut)]
    pub cranker: Signer,
    #[account(mut)]
    pub round: Account<Round>,
    pub config: Account<Config>,
    #[account(mut)]
    pub page: Account<Page>,
}

/// Settles up to `limit` further entries. The last step of a page adds its winners to the round.
pub fn handler(ctx: &mut Context<Settle>, limit: u32) -> Result<()> {
    let Settle { cranker, round, config, page } = &mut ctx.accounts;
    page.require_round(round.address())?;
    round.require_config(config.address())?;
    require!(round.is(RoundStatus::Drawn), LotteryError::NotDrawn);
    require!(page.status != PageStatus::Settled as u8, LotteryError::PageAlreadySettled);
    require!(limit > 0, LotteryError::ZeroAmount);

    let from = page.settle_cursor;
    let to = page.count.min(from.saturating_add(limit));
    let mut tally = Tally { tier_winners: page.tier_winners, prizes_units: page.prizes_units };
    let sequence = page.sequence;
    let entries = page_entries(page, from, to)?;
    kinds::settle_entries(round, config, sequence, from, entries, &mut tally)?;
    page.tier_winners = tally.tier_winners;
    page.prizes_units = tally.prizes_units;
    page.winners = tally.tier_winners.iter().sum();
    page.settle_cursor = to;
    let mut steps = 0;
    if to == page.count {
        steps = 1;
        page.status = PageStatus::Settled as u8;
        round.pages_settled += 1;
        for (total, winners) in round.winners.iter_mut().zip(tally.tier_winners) {
            *total = add(*total, winners as u64)?;
        }
        round.prizes_units = add(round.prizes_units, page.prizes_units)?;
        round.winners_total = add(round.winners_total, page.winners as u64)?;
    }
    pay_reward(round, cranker, steps, (to - from) as u64)?;
    page.invariant()?;
    round.invariant()
}
