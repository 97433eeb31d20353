//! Keno and instant rounds for [`Game`]: what differs from a draw, computed with the published rules.

use super::*;

/// Keno: 2 and 10 spots are offered.
pub fn keno_rules() -> KenoRules {
    let mut rules = KenoRules { rtp_min_bps: 5_000, rtp_max_bps: 9_500, ..Zeroable::zeroed() };
    // Two spots: half the stake for one match, seven stakes for both. Ten: also something for none.
    rules.paytable_bps[1][1..3].copy_from_slice(&[5_000, 70_000]);
    rules.paytable_bps[9] =
        [10_001, 0, 5_000, 10_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];
    rules
}

/// Instant: one in 4 wins three stakes, one in 4 a third.
pub fn instant_rules() -> InstantRules {
    let mut rules =
        InstantRules { rtp_min_bps: 7_000, rtp_max_bps: 9_000, prize_count: 3, ..Zeroable::zeroed() };
    rules.prizes[0] = InstantPrize { parts: 1 << 30, multiplier_bps: 30_000 };
    rules.prizes[1] = InstantPrize { parts: 1 << 30, multiplier_bps: 3_333 };
    rules.prizes[2] = InstantPrize { parts: 1 << 31, multiplier_bps: 0 };
    rules
}

pub const HOUSE_FEE_BPS: u16 = 300;
pub const PAGE_BUDGET: u64 = 10_000_000_000;
pub const MAX_LIABILITY: u64 = 15_000_000_000;
pub const BANKROLL: u64 = 50_000_000_000;

/// Limits of the house lotteries of these tests; the other games have none of these.
pub fn house_limits() -> LimitsArgs {
    LimitsArgs {
        max_stake_units: 6_000_000,
        min_stake_units: 7,
        page_budget_units: PAGE_BUDGET,
        max_liability_units: MAX_LIABILITY,
        page_entries: 8,
        max_pages: 4,
        max_entries_per_round: 30,
        period_seconds: 5,
        reward_step_lamports: 10,
        reward_item_lamports: 3,
        ..Zeroable::zeroed()
    }
}

/// A ticket of a house game: its stake, and its numbers if it is keno.
#[derive(Clone)]
pub struct Bet {
    pub stake_units: u64,
    pub numbers: Vec<u8>,
}

pub fn bet(stake_units: u64, numbers: &[u8]) -> Bet {
    Bet { stake_units, numbers: numbers.to_vec() }
}

/// Quick picks of a house game: how many, for which stake, of how many spots.
pub struct Quick {
    pub count: u8,
    pub stake_units: u64,
    pub spots: u8,
}

pub const NO_QUICK: Quick = Quick { count: 0, stake_units: 0, spots: 0 };

impl Game {
    /// A house lottery with its bankroll.
    pub fn house(kind: Kind) -> Self {
        let mut game = Game::of_kind(kind);
        game.fund_bankroll(BANKROLL);
        game
    }

    pub fn fund_bankroll(&mut self, units: u64) {
        self.lottery.bankroll_free_units += units;
        self.store();
        self.chain.send_one(ix::fund_bankroll(self.operator, 1, Pubkey::default(), units), vec![]);
    }

