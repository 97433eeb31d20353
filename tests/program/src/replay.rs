//! What a round must come to, computed off chain from the record alone.

use lottery_interface::accounts::{Config, DrawRules, Entry, Round};
use lottery_rules::{
    commit_reveal,
    draw::{self, Drawn, Split, SplitInput, Tier, TierTable},
    hash::Software,
    picks, seed,
};
use solana_pubkey::Pubkey;

use crate::{AccountLayout, Live, World, chain::slot_hash};

/// Everything that chance and the rules decide about a round.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub value: [u8; 32],
    pub sealed_digest: [u8; 32],
    pub seed: [u8; 32],
    pub drawn: Drawn,
    /// As `Round::result` stores it.
    pub result: [u8; 32],
    /// Tier of each entry, from 1, by page; 0: none.
    pub tiers: Vec<Vec<u8>>,
    pub winners: [u64; 16],
}

/// The rules after a config account's struct.
pub fn rules_of(world: &World, config: Pubkey) -> DrawRules {
    let tail = Config::tail(world.chain.data(config));
    bytemuck::pod_read_unaligned(&tail[..size_of::<DrawRules>()])
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
        let fresh: Vec<Entry> = group.iter().map(|e| Entry { tier: 0, flags: 0, ..*e }).collect();
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

impl World {
    /// The first produced slot at or after the round's target, as the chain remembers it.
    pub fn captured_hash(&self, live: &Live) -> [u8; 32] {
        slot_hash(self.round(live).captured_slot)
    }

    /// Replays a sealed round whose slot hash was captured.
    pub fn replay(&self, live: &Live) -> Outcome {
        let round: Round = self.round(live);
        let reveal = self.reveal_of(live);
        let value = commit_reveal::value::<Software>(&reveal, &self.captured_hash(live));
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
        let rules = rules_of(self, live.config);
        let drawn = draw::draw::<Software>(&seed, rules.picks, rules.numbers, rules.bonus_numbers);
        let table = TierTable::new(&tiers_of(&rules));
        let mut winners = [0; 16];
        let mut tier = |entry: &Entry| {
            let hit = drawn.bonus != 0 && entry.bonus == drawn.bonus;
            let tier = table.tier(picks::matches(&entry.picks, &drawn.picks), hit);
            if tier > 0 {
                winners[tier as usize - 1] += 1;
            }
            tier
        };
        let tiers = pages.iter().map(|entries| entries.iter().map(&mut tier).collect()).collect();
        Outcome { value, sealed_digest, seed, drawn, result: result_bytes(&drawn), tiers, winners }
    }

    /// How a settled round must be split, given the jackpot before it and whether it is the last.
    pub fn replay_split(&self, live: &Live, jackpot: u64) -> Split {
        let round = self.round(live);
        let rules = rules_of(self, live.config);
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
