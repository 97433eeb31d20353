//! Switchboard on-demand, called with a program address as the authority of each round's randomness account.
//!
//! Account orders, discriminators and the layout are those that Switchboard publishes; `tests/program` compares the layout with
//! the `switchboard-on-demand` crate's type and plays the calls against a mock.

use alloc::vec::Vec;

use anchor_lang::{
    pinocchio::{
        cpi::{Seed, Signer as PdaSigner, invoke_signed_with_slice},
        instruction::{InstructionAccount, InstructionView},
    },
    prelude::*,
};

use crate::{errors::LotteryError, state::Registry};

/// Flags of an account in a call.
const READ: u8 = 0;
const WRITE: u8 = 1;
const SIGN: u8 = 2;

/// One of Switchboard's instructions.
pub struct Call {
    /// `sha256("global:<name>")[..8]`.
    discriminator: [u8; 8],
    accounts: &'static [u8],
    /// Places of accounts that must be ours or pinned; the randomness account is always the first.
    queue: usize,
    authority: usize,
}

/// randomness, reward escrow, authority, queue, payer, system, token, associated token, wrapped SOL mint, program state,
/// lookup table signer, lookup table, lookup table program.
pub const INIT: Call = Call {
    discriminator: [9, 9, 204, 33, 50, 116, 113, 15],
    accounts: &[
        WRITE | SIGN,
        WRITE,
        SIGN,
        WRITE,
        WRITE | SIGN,
        READ,
        READ,
        READ,
        READ,
        READ,
        READ,
        WRITE,
        READ,
    ],
    queue: 3,
    authority: 2,
};

/// randomness, queue, oracle, slot hashes, authority.
pub const COMMIT: Call = Call {
    discriminator: [52, 170, 152, 201, 179, 133, 242, 141],
    accounts: &[WRITE, READ, WRITE, READ, SIGN],
    queue: 1,
    authority: 4,
};

/// randomness, oracle, queue, stats, authority, payer, slot hashes, system, reward escrow, token, wrapped SOL mint, program
/// state.
pub const REVEAL: Call = Call {
    discriminator: [197, 181, 187, 10, 30, 58, 20, 73],
    accounts: &[WRITE, READ, READ, WRITE, SIGN, WRITE | SIGN, READ, READ, WRITE, READ, READ, READ],
    queue: 2,
    authority: 4,
};

/// What a randomness account says.
pub struct Randomness {
    pub seed_slot: u64,
    pub reveal_slot: u64,
    pub value: [u8; 32],
}

const RANDOMNESS_DISCRIMINATOR: [u8; 8] = [10, 66, 229, 135, 220, 239, 217, 114];
const RANDOMNESS_LEN: usize = 8 + 400;
const AUTHORITY: usize = 8;
const QUEUE: usize = 40;
const SEED_SLOT: usize = 104;
const REVEAL_SLOT: usize = 144;
const VALUE: usize = 152;

/// Calls Switchboard for `round`. `accounts` are those of the call, in its order. Returns what the randomness account says then.
pub fn call(
    call: &Call,
    registry: &Registry,
    round: &Address,
    program: &AccountView,
    accounts: &[AccountView],
    arguments: &[u8],
) -> Result<Randomness> {
    let pinned = registry.switchboard_program != Address::default();
    require!(pinned && *program.address() == registry.switchboard_program, LotteryError::WrongSwitchboard);
    require!(accounts.len() == call.accounts.len(), LotteryError::WrongRandomness);
    require!(*accounts[call.queue].address() == registry.switchboard_queue, LotteryError::WrongSwitchboard);
    let (authority, bump) = find_program_address(&[b"randomness", round.as_ref()], &crate::ID);
    require!(*accounts[call.authority].address() == authority, LotteryError::WrongRandomness);

    let metas: Vec<InstructionAccount> = accounts
        .iter()
        .zip(call.accounts)
        .map(|(account, flags)| {
            InstructionAccount::new(account.address(), flags & WRITE != 0, flags & SIGN != 0)
        })
        .collect();
    let mut data = Vec::with_capacity(8 + arguments.len());
    data.extend_from_slice(&call.discriminator);
    data.extend_from_slice(arguments);
    let instruction = InstructionView { program_id: program.address(), data: &data, accounts: &metas };
    let views: Vec<&AccountView> = accounts.iter().collect();
    let bump = [bump];
    let seeds =
        [Seed::from(b"randomness".as_slice()), Seed::from(round.as_ref()), Seed::from(bump.as_slice())];
    invoke_signed_with_slice(&instruction, &views, &[PdaSigner::from(&seeds)])?;
    read(&accounts[0], registry, &authority)
}

fn read(account: &AccountView, registry: &Registry, authority: &Address) -> Result<Randomness> {
    require!(account.owned_by(&registry.switchboard_program), LotteryError::WrongRandomness);
    // SAFETY: read at once; nothing keeps a borrow across a CPI.
    let data = unsafe { account.borrow_unchecked() };
    require!(
        data.len() >= RANDOMNESS_LEN && data[..8] == RANDOMNESS_DISCRIMINATOR,
        LotteryError::WrongRandomness
    );
    require!(
        data[AUTHORITY..][..32] == *authority.as_ref()
            && data[QUEUE..][..32] == *registry.switchboard_queue.as_ref(),
        LotteryError::WrongRandomness
    );
    let number = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| data[at + i]));
    Ok(Randomness {
        seed_slot: number(SEED_SLOT),
        reveal_slot: number(REVEAL_SLOT),
        value: core::array::from_fn(|i| data[VALUE + i]),
    })
}
