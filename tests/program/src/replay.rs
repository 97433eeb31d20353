//! What a round must come to, computed off chain from the record alone.

use lottery_interface::{
    accounts::{Config, DrawRules, Entry, InstantRules, KenoRules, Round},
    kinds::Kind,
};
use lottery_rules::{
    commit_reveal,
    draw::{self, Drawn, Split, SplitInput, Tier, TierTable},
    hash::Software,
    house,
    instant::{self, PrizeTable},
    keno, picks, prediction,
    raffle::{self, Standing},
    seed,
};
use solana_pubkey::Pubkey;

use crate::{
    AccountLayout, Chain, Live, Rules, World, chain::slot_hash, house::prizes_of, market::MarketRules,
};

/// Everything that chance and the rules decide about a round.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub value: [u8; 32],
    pub sealed_digest: [u8; 32],
    pub seed: [u8; 32],
    /// As `Round::result` stores it.
    pub result: [u8; 32],
    /// Tier of each entry, from 1, by page; 0: none.
    pub tiers: Vec<Vec<u8>>,
    /// House games: what each entry won, in parts of 10,000 of its stake, by page.
    pub multipliers: Vec<Vec<u32>>,
    pub winners: [u64; 16],
    /// House games: all prizes of each page.
    pub prizes_units: Vec<u64>,
}

/// The rules after a config account's struct.
pub fn rules_of(chain: &Chain, config: Pubkey) -> Rules {
    let header: Config = chain.account(config);
    let tail = Config::tail(chain.data(config));
    match Kind::from_byte(header.kind) {
        Some(Kind::Draw) => bytemuck::pod_read_unaligned::<DrawRules>(tail).into(),
        Some(Kind::Keno) => bytemuck::pod_read_unaligned::<KenoRules>(tail).into(),
        Some(Kind::Instant) => bytemuck::pod_read_unaligned::<InstantRules>(tail).into(),
        Some(Kind::Prediction) => MarketRules::from_tail(tail).into(),
        other => panic!("no lottery of kind {other:?} exists"),
    }
}

/// The tiers of rules, as the rules crate takes them.
pub fn tiers_of(rules: &DrawRules) -> Vec<Tier> {
    let used = &rules.tiers[..rules.tier_count as usize];
    used.iter().map(|t| Tier { matches: t.matches, bonus: t.bonus, share_bps: t.share_bps }).collect()
}

/// The digest of a page, from its entries and how they were grouped into instructions.
pub fn page_digest(entries: &[Entry], groups: &[u32]) -> [u8; 32] {
    let mut digest = [0; 32];
    let mut rest = entries;
    for count in groups {
        let (group, after) = rest.split_at(*count as usize);
        // As they were entered: before settling and paying.
        let fresh: Vec<Entry> =
            group.iter().map(|e| Entry { tier: 0, flags: 0, multiplier_bps: 0, ..*e }).collect();
        digest = seed::page_digest::<Software>(&digest, bytemuck::cast_slice(&fresh));
        rest = after;
    }
    assert!(rest.is_empty(), "entries that no instruction entered");
    digest
}

/// The result as `Round::result` stores it: 16 bytes of picks, then the bonus ball.
pub fn result_bytes(drawn: &Drawn) -> [u8; 32] {
    let mut result = [0; 32];
    result[..16].copy_from_slice(bytemuck::cast_slice(&drawn.picks));
    result[16] = drawn.bonus;
    result
}

/// The result of a drawn round, as `Round::result` stores it.
pub fn result_of(rules: &Rules, seed: &[u8; 32]) -> [u8; 32] {
    match rules {
        Rules::Draw(rules) => {
            result_bytes(&draw::draw::<Software>(seed, rules.picks, rules.numbers, rules.bonus_numbers))
        }
        Rules::Keno(_) => result_bytes(&Drawn { picks: keno::draw::<Software>(seed), bonus: 0 }),
        // Each entry has its own.
        Rules::Instant(_) => [0; 32],
        Rules::Prediction(_) => unreachable!("reporters say what happened, not the seed"),
    }
}

