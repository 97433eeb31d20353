//! House games: lotteries of keno and instant tickets, and tickets as `enter` takes them.

use lottery_interface::{
    accounts::{Entry, InstantPrize, InstantRules, KenoRules},
    args::LimitsArgs,
    kinds::Kind,
};
use lottery_rules::{house, instant, keno::Paytable};
use solana_instruction::Instruction;

use crate::{Live, Meta, Player, Rules, Spec, World};

/// `[spots - 1]`: (matches, prize in parts of 10,000 of the stake). Each row returns 93 to 95.1 % exactly.
const PAYTABLE: [&[(usize, u32)]; 10] = [
    &[(1, 38_000)],
    &[(1, 10_000), (2, 95_000)],
    &[(2, 20_000), (3, 480_000)],
    &[(2, 10_000), (3, 50_000), (4, 1_700_000)],
    &[(3, 30_000), (4, 150_000), (5, 8_000_000)],
    &[(3, 10_000), (4, 70_000), (5, 800_000), (6, 28_000_000)],
    &[(3, 10_000), (4, 40_000), (5, 250_000), (6, 2_500_000), (7, 65_000_000)],
    &[(4, 20_000), (5, 140_000), (6, 1_000_000), (7, 15_000_000), (8, 100_000_000)],
    &[(4, 10_000), (5, 60_000), (6, 500_000), (7, 3_500_000), (8, 40_000_000), (9, 100_000_000)],
    &[
        (0, 30_000),
        (5, 30_000),
        (6, 200_000),
        (7, 1_500_000),
        (8, 10_000_000),
        (9, 50_000_000),
        (10, 100_000_000),
    ],
];

/// (parts of 2^32, prize in parts of 10,000 of the stake). What is left of 2^32 loses. Returns 95.4 %.
const PRIZES: [(u32, u32); 9] = [
    (65_536, 10_000_000),
    (262_144, 2_500_000),
    (4_194_304, 500_000),
    (16_777_216, 200_000),
    (33_554_432, 100_000),
    (134_217_728, 50_000),
    (268_435_456, 30_000),
    (536_870_912, 20_000),
    (536_870_912, 10_000),
];

/// The paytable of [`Spec::keno`].
pub fn paytable() -> Paytable {
    paytable_of(&PAYTABLE)
}

/// A paytable from rows of (matches, prize); rows that are not given are not offered.
pub fn paytable_of(rows: &[&[(usize, u32)]]) -> Paytable {
    let mut table = Paytable::default();
    for (row, prizes) in table.iter_mut().zip(rows) {
        for (matches, multiplier) in *prizes {
            row[*matches] = *multiplier;
        }
    }
    table
}

/// Rules of a keno game whose band is as wide as a fee of 3 % lets it be.
pub fn keno_rules(paytable_bps: Paytable) -> KenoRules {
    KenoRules { rtp_min_bps: 1, rtp_max_bps: 9_700, reserved: [0; 4], paytable_bps }
}

/// Rules of an instant game with (parts, prize) from the highest prize down; what is left of 2^32 loses. The band is as
/// wide as a fee of 3 % lets it be.
pub fn instant_rules(prizes: &[(u32, u32)]) -> InstantRules {
    let sum: u64 = prizes.iter().map(|(parts, _)| *parts as u64).sum();
    let lost = instant::PARTS.checked_sub(sum).expect("at most 2^32");
    let mut rows: Vec<(u32, u32)> = prizes.to_vec();
    if lost > 0 {
        rows.push((lost as u32, 0));
    }
    let mut all = [InstantPrize { parts: 0, multiplier_bps: 0 }; 16];
    for (place, (parts, multiplier_bps)) in all.iter_mut().zip(&rows) {
        *place = InstantPrize { parts: *parts, multiplier_bps: *multiplier_bps };
    }
    InstantRules {
        rtp_min_bps: 1,
        rtp_max_bps: 9_700,
        prize_count: rows.len() as u8,
        reserved: [0; 3],
        prizes: all,
    }
}

/// The prize table as the rules crate takes it.
pub fn prizes_of(rules: &InstantRules) -> Vec<instant::Prize> {
    let used = &rules.prizes[..rules.prize_count as usize];
    used.iter().map(|p| instant::Prize { parts: p.parts, multiplier_bps: p.multiplier_bps }).collect()
}

/// The highest prize of a ticket, in parts of 10,000 of its stake. `spots` matters to keno only.
pub fn top_multiplier(rules: &Rules, spots: u8) -> u32 {
    match rules {
        Rules::Draw(_) | Rules::Prediction(_) => 0,
        Rules::Keno(rules) => *rules.paytable_bps[spots as usize - 1].iter().max().expect("eleven"),
        Rules::Instant(rules) => rules.prizes[0].multiplier_bps,
    }
}

impl Spec {
    fn house() -> Self {
        let mut spec = Self::default().pages(64, 4);
        spec.limits = LimitsArgs {
            period_seconds: 5,
            min_stake_units: 1_000,
            max_stake_units: 5_000_000,
            // One sixteenth of it is the top prize of a million at ten spots.
            page_budget_units: 160_000_000_000,
            max_liability_units: 640_000_000_000,
            ..spec.limits
        };
        spec.config.stake_units = 0;
        spec.config.fee_bps = 300;
        spec.config.reveal_delay_slots = 1;
        Self { bond_units: 8_000_000_000_000, bankroll_units: 3_000_000_000_000, ..spec }
    }

