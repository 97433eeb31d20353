//! The compiled program's own verification, run in this process: the same bytes that a cluster runs.

use anyhow::{Context, anyhow, bail};
use litesvm::LiteSVM;
use lottery_client::{Instruction, Keypair, Signer};
use lottery_interface::{
    LotteryError,
    address::{self, PROGRAM_ID},
    args::RegistryArgs,
    instructions,
};
use lottery_rules::{beacon, hash::Software};
use solana_message::Message;
use solana_transaction::{InstructionError, Transaction, TransactionError};

use super::{DrandChain, SignedRound};

/// What `make program` built.
const PROGRAM: &[u8] = include_bytes!("../../../artifacts/lottery_v4.so");

const LAMPORTS: u64 = 100_000_000_000;

/// A chain of one, with the program and a beacon.
pub struct Verifier {
    svm: LiteSVM,
    authority: Keypair,
    chain: DrandChain,
}

/// What the program said of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    pub randomness: [u8; 32],
    /// Of the whole instruction.
    pub compute_units: u64,
}

impl Verifier {
    /// Adds the beacon to the program, which checks its key by its own signed round.
    pub fn new(chain: DrandChain) -> anyhow::Result<Self> {
        let mut svm = LiteSVM::new();
        svm.add_program(PROGRAM_ID, PROGRAM)
            .map_err(|error| anyhow!("the program does not load: {error:?}"))?;
        let authority = Keypair::new();
        svm.airdrop(&authority.pubkey(), LAMPORTS)
            .map_err(|failed| anyhow!("the authority was not funded: {:?}", failed.err))?;
        let mut verifier = Self { svm, authority, chain };
        let key = verifier.authority.pubkey();
        let registry = RegistryArgs {
            treasury: key.to_bytes(),
            switchboard_program: [0; 32],
            switchboard_queue: [0; 32],
            min_grace_seconds: 1,
            min_grace_slots: 1,
            min_claim_seconds: 1,
            beacon_delay_seconds: 0,
            fee_cap_bps: 0,
            paused: 0,
            reserved: 0,
            allowed_sources: [0; 8],
        };
        verifier.send(&instructions::init_registry(key, &registry)).context("no registry")?;
        let proof = verifier.chain.signed.proof();
        let add = instructions::add_beacon(key, &verifier.chain.args(), &proof);
        verifier.send(&add).with_context(|| format!("beacon {} was not added", verifier.chain.name))?;
        Ok(verifier)
    }

    /// The randomness of a round. Errors: the program's, by name.
    pub fn verify(&mut self, signed: &SignedRound) -> anyhow::Result<Verified> {
        let beacon = address::beacon(&self.chain.chain_hash).0;
        let step = instructions::verify_beacon(beacon, signed.round, &signed.proof());
        let (returned, compute_units) = self.send(&step)?;
        let randomness: [u8; 32] =
            returned.as_slice().try_into().ok().context("the program returned no randomness")?;
        if randomness != beacon::randomness::<Software>(&signed.signature) {
            bail!("the program returned another randomness than sha256(signature)");
        }
        Ok(Verified { randomness, compute_units })
    }

    /// Return data and compute units.
    fn send(&mut self, instruction: &Instruction) -> anyhow::Result<(Vec<u8>, u64)> {
        let message = Message::new(std::slice::from_ref(instruction), Some(&self.authority.pubkey()));
        let transaction = Transaction::new(&[&self.authority], message, self.svm.latest_blockhash());
        match self.svm.send_transaction(transaction) {
            Ok(meta) => Ok((meta.return_data.data, meta.compute_units_consumed)),
            Err(failed) => Err(named(&failed.err)),
        }
    }
}

/// "BeaconInfinity: the signature is the point at infinity".
fn named(error: &TransactionError) -> anyhow::Error {
    let custom = match error {
        TransactionError::InstructionError(_, InstructionError::Custom(code)) => {
            LotteryError::from_code(*code)
        }
        _ => None,
    };
    match custom {
        Some(error) => anyhow!("{}: {}", error.name(), error.message()),
        None => anyhow!("the program failed: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_verifies_evmnet() {
        let evmnet = DrandChain::evmnet().unwrap();
        let mut verifier = Verifier::new(evmnet.clone()).unwrap();
        let verified = verifier.verify(&evmnet.signed).unwrap();
        assert_eq!(
            hex::encode(verified.randomness),
            "781b75698adc3af62cfa55db83cf0c73ae54e1ac8c0d4c3a2224126b65369ec5"
        );
        assert!(verified.compute_units < 200_000, "{}", verified.compute_units);
        let mut said = |signed: SignedRound| verifier.verify(&signed).unwrap_err().to_string();
        let wrong = said(SignedRound { round: 2, ..evmnet.signed });
        assert!(wrong.starts_with("BeaconWrongSignature: "), "{wrong}");
        let infinity = said(SignedRound { signature: [0; 64], ..evmnet.signed });
        assert!(infinity.starts_with("BeaconInfinity: "), "{infinity}");
        let beyond = said(SignedRound { signature: [0xff; 64], ..evmnet.signed });
        assert!(beyond.starts_with("BeaconNotCanonical: "), "{beyond}");
        let nowhere = said(SignedRound { signature: [1; 64], ..evmnet.signed });
        assert!(nowhere.starts_with("BeaconNotOnCurve: "), "{nowhere}");
    }
}
