//! Rounds: entering, and every crank step. All but `enter` are permissionless; `cranker` signs and is
//! paid the reward.

use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use std::{vec, vec::Vec};

use super::{build, length, payer, read, signer, write};
use crate::{
    address,
    args::{AttestArgs, ITEM_LEN, MAX_GROWTH},
    paging::page_space,
    tags,
};

/// Opens round `index` (the lottery's `next_round_index`) under the current config.
pub fn open_round(cranker: Pubkey, lottery: Pubkey, config: Pubkey, index: u64) -> Instruction {
    let accounts = vec![
        payer(cranker),
        read(address::registry().0),
        write(lottery),
        read(config),
        write(address::round(&lottery, index).0),
        read(address::SYSTEM_PROGRAM),
    ];
    build(tags::OPEN_ROUND, accounts, &[])
}

/// Opens page `sequence` (the round's `page_count`) and allots entries to it. A page bigger than
/// 10,240 bytes then needs `grow_page` until it has its size; see `open_page_steps`. The page before it
/// is read, to see that it is full enough: pass `sequence` only. A house game's page reserves its budget from the
/// lottery's free bankroll.
pub fn open_page(cranker: Pubkey, lottery: Pubkey, round: Pubkey, sequence: u32) -> Instruction {
    let previous = match sequence {
        0 => address::SYSTEM_PROGRAM,
        _ => address::page(&round, sequence - 1).0,
    };
    let accounts = vec![
        payer(cranker),
        write(lottery),
        write(round),
        read(previous),
        write(address::page(&round, sequence).0),
        read(address::SYSTEM_PROGRAM),
    ];
    build(tags::OPEN_PAGE, accounts, &[])
}

/// Grows a page by up to 10,240 bytes; the last step opens it for entries.
pub fn grow_page(round: Pubkey, sequence: u32) -> Instruction {
    build(tags::GROW_PAGE, vec![write(address::page(&round, sequence).0)], &[])
}

/// `open_page` and as many `grow_page` as a page of `page_entries` needs. `tail_words`: see `Page`. Up to 4,000 entries fit
/// one transaction.
pub fn open_page_steps(
    cranker: Pubkey,
    lottery: Pubkey,
    round: Pubkey,
    sequence: u32,
    page_entries: u32,
    tail_words: u16,
) -> Vec<Instruction> {
    let growths = page_space(page_entries, tail_words).div_ceil(MAX_GROWTH) - 1;
    let mut steps = vec![open_page(cranker, lottery, round, sequence)];
    steps.resize(1 + growths, grow_page(round, sequence));
    steps
}

/// Enters 1 to 20 tickets, those of `tickets` first, then `quick_picks` that the program picks. `authority` is the
/// wallet's owner or its session key. A ticket of each kind, and what follows the tickets when there are quick picks:
///
/// | kind | ticket | with quick picks |
/// |---|---|---|
/// | `Draw` | numbers, ascending; the bonus ball if there is a drum for it | nothing |
/// | `Keno` | stake (u64), spots (u8), numbers, ascending | stake (u64) and spots (u8) of each quick pick |
/// | `Instant` | stake (u64) | stake (u64) of each of the `quick_picks` tickets |
/// | `Prediction` | stake (u64), outcome (u8, from 0) | refused |
/// | `Raffle` | with a list one: leaf index (u32), weight (u32), `depth` siblings of 32 bytes | without a list: nothing |
pub fn enter(
    authority: Pubkey,
    wallet: Pubkey,
    round: Pubkey,
    page: Pubkey,
    quick_picks: u8,
    tickets: &[u8],
) -> Instruction {
    let accounts = vec![signer(authority), write(wallet), write(page), read(round)];
    build(tags::ENTER, accounts, &[&[quick_picks], &length(tickets), tickets])
}

fn page_step(tag: u8, cranker: Pubkey, round: Pubkey, sequence: u32, parts: &[&[u8]]) -> Instruction {
    let accounts = vec![payer(cranker), write(round), write(address::page(&round, sequence).0)];
    build(tag, accounts, parts)
}

/// Seals page `sequence` (the round's `pages_sealed`) after lock.
pub fn seal_page(cranker: Pubkey, round: Pubkey, sequence: u32) -> Instruction {
    page_step(tags::SEAL_PAGE, cranker, round, sequence, &[])
}

/// Stores the hash of the first produced slot at or after the round's target.
pub fn capture(cranker: Pubkey, round: Pubkey) -> Instruction {
    build(tags::CAPTURE, vec![payer(cranker), write(round), read(address::SLOT_HASHES)], &[])
}

/// Stores the random value. Commit-reveal takes the 32 bytes of the reveal, and the zero key for `beacon`; a beacon takes
/// the signature of the round's `beacon_round` and its witness, 128 bytes.
pub fn post_value(cranker: Pubkey, round: Pubkey, beacon: Pubkey, proof: &[u8]) -> Instruction {
    build(tags::POST_VALUE, vec![payer(cranker), write(round), read(beacon)], &[&length(proof), proof])
}

