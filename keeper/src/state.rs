//! What the keeper knows when it plans: a part of the chain, and the time.

use std::collections::{BTreeMap, HashMap, HashSet};

use lottery_interface::{
    Address, Source,
    accounts::{
        Config, Entry, Lottery, Page, RaffleState, RankedEntry, Ranking, Round, attestations, raffle_state,
        ranked_entries, ranking_counts,
    },
    kinds::{LotteryStatus, RoundStatus},
};
use lottery_rules::{
    prediction::{Quorum, Verdict},
    raffle::Standing,
};
use solana_pubkey::Pubkey;

/// Slots that SlotHashes reaches back for certain.
pub const SLOT_HASHES: u64 = 512;

/// The chain's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub slot: u64,
    pub unix: i64,
}

/// Accounts as fetched. What is absent is not known, or not there; no step is planned on absence alone.
#[derive(Clone, Debug, Default)]
pub struct ChainState {
    /// The registry is paused: nothing opens.
    pub registry_paused: bool,
    pub lotteries: Vec<LotteryState>,
    /// Wallets that exist, among those that are owed something.
    pub wallets: HashSet<Address>,
    /// Oldest slot whose hash the chain still knows; fetched only when a round waits for an old one.
    pub oldest_slot_hash: Option<u64>,
    /// Reveals that this keeper has, checked against the rounds' commits.
    pub reveals: HashMap<Pubkey, [u8; 32]>,
    /// Beacon proofs that are public, verified, by the rounds that they decide.
    pub proofs: HashMap<Pubkey, Vec<u8>>,
    /// The slot at which the cluster was last restarted, 0 if never.
    pub last_restart_slot: u64,
    /// Later links of the operator's hash chains, by lottery: of those that void rounds left too far behind.
    pub links: HashMap<Pubkey, Link>,
    /// A round stays this long after its end, so that people and indexers can read it.
    pub linger_seconds: i64,
    /// Rounds that pay less for a step are left to others.
    pub min_reward_lamports: u32,
}

/// A link of a hash chain, so many after the lottery's `chain_head`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub reveal: [u8; 32],
    pub distance: u8,
}

#[derive(Clone, Debug)]
pub struct LotteryState {
    pub address: Pubkey,
    pub account: Lottery,
    /// The current config: what the next round will use.
    pub config: Option<Config>,
    /// By index.
    pub rounds: Vec<RoundState>,
}

#[derive(Clone, Debug)]
pub struct RoundState {
    pub address: Pubkey,
    pub account: Round,
    /// By sequence.
    pub pages: BTreeMap<u32, PageState>,
    /// Its oracles differ so much that no value can reach the quorum.
    pub is_split: bool,
    /// Of kind `Raffle`.
    pub raffle: Option<RaffleState>,
    /// Attempts at its order; fetched once it is settled.
    pub rankings: Vec<RankingState>,
}

#[derive(Clone, Debug)]
pub struct RankingState {
    pub address: Pubkey,
    pub account: Ranking,
    /// Bytes of the account, which grow to its full size.
    pub space: usize,
    /// Entries counted on each page.
    pub counts: Vec<u32>,
    /// The entries found; by rank as far as they are sorted.
    pub ranked: Vec<RankedEntry>,
}

#[derive(Clone, Debug)]
pub struct PageState {
    pub account: Page,
    /// Bytes of the account, which grow to its full size.
    pub space: usize,
    /// Fetched only for pages that owe something.
    pub entries: Option<Vec<Entry>>,
}

impl LotteryState {
    pub fn is_active(&self) -> bool {
        self.account.status == LotteryStatus::Active as u8
    }

    pub fn newest(&self) -> Option<&RoundState> {
        self.rounds.iter().find(|round| round.account.index + 1 == self.account.next_round_index)
    }
}

