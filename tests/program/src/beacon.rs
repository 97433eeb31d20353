//! Beacons: drand's evmnet as it is, and one of our own whose key is known.

use lottery_interface::{
    accounts::Beacon,
    address,
    args::{BeaconArgs, ConfigArgs, RegistryArgs},
    instructions as ix,
    kinds::{Kind, Source},
};
use lottery_rules::beacon::{self, Schedule, SoftwareCurve};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::{Live, Meta, Spec, World};

/// drand's published parameters, and two of its rounds.
const EVMNET: &str = include_str!("../../../crates/rules/tests/drand-evmnet.json");

/// The secret key of the tests' own chain.
pub const SECRET: [u8; 32] = [5; 32];
/// When its first round was signed, and the pause between rounds.
pub const SCHEDULE: Schedule = Schedule { genesis_at: 1_799_000_000, period_seconds: 3 };

/// evmnet, as the registry takes it, with one of its rounds; and the randomness that drand published.
pub struct Evmnet {
    pub args: BeaconArgs,
    pub signature: [u8; 64],
    pub randomness: [u8; 32],
}

fn bytes<const N: usize>(value: &serde_json::Value) -> [u8; N] {
    let text = value.as_str().expect("hex");
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex"))
}

/// evmnet with its `n`th published round.
pub fn evmnet(n: usize) -> Evmnet {
    let json: serde_json::Value = serde_json::from_str(EVMNET).expect("the file is valid");
    let round = &json["rounds"][n];
    let args = BeaconArgs {
        public_key: bytes(&json["public_key_g2"]),
        chain_hash: bytes(&json["chain_hash"]),
        genesis_at: json["genesis_time"].as_i64().expect("a time"),
        round: round["round"].as_u64().expect("a number"),
        period_seconds: json["period_seconds"].as_u64().expect("a period") as u32,
        reserved: 0,
    };
    Evmnet { args, signature: bytes(&round["signature"]), randomness: bytes(&round["randomness"]) }
}

/// Signature and witness of any chain's round.
pub fn proof(round: u64, signature: &[u8; 64]) -> Vec<u8> {
    let witness = beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(round));
    beacon::proof(signature, &witness).to_vec()
}

/// A proof of a round of the tests' own chain.
pub fn own_proof(round: u64) -> Vec<u8> {
    proof(round, &beacon::sign(&SECRET, round))
}

/// The tests' own chain, as the registry takes it.
pub fn own_args() -> BeaconArgs {
    BeaconArgs {
        public_key: beacon::public_key(&SECRET),
        chain_hash: [6; 32],
        genesis_at: SCHEDULE.genesis_at,
        round: 1,
        period_seconds: SCHEDULE.period_seconds,
        reserved: 0,
    }
}

/// Address of the tests' own chain.
pub fn own_address() -> Pubkey {
    address::beacon(&own_args().chain_hash).0
}

/// A config that draws from the tests' own chain.
pub fn on_beacon(config: ConfigArgs) -> ConfigArgs {
    ConfigArgs {
        beacon: own_address().to_bytes(),
        source: Source::Beacon as u8,
        grace_seconds: 86_400,
        grace_slots: 216_000,
        reveal_delay_slots: 0,
        beacon_margin_seconds: 30,
        ..config
    }
}

impl Spec {
    /// The same game on the tests' own beacon. [`World::add_own_beacon`] comes first.
    pub fn beacon(mut self) -> Self {
        self.config = on_beacon(self.config);
        self.bond_units = 0;
        self
    }
}

impl World {
    /// Lets new configs of a kind draw from beacons.
    #[track_caller]
    pub fn allow_beacon(&mut self, kind: Kind) {
        let allowed_sources = self.registry().allowed_sources;
        let mut args = RegistryArgs { allowed_sources, ..self.registry_args() };
        args.allowed_sources[kind as usize] |= 1 << Source::Beacon as u8;
        self.chain.expect_ok(&ix::update_registry(self.authority, &args));
    }

    /// Adds the tests' own chain and lets its delay pass.
    #[track_caller]
    pub fn add_own_beacon(&mut self) {
        let add = ix::add_beacon(self.authority, &own_args(), &own_proof(1));
        self.chain.expect_ok_big(&[add]);
        let delay = self.registry().beacon_delay_seconds as i64;
        self.chain.warp(delay, delay as u64);
    }

    pub fn beacon(&self) -> Beacon {
        self.chain.account(own_address())
    }

    /// Posts the value of a round that draws from the tests' own chain.
    pub fn post_instruction(&self, live: &Live, beacon_round: u64) -> Instruction {
        ix::post_value(self.cranker, live.key, own_address(), &own_proof(beacon_round))
    }

    #[track_caller]
    pub fn post_signature(&mut self, live: &Live) -> Meta {
        let post = self.post_instruction(live, self.round(live).beacon_round);
        self.chain.expect_ok_big(&post)
    }

    pub fn prove_early_instruction(&self, live: &Live, beacon_round: u64) -> Instruction {
        ix::prove_early(self.cranker, live.key, own_address(), beacon_round, &own_proof(beacon_round))
    }
}