/// Attests what happened, once for each reporter and round, from the round's `event_at` on. The last one that the quorum
/// needs decides, and is paid.
pub fn attest(
    reporter: Pubkey,
    round: Pubkey,
    config: Pubkey,
    oracles: Pubkey,
    args: &AttestArgs,
) -> Instruction {
    let accounts = vec![payer(reporter), write(round), read(config), read(oracles)];
    build(tags::ATTEST, accounts, &[bytemuck::bytes_of(args)])
}

/// Voids a round whose value is public although chain time is still before its lock: `proof` is of the deciding round of
/// the beacon, or of a later one.
pub fn prove_early(
    cranker: Pubkey,
    round: Pubkey,
    beacon: Pubkey,
    beacon_round: u64,
    proof: &[u8],
) -> Instruction {
    let accounts = vec![payer(cranker), write(round), read(beacon)];
    build(tags::PROVE_EARLY, accounts, &[&beacon_round.to_le_bytes(), &length(proof), proof])
}

/// Computes seed and result once every page is sealed.
pub fn draw(cranker: Pubkey, round: Pubkey, config: Pubkey) -> Instruction {
    build(tags::DRAW, vec![payer(cranker), write(round), read(config)], &[])
}

/// Settles up to `limit` further entries of a page.
pub fn settle(cranker: Pubkey, round: Pubkey, config: Pubkey, sequence: u32, limit: u32) -> Instruction {
    let accounts = vec![payer(cranker), write(round), read(config), write(address::page(&round, sequence).0)];
    build(tags::SETTLE, accounts, &[&limit.to_le_bytes()])
}

/// Splits the pool once every page is settled; of a void round it only counts it in its order.
pub fn finalise(cranker: Pubkey, lottery: Pubkey, round: Pubkey, config: Pubkey) -> Instruction {
    build(tags::FINALISE, vec![payer(cranker), write(lottery), write(round), read(config)], &[])
}

/// One prize or refund of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Index of the entry on its page.
    pub index: u32,
    pub wallet: Pubkey,
}

/// Accounts and data of a batch: each wallet once.
fn batch(tag: u8, cranker: Pubkey, round: Pubkey, sequence: u32, items: &[Item]) -> Instruction {
    let mut wallets: Vec<Pubkey> = Vec::new();
    let mut data = Vec::with_capacity(items.len() * ITEM_LEN);
    for item in items {
        let place = wallets.iter().position(|wallet| *wallet == item.wallet).unwrap_or_else(|| {
            wallets.push(item.wallet);
            wallets.len() - 1
        });
        data.extend_from_slice(&item.index.to_le_bytes());
        data.push(place as u8);
    }
    let mut accounts: Vec<AccountMeta> =
        vec![payer(cranker), write(round), write(address::page(&round, sequence).0)];
    accounts.extend(wallets.into_iter().map(write));
    build(tag, accounts, &[&length(&data), &data])
}

/// Credits prizes to wallets. Items already paid, or whose wallet is closed, are passed over.
pub fn pay(cranker: Pubkey, round: Pubkey, sequence: u32, items: &[Item]) -> Instruction {
    batch(tags::PAY, cranker, round, sequence, items)
}

/// Credits stakes of a void round back. Items already refunded, or whose wallet is closed, are passed over.
pub fn refund(cranker: Pubkey, round: Pubkey, sequence: u32, items: &[Item]) -> Instruction {
    batch(tags::REFUND, cranker, round, sequence, items)
}

/// Voids a round that has no value after its grace, whose slot hash is lost, or whose attestations cannot reach the quorum.
pub fn void_round(cranker: Pubkey, lottery: Pubkey, round: Pubkey) -> Instruction {
    let accounts = vec![payer(cranker), write(lottery), write(round), read(address::SLOT_HASHES)];
    build(tags::VOID_ROUND, accounts, &[])
}

/// Gives an empty round a new lock after its lock has passed; every page is given.
pub fn retime_round(
    cranker: Pubkey,
    lottery: Pubkey,
    config: Pubkey,
    round: Pubkey,
    page_count: u32,
) -> Instruction {
    let mut accounts = vec![payer(cranker), write(lottery), read(config), write(round)];
    accounts.extend((0..page_count).map(|sequence| write(address::page(&round, sequence).0)));
    build(tags::RETIME_ROUND, accounts, &[])
}

/// Sends prizes or refunds that nobody could be paid within the claim period where the rules say.
pub fn expire_round(cranker: Pubkey, lottery: Pubkey, round: Pubkey) -> Instruction {
    build(tags::EXPIRE_ROUND, vec![payer(cranker), write(lottery), write(round)], &[])
}

/// Closes a page that owes nothing; rent returns to who paid it.
pub fn close_page(cranker: Pubkey, round: Pubkey, sequence: u32, rent_payer: Pubkey) -> Instruction {
    let accounts =
        vec![payer(cranker), write(round), write(address::page(&round, sequence).0), write(rent_payer)];
    build(tags::CLOSE_PAGE, accounts, &[])
}

/// Closes a round whose pages are closed; rent returns to who paid it, rewards left to the lottery.
pub fn close_round(cranker: Pubkey, lottery: Pubkey, round: Pubkey, rent_payer: Pubkey) -> Instruction {
    let accounts = vec![payer(cranker), write(lottery), write(round), write(rent_payer)];
    build(tags::CLOSE_ROUND, accounts, &[])
}
