//! From a transaction as RPC gives it to the program's instructions in it.

use base64::{Engine, prelude::BASE64_STANDARD};
use solana_pubkey::Pubkey;
use solana_transaction_status_client_types::{
    EncodedTransactionWithStatusMeta, UiInnerInstructions, UiInstruction, UiTransactionStatusMeta,
    option_serializer::OptionSerializer,
};

use super::{RawInstruction, Transaction};

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseError {
    #[error("the node gave no status for a transaction: use one that keeps transaction history")]
    NoMeta,
    #[error("the node did not record inner instructions of {0}: use one that does")]
    NoInnerInstructions(String),
    #[error("a transaction has bytes that this version cannot read")]
    Unreadable,
    #[error("{0} names an account that is not in it")]
    AccountIndex(String),
}

fn some<T>(value: &OptionSerializer<T>) -> Option<&T> {
    match value {
        OptionSerializer::Some(value) => Some(value),
        OptionSerializer::None | OptionSerializer::Skip => None,
    }
}

impl ParseError {
    /// Another node, or the same one set up differently, would have answered: not the transaction's fault.
    pub fn is_the_nodes(&self) -> bool {
        matches!(self, ParseError::NoMeta | ParseError::NoInnerInstructions(_))
    }
}

/// Whether the log says that the program ran.
pub fn ran(program: &Pubkey, encoded: &EncodedTransactionWithStatusMeta) -> bool {
    let logs = encoded.meta.as_ref().and_then(|meta| some(&meta.log_messages));
    let start = format!("Program {program} invoke");
    logs.is_some_and(|logs| logs.iter().any(|line| line.starts_with(&start)))
}

/// The instructions of `program` in a transaction; `None` when it failed or has none.
pub fn parse(
    program: &Pubkey,
    slot: u64,
    block_at: Option<i64>,
    encoded: &EncodedTransactionWithStatusMeta,
) -> Result<Option<Transaction>, ParseError> {
    let meta = encoded.meta.as_ref().ok_or(ParseError::NoMeta)?;
    if meta.err.is_some() {
        return Ok(None);
    }
    let transaction = encoded.transaction.decode().ok_or(ParseError::Unreadable)?;
    let keys = account_keys(transaction.message.static_account_keys(), meta)?;
    if !keys.contains(program) {
        return Ok(None);
    }
    let signature = transaction.signatures.first().ok_or(ParseError::Unreadable)?.to_string();
    if is_no_signature(&signature) {
        return Ok(None);
    }
    let resolve = |places: &[u8]| -> Result<Vec<Pubkey>, ParseError> {
        let keys = places.iter().map(|place| keys.get(*place as usize).copied());
        keys.collect::<Option<_>>().ok_or_else(|| ParseError::AccountIndex(signature.clone()))
    };
    let inner = some(&meta.inner_instructions).map(Vec::as_slice);
    // A transaction without calls may have no list at all; one with calls always has.
    let mut instructions = Vec::new();
    for (index, outer) in transaction.message.instructions().iter().enumerate() {
        if keys.get(outer.program_id_index as usize) == Some(program) {
            instructions.push(RawInstruction {
                path: index.to_string(),
                accounts: resolve(&outer.accounts)?,
                data: outer.data.clone(),
                events: Vec::new(),
            });
        }
        for (place, called) in calls(inner, index).enumerate() {
            let UiInstruction::Compiled(called) = called else { return Err(ParseError::Unreadable) };
            if keys.get(called.program_id_index as usize) != Some(program) {
                continue;
            }
            instructions.push(RawInstruction {
                path: format!("{index}.{place}"),
                accounts: resolve(&called.accounts)?,
                data: bs58::decode(&called.data).into_vec().map_err(|_| ParseError::Unreadable)?,
                events: Vec::new(),
            });
        }
    }
    if instructions.is_empty() {
        // The program is an account of it, but did not run; or its calls were not recorded.
        return if ran(program, encoded) {
            Err(ParseError::NoInnerInstructions(signature))
        } else {
            Ok(None)
        };
    }
    if let Some(logs) = some(&meta.log_messages) {
        attach_events(program, logs, &mut instructions);
    }
    Ok(Some(Transaction { signature, slot, block_at, instructions }))
}

