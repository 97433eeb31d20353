//! Raffles: the ranking, places and the waiting list.

use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use std::{vec, vec::Vec};

use super::{build, length, payer, read, signer, write};
use crate::{accounts::ranking_space, address, args::MAX_GROWTH, tags};

/// Opens an attempt at the order of a raffle whose pages are settled: exactly the entries up to the threshold (key, page,
/// index) have a rank. `submitter` pays rent and deposit. Then `grow_ranking` until it has its size; see
/// `open_ranking_steps`.
pub fn open_ranking(submitter: Pubkey, round: Pubkey, key: u64, page: u32, index: u32) -> Instruction {
    let accounts = vec![
        payer(submitter),
        read(round),
        write(address::ranking(&round, &submitter).0),
        read(address::SYSTEM_PROGRAM),
    ];
    build(tags::OPEN_RANKING, accounts, &[&key.to_le_bytes(), &page.to_le_bytes(), &index.to_le_bytes()])
}

/// Grows a ranking by up to 10,240 bytes.
pub fn grow_ranking(ranking: Pubkey) -> Instruction {
    build(tags::GROW_RANKING, vec![write(ranking)], &[])
}

/// `open_ranking` and as many `grow_ranking` as `slots` ranks need. `threshold`: key, page and index.
pub fn open_ranking_steps(
    submitter: Pubkey,
    round: Pubkey,
    threshold: (u64, u32, u32),
    page_count: u32,
    slots: u32,
) -> Vec<Instruction> {
    let growths = ranking_space(page_count, slots).div_ceil(MAX_GROWTH) - 1;
    let mut steps = vec![open_ranking(submitter, round, threshold.0, threshold.1, threshold.2)];
    steps.resize(1 + growths, grow_ranking(address::ranking(&round, &submitter).0));
    steps
}

/// Counts up to `limit` further entries of a page against a ranking, and notes those up to the threshold.
pub fn count_ranking(round: Pubkey, ranking: Pubkey, sequence: u32, limit: u32) -> Instruction {
    let accounts = vec![read(round), write(ranking), read(address::page(&round, sequence).0)];
    build(tags::COUNT_RANKING, accounts, &[&limit.to_le_bytes()])
}

/// Accepts a ranking that counted right; the deposit returns to its submitter.
pub fn accept_ranking(cranker: Pubkey, round: Pubkey, ranking: Pubkey, submitter: Pubkey) -> Instruction {
    let accounts = vec![payer(cranker), write(round), write(ranking), write(submitter)];
    build(tags::ACCEPT_RANKING, accounts, &[])
}

/// Sorts further ranks of the accepted ranking: each place (u16) names the entry that is swapped into the next rank.
pub fn sort_ranking(cranker: Pubkey, round: Pubkey, ranking: Pubkey, places: &[u16]) -> Instruction {
    let bytes: Vec<u8> = places.iter().flat_map(|place| place.to_le_bytes()).collect();
    let accounts = vec![payer(cranker), write(round), write(ranking)];
    build(tags::SORT_RANKING, accounts, &[&length(&bytes), &bytes])
}

/// Closes a ranking that is wrong, late, or of a round that owes nothing more; a wrong one loses its deposit.
pub fn close_ranking(cranker: Pubkey, round: Pubkey, ranking: Pubkey, submitter: Pubkey) -> Instruction {
    let accounts = vec![payer(cranker), write(round), write(ranking), write(submitter)];
    build(tags::CLOSE_RANKING, accounts, &[])
}

/// A winner takes the place that is offered. `sequence`: of the entry's page.
pub fn confirm_place(
    owner: Pubkey,
    wallet: Pubkey,
    lottery: Pubkey,
    round: Pubkey,
    ranking: Pubkey,
    sequence: u32,
    rank: u32,
) -> Instruction {
    let accounts = vec![
        signer(owner),
        read(wallet),
        write(lottery),
        write(round),
        write(ranking),
        write(address::page(&round, sequence).0),
    ];
    build(tags::CONFIRM_PLACE, accounts, &[&rank.to_le_bytes()])
}

/// Says in the entries of one page what became of these ranks: prizes, offers that lapsed, those who waited in vain.
pub fn resolve_places(
    cranker: Pubkey,
    lottery: Pubkey,
    round: Pubkey,
    ranking: Pubkey,
    sequence: u32,
    ranks: &[u16],
) -> Instruction {
    let bytes: Vec<u8> = ranks.iter().flat_map(|rank| rank.to_le_bytes()).collect();
    let accounts = vec![
        payer(cranker),
        write(lottery),
        write(round),
        write(ranking),
        write(address::page(&round, sequence).0),
    ];
    build(tags::RESOLVE_PLACES, accounts, &[&length(&bytes), &bytes])
}

/// Offers a place that fell free to the next who waits.
pub fn promote_place(cranker: Pubkey, round: Pubkey, ranking: Pubkey, rank: u32) -> Instruction {
    build(tags::PROMOTE_PLACE, vec![payer(cranker), write(round), write(ranking)], &[&rank.to_le_bytes()])
}