/// Tier and multiplier of an entry that lies at `index` on page `sequence`.
pub fn settled(
    rules: &Rules,
    seed: &[u8; 32],
    result: &[u8; 32],
    sequence: u32,
    index: u32,
    entry: &Entry,
) -> (u8, u32) {
    let drawn: picks::Picks = bytemuck::pod_read_unaligned(&result[..16]);
    match rules {
        Rules::Prediction(_) => unreachable!("a market's tiers depend on all its stakes"),
        Rules::Draw(rules) => {
            let hit = result[16] != 0 && entry.bonus == result[16];
            (TierTable::new(&tiers_of(rules)).tier(picks::matches(&entry.picks, &drawn), hit), 0)
        }
        Rules::Keno(rules) => {
            let matches = picks::matches(&entry.picks, &drawn) as usize;
            let multiplier = rules.paytable_bps[entry.spots as usize - 1][matches];
            (if multiplier > 0 { matches as u8 + 1 } else { 0 }, multiplier)
        }
        Rules::Instant(rules) => {
            let outcome = instant::outcome::<Software>(seed, sequence, index);
            let row = PrizeTable::new(&prizes_of(rules)).row(outcome);
            let multiplier = rules.prizes[row].multiplier_bps;
            (if multiplier > 0 { row as u8 + 1 } else { 0 }, multiplier)
        }
    }
}

/// The tiers of a market's entries.
struct MarketTiers {
    /// The bit of the outcome that came true.
    won: u128,
    /// 1 for winners, unless everybody gets their stake back; 2 for losers if a part of what they staked was not matched.
    tiers: (u8, u8),
}

impl MarketTiers {
    fn of<'a>(
        rules: &Rules,
        fee_bps: u16,
        outcome: u8,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Option<Self> {
        let Rules::Prediction(rules) = rules else { return None };
        let won = 1u128 << outcome;
        let (mut pool, mut winning) = (0, 0);
        for entry in entries {
            pool += entry.stake_units;
            winning += if bits(entry) == won { entry.stake_units } else { 0 };
        }
        let tiers = match prediction::split(rules.mode(), pool, winning, fee_bps).expect("amounts fit") {
            prediction::Split::RefundAll => (0, 0),
            prediction::Split::Matched { matched, .. } if matched < pool - winning => (1, 2),
            prediction::Split::Matched { .. } => (1, 0),
        };
        Some(Self { won, tiers })
    }

    fn tier(&self, entry: &Entry) -> u8 {
        if bits(entry) == self.won { self.tiers.0 } else { self.tiers.1 }
    }
}

fn bits(entry: &Entry) -> u128 {
    entry.picks[0] as u128 | (entry.picks[1] as u128) << 64
}

impl World {
    /// The facts that a quorum of reporters attested.
    pub fn decided_facts(&self, live: &Live) -> prediction::Facts {
        let quorum = self.round(live).quorum as usize;
        let all: Vec<_> = self.attestations(live).into_iter().filter(|a| a.attested_at != 0).collect();
        let equal = |facts| all.iter().filter(|a| a.facts == facts).count();
        all.iter().map(|a| a.facts).find(|facts| equal(*facts) >= quorum).expect("a quorum")
    }

    /// The first produced slot at or after the round's target, as the chain remembers it.
    pub fn captured_hash(&self, live: &Live) -> [u8; 32] {
        slot_hash(self.round(live).captured_slot)
    }

