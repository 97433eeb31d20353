//! A stand-in for Switchboard on-demand: the published discriminators, account orders and layout, with an oracle that anybody
//! can play. It checks what the real one demands of its callers: signers, writable accounts, and who the authority is.

use lottery_interface::instructions::{OracleReveal, Switchboard};
use lottery_rules::hash::{Sha256, Software};
use solana_instruction::{AccountMeta, Instruction, error::InstructionError};
use solana_program_runtime::{
    declare_process_instruction, invoke_context::InvokeContext,
    solana_sbpf::program::BuiltinFunctionDefinition,
};
use solana_pubkey::Pubkey;

use crate::{World, address};

/// Address of the stand-in.
pub const PROGRAM: Pubkey = Pubkey::new_from_array([0x5b; 32]);
/// An oracle that commits nothing: what a broken or foreign deployment could do.
pub const IDLE_ORACLE: Pubkey = Pubkey::new_from_array([0x1d; 32]);

const DISCRIMINATOR: [u8; 8] = [10, 66, 229, 135, 220, 239, 217, 114];
const LEN: usize = 408;
const AUTHORITY: usize = 8;
const QUEUE: usize = 40;
const SEED_SLOT: usize = 104;
const ORACLE: usize = 112;
const REVEAL_SLOT: usize = 144;
const VALUE: usize = 152;

declare_process_instruction!(Mock, 1_000, |invoke_context| {
    let data =
        invoke_context.transaction_context.get_current_instruction_context()?.get_instruction_data().to_vec();
    let (discriminator, arguments) = data.split_at(8);
    match discriminator {
        [9, 9, 204, 33, 50, 116, 113, 15] => init(invoke_context, arguments),
        [52, 170, 152, 201, 179, 133, 242, 141] => commit(invoke_context),
        [197, 181, 187, 10, 30, 58, 20, 73] => reveal(invoke_context, arguments),
        _ => Err(InstructionError::InvalidInstructionData),
    }
});

impl Mock {
    /// How the virtual machine learns of it.
    pub fn add_to(svm: &mut litesvm::LiteSVM) {
        svm.add_builtin(PROGRAM, Self::register);
    }
}

/// Keys of the instruction's accounts, after checking how many there are, which sign and which are writable.
fn accounts(
    context: &InvokeContext,
    signers: &[u16],
    writable: &[u16],
    count: u16,
) -> Result<Vec<Pubkey>, InstructionError> {
    let instruction = context.transaction_context.get_current_instruction_context()?;
    if instruction.get_number_of_instruction_accounts() != count {
        return Err(InstructionError::MissingAccount);
    }
    for place in 0..count {
        if instruction.is_instruction_account_signer(place)? != signers.contains(&place) {
            return Err(InstructionError::MissingRequiredSignature);
        }
        if instruction.is_instruction_account_writable(place)? != writable.contains(&place) {
            return Err(InstructionError::Immutable);
        }
    }
    (0..count).map(|place| instruction.get_key_of_instruction_account(place).copied()).collect()
}

/// Changes the randomness account, after checking that `authority` is its own.
fn change(
    context: &InvokeContext,
    authority: Option<&Pubkey>,
    write: impl FnOnce(&mut [u8]),
) -> Result<(), InstructionError> {
    let instruction = context.transaction_context.get_current_instruction_context()?;
    let mut randomness = instruction.try_borrow_instruction_account(0)?;
    let data = randomness.get_data_mut()?;
    if let Some(authority) = authority
        && (data.get(..8) != Some(&DISCRIMINATOR[..]) || data[AUTHORITY..QUEUE] != *authority.as_ref())
    {
        return Err(InstructionError::IncorrectAuthority);
    }
    write(data);
    Ok(())
}

fn slot(context: &InvokeContext) -> Result<u64, InstructionError> {
    Ok(context.environment_config.sysvar_cache().get_clock()?.slot)
}

