//! One step of the crank: what it does, and as which instructions.

use lottery_interface::{
    address,
    instructions::{self as build, Item},
};
use lottery_rules::raffle::Standing;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// A step for one round (or the round that it opens).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub lottery_id: u64,
    pub lottery: Pubkey,
    pub config: Pubkey,
    pub round: Pubkey,
    pub round_index: u64,
    pub step: Step,
}

/// Steps, in the order of a round's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// So that the next round can open.
    AdvanceChain {
        reveal: [u8; 32],
        distance: u8,
    },
    OpenRound,
    /// `growths` instructions to grow it come with it.
    OpenPage {
        sequence: u32,
        growths: u32,
    },
    GrowPage {
        sequence: u32,
        growths: u32,
    },
    RetimeRound {
        page_count: u32,
    },
    SealPage {
        sequence: u32,
    },
    Capture,
    /// `beacon`: the zero address for commit-reveal.
    PostValue {
        beacon: Pubkey,
        proof: Vec<u8>,
    },
    ProveEarly {
        beacon: Pubkey,
        beacon_round: u64,
        proof: Vec<u8>,
    },
    VoidRound,
    Draw,
    Settle {
        sequence: u32,
        limit: u32,
        units_per_entry: u32,
    },
    /// `ranking` of these steps: `None` is the cranker's own attempt. `growths` instructions to grow it come with it.
    OpenRanking {
        threshold: Standing,
        growths: u32,
    },
    GrowRanking {
        ranking: Option<Pubkey>,
        growths: u32,
    },
    CountRanking {
        ranking: Option<Pubkey>,
        sequence: u32,
        limit: u32,
    },
    AcceptRanking {
        ranking: Option<(Pubkey, Pubkey)>,
    },
    SortRanking {
        ranking: Option<Pubkey>,
        places: Vec<u16>,
    },
    Finalise,
    Pay {
        sequence: u32,
        items: Vec<Item>,
    },
    Refund {
        sequence: u32,
        items: Vec<Item>,
    },
    ResolvePlaces {
        ranking: Pubkey,
        sequence: u32,
        ranks: Vec<u16>,
    },
    PromotePlace {
        ranking: Pubkey,
        rank: u32,
    },
    CloseRanking {
        ranking: Pubkey,
        submitter: Pubkey,
    },
    ExpireRound,
    ClosePage {
        sequence: u32,
        rent_payer: Pubkey,
    },
    CloseRound {
        rent_payer: Pubkey,
    },
}

/// Compute units of noting one entry in a ranking, and of sorting or resolving one rank, with room to spare.
const COUNT_UNITS_PER_ENTRY: u32 = 60;
const RANK_UNITS: u32 = 1_500;

/// Compute units of crediting one item: reading, checking and writing a wallet.
const ITEM_UNITS: u32 = 4_000;

/// Verifying a beacon's signature, with room to spare; `make bench-chain` prints what it takes.
const BEACON_UNITS: u32 = 200_000;

/// Growing an account by 10,240 bytes.
const GROW_UNITS: u32 = 5_000;

/// Creating an account searches for its bump and calls the system program.
const CREATE_UNITS: u32 = 60_000;

impl Step {
    /// The step's name in logs and counters: the instruction's.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AdvanceChain { .. } => "advance_chain",
            Self::OpenRound => "open_round",
            Self::OpenPage { .. } => "open_page",
            Self::GrowPage { .. } => "grow_page",
            Self::RetimeRound { .. } => "retime_round",
            Self::SealPage { .. } => "seal_page",
            Self::Capture => "capture",
            Self::PostValue { .. } => "post_value",
            Self::ProveEarly { .. } => "prove_early",
            Self::VoidRound => "void_round",
            Self::Draw => "draw",
            Self::Settle { .. } => "settle",
            Self::OpenRanking { .. } => "open_ranking",
            Self::GrowRanking { .. } => "grow_ranking",
            Self::CountRanking { .. } => "count_ranking",
            Self::AcceptRanking { .. } => "accept_ranking",
            Self::SortRanking { .. } => "sort_ranking",
            Self::ResolvePlaces { .. } => "resolve_places",
            Self::PromotePlace { .. } => "promote_place",
            Self::CloseRanking { .. } => "close_ranking",
            Self::Finalise => "finalise",
            Self::Pay { .. } => "pay",
            Self::Refund { .. } => "refund",
            Self::ExpireRound => "expire_round",
            Self::ClosePage { .. } => "close_page",
            Self::CloseRound { .. } => "close_round",
        }
    }

    /// More of the same do not need each other: they can travel at the same time.
    pub const fn is_parallel(&self) -> bool {
        matches!(
            self,
            Self::GrowPage { .. }
                | Self::Settle { .. }
                | Self::GrowRanking { .. }
                | Self::Pay { .. }
                | Self::Refund { .. }
                | Self::ClosePage { .. }
        )
    }

    /// Prizes or refunds that the step credits.
    pub fn items(&self) -> usize {
        match self {
            Self::Pay { items, .. } | Self::Refund { items, .. } => items.len(),
            _ => 0,
        }
    }

    /// Compute units to ask for, generously: unused ones cost nothing without a priority fee.
    pub fn compute_units(&self) -> u32 {
        match self {
            Self::OpenRound => CREATE_UNITS,
            Self::OpenPage { growths, .. } => CREATE_UNITS + growths * GROW_UNITS,
            Self::GrowPage { growths, .. } => growths * GROW_UNITS,
            Self::RetimeRound { page_count } => 15_000 + page_count * 3_000,
            // Verifying a beacon's signature.
            Self::PostValue { beacon, .. } if *beacon != Pubkey::default() => BEACON_UNITS,
            Self::ProveEarly { .. } => BEACON_UNITS,
            // Hashes up to 100 times, back to the last reveal.
            Self::PostValue { .. } | Self::AdvanceChain { .. } => 60_000,
            Self::VoidRound | Self::Finalise | Self::Draw => 30_000,
            Self::Settle { limit, units_per_entry, .. } => 10_000 + limit.saturating_mul(*units_per_entry),
            Self::OpenRanking { growths, .. } => CREATE_UNITS + growths * GROW_UNITS,
            Self::GrowRanking { growths, .. } => growths * GROW_UNITS,
            Self::CountRanking { limit, .. } => 5_000 + limit.saturating_mul(COUNT_UNITS_PER_ENTRY),
            Self::AcceptRanking { .. } | Self::PromotePlace { .. } | Self::CloseRanking { .. } => 15_000,
            Self::SortRanking { places: ranks, .. } | Self::ResolvePlaces { ranks, .. } => {
                10_000 + ranks.len() as u32 * RANK_UNITS
            }
            Self::Pay { items, .. } | Self::Refund { items, .. } => 10_000 + items.len() as u32 * ITEM_UNITS,
            Self::SealPage { .. } | Self::Capture | Self::ExpireRound => 12_000,
            Self::ClosePage { .. } | Self::CloseRound { .. } => 12_000,
        }
    }
}

