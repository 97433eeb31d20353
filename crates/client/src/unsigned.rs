//! Transactions for somebody else to sign.

use base64::{Engine, engine::general_purpose::STANDARD};
use solana_instruction::Instruction;
use solana_keypair::Signature;
use solana_message::{Hash, Message, VersionedMessage};
use solana_pubkey::Pubkey;
use solana_transaction::versioned::VersionedTransaction;

use crate::{ClientError, Result};

/// The most bytes of a transaction on the wire.
pub const PACKET_BYTES: usize = 1_232;

/// A transaction whose signatures are still zero.
#[derive(Clone, Debug)]
pub struct UnsignedTransaction {
    pub transaction: VersionedTransaction,
}

impl UnsignedTransaction {
    /// As it travels: what wallets deserialize, sign and send.
    pub fn bytes(&self) -> Vec<u8> {
        wire_bytes(&self.transaction)
    }

    pub fn base64(&self) -> String {
        STANDARD.encode(self.bytes())
    }

    /// What the signers sign.
    pub fn message_bytes(&self) -> Vec<u8> {
        self.transaction.message.serialize()
    }
}

/// A transaction of `instructions` that `payer` pays and, with every other signer, has yet to sign.
pub fn unsigned_transaction(
    payer: &Pubkey,
    instructions: &[Instruction],
    blockhash: &Hash,
) -> Result<UnsignedTransaction> {
    let message = Message::new_with_blockhash(instructions, Some(payer), blockhash);
    let signatures = vec![Signature::default(); message.header.num_required_signatures as usize];
    let transaction = VersionedTransaction { signatures, message: VersionedMessage::Legacy(message) };
    let unsigned = UnsignedTransaction { transaction };
    let len = unsigned.bytes().len();
    if len > PACKET_BYTES {
        return Err(ClientError::Build(format!("{len} bytes, and {PACKET_BYTES} is the most")));
    }
    Ok(unsigned)
}

/// A count of signatures (one byte below 128), the signatures, the message.
pub(crate) fn wire_bytes(transaction: &VersionedTransaction) -> Vec<u8> {
    let message = transaction.message.serialize();
    let mut bytes = Vec::with_capacity(1 + transaction.signatures.len() * 64 + message.len());
    bytes.push(transaction.signatures.len() as u8);
    transaction.signatures.iter().for_each(|signature| bytes.extend_from_slice(signature.as_ref()));
    bytes.extend_from_slice(&message);
    bytes
}

/// Bytes of a signed transaction of `instructions`, before anything is signed: for packing batches.
pub fn transaction_len(payer: &Pubkey, instructions: &[Instruction]) -> usize {
    let message = Message::new(instructions, Some(payer));
    1 + message.header.num_required_signatures as usize * 64 + message.serialize().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lottery_interface::instructions;
    use solana_keypair::Keypair;
    use solana_signer::Signer;

    fn instruction(payer: &Pubkey) -> Instruction {
        instructions::capture(*payer, Pubkey::new_from_array([3; 32]))
    }

    #[test]
    fn what_travels_is_what_was_signed() {
        let payer = Keypair::new();
        let blockhash = Hash::new_from_array([9; 32]);
        let unsigned =
            unsigned_transaction(&payer.pubkey(), &[instruction(&payer.pubkey())], &blockhash).unwrap();
        let mut bytes = unsigned.bytes();
        assert_eq!(bytes[0], 1);
        assert_eq!(bytes[1..65], [0; 64]);
        let signature = payer.sign_message(&bytes[65..]);
        bytes[1..65].copy_from_slice(signature.as_ref());
        let signed = VersionedTransaction::try_new(unsigned.transaction.message.clone(), &[&payer]).unwrap();
        assert_eq!(wire_bytes(&signed), bytes);
        assert_eq!(STANDARD.decode(unsigned.base64()).unwrap(), unsigned.bytes());
        assert_eq!(bytes.len(), transaction_len(&payer.pubkey(), &[instruction(&payer.pubkey())]));
    }

    #[test]
    fn too_long_is_said_at_once() {
        let payer = Pubkey::new_from_array([1; 32]);
        let long = Instruction { program_id: payer, accounts: vec![], data: vec![0; PACKET_BYTES] };
        let error = unsigned_transaction(&payer, &[long], &Hash::default()).unwrap_err();
        assert!(matches!(error, ClientError::Build(_)), "{error}");
    }
}