fn init(context: &mut InvokeContext, arguments: &[u8]) -> Result<(), InstructionError> {
    if arguments.len() != 8 {
        return Err(InstructionError::InvalidInstructionData);
    }
    let keys = accounts(context, &[0, 2, 4], &[0, 1, 3, 4, 11], 13)?;
    let mut data = 0u32.to_le_bytes().to_vec();
    data.extend(10_000_000u64.to_le_bytes());
    data.extend((LEN as u64).to_le_bytes());
    data.extend(PROGRAM.to_bytes());
    let create = Instruction {
        program_id: address::SYSTEM_PROGRAM,
        accounts: vec![AccountMeta::new(keys[4], true), AccountMeta::new(keys[0], true)],
        data,
    };
    context.native_invoke_signed(create, &[])?;
    change(context, None, |data| {
        data[..8].copy_from_slice(&DISCRIMINATOR);
        data[AUTHORITY..][..32].copy_from_slice(keys[2].as_ref());
        data[QUEUE..][..32].copy_from_slice(keys[3].as_ref());
    })
}

fn commit(context: &mut InvokeContext) -> Result<(), InstructionError> {
    let keys = accounts(context, &[4], &[0, 2], 5)?;
    if keys[3] != address::SLOT_HASHES {
        return Err(InstructionError::InvalidArgument);
    }
    let seed_slot = slot(context)? - 1;
    change(context, Some(&keys[4]), |data| {
        if keys[2] != IDLE_ORACLE {
            data[SEED_SLOT..][..8].copy_from_slice(&seed_slot.to_le_bytes());
            data[ORACLE..][..32].copy_from_slice(keys[2].as_ref());
        }
    })
}

fn reveal(context: &mut InvokeContext, arguments: &[u8]) -> Result<(), InstructionError> {
    let keys = accounts(context, &[4, 5], &[0, 3, 5, 8], 12)?;
    let now = slot(context)?;
    let mut is_signed = false;
    change(context, Some(&keys[4]), |data| {
        let seed_slot = u64::from_le_bytes(data[SEED_SLOT..][..8].try_into().expect("8 bytes"));
        let expected = oracle_reveal(&keys[0], seed_slot);
        is_signed = seed_slot != 0
            && data[ORACLE..][..32] == *keys[1].as_ref()
            && arguments == [&expected.signature[..], &[expected.recovery_id], &expected.value].concat();
        if is_signed {
            data[REVEAL_SLOT..][..8].copy_from_slice(&now.to_le_bytes());
            data[VALUE..][..32].copy_from_slice(&expected.value);
        }
    })?;
    if is_signed { Ok(()) } else { Err(InstructionError::InvalidArgument) }
}

/// What the stand-in's oracle signs for an account that was committed at `seed_slot`.
pub fn oracle_reveal(randomness: &Pubkey, seed_slot: u64) -> OracleReveal {
    let value = Software::hashv(&[b"oracle", randomness.as_ref(), &seed_slot.to_le_bytes()]);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&Software::hashv(&[b"signature", &value]));
    OracleReveal { signature, recovery_id: 1, value }
}

/// The deployment that a registry of these tests names.
pub fn deployment() -> Switchboard {
    let key = |byte| Pubkey::new_from_array([byte; 32]);
    Switchboard { program: PROGRAM, queue: key(0x90), program_state: key(0x58) }
}

impl World {
    /// Adds the stand-in to the chain and names it in the registry, for draws.
    #[track_caller]
    pub fn add_switchboard(&mut self) {
        Mock::add_to(&mut self.chain.svm);
        let mut args = self.registry_args();
        args.switchboard_program = deployment().program.to_bytes();
        args.switchboard_queue = deployment().queue.to_bytes();
        args.allowed_sources[1] |= 1 << lottery_interface::Source::Switchboard as u8;
        self.chain.expect_ok(&lottery_interface::instructions::update_registry(self.authority, &args));
    }
}