impl Action {
    /// The instructions of this step; `cranker` signs and is paid.
    pub fn instructions(&self, cranker: Pubkey) -> Vec<Instruction> {
        let Self { lottery, config, round, round_index, .. } = *self;
        let own = |ranking: Option<Pubkey>| ranking.unwrap_or_else(|| address::ranking(&round, &cranker).0);
        let repeat = |growths: u32, sequence| (0..growths).map(move |_| build::grow_page(round, sequence));
        let one = match &self.step {
            Step::OpenPage { sequence, growths } => {
                let mut steps = vec![build::open_page(cranker, lottery, round, *sequence)];
                steps.extend(repeat(*growths, *sequence));
                return steps;
            }
            Step::GrowPage { sequence, growths } => return repeat(*growths, *sequence).collect(),
            Step::AdvanceChain { reveal, distance } => {
                build::advance_chain(self.lottery_id, reveal, *distance)
            }
            Step::OpenRound => build::open_round(cranker, lottery, config, round_index),
            Step::RetimeRound { page_count } => {
                build::retime_round(cranker, lottery, config, round, *page_count)
            }
            Step::SealPage { sequence } => build::seal_page(cranker, round, *sequence),
            Step::Capture => build::capture(cranker, round),
            Step::PostValue { beacon, proof } => build::post_value(cranker, round, *beacon, proof),
            Step::ProveEarly { beacon, beacon_round, proof } => {
                build::prove_early(cranker, round, *beacon, *beacon_round, proof)
            }
            Step::VoidRound => build::void_round(cranker, lottery, round),
            Step::Draw => build::draw(cranker, round, config),
            Step::Settle { sequence, limit, .. } => build::settle(cranker, round, config, *sequence, *limit),
            Step::OpenRanking { threshold, growths } => {
                let Standing { key, page, index } = *threshold;
                let mut steps = vec![build::open_ranking(cranker, round, key, page, index)];
                steps.extend((0..*growths).map(|_| build::grow_ranking(own(None))));
                return steps;
            }
            Step::GrowRanking { ranking, growths } => {
                return (0..*growths).map(|_| build::grow_ranking(own(*ranking))).collect();
            }
            Step::CountRanking { ranking, sequence, limit } => {
                build::count_ranking(round, own(*ranking), *sequence, *limit)
            }
            Step::AcceptRanking { ranking } => {
                let (ranking, submitter) = ranking.unwrap_or((own(None), cranker));
                build::accept_ranking(cranker, round, ranking, submitter)
            }
            Step::SortRanking { ranking, places } => {
                build::sort_ranking(cranker, round, own(*ranking), places)
            }
            Step::ResolvePlaces { ranking, sequence, ranks } => {
                build::resolve_places(cranker, lottery, round, *ranking, *sequence, ranks)
            }
            Step::PromotePlace { ranking, rank } => build::promote_place(cranker, round, *ranking, *rank),
            Step::CloseRanking { ranking, submitter } => {
                build::close_ranking(cranker, round, *ranking, *submitter)
            }
            Step::Finalise => build::finalise(cranker, lottery, round, config),
            Step::Pay { sequence, items } => build::pay(cranker, round, *sequence, items),
            Step::Refund { sequence, items } => build::refund(cranker, round, *sequence, items),
            Step::ExpireRound => build::expire_round(cranker, lottery, round),
            Step::ClosePage { sequence, rent_payer } => {
                build::close_page(cranker, round, *sequence, *rent_payer)
            }
            Step::CloseRound { rent_payer } => build::close_round(cranker, lottery, round, *rent_payer),
        };
        vec![one]
    }
}