    /// Keno for SOL every five seconds, 64 entries a page, 3 % of stakes as the fee.
    pub fn keno() -> Self {
        let band = KenoRules { rtp_min_bps: 9_200, rtp_max_bps: 9_600, ..keno_rules(paytable()) };
        Self::house().kind(Kind::Keno, band)
    }

    /// Instant tickets for SOL, a round every five seconds.
    pub fn instant() -> Self {
        let band = InstantRules { rtp_min_bps: 9_400, rtp_max_bps: 9_600, ..instant_rules(&PRIZES) };
        Self::house().kind(Kind::Instant, band)
    }

    /// A house game of the same shape with other rules.
    pub fn house_with(rules: impl Into<Rules>) -> Self {
        let rules = rules.into();
        let kind = if matches!(rules, Rules::Keno(_)) { Kind::Keno } else { Kind::Instant };
        Self::house().kind(kind, rules)
    }

    fn kind(mut self, kind: Kind, rules: impl Into<Rules>) -> Self {
        self.config.kind = kind as u8;
        Self { rules: rules.into(), ..self }
    }

    /// Budgets of pages and rounds, in base units.
    pub fn budgets(mut self, page_budget_units: u64, max_liability_units: u64) -> Self {
        self.limits.page_budget_units = page_budget_units;
        self.limits.max_liability_units = max_liability_units;
        self
    }

    /// Limits of a ticket's stake.
    pub fn stakes(mut self, min_stake_units: u64, max_stake_units: u64) -> Self {
        self.limits.min_stake_units = min_stake_units;
        self.limits.max_stake_units = max_stake_units;
        self
    }

    /// What one round reserves of the bond.
    pub fn round_bond_units(&self) -> u64 {
        2 * self.limits.max_liability_units
    }
}

/// A keno ticket: stake, spots, numbers.
pub fn keno_ticket(stake_units: u64, numbers: &[u8]) -> Vec<u8> {
    let mut ticket = keno_quick(stake_units, numbers.len() as u8);
    ticket.extend_from_slice(numbers);
    ticket
}

/// What follows keno tickets when there are quick picks: stake and spots of each.
pub fn keno_quick(stake_units: u64, spots: u8) -> Vec<u8> {
    let mut bytes = instant_ticket(stake_units);
    bytes.push(spots);
    bytes
}

/// An instant ticket: a stake. The last one is also that of the quick picks.
pub fn instant_ticket(stake_units: u64) -> Vec<u8> {
    stake_units.to_le_bytes().to_vec()
}

/// The prize of a settled entry.
pub fn prize(entry: &Entry) -> u64 {
    house::prize(entry.stake_units, entry.multiplier_bps).expect("fits")
}

impl World {
    /// Enters tickets given as bytes, `count` together, and remembers them for the digest.
    #[track_caller]
    pub fn enter_bytes(
        &mut self,
        live: &Live,
        player: &Player,
        sequence: u32,
        quick_picks: u8,
        tickets: &[u8],
        count: u32,
    ) -> Meta {
        let enter = self.enter_instruction(live, player, sequence, quick_picks, tickets);
        let meta = self.chain.expect_ok(&enter);
        self.entered.entry(live.page(sequence)).or_default().push(count);
        meta
    }

    /// Enters keno tickets: (stake, numbers).
    #[track_caller]
    pub fn enter_keno(
        &mut self,
        live: &Live,
        player: &Player,
        sequence: u32,
        tickets: &[(u64, &[u8])],
    ) -> Meta {
        let bytes: Vec<Vec<u8>> =
            tickets.iter().map(|(stake, numbers)| keno_ticket(*stake, numbers)).collect();
        self.enter_bytes(live, player, sequence, 0, &bytes.concat(), tickets.len() as u32)
    }

    /// Enters keno quick picks of one stake and spot count.
    #[track_caller]
    pub fn enter_keno_quick(
        &mut self,
        live: &Live,
        player: &Player,
        sequence: u32,
        count: u8,
        stake_units: u64,
        spots: u8,
    ) -> Meta {
        self.enter_bytes(live, player, sequence, count, &keno_quick(stake_units, spots), count as u32)
    }

    /// Enters instant tickets, each with its stake.
    #[track_caller]
    pub fn enter_stakes(&mut self, live: &Live, player: &Player, sequence: u32, stakes: &[u64]) -> Meta {
        let bytes: Vec<u8> = stakes.iter().flat_map(|stake| stake.to_le_bytes()).collect();
        self.enter_bytes(live, player, sequence, 0, &bytes, stakes.len() as u32)
    }

    /// Enters `count` instant tickets of one stake.
    #[track_caller]
    pub fn enter_instant(
        &mut self,
        live: &Live,
        player: &Player,
        sequence: u32,
        count: u8,
        stake_units: u64,
    ) -> Meta {
        self.enter_bytes(live, player, sequence, count, &instant_ticket(stake_units), count as u32)
    }

    /// From the end of entries to final, for rounds of one page.
    pub fn finish_instructions(&self, live: &Live) -> Vec<Instruction> {
        use lottery_interface::instructions as ix;
        let cranker = self.cranker;
        vec![
            ix::seal_page(cranker, live.key, 0),
            ix::capture(cranker, live.key),
            ix::post_value(cranker, live.key, Default::default(), &self.reveal_of(live)),
            ix::draw(cranker, live.key, live.config),
            ix::settle(cranker, live.key, live.config, 0, u32::MAX),
            self.finalise_instruction(live),
        ]
    }
}
