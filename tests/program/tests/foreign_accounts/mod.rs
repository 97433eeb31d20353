//! Every account of every instruction, exchanged for one that has the right shape but is not the right one: of another
//! program, of another kind, of another lottery, round, page or owner; without its signature; read-only.
//!
//! Each case is an instruction that works. Every account of the program in it must name what stands in for it
//! and the error that this gives, so that no account is forgotten.

mod beacon;
mod cases;
mod raffle;
mod twins;

use program_tests::{Instruction, InstructionError, LotteryError as E, Pubkey, Refusal, World, address};

use cases::cases;
use twins::{
    Answer::{Any, Named, Seeds},
    Case,
};

/// Places of accounts that the program owns.
fn owned(case: &Case) -> Vec<usize> {
    let places = 0..case.instruction.accounts.len();
    let is_owned = |place: &usize| {
        let key = case.instruction.accounts[*place].pubkey;
        case.world.chain.program_accounts().any(|(owned, _)| owned == key)
    };
    places.filter(is_owned).collect()
}

#[track_caller]
fn refusal(case: &Case, change: impl FnOnce(&mut World, &mut Instruction)) -> Refusal {
    let (mut world, mut instruction) = (case.world.clone(), case.instruction.clone());
    // Broken worlds are made on purpose here.
    world.chain.audited = false;
    change(&mut world, &mut instruction);
    world.chain.expect_refused(&instruction)
}

/// Refuses each account of each case in turn, when its bytes are those that `others` gives: of no account of its kind.
fn refuses_bytes(others: impl Fn(&Case, Pubkey) -> Vec<(Pubkey, usize)>) {
    for case in cases() {
        for (place, _) in &case.answers {
            // The address stays.
            let key = case.instruction.accounts[*place].pubkey;
            for (from, len) in others(&case, key) {
                let refusal = refusal(&case, |world, _| {
                    world.chain.forge(from, key, address::PROGRAM_ID, |data| data.truncate(len))
                });
                let known = matches!(
                    refusal.instruction(),
                    Some(InstructionError::InvalidAccountData | InstructionError::AccountDataTooSmall)
                );
                assert!(known, "{} {place}, {len} bytes of {from}: {}", case.name, refusal.describe());
            }
        }
    }
}

#[test]
fn every_instruction_that_has_accounts_is_a_case_and_works() {
    let cases = cases();
    for case in &cases {
        println!("{}", case.name);
        case.world.clone().chain.expect_ok(&case.instruction);
        let answered: Vec<usize> = case.answers.iter().map(|(place, _)| *place).collect();
        assert_eq!(answered, owned(case), "{}: accounts with an answer, accounts of the program", case.name);
    }
    let named: Vec<&str> = cases.iter().map(|case| case.name).collect();
    for (_, name) in lottery_interface::tags::ALL {
        // These only create.
        let creates = ["init_registry", "open_vault", "create_oracle_set"].contains(name);
        // These hand on accounts of another program: switchboard.rs exchanges theirs.
        let calls = ["init_randomness", "commit_randomness", "reveal_randomness"].contains(name);
        assert!(creates || calls || named.contains(name), "{name} has no case");
    }
}

#[test]
fn accounts_of_another_lottery_round_page_or_owner_are_refused() {
    for case in cases() {
        for (place, answer) in &case.answers {
            let (key, expected) = match answer {
                Named(key, error) => (key, InstructionError::Custom(error.code())),
                Seeds(key) => (key, InstructionError::InvalidSeeds),
                Any => continue,
            };
            let refusal = refusal(&case, |_, instruction| instruction.accounts[*place].pubkey = *key);
            assert_eq!(
                refusal.instruction(),
                Some(&expected),
                "{} {place}: {}",
                case.name,
                refusal.describe()
            );
        }
    }
}

#[test]
fn accounts_of_another_program_are_refused() {
    let thief = Pubkey::new_from_array([77; 32]);
    for case in cases() {
        for (place, _) in &case.answers {
            // The program's own address and bytes, but another owner.
            let key = case.instruction.accounts[*place].pubkey;
            let in_batch = ["pay", "refund"].contains(&case.name) && *place >= 3;
            if case.name == "pause_lottery" && *place >= 2 {
                // Only this program can ever own that address: what it does not own was never opened, or is closed.
                continue;
            }
            if case.name == "close_ranking" && *place == 1 {
                // The same of a round, which may be closed before an attempt at its order.
                continue;
            }
            let refusal = refusal(&case, |world, _| world.chain.forge(key, key, thief, |_| ()));
            let expected = if in_batch {
                // A wallet that is not there, or not a wallet, is passed over.
                InstructionError::Custom(E::NothingToPay.code())
            } else {
                InstructionError::IllegalOwner
            };
            assert_eq!(
                refusal.instruction(),
                Some(&expected),
                "{} {place}: {}",
                case.name,
                refusal.describe()
            );
        }
    }
}