/// The zero signature, base58 of 64 ones. Local chains list transactions under it that they refused before running them;
/// nothing was ever signed with it.
pub fn is_no_signature(signature: &str) -> bool {
    signature.len() == 64 && signature.bytes().all(|byte| byte == b'1')
}

fn account_keys(fixed: &[Pubkey], meta: &UiTransactionStatusMeta) -> Result<Vec<Pubkey>, ParseError> {
    let mut keys = fixed.to_vec();
    if let Some(loaded) = some(&meta.loaded_addresses) {
        for key in loaded.writable.iter().chain(&loaded.readonly) {
            keys.push(key.parse().map_err(|_| ParseError::Unreadable)?);
        }
    }
    Ok(keys)
}

fn calls(inner: Option<&[UiInnerInstructions]>, index: usize) -> impl Iterator<Item = &UiInstruction> {
    let of_index = inner.unwrap_or_default().iter().filter(move |calls| calls.index as usize == index);
    of_index.flat_map(|calls| &calls.instructions)
}

/// Gives each run of the program its `Program data:` lines. Runs appear in the log in the order in which they
/// started, which is the order of `instructions`.
fn attach_events(program: &Pubkey, logs: &[String], instructions: &mut [RawInstruction]) {
    let program = program.to_string();
    // Programs that are running, innermost last: the place in `instructions` of ours.
    let mut running: Vec<Option<usize>> = Vec::new();
    let mut started = 0;
    for line in logs {
        if let Some(data) = line.strip_prefix("Program data: ") {
            let Some(Some(place)) = running.last() else { continue };
            let fields = data.split(' ').filter_map(|field| BASE64_STANDARD.decode(field).ok());
            if let Some(instruction) = instructions.get_mut(*place) {
                // Our events are logged as two fields: which event, and its struct.
                instruction.events.push(fields.flatten().collect());
            }
        } else if let Some(rest) = line.strip_prefix("Program ") {
            let mut words = rest.split(' ');
            let (id, verb) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            if id.parse::<Pubkey>().is_err() {
                continue; // "Program log: ...", "Program return: ..."
            }
            match verb {
                "invoke" if id == program => {
                    running.push(Some(started));
                    started += 1;
                }
                "invoke" => running.push(None),
                "success" | "failed:" => {
                    running.pop();
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_go_to_the_run_that_logged_them() {
        let ours = lottery_interface::address::PROGRAM_ID;
        let other = lottery_interface::address::SYSTEM_PROGRAM;
        let run =
            |path: &str| RawInstruction { path: path.into(), accounts: vec![], data: vec![], events: vec![] };
        let mut instructions = vec![run("0"), run("1.0")];
        let (a, b) = (BASE64_STANDARD.encode([1, 2]), BASE64_STANDARD.encode([3]));
        let logs = [
            format!("Program {ours} invoke [1]"),
            format!("Program {other} invoke [2]"),
            format!("Program data: {b}"),
            format!("Program {other} success"),
            format!("Program data: {a} {b}"),
            "Program log: Program data: nothing".into(),
            format!("Program {ours} consumed 10 of 100 compute units"),
            format!("Program {ours} success"),
            format!("Program {other} invoke [1]"),
            format!("Program {ours} invoke [2]"),
            format!("Program data: {b}"),
            format!("Program {ours} success"),
            "Log truncated".into(),
        ];
        attach_events(&ours, &logs, &mut instructions);
        assert_eq!(instructions[0].events, [vec![1, 2, 3]]);
        assert_eq!(instructions[1].events, [vec![3]]);
    }
}