impl RoundState {
    /// A round as fetched, without its pages. `data`: the whole account.
    pub fn new(address: Pubkey, account: Round, data: &[u8]) -> Self {
        let quorum = Quorum { reporters: account.reporter_count, needed: account.quorum };
        let attestations: Vec<_> = attestations(data).filter(|given| given.attested_at != 0).collect();
        let verdict = quorum.verdict(attestations.iter().map(|given| &given.facts));
        let is_split = account.source == Source::Oracle as u8 && verdict == Verdict::Split;
        let raffle = raffle_state(data);
        Self { address, account, pages: BTreeMap::new(), is_split, raffle, rankings: Vec::new() }
    }

    pub fn status(&self) -> Option<RoundStatus> {
        RoundStatus::from_byte(self.account.status)
    }

    /// Entries are over.
    pub fn is_locked(&self, now: Now) -> bool {
        now.unix >= self.account.locks_at || now.slot >= self.account.lock_slot
    }

    pub fn all_sealed(&self) -> bool {
        self.account.pages_sealed == self.account.page_count
    }

    /// Every page is known, and nobody entered.
    pub fn is_empty(&self) -> bool {
        self.pages.len() == self.account.page_count as usize
            && self.pages.values().all(|page| page.account.count == 0)
    }

    /// Somebody entered, for all that is known.
    pub fn has_entries(&self) -> bool {
        self.pages.values().any(|page| page.account.count > 0)
    }

    /// Stakes come back.
    pub fn refunds(&self) -> bool {
        self.account.status == RoundStatus::Void as u8 || self.account.refund_all != 0
    }

    /// A final raffle for places: an entry either has one, or is refunded.
    pub fn has_places(&self) -> bool {
        self.account.places != 0 && self.status() == Some(RoundStatus::Final)
    }

    /// Every page is settled.
    pub fn all_settled(&self) -> bool {
        self.account.pages_settled == self.account.page_count
    }

    /// The ranking that was accepted.
    pub fn ranking(&self) -> Option<&RankingState> {
        let accepted = Pubkey::new_from_array(self.raffle?.ranking);
        self.rankings.iter().find(|ranking| ranking.address == accepted)
    }

    /// Prizes or refunds still to be credited. Of a void round known only once every page is sealed.
    pub fn owed(&self) -> u64 {
        let round = &self.account;
        if round.expired != 0 {
            0
        } else if self.refunds() {
            round.entries.saturating_sub(round.refunded)
        } else if self.has_places() {
            round.entries.saturating_sub(round.refunded + round.winners_paid)
        } else {
            round.winners_total.saturating_sub(round.winners_paid)
        }
    }

    /// Nothing more will be paid or refunded.
    pub fn owes_nothing(&self) -> bool {
        let has_ended = matches!(self.status(), Some(RoundStatus::Final | RoundStatus::Void));
        self.account.expired != 0 || (has_ended && self.all_sealed() && self.owed() == 0)
    }

    /// The round has ended, and long enough ago to be closed.
    pub fn has_lingered(&self, now: Now, linger_seconds: i64) -> bool {
        self.account.final_at != 0 && now.unix >= self.account.final_at.saturating_add(linger_seconds)
    }
}

impl PageState {
    /// What the page still owes, in items: refunds or prizes.
    pub fn owed(&self, refunds: bool) -> u32 {
        let page = &self.account;
        if refunds { page.count - page.refunded } else { page.winners - page.paid }
    }
}

impl RankingState {
    /// A ranking as fetched. `data`: the whole account.
    pub fn new(address: Pubkey, account: Ranking, data: &[u8]) -> Self {
        let (counts, ranked) = (ranking_counts(data).collect(), ranked_entries(data).collect());
        Self { address, account, space: data.len(), counts, ranked }
    }

    /// Where its claim ends.
    pub fn threshold(&self) -> Standing {
        let Ranking { threshold_key: key, threshold_page: page, threshold_index: index, .. } = self.account;
        Standing { key, page, index }
    }

    /// Too many entries, or too few on all pages: it is never accepted.
    pub fn is_wrong(&self) -> bool {
        let ranking = &self.account;
        let too_few = ranking.pages_counted == ranking.page_count && ranking.found < ranking.slots;
        ranking.found > ranking.slots || too_few
    }
}
