use anchor_lang::prelude::*;
use lottery_rules::raffle::Standing;

use crate::{
    errors::LotteryError,
    kinds::raffle::standing,
    state::{COUNTED, Page, RankedEntry, Ranking, Round, page_entries, ranking_parts},
};

/// Accounts: `round` [], `ranking` [writable], `page` [].
#[derive(Accounts)]
pub struct CountRanking {
    pub round: Account<Round>,
    #[account(mut)]
    pub ranking: Account<Ranking>,
    pub page: Account<Page>,
}

/// Notes up to `limit` further entries of a page that are not after the threshold. Pages in any order. Unpaid, because there
/// can be any number of attempts: `accept_ranking` pays for the one that counts.
pub fn handler(ctx: &mut Context<CountRanking>, limit: u32) -> Result<()> {
    let CountRanking { round, ranking, page } = &mut ctx.accounts;
    ranking.require_round(round.address())?;
    page.require_round(round.address())?;
    require!(limit > 0, LotteryError::ZeroAmount);
    let threshold =
        Standing { key: ranking.threshold_key, page: ranking.threshold_page, index: ranking.threshold_index };
    let (sequence, slots, mut found) = (page.sequence, ranking.slots, ranking.found);
    let (counts, ranked) = ranking_parts(ranking)?;
    let count = counts.get_mut(sequence as usize).ok_or(LotteryError::WrongPage)?;
    require!(*count != COUNTED, LotteryError::PageAlreadyCounted);
    let (from, all) = (*count, page.count);
    let to = all.min(from.saturating_add(limit));
    for (i, entry) in page_entries(page, from, to)?.iter().enumerate() {
        let at = standing(entry, sequence, from + i as u32);
        if at > threshold {
            continue;
        }
        match ranked.get_mut(found as usize) {
            Some(place) => {
                *place = RankedEntry { key: at.key, page: at.page, index: at.index, ..*place };
                found += 1;
            }
            None => {
                found = slots + 1;
                break;
            }
        }
    }
    let is_counted = to == all;
    *count = if is_counted { COUNTED } else { to };
    ranking.found = found;
    ranking.pages_counted += is_counted as u32;
    Ok(())
}
