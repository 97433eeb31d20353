//! The life of a round, step by step. Each step must succeed; tests of refusals build their instructions.

use lottery_interface::{
    accounts::{self, Config, Entry, Page, Round},
    address,
    instructions::{self as ix, Item},
    kinds::{PageStatus, RoundStatus},
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

/// Wallets in one `pay` or `refund` that certainly fit a transaction.
pub const BATCH: usize = 20;

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
        let steps = ix::open_page_steps(self.cranker, live.key, sequence, round.page_entries);
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
        let until = round.locks_at + round.grace_seconds as i64;
        let slot = round.target_slot + round.grace_slots as u64;
        let slots = slot.saturating_sub(self.chain.slot());
        self.chain.warp((until - self.chain.now()).max(0), slots);
    }

    // The crank.

    #[track_caller]
    pub fn seal_all(&mut self, live: &Live) {
        let round = self.round(live);
        for sequence in round.pages_sealed..round.page_count {
            self.chain.expect_ok(&[ix::seal_page(self.cranker, live.key, sequence)]);
        }
    }

    #[track_caller]
    pub fn capture(&mut self, live: &Live) -> Meta {
        self.chain.expect_ok(&[ix::capture(self.cranker, live.key)])
    }

    /// The reveal that the round committed to.
    pub fn reveal_of(&self, live: &Live) -> [u8; 32] {
        let position = self.round(live).chain_position;
        live.game.reveals.link(position as u32).expect("a position in the chain")
    }

    #[track_caller]
    pub fn reveal(&mut self, live: &Live) -> Meta {
        let reveal = self.reveal_of(live);
        self.chain.expect_ok(&[ix::post_value(self.cranker, live.key, &reveal)])
    }

    #[track_caller]
    pub fn draw(&mut self, live: &Live) -> Meta {
        self.chain.expect_ok(&[ix::draw(self.cranker, live.key, live.config)])
    }

    #[track_caller]
    pub fn settle_all(&mut self, live: &Live) {
        for sequence in 0..self.round(live).page_count {
            // Empty pages were settled when they were sealed.
            if self.page(live, sequence).status == PageStatus::Settled as u8 {
                continue;
            }
            let settle = ix::settle(self.cranker, live.key, live.config, sequence, u32::MAX);
            self.chain.expect_ok_big(&settle);
        }
    }

    pub fn finalise_instruction(&self, live: &Live) -> Instruction {
        ix::finalise(self.cranker, live.game.key, live.key, live.config)
    }

    #[track_caller]
    pub fn finalise(&mut self, live: &Live) -> Meta {
        let finalise = self.finalise_instruction(live);
        self.chain.expect_ok(&finalise)
    }

    /// Locks, seals, captures and reveals.
    #[track_caller]
    pub fn value(&mut self, live: &Live) {
        self.reach_target(live);
        self.seal_all(live);
        self.capture(live);
        self.reveal(live);
    }

    /// From open to drawn.
    #[track_caller]
    pub fn to_drawn(&mut self, live: &Live) {
        self.value(live);
        self.draw(live);
    }

    /// From open to settled.
    #[track_caller]
    pub fn to_settled(&mut self, live: &Live) {
        self.to_drawn(live);
        self.settle_all(live);
    }

    /// From open to final.
    #[track_caller]
    pub fn to_final(&mut self, live: &Live) {
        self.to_settled(live);
        self.finalise(live);
    }

    /// Winners of a page that are not paid yet.
    pub fn owed_prizes(&self, live: &Live, sequence: u32) -> Vec<Item> {
        items(&self.entries(live, sequence), |entry| entry.tier > 0 && entry.flags == 0)
    }

    /// Entries of a page that are not refunded yet.
    pub fn owed_refunds(&self, live: &Live, sequence: u32) -> Vec<Item> {
        items(&self.entries(live, sequence), |entry| entry.flags == 0)
    }

    #[track_caller]
    pub fn pay_all(&mut self, live: &Live) {
        for sequence in 0..self.round(live).page_count {
            for some in self.owed_prizes(live, sequence).chunks(BATCH) {
                self.chain.expect_ok(&[ix::pay(self.cranker, live.key, sequence, some)]);
            }
        }
    }

    /// Pays prizes, or refunds stakes if the round ended in a refund.
    #[track_caller]
    pub fn pay_or_refund_all(&mut self, live: &Live) {
        let round = self.round(live);
        if round.status == RoundStatus::Void as u8 || round.refund_all == 1 {
            self.refund_all(live);
        } else {
            self.pay_all(live);
        }
    }

    pub fn void_instruction(&self, live: &Live) -> Instruction {
        ix::void_round(self.cranker, live.game.key, live.key)
    }

    /// Seals and voids after grace.
    #[track_caller]
    pub fn to_void(&mut self, live: &Live) {
        self.lock(live);
        self.pass_grace(live);
        self.seal_all(live);
        let void = self.void_instruction(live);
        self.chain.expect_ok(&void);
    }

    #[track_caller]
    pub fn refund_all(&mut self, live: &Live) {
        for sequence in 0..self.round(live).page_count {
            for some in self.owed_refunds(live, sequence).chunks(BATCH) {
                self.chain.expect_ok(&[ix::refund(self.cranker, live.key, sequence, some)]);
            }
        }
    }

    #[track_caller]
    pub fn close_pages(&mut self, live: &Live) {
        for sequence in 0..self.round(live).page_count {
            if self.chain.exists(live.page(sequence)) {
                let payer = Pubkey::new_from_array(self.page(live, sequence).rent_payer);
                self.chain.expect_ok(&[ix::close_page(self.cranker, live.key, sequence, payer)]);
            }
        }
    }

    /// Closes pages and round.
    #[track_caller]
    pub fn close_all(&mut self, live: &Live) {
        self.close_pages(live);
        let payer = Pubkey::new_from_array(self.round(live).rent_payer);
        self.chain.expect_ok(&[ix::close_round(self.cranker, live.game.key, live.key, payer)]);
    }

    /// Closes a config.
    #[track_caller]
    pub fn close_config(&mut self, game: &Game, version: u32) -> Meta {
        let key = address::config(&game.key, version).0;
        let payer = Pubkey::new_from_array(self.chain.account::<Config>(key).rent_payer);
        self.chain.expect_ok(&[ix::close_config(game.operator.owner, game.id, version, payer)])
    }
}

fn items(entries: &[Entry], wanted: impl Fn(&Entry) -> bool) -> Vec<Item> {
    let numbered = entries.iter().enumerate().filter(|(_, entry)| wanted(entry));
    numbered
        .map(|(index, entry)| Item { index: index as u32, wallet: Pubkey::new_from_array(entry.wallet) })
        .collect()
}
