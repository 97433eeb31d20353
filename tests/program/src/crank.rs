//! The crank: from lock to closed accounts, step by step. Each step must succeed.

use lottery_interface::{
    accounts::{Config, Entry},
    address,
    instructions::{self as ix, Item},
    kinds::{PageStatus, RoundStatus},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{Game, Live, Meta, World};

/// Wallets in one `pay` or `refund` that certainly fit a transaction.
pub const BATCH: usize = 20;

impl World {
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
        self.chain.expect_ok(&[ix::post_value(self.cranker, live.key, Pubkey::default(), &reveal)])
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