    /// Replays a sealed round whose slot hash was captured.
    pub fn replay(&self, live: &Live) -> Outcome {
        let round: Round = self.round(live);
        let rules = rules_of(&self.chain, live.config);
        let facts = matches!(rules, Rules::Prediction(_)).then(|| self.decided_facts(live));
        let value = match &facts {
            Some(facts) => prediction::value::<Software>(facts),
            None => commit_reveal::value::<Software>(&self.reveal_of(live), &self.captured_hash(live)),
        };
        let mut sealed_digest = [0; 32];
        let pages: Vec<Vec<Entry>> = (0..round.page_count).map(|page| self.entries(live, page)).collect();
        for (sequence, entries) in pages.iter().enumerate() {
            let key = live.page(sequence as u32);
            let groups = self.entered.get(&key).map(Vec::as_slice).unwrap_or_default();
            let digest = page_digest(entries, groups);
            sealed_digest =
                seed::fold_page::<Software>(&sealed_digest, &digest, sequence as u32, entries.len() as u32);
        }
        let seed = seed::round_seed::<Software>(&value, &live.key.to_bytes(), &sealed_digest);
        let result = match (&rules, &facts) {
            (Rules::Prediction(rules), Some(facts)) => {
                let mut result = [0; 32];
                result[0] = rules.outcome(facts);
                result
            }
            _ => result_of(&rules, &seed),
        };
        let market = MarketTiers::of(&rules, round.fee_bps, result[0], pages.iter().flatten());
        let mut winners = [0; 16];
        let (mut tiers, mut multipliers, mut prizes_units) = (Vec::new(), Vec::new(), Vec::new());
        for (sequence, entries) in pages.iter().enumerate() {
            let (mut page_tiers, mut page_multipliers, mut page_prizes) = (Vec::new(), Vec::new(), 0);
            for (index, entry) in entries.iter().enumerate() {
                let (tier, multiplier) = match &market {
                    Some(market) => (market.tier(entry), 0),
                    None => settled(&rules, &seed, &result, sequence as u32, index as u32, entry),
                };
                if tier > 0 {
                    winners[tier as usize - 1] += 1;
                }
                page_tiers.push(tier);
                page_multipliers.push(multiplier);
                page_prizes += house::prize(entry.stake_units, multiplier).expect("fits");
            }
            tiers.push(page_tiers);
            multipliers.push(page_multipliers);
            prizes_units.push(page_prizes);
        }
        Outcome { value, sealed_digest, seed, result, tiers, multipliers, winners, prizes_units }
    }

    /// The order of a raffle, computed from the record alone: every standing, smallest first.
    pub fn replay_order(&self, live: &Live) -> Vec<Standing> {
        let round: Round = self.round(live);
        let value = commit_reveal::value::<Software>(&self.reveal_of(live), &self.captured_hash(live));
        let is_drawn = self.raffle_state(live).mode == raffle::Mode::Weighted as u8;
        let (mut sealed_digest, mut weights) = ([0; 32], Vec::new());
        for sequence in 0..round.page_count {
            let mut entries = self.entries(live, sequence);
            // As they were entered: before they had keys.
            entries.iter_mut().for_each(|entry| entry.picks[1] = 0);
            let groups = self.entered.get(&live.page(sequence)).map(Vec::as_slice).unwrap_or_default();
            let digest = page_digest(&entries, groups);
            let count = entries.len() as u32;
            sealed_digest = seed::fold_page::<Software>(&sealed_digest, &digest, sequence, count);
            let of_page = entries.iter().zip(0..);
            weights.extend(of_page.map(|(entry, index)| (sequence, index, (entry.picks[0] >> 32) as u32)));
        }
        let seed = seed::round_seed::<Software>(&value, &live.key.to_bytes(), &sealed_digest);
        let standing = |(page, index, weight): (u32, u32, u32)| {
            let block = raffle::draws::<Software>(&seed, page, index / raffle::DRAWS_PER_BLOCK);
            let draw = block[(index % raffle::DRAWS_PER_BLOCK) as usize];
            let key = if is_drawn { raffle::key(draw, weight) } else { 0 };
            Standing { key, page, index }
        };
        let mut order: Vec<Standing> = weights.into_iter().map(standing).collect();
        order.sort();
        order
    }

    /// How a settled round must be split, given the jackpot before it and whether it is the last.
    pub fn replay_split(&self, live: &Live, jackpot: u64) -> Split {
        let round = self.round(live);
        let rules = *rules_of(&self.chain, live.config).draw();
        let count = rules.tier_count as usize;
        let shares: Vec<u16> = rules.tiers[..count].iter().map(|tier| tier.share_bps).collect();
        let outcome = self.replay(live);
        draw::split(&SplitInput {
            pool: round.pool_units,
            jackpot,
            entries: round.entries,
            fee_bps: round.fee_bps,
            shares_bps: &shares,
            winners: &outcome.winners[..count],
            rollover: rules.rollover == 1,
            last_round: round.is_last == 1,
        })
        .expect("amounts fit")
    }
}
