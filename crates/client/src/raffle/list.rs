//! The list of those who may enter: a Merkle tree, as docs/RULES.md describes it.

use std::collections::HashMap;

use lottery_interface::address;
use lottery_rules::{
    hash::Software,
    raffle::merkle::{self, Leaf, MAX_DEPTH, NO_LEAF},
};
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;

use crate::text;

/// Who may enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub owner: Pubkey,
    /// Whoever is of the same group has the same weight.
    pub group: String,
    /// At least 1.
    pub weight: u32,
}

/// A person's place in a list with its proof: the ticket of a raffle that has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// From 0.
    pub index: u32,
    pub weight: u32,
    /// Siblings from the leaf up.
    #[serde(with = "text::hashes")]
    pub proof: Vec<[u8; 32]>,
}

impl Membership {
    /// The root that this leads to for `owner` in this lottery.
    pub fn root(&self, lottery: &Pubkey, owner: &Pubkey) -> [u8; 32] {
        let (lottery, owner) = (lottery.to_bytes(), owner.to_bytes());
        let leaf = Leaf { lottery, index: self.index, owner, weight: self.weight };
        merkle::root::<Software>(&leaf.hash::<Software>(), self.index, &self.proof)
    }
}

/// Why a list is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error("the list is empty")]
    Empty,
    #[error("{0} people are more than a tree of {MAX_DEPTH} levels holds, {most}", most = 1u32 << MAX_DEPTH)]
    TooMany(usize),
    #[error("WeightZero: person {0} has weight 0, which has no chance")]
    WeightZero(usize),
    #[error("{owner} is in the list twice, at {first} and {second}: each person has one place")]
    Twice { owner: Pubkey, first: usize, second: usize },
    #[error("group {group:?} has two weights, {first} and {second}")]
    TwoWeights { group: String, first: u32, second: u32 },
    #[error("this is no list: {0}")]
    Unreadable(String),
    #[error("the list says {what} {said}, and its people make {found}")]
    Contradiction { what: &'static str, said: String, found: String },
    #[error("ProofInvalid: the proof of person {0} does not lead to the list's root")]
    WrongProof(usize),
}

/// People in order, and the tree over them.
#[derive(Clone, Debug)]
pub struct List {
    lottery_id: u64,
    people: Vec<Person>,
    by_owner: HashMap<Pubkey, u32>,
    /// From the leaves up, as far as there are people; the rest of each level is `empty`.
    levels: Vec<Vec<[u8; 32]>>,
    /// What stands where nobody is, by level.
    empty: Vec<[u8; 32]>,
}

impl List {
    /// The leaf of person `i` is `people[i]`'s.
    pub fn new(lottery_id: u64, people: Vec<Person>) -> Result<Self, ListError> {
        let count = people.len();
        if count == 0 {
            return Err(ListError::Empty);
        }
        if count > 1 << MAX_DEPTH {
            return Err(ListError::TooMany(count));
        }
        let by_owner = check(&people)?;
        let lottery = address::lottery(lottery_id).0.to_bytes();
        let leaf = |(index, person): (u32, &Person)| {
            let owner = person.owner.to_bytes();
            Leaf { lottery, index, owner, weight: person.weight }.hash::<Software>()
        };
        let mut levels: Vec<Vec<_>> = vec![(0..).zip(&people).map(leaf).collect()];
        let mut empty = vec![NO_LEAF];
        while let (Some(level), Some(none)) = (levels.last(), empty.last().copied()) {
            if level.len() == 1 {
                break;
            }
            let node = |pair: &[[u8; 32]]| merkle::node::<Software>(&pair[0], pair.get(1).unwrap_or(&none));
            let next = level.chunks(2).map(node).collect();
            empty.push(merkle::node::<Software>(&none, &none));
            levels.push(next);
        }
        Ok(Self { lottery_id, people, by_owner, levels, empty })
    }

    /// The lottery whose leaves these are: in another one no proof is right.
    pub fn lottery_id(&self) -> u64 {
        self.lottery_id
    }

    pub fn people(&self) -> &[Person] {
        &self.people
    }

    pub fn root(&self) -> [u8; 32] {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or(NO_LEAF)
    }

    /// Levels above the leaves.
    pub fn depth(&self) -> u8 {
        (self.levels.len() - 1) as u8
    }

    /// Siblings of leaf `index` from the leaf up; `None`: nobody is there.
    pub fn proof(&self, index: u32) -> Option<Vec<[u8; 32]>> {
        self.people.get(index as usize)?;
        let levels = self.levels.iter().zip(&self.empty).take(self.depth().into());
        let sibling = |(height, (level, none)): (usize, (&Vec<[u8; 32]>, &[u8; 32]))| {
            let place = (index as usize >> height) ^ 1;
            level.get(place).copied().unwrap_or(*none)
        };
        Some(levels.enumerate().map(sibling).collect())
    }

    /// Where `owner` is.
    pub fn index_of(&self, owner: &Pubkey) -> Option<u32> {
        self.by_owner.get(owner).copied()
    }

    /// What `owner` enters with; `None`: not in the list.
    pub fn membership(&self, owner: &Pubkey) -> Option<Membership> {
        let index = self.index_of(owner)?;
        let weight = self.people[index as usize].weight;
        Some(Membership { index, weight, proof: self.proof(index)? })
    }
}

/// Each person once, each weight at least 1, one weight for each group.
fn check(people: &[Person]) -> Result<HashMap<Pubkey, u32>, ListError> {
    let mut by_owner = HashMap::with_capacity(people.len());
    let mut weights: HashMap<&str, u32> = HashMap::new();
    for (index, person) in people.iter().enumerate() {
        if person.weight == 0 {
            return Err(ListError::WeightZero(index));
        }
        let weight = *weights.entry(&person.group).or_insert(person.weight);
        if weight != person.weight {
            let group = person.group.clone();
            return Err(ListError::TwoWeights { group, first: weight, second: person.weight });
        }
        if let Some(first) = by_owner.insert(person.owner, index as u32) {
            let (owner, first) = (person.owner, first as usize);
            return Err(ListError::Twice { owner, first, second: index });
        }
    }
    Ok(by_owner)
}
