//! Opening and entering rounds, and letting time pass. Each step must succeed; tests of refusals build their
//! instructions.

use lottery_interface::{
    accounts::{self, Entry, Page, Round, raffle_state},
    address, instructions as ix,
    kinds::{PageStatus, RoundStatus},
    paging::leaf_words,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{Game, Meta, Player, World};

/// A round of a game.
#[derive(Clone)]
pub struct Live {
    pub game: Game,
    pub key: Pubkey,
    pub index: u64,
    pub config: Pubkey,
}

impl Live {
    pub fn page(&self, sequence: u32) -> Pubkey {
        address::page(&self.key, sequence).0
    }
}

impl World {
    // Reading.

    #[track_caller]
    pub fn round(&self, live: &Live) -> Round {
        self.chain.account(live.key)
    }

    #[track_caller]
    pub fn status(&self, live: &Live) -> RoundStatus {
        RoundStatus::from_byte(self.round(live).status).expect("a known status")
    }

    #[track_caller]
    pub fn page(&self, live: &Live, sequence: u32) -> Page {
        self.chain.account(live.page(sequence))
    }

    pub fn entries(&self, live: &Live, sequence: u32) -> Vec<Entry> {
        let count = self.page(live, sequence).count;
        accounts::entries(self.chain.data(live.page(sequence)), count).collect()
    }

    // Opening and entering.

    /// The instruction that opens the lottery's next round.
    pub fn open_round_instruction(&self, game: &Game) -> Instruction {
        let lottery = self.lottery(game);
        let config = Pubkey::new_from_array(lottery.config);
        ix::open_round(self.cranker, game.key, config, lottery.next_round_index)
    }

    #[track_caller]
    pub fn open_round(&mut self, game: &Game) -> Live {
        let lottery = self.lottery(game);
        let open = self.open_round_instruction(game);
        self.chain.expect_ok(&open);
        let index = lottery.next_round_index;
        Live {
            game: game.clone(),
            key: address::round(&game.key, index).0,
            index,
            config: Pubkey::new_from_array(lottery.config),
        }
    }

    /// Opens the next page and grows it to its size.
    #[track_caller]
    pub fn open_page(&mut self, live: &Live) -> u32 {
        let round = self.round(live);
        let sequence = round.page_count;
        // The last page takes what is left of the round's entries.
        let capacity = round.page_entries.min(round.max_entries - round.entries_allotted);
        let tail_words = match raffle_state(self.chain.data(live.key)) {
            Some(raffle) if raffle.leaf_count != 0 => leaf_words(capacity),
            _ => round.outcome_count as u16,
        };
        let steps =
            ix::open_page_steps(self.cranker, live.game.key, live.key, sequence, capacity, tail_words);
        for some in steps.chunks(50) {
            self.chain.expect_ok_big(some);
        }
        assert_eq!(self.page(live, sequence).status, PageStatus::Open as u8);
        sequence
    }

    /// A new round with one page.
    #[track_caller]
    pub fn open(&mut self, game: &Game) -> Live {
        let live = self.open_round(game);
        self.open_page(&live);
        live
    }

    pub fn enter_instruction(
        &self,
        live: &Live,
        player: &Player,
        sequence: u32,
        quick_picks: u8,
        tickets: &[u8],
    ) -> Instruction {
        ix::enter(player.owner, player.wallet, live.key, live.page(sequence), quick_picks, tickets)
    }

    /// Enters tickets given as numbers.
    #[track_caller]
    pub fn enter(&mut self, live: &Live, player: &Player, sequence: u32, tickets: &[&[u8]]) -> Meta {
        let enter = self.enter_instruction(live, player, sequence, 0, &tickets.concat());
        let meta = self.chain.expect_ok(&enter);
        self.entered.entry(live.page(sequence)).or_default().push(tickets.len() as u32);
        meta
    }

    /// Enters tickets that the program picks.
    #[track_caller]
    pub fn enter_quick(&mut self, live: &Live, player: &Player, sequence: u32, count: u8) -> Meta {
        let enter = self.enter_instruction(live, player, sequence, count, &[]);
        let meta = self.chain.expect_ok(&enter);
        self.entered.entry(live.page(sequence)).or_default().push(count as u32);
        meta
    }

    // Time.

    /// Lets time pass until no more entries are taken.
    pub fn lock(&mut self, live: &Live) {
        let round = self.round(live);
        let seconds = (round.locks_at - self.chain.now()).max(0);
        let slots = round.lock_slot.saturating_sub(self.chain.slot());
        self.chain.warp(seconds, slots);
    }

    /// Locks the round, and lets slots pass until the target's hash can be captured.
    pub fn reach_target(&mut self, live: &Live) {
        self.lock(live);
        let target = self.round(live).target_slot;
        let slots = (target + 1).saturating_sub(self.chain.slot());
        self.chain.warp(slots as i64 / 2, slots);
    }

    /// Lets the grace period pass, in seconds and in slots.
    pub fn pass_grace(&mut self, live: &Live) {
        let round = self.round(live);
        let until = round.locks_at.max(round.event_at) + round.grace_seconds as i64;
        let slot = round.target_slot + round.grace_slots as u64;
        let slots = slot.saturating_sub(self.chain.slot());
        self.chain.warp((until - self.chain.now()).max(0), slots);
    }
}
