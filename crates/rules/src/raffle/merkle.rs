//! Who may enter, and with what weight: a Merkle tree whose root is in the config.

use crate::hash::Sha256;

/// Opens the message of a leaf. Leaves and nodes have tags of their own, so that neither can be taken for the other.
pub const LEAF_DOMAIN: &[u8] = b"lottery_v4/leaf/1";
/// Opens the message of an inner node.
pub const NODE_DOMAIN: &[u8] = b"lottery_v4/node/1";
/// What stands where there is no leaf. Nobody knows a message with this hash.
pub const NO_LEAF: [u8; 32] = [0; 32];
/// Levels of a tree at most: a million people.
pub const MAX_DEPTH: u8 = 20;

/// A person's right to one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Address of the lottery.
    pub lottery: [u8; 32],
    /// Place in the list, from 0; each can be used once.
    pub index: u32,
    /// Who may enter.
    pub owner: [u8; 32],
    /// Chances, at least 1: a weight of 2 is drawn as two tickets of which one counts.
    pub weight: u32,
}

impl Leaf {
    /// `sha256(LEAF_DOMAIN || lottery || index || owner || weight)`, numbers as `u32`, little-endian.
    #[inline]
    pub fn hash<H: Sha256>(&self) -> [u8; 32] {
        H::hashv(&[
            LEAF_DOMAIN,
            &self.lottery,
            &self.index.to_le_bytes(),
            &self.owner,
            &self.weight.to_le_bytes(),
        ])
    }
}

/// `sha256(NODE_DOMAIN || left || right)`.
#[inline]
pub fn node<H: Sha256>(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    H::hashv(&[NODE_DOMAIN, left, right])
}

/// The root that `proof`, the siblings from the leaf up, leads to. Bit `i` of `index` says on which side the way up is at
/// level `i`: 0 left, 1 right.
#[inline]
pub fn root<H: Sha256>(leaf: &[u8; 32], index: u32, proof: &[[u8; 32]]) -> [u8; 32] {
    let mut hash = *leaf;
    let mut way = index;
    for sibling in proof {
        hash = if way & 1 == 0 { node::<H>(&hash, sibling) } else { node::<H>(sibling, &hash) };
        way >>= 1;
    }
    hash
}
