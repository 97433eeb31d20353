//! One player for each lottery, who enters every page of every round that takes entries, once.

use lottery_interface::{
    accounts::{AccountLayout, Page},
    instructions as ix,
    kinds::{PageStatus, RoundStatus},
};
use program_tests::address;

use crate::{Hall, Tally};

impl Hall {
    pub fn enter(&mut self, tally: &mut Tally) {
        let now = self.now();
        let mut enters = Vec::new();
        for (key, player) in &self.players {
            let lottery = self.lottery(key);
            for back in [1, 2] {
                let Some(index) = lottery.next_round_index.checked_sub(back) else { continue };
                let round = address::round(key, index).0;
                let Some(open) = self.world.chain.try_account::<lottery_interface::accounts::Round>(round)
                else {
                    continue;
                };
                let takes = open.status == RoundStatus::Open as u8
                    && now.unix < open.locks_at
                    && now.slot < open.lock_slot;
                if !takes {
                    continue;
                }
                for sequence in 0..open.page_count {
                    let page = address::page(&round, sequence).0;
                    let Some(account) = Page::read(self.world.chain.data(page)) else { continue };
                    if account.status == PageStatus::Open as u8 && account.count == 0 {
                        let tickets = self.spec.game.tickets(self.spec.tickets, index);
                        enters.push(ix::enter(player.owner, player.wallet, round, page, 0, &tickets));
                    }
                }
            }
        }
        for enter in enters {
            self.world.chain.expect_ok(&enter);
            tally.entered += 1;
        }
    }
}
