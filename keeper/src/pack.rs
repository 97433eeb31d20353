//! Packs actions into transactions: as few as fit, in an order that keeps what depends on each other apart.

use std::collections::BTreeMap;

use lottery_client::{
    send::MAX_COMPUTE_UNITS,
    unsigned::{PACKET_BYTES, transaction_len},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::action::{Action, Step};

/// Kept free for the compute budget instructions that sending adds: a program and two short instructions.
const BUDGET_BYTES: usize = 32 + 8 + 12;

/// The runtime allows 64 instructions in a transaction, inner ones included.
const MAX_INSTRUCTIONS: usize = 44;

/// The most compute units planned for one transaction.
const MAX_UNITS: u32 = MAX_COMPUTE_UNITS - 10_000;

/// Several actions of one round in one transaction: all succeed or none.
#[derive(Clone, Debug)]
pub struct Bundle {
    pub actions: Vec<Action>,
    pub instructions: Vec<Instruction>,
    pub compute_units: u32,
}

/// The work for one round. Stages follow each other; the bundles of a stage do not need each other.
#[derive(Clone, Debug)]
pub struct Job {
    pub lottery_id: u64,
    pub round: Pubkey,
    pub stages: Vec<Vec<Bundle>>,
}

impl Bundle {
    /// The names of its steps, for logs: `seal_page+capture+draw`, each once.
    pub fn steps(&self) -> String {
        let mut names: Vec<&str> = self.actions.iter().map(|action| action.step.name()).collect();
        names.dedup();
        names.join("+")
    }
}

impl Job {
    /// What cannot wait goes first: a slot hash is forgotten, a value that is public too soon must not be played with, players
    /// want a round; closing is never urgent.
    pub fn priority(&self) -> u8 {
        let steps =
            || self.stages.iter().flatten().flat_map(|bundle| &bundle.actions).map(|action| &action.step);
        let is_urgent =
            |step: &Step| matches!(step, Step::Capture | Step::PostValue { .. } | Step::ProveEarly { .. });
        if steps().any(is_urgent) {
            return 0;
        }
        match steps().next() {
            Some(
                Step::OpenRound | Step::OpenPage { .. } | Step::GrowPage { .. } | Step::RetimeRound { .. },
            ) => 1,
            Some(
                Step::ClosePage { .. }
                | Step::CloseRanking { .. }
                | Step::CloseRound { .. }
                | Step::ExpireRound,
            ) => 3,
            _ => 2,
        }
    }
}

/// Groups actions by round, in the order planned, and packs each group.
pub fn pack(actions: Vec<Action>, cranker: Pubkey) -> Vec<Job> {
    let mut order: Vec<Pubkey> = Vec::new();
    let mut groups: BTreeMap<Pubkey, Vec<Action>> = BTreeMap::new();
    for action in actions {
        let group = groups.entry(action.round).or_default();
        if group.is_empty() {
            order.push(action.round);
        }
        group.push(action);
    }
    order
        .into_iter()
        .map(|round| {
            let group = groups.remove(&round).unwrap_or_default();
            Job { lottery_id: group[0].lottery_id, round, stages: stages(group, cranker) }
        })
        .collect()
}

fn stages(actions: Vec<Action>, cranker: Pubkey) -> Vec<Vec<Bundle>> {
    let mut stages: Vec<Vec<Bundle>> = Vec::new();
    for action in actions {
        let (instructions, units) = (action.instructions(cranker), action.step.compute_units());
        let beside_the_last = action.step.is_parallel()
            && stages.last().is_some_and(|stage| {
                stage.iter().flat_map(|bundle| &bundle.actions).all(|other| same_step(other, &action))
            });
        // A stage of several bundles takes only more of the same: anything else must wait for all of them.
        if let Some(stage) = stages.last_mut()
            && (stage.len() == 1 || beside_the_last)
            && let Some(bundle) = stage.last_mut()
            && fits(bundle, &instructions, units, cranker)
        {
            bundle.compute_units += units;
            bundle.instructions.extend(instructions);
            bundle.actions.push(action);
            continue;
        }
        let bundle = Bundle { actions: vec![action], instructions, compute_units: units };
        match stages.last_mut() {
            Some(stage) if beside_the_last => stage.push(bundle),
            _ => stages.push(vec![bundle]),
        }
    }
    stages
}

fn same_step(a: &Action, b: &Action) -> bool {
    std::mem::discriminant(&a.step) == std::mem::discriminant(&b.step)
}

fn fits(bundle: &Bundle, more: &[Instruction], units: u32, cranker: Pubkey) -> bool {
    if bundle.compute_units + units > MAX_UNITS || bundle.instructions.len() + more.len() > MAX_INSTRUCTIONS {
        return false;
    }
    let all: Vec<Instruction> = bundle.instructions.iter().chain(more).cloned().collect();
    transaction_len(&cranker, &all) + BUDGET_BYTES <= PACKET_BYTES
}