    pub fn max_multipliers(&self) -> [u32; 10] {
        match self.kind {
            Kind::Keno => keno::max_multipliers(&keno_rules().paytable_bps),
            Kind::Instant => [instant_rules().prizes[0].multiplier_bps, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            _ => [0; 10],
        }
    }

    /// The budget that the next page takes from the free bankroll.
    pub fn reserve_budget(&mut self) -> u64 {
        let budget =
            self.round.page_budget_units.min(self.round.max_liability_units - self.round.budget_units);
        self.lottery.bankroll_free_units -= budget;
        self.lottery.bankroll_reserved_units += budget;
        self.round.budget_units += budget;
        budget
    }

    /// Bytes of tickets as a client writes them, and the entries as the program does.
    fn bets(&self, wallet: Pubkey, page: usize, bets: &[Bet], quick: &Quick) -> (Vec<u8>, Vec<Entry>) {
        let (page_key, account, _) = &self.pages[page];
        let keno = self.kind == Kind::Keno;
        let mut bytes = Vec::new();
        let mut entries = Vec::new();
        let entry = |picks, spots, stake_units| Entry {
            wallet: wallet.to_bytes(),
            picks,
            stake_units,
            spots,
            ..Zeroable::zeroed()
        };
        for bet in bets {
            bytes.extend(bet.stake_units.to_le_bytes());
            let spots = bet.numbers.len() as u8;
            if keno {
                bytes.push(spots);
                bytes.extend(&bet.numbers);
                entries.push(entry(picks::from_sorted(&bet.numbers, 80).unwrap(), spots, bet.stake_units));
            } else {
                entries.push(entry([0; 2], 0, bet.stake_units));
            }
        }
        if quick.count > 0 {
            bytes.extend(quick.stake_units.to_le_bytes());
            if keno {
                bytes.push(quick.spots);
            }
            let start = account.count + bets.len() as u32;
            let mut stream =
                picks::quick_pick_stream::<Software>(&wallet.to_bytes(), &page_key.to_bytes(), start);
            for _ in 0..quick.count {
                let picks = if keno { picks::sample(&mut stream, quick.spots, 80) } else { [0; 2] };
                entries.push(entry(picks, if keno { quick.spots } else { 0 }, quick.stake_units));
            }
        }
        (bytes, entries)
    }

    pub fn place_bets(&mut self, owner: Pubkey, page: usize, bets: &[Bet], quick: Quick) -> String {
        let wallet = address::wallet(&owner, &Pubkey::default()).0;
        let (bytes, new) = self.bets(wallet, page, bets, &quick);
        let (instruction, events) = self.write_entries(owner, page, new, quick.count, &bytes);
        self.chain.send_one(instruction, events)
    }

    /// Tier and multiplier of an entry.
    pub fn house_won(&self, sequence: u32, index: u32, entry: &Entry) -> (u8, u32) {
        match self.kind {
            Kind::Keno => {
                let drawn: [u64; 2] = bytemuck::pod_read_unaligned(&self.round.result[..16]);
                let matches =
                    (entry.picks[0] & drawn[0]).count_ones() + (entry.picks[1] & drawn[1]).count_ones();
                let multiplier = keno_rules().paytable_bps[entry.spots as usize - 1][matches as usize];
                if multiplier == 0 { (0, 0) } else { (matches as u8 + 1, multiplier) }
            }
            _ => {
                let mut left = instant::outcome::<Software>(&self.round.seed, sequence, index) as u64;
                for (tier, prize) in (1..).zip(&instant_rules().prizes[..3]) {
                    if left < prize.parts as u64 {
                        return if prize.multiplier_bps == 0 { (0, 0) } else { (tier, prize.multiplier_bps) };
                    }
                    left -= prize.parts as u64;
                }
                unreachable!("the chances make 2^32")
            }
        }
    }

    /// What `finalise` does with a house round's money.
    pub fn split_house(&mut self) {
        let fee = self.round.pool_units * HOUSE_FEE_BPS as u64 / 10_000;
        self.round.fee_units = fee;
        self.round.cash_units = self.round.prizes_units;
        self.lottery.fees_units += fee;
        let back = self.round.budget_units + self.round.pool_units - fee - self.round.prizes_units;
        self.lottery.bankroll_free_units += back;
        self.lottery.bankroll_reserved_units -= self.round.budget_units;
    }

    /// Three players, two pages, every kind of ticket.
    pub fn play_house(&mut self) {
        let players = self.players();
        let spots = |low: u8| (low..low + 10).collect::<Vec<u8>>();
        self.open_round();
        self.open_page();
        // The odd stakes make prizes that have to be rounded.
        self.place_bets(players[0], 0, &[bet(1_000_001, &[1, 80]), bet(7, &spots(31))], NO_QUICK);
        self.place_bets(players[1], 0, &[], Quick { count: 4, stake_units: 333_333, spots: 2 });
        self.open_page();
        self.place_bets(
            players[2],
            1,
            &[bet(6_000_000, &[64, 65])],
            Quick { count: 3, stake_units: 99, spots: 10 },
        );
        self.place_bets(players[0], 1, &[bet(10_000, &spots(61)), bet(20_000, &spots(1))], NO_QUICK);
        self.seal();
    }
}