#[test]
fn accounts_of_another_kind_are_refused() {
    refuses_bytes(|case, key| {
        let kind = |key: Pubkey| case.world.chain.data(key)[..8].to_vec();
        let mut kinds: Vec<Pubkey> = Vec::new();
        for (other, _) in case.world.chain.program_accounts() {
            if kind(other) != kind(key) && !kinds.iter().any(|seen| kind(*seen) == kind(other)) {
                kinds.push(other);
            }
        }
        assert!(kinds.len() >= 4, "{}: few kinds exist", case.name);
        kinds.into_iter().map(|other| (other, usize::MAX)).collect()
    });
}

#[test]
fn empty_and_cut_accounts_are_refused() {
    refuses_bytes(|_, key| [0, 7, 8, 100].map(|len| (key, len)).to_vec());
}

#[test]
fn missing_signatures_are_refused() {
    for case in cases() {
        for (place, meta) in case.instruction.accounts.iter().enumerate().filter(|(_, meta)| meta.is_signer) {
            let key = meta.pubkey;
            let refusal = refusal(&case, |_, instruction| {
                // Also where the same key is given again, as the payer of rent.
                for meta in instruction.accounts.iter_mut().filter(|meta| meta.pubkey == key) {
                    meta.is_signer = false;
                }
            });
            let expected = InstructionError::MissingRequiredSignature;
            assert_eq!(
                refusal.instruction(),
                Some(&expected),
                "{} {place}: {}",
                case.name,
                refusal.describe()
            );
        }
    }
}

#[test]
fn read_only_accounts_are_refused_where_they_change() {
    for case in cases() {
        for (place, meta) in case.instruction.accounts.iter().enumerate().filter(|(_, meta)| meta.is_writable)
        {
            let key = meta.pubkey;
            if key == address::vault_tokens(&Pubkey::default()).0 {
                // Native SOL has no token account: nothing is written there.
                continue;
            }
            let refusal = refusal(&case, |_, instruction| {
                for meta in instruction.accounts.iter_mut().filter(|meta| meta.pubkey == key) {
                    meta.is_writable = false;
                }
            });
            let signs = case.instruction.accounts.iter().any(|other| other.pubkey == key && other.is_signer);
            let known = match refusal.instruction() {
                Some(InstructionError::Custom(2000)) => true,
                // The framework checks a payer's signature and its flag in one step.
                Some(InstructionError::MissingRequiredSignature) => signs,
                // The runtime lets no program create an account that the transaction calls read-only.
                Some(InstructionError::PrivilegeEscalation) => !case.world.chain.exists(key),
                _ => false,
            };
            assert!(known, "{} {place}: {}", case.name, refusal.describe());
        }
    }
}

#[test]
fn missing_accounts_and_cut_data_are_refused() {
    for case in cases() {
        let refused = refusal(&case, |_, instruction| instruction.accounts.clear());
        #[allow(deprecated, reason = "what the runtime answers today")]
        let expected = InstructionError::NotEnoughAccountKeys;
        assert_eq!(refused.instruction(), Some(&expected), "{}", case.name);
        if case.instruction.data.len() > 1 {
            let refused = refusal(&case, |_, instruction| {
                instruction.data.pop();
            });
            assert_eq!(
                refused.instruction(),
                Some(&InstructionError::InvalidInstructionData),
                "{}",
                case.name
            );
        }
    }
}

#[test]
fn unknown_instructions_are_refused() {
    let mut world = World::new();
    for tag in [9, 19, 72, 100, 254] {
        let unknown = Instruction { program_id: address::PROGRAM_ID, accounts: Vec::new(), data: vec![tag] };
        world.chain.expect_instruction_error(&unknown, InstructionError::InvalidInstructionData);
    }
    let empty = Instruction { program_id: address::PROGRAM_ID, accounts: Vec::new(), data: Vec::new() };
    world.chain.expect_instruction_error(&empty, InstructionError::InvalidInstructionData);
}
