//! Every instruction, built as clients build it, decodes back to what it was built from.

use bytemuck::{Zeroable, bytes_of};
use lottery_indexer::decoder::{Args, BatchItem, DecodeError, Decoded, account_names, decode};
use lottery_interface::{
    accounts::{
        DrawRules, DrawTier, InstantPrize, InstantRules, KenoRules, PredictionRange, PredictionRules,
        RaffleRules,
    },
    address,
    args::{AttestArgs, BeaconArgs, ConfigArgs, LimitsArgs, LotteryArgs, RegistryArgs, SessionArgs},
    instructions::{self as ix, Item, TokenSide},
    kinds::Role,
    tags,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn decoded(instruction: &Instruction) -> Decoded {
    let accounts: Vec<Pubkey> = instruction.accounts.iter().map(|meta| meta.pubkey).collect();
    decode(&instruction.data, &accounts).unwrap()
}

fn limits() -> LimitsArgs {
    LimitsArgs {
        max_stake_units: u64::MAX,
        min_stake_units: 8,
        page_budget_units: 9,
        max_liability_units: 10,
        page_entries: 1,
        max_pages: 2,
        max_entries_per_round: 3,
        max_entries_per_player: 4,
        period_seconds: 5,
        reward_step_lamports: 6,
        reward_item_lamports: 7,
        lock_offset_seconds: 8,
    }
}

fn config() -> ConfigArgs {
    ConfigArgs { stake_units: u64::MAX, fee_bps: 9, kind: 1, source: 2, ..Zeroable::zeroed() }
}

fn draw_rules() -> DrawRules {
    let mut rules = DrawRules { picks: 6, numbers: 49, rollover: 1, tier_count: 1, ..Zeroable::zeroed() };
    rules.tiers[0] = DrawTier { matches: 6, bonus: 0, share_bps: 10_000 };
    rules
}

/// One of each, with what it must decode to.
fn all() -> Vec<(Instruction, Args)> {
    let (a, b, mint) = (key(1), key(2), key(3));
    let (lottery, round) = (address::lottery(7).0, key(5));
    let registry = RegistryArgs { treasury: [4; 32], min_claim_seconds: 11, ..Zeroable::zeroed() };
    let session =
        SessionArgs { key: [6; 32], lotteries: [1, 2, 0, u64::MAX], expires_at: 12, limit_units: 13 };
    let about = LotteryArgs { name: [b'x'; 32], pauser: [1; 32], treasurer: [2; 32] };
    let beacon = BeaconArgs {
        public_key: [11; 128],
        chain_hash: [12; 32],
        genesis_at: 1_727_521_075,
        round: 1 << 40,
        period_seconds: 3,
        reserved: 0,
    };
    let attestation =
        AttestArgs { facts: [i64::MIN, 1, 2, 3, 4, 5, 6, i64::MAX], evidence: [14; 32], event_at: -15 };
    let rules = draw_rules();
    let rule_bytes = bytes_of(&rules).to_vec();
    let side = TokenSide { mint, token_program: address::TOKEN_2022_PROGRAM, tokens: b };
    let items =
        [Item { index: 7, wallet: a }, Item { index: 8, wallet: b }, Item { index: 70_000, wallet: a }];
    let list = [(7, 0), (8, 1), (70_000, 0)].map(|(index, wallet)| BatchItem { index, wallet });
    vec![
        (ix::init_registry(a, &registry), Args::Registry(registry)),
        (ix::update_registry(a, &registry), Args::Registry(registry)),
        (ix::propose_authority(a, b), Args::NextAuthority([2; 32])),
        (ix::accept_authority(b), Args::None),
        (ix::open_vault(a, mint, address::SPL_TOKEN_PROGRAM), Args::None),
        (ix::add_beacon(a, &beacon, &[3; 128]), Args::AddBeacon { args: beacon, proof: vec![3; 128] }),
        (ix::remove_beacon(a, mint, b), Args::None),
        (
            ix::verify_beacon(mint, u64::MAX, &[4; 128]),
            Args::BeaconProof { round: u64::MAX, proof: vec![4; 128] },
        ),
        (ix::create_oracle_set(a, &[key(9), key(3)]), Args::OracleSet { reporters: vec![[3; 32], [9; 32]] }),
        (ix::attest(a, round, b, mint, &attestation), Args::Attest(attestation)),
        (ix::open_wallet(a, b, mint), Args::None),
        (ix::deposit(a, side, 1 << 60), Args::AmountUnits(1 << 60)),
        (ix::withdraw(a, side, u64::MAX), Args::AmountUnits(u64::MAX)),
        (ix::set_session(a, mint, &session), Args::Session(session)),
        (ix::close_wallet(a, mint, b), Args::None),
        (
            ix::create_lottery(a, 7, mint, &about, &limits(), &config(), &rule_bytes),
            Args::CreateLottery {
                lottery: about,
                limits: limits(),
                config: config(),
                rules: rule_bytes.clone(),
            },
        ),
        (
            ix::update_config(a, 7, 1, &config(), &rule_bytes),
            Args::UpdateConfig { config: config(), rules: rule_bytes.clone() },
        ),
        (ix::update_limits(a, 7, &limits()), Args::Limits(limits())),
        (ix::activate_lottery(a, 7), Args::None),
        (ix::pause_lottery(a, 7, 3), Args::None),
        (ix::retire_lottery(a, 7), Args::None),
        (ix::propose_role(a, 7, Role::Pauser, b), Args::ProposeRole { role: Role::Pauser, next: [2; 32] }),
        (ix::accept_role(b, 7, Role::Treasurer), Args::AcceptRole { role: Role::Treasurer }),
        (ix::fund_jackpot(a, 7, mint, 14), Args::AmountUnits(14)),
        (ix::fund_bond(a, 7, mint, 15), Args::AmountUnits(15)),
        (ix::withdraw_bond(a, 7, mint, 16), Args::AmountUnits(16)),
        (ix::fund_bankroll(a, 7, mint, 1 << 50), Args::AmountUnits(1 << 50)),
        (ix::withdraw_bankroll(a, 7, mint, 20), Args::AmountUnits(20)),
        (ix::fund_crank(a, 7, 17), Args::AmountLamports(17)),
        (ix::withdraw_crank(a, 7, 18), Args::AmountLamports(18)),
        (ix::withdraw_fees(a, 7, mint, 19), Args::AmountUnits(19)),
        (ix::withdraw_treasury(a, 7, mint), Args::None),
        (ix::set_chain(a, 7, &[8; 32], 1 << 40), Args::Chain { commit: [8; 32], length: 1 << 40 }),
        (ix::advance_chain(7, &[10; 32], 99), Args::AdvanceChain { reveal: [10; 32], distance: 99 }),
        (ix::close_config(a, 7, 0, b), Args::None),
        (ix::close_lottery(a, 7, b), Args::None),
        (ix::open_round(a, lottery, b, 2), Args::None),
        (ix::open_page(a, lottery, round, 1), Args::None),
        (ix::grow_page(round, 1), Args::None),
        (
            ix::enter(a, b, round, mint, 3, &[1, 2, 3, 4, 5, 6]),
            Args::Enter { quick_picks: 3, tickets: vec![1, 2, 3, 4, 5, 6] },
        ),
        (ix::seal_page(a, round, 1), Args::None),
        (ix::capture(a, round), Args::None),
        (ix::post_value(a, round, Pubkey::default(), &[9; 32]), Args::PostValue { proof: vec![9; 32] }),
        (ix::post_value(a, round, mint, &[7; 128]), Args::PostValue { proof: vec![7; 128] }),
        (ix::prove_early(a, round, mint, 9, &[5; 128]), Args::BeaconProof { round: 9, proof: vec![5; 128] }),
        (ix::draw(a, round, b), Args::None),
        (ix::settle(a, round, b, 1, 500), Args::Settle { limit: 500 }),
        (ix::finalise(a, lottery, round, b), Args::None),
        (ix::pay(a, round, 1, &items), Args::Items(list.to_vec())),
        (ix::void_round(a, lottery, round), Args::None),
        (ix::refund(a, round, 1, &items), Args::Items(list.to_vec())),
        (ix::retime_round(a, lottery, b, round, 3), Args::None),
        (ix::expire_round(a, lottery, round), Args::None),
        (ix::open_ranking(a, round, u64::MAX, 1, 2), Args::OpenRanking { key: u64::MAX, page: 1, index: 2 }),
        (ix::grow_ranking(b), Args::None),
        (ix::count_ranking(round, b, 1, 600), Args::CountRanking { limit: 600 }),
        (ix::accept_ranking(a, round, b, mint), Args::None),
        (ix::sort_ranking(a, round, b, &[0, 59_999]), Args::SortRanking { places: vec![0, 59_999] }),
        (ix::close_ranking(a, round, b, mint), Args::None),
        (ix::confirm_place(a, b, lottery, round, mint, 1, 699), Args::Rank(699)),
        (ix::resolve_places(a, lottery, round, b, 1, &[3, 700]), Args::Ranks(vec![3, 700])),
        (ix::promote_place(a, round, b, 700), Args::Rank(700)),
        (ix::close_page(a, round, 1, b), Args::None),
        (ix::close_round(a, lottery, round, b), Args::None),
    ]
}

#[test]
fn every_instruction_decodes_back() {
    let mut seen = Vec::new();
    for (instruction, args) in all().into_iter().chain(switchboard()) {
        let found = decoded(&instruction);
        assert_eq!(found.tag, instruction.data[0]);
        assert_eq!(Some(found.name), tags::name(found.tag));
        assert_eq!(found.args, args, "{}", found.name);
        seen.push(found.tag);
    }
    for (tag, name) in tags::ALL {
        assert!(seen.contains(tag), "{name} is not tested");
        assert!(!account_names(*tag).is_empty(), "{name} has no account layout");
    }
}

/// The layout's `*` are exactly the writable accounts of the program that builders mark, so none is forgotten when
/// accounts are read again.
#[test]
fn every_account_that_changes_is_read_again() {
    for (instruction, _) in all() {
        let found = decoded(&instruction);
        let touched: Vec<Pubkey> = found.touched().map(|(key, _)| key).collect();
        let names = account_names(found.tag);
        for (place, meta) in instruction.accounts.iter().enumerate() {
            let name = names.get(place).map_or("*", |name| name);
            let outside =
                ["tokens", "vault_tokens", "rent_payer", "submitter"].contains(&name) || meta.is_signer;
            let expected = meta.is_writable && !outside;
            assert_eq!(
                touched.contains(&meta.pubkey) && name.ends_with('*'),
                expected,
                "{} {place} {name}",
                found.name
            );
        }
    }
}

#[test]
fn accounts_have_their_names() {
    let round = key(5);
    let found = decoded(&ix::enter(key(1), key(2), round, key(3), 1, &[]));
    assert_eq!(found.account("wallet"), Some(key(2)));
    assert_eq!(found.account("page"), Some(key(3)));
    assert_eq!(found.account("round"), Some(round));
    assert_eq!(found.account("lottery"), None);
    let found = decoded(&ix::pause_lottery(key(1), 7, 3));
    let lottery = address::lottery(7).0;
    assert_eq!(found.nth_account("round", 0), Some(address::round(&lottery, 2).0));
    assert_eq!(found.nth_account("round", 1), Some(address::round(&lottery, 1).0));
    let items = [Item { index: 1, wallet: key(8) }];
    assert_eq!(decoded(&ix::pay(key(1), round, 0, &items)).rest(), [key(8)]);
}

#[test]
fn beacons_are_told_by_name() {
    let args = BeaconArgs { chain_hash: [12; 32], round: u64::MAX, ..Zeroable::zeroed() };
    let add = decoded(&ix::add_beacon(key(1), &args, &[3; 128]));
    assert_eq!(add.account("beacon"), Some(address::beacon(&[12; 32]).0));
    assert_eq!(add.args_json()["chain_hash"], "0c".repeat(32));
    assert_eq!(add.args_json()["round"], u64::MAX.to_string());
    let early = decoded(&ix::prove_early(key(1), key(2), key(3), 9, &[5; 128]));
    assert_eq!((early.account("round"), early.account("beacon")), (Some(key(2)), Some(key(3))));
    assert_eq!(early.args_json()["round"], "9");
    assert_eq!(early.args_json()["proof"], "05".repeat(128));
}

#[test]
fn amounts_are_strings_in_json() {
    let json = decoded(&ix::fund_jackpot(key(1), 7, key(3), u64::MAX)).args_json();
    assert_eq!(json["amount_units"], "18446744073709551615");
    let rules = draw_rules();
    let about = LotteryArgs { name: [0; 32], pauser: [1; 32], treasurer: [2; 32] };
    let create = ix::create_lottery(key(1), 7, key(3), &about, &limits(), &config(), bytes_of(&rules));
    let json = decoded(&create).args_json();
    assert_eq!(json["name"], "");
    assert_eq!(json["config"]["stake_units"], "18446744073709551615");
    assert_eq!(json["config"]["rules"]["tiers"][0]["share_bps"], 10_000);
}

fn created(kind: u8, rules: &[u8]) -> serde_json::Value {
    let about = LotteryArgs { name: [0; 32], pauser: [1; 32], treasurer: [2; 32] };
    let config = ConfigArgs { kind, ..config() };
    decoded(&ix::create_lottery(key(1), 7, key(3), &about, &limits(), &config, rules)).args_json()
}

#[test]
fn rules_of_house_games_have_names_in_json() {
    let mut keno = KenoRules { rtp_min_bps: 9_000, rtp_max_bps: 9_500, ..Zeroable::zeroed() };
    keno.paytable_bps[3][2..5].copy_from_slice(&[10_000, 40_000, 1_200_000]);
    let json = created(2, bytes_of(&keno));
    assert_eq!(json["limits"]["max_stake_units"], "18446744073709551615");
    assert_eq!(json["limits"]["max_liability_units"], "10");
    assert_eq!(json["config"]["kind"], "keno");
    let rules = serde_json::json!({
        "rtp_min_bps": 9_000,
        "rtp_max_bps": 9_500,
        "spots": [{ "spots": 4, "prizes": [
            { "matches": 2, "multiplier_bps": 10_000 },
            { "matches": 3, "multiplier_bps": 40_000 },
            { "matches": 4, "multiplier_bps": 1_200_000 },
        ] }],
    });
    assert_eq!(json["config"]["rules"], rules);

    let mut instant = InstantRules { rtp_min_bps: 1, rtp_max_bps: 2, prize_count: 2, ..Zeroable::zeroed() };
    instant.prizes[0] = InstantPrize { parts: 1 << 30, multiplier_bps: 20_000 };
    instant.prizes[1] = InstantPrize { parts: 3 << 30, multiplier_bps: 0 };
    let rules = serde_json::json!({
        "rtp_min_bps": 1,
        "rtp_max_bps": 2,
        "prizes": [
            { "parts": 1_073_741_824u64, "multiplier_bps": 20_000 },
            { "parts": 3_221_225_472u64, "multiplier_bps": 0 },
        ],
    });
    assert_eq!(created(3, bytes_of(&instant))["config"]["rules"], rules);
    // A kind that this version does not know: its bytes.
    assert_eq!(created(9, &[1, 254])["config"]["rules"], "01fe");
}

#[test]
fn markets_have_names_in_json() {
    let rules = PredictionRules {
        oracles: [7; 32],
        minimum: i64::MIN,
        maximum: 34,
        event_delay_seconds: 600,
        mode: 2,
        outcome_count: 2,
        mapping: 2,
        fact_count: 3,
        subject: 0b101,
        quorum: 2,
        reporter_count: 3,
        range_count: 2,
        ..Zeroable::zeroed()
    };
    let ranges = [PredictionRange { low: i64::MIN, high: 0 }, PredictionRange { low: 1, high: 34 }];
    let bytes = [bytes_of(&rules), bytes_of(&ranges)].concat();
    let mut expected = serde_json::json!({
        "oracles": key(7).to_string(),
        "quorum": 2,
        "reporter_count": 3,
        "event_delay_seconds": 600,
        "mode": "parimutuel",
        "outcome_count": 2,
        "mapping": {
            "kind": "ranges",
            "fact_count": 3,
            "subject": [0, 2],
            "other": [],
            "tie": null,
            "minimum": "-9223372036854775808",
            "maximum": "34",
            "ranges": [
                { "low": "-9223372036854775808", "high": "0" },
                { "low": "1", "high": "34" },
            ],
        },
    });
    let json = created(4, &bytes);
    assert_eq!(json["config"]["rules"], expected);
    assert_eq!(json["limits"]["lock_offset_seconds"], 8);
    let compare = PredictionRules { mapping: 5, other: 0b10, tie: 1, range_count: 0, ..rules };
    expected["mapping"]["kind"] = "compare".into();
    expected["mapping"]["other"] = serde_json::json!([1]);
    expected["mapping"]["tie"] = 1.into();
    expected["mapping"]["ranges"] = serde_json::json!([]);
    assert_eq!(created(4, bytes_of(&compare))["config"]["rules"], expected);
    // Rules that no program would have taken stay bytes.
    let cut = &bytes[..bytes.len() - 1];
    assert!(created(4, cut)["config"]["rules"].is_string());

    let attestation = AttestArgs { facts: [i64::MAX, 0, 0, 0, 0, 0, 0, -1], evidence: [10; 32], event_at: 9 };
    let json = decoded(&ix::attest(key(1), key(5), key(2), key(3), &attestation)).args_json();
    assert_eq!(json["facts"], serde_json::json!(["9223372036854775807", "0", "0", "0", "0", "0", "0", "-1"]));
    assert_eq!(json["evidence"], "0a".repeat(32));
    assert_eq!(json["event_at"], 9);
    let json = decoded(&ix::create_oracle_set(key(1), &[key(9), key(3)])).args_json();
    assert_eq!(json["reporters"], serde_json::json!([key(3).to_string(), key(9).to_string()]));
}

#[test]
fn raffles_have_names_in_json() {
    let mut rules = RaffleRules {
        root: [7; 32],
        capacity: 700,
        waiting: 300,
        leaf_count: 10_000,
        confirm_seconds: 86_400,
        penalty_bps: 2_500,
        depth: 14,
        mode: 1,
        ..Zeroable::zeroed()
    };
    let mut expected = serde_json::json!({
        "root": "07".repeat(32),
        "capacity": 700,
        "waiting": 300,
        "leaf_count": 10_000,
        "confirm_seconds": 86_400,
        "penalty_bps": 2_500,
        "depth": 14,
        "mode": "weighted",
        "prizes_bps": [],
    });
    assert_eq!(created(5, bytes_of(&rules))["config"]["rules"], expected);
    (rules.mode, rules.prize_count) = (2, 2);
    rules.prizes_bps[..2].copy_from_slice(&[6_000, 4_000]);
    expected["mode"] = "first_come".into();
    expected["prizes_bps"] = serde_json::json!([6_000, 4_000]);
    assert_eq!(created(5, bytes_of(&rules))["config"]["rules"], expected);
    assert!(created(5, &bytes_of(&rules)[..87])["config"]["rules"].is_string());

    let open = decoded(&ix::open_ranking(key(1), key(5), u64::MAX, 1, 2));
    assert_eq!(open.account("ranking"), Some(address::ranking(&key(5), &key(1)).0));
    assert_eq!(open.args_json()["key"], u64::MAX.to_string());
    let resolve = decoded(&ix::resolve_places(key(1), key(2), key(5), key(3), 1, &[3, 700]));
    assert_eq!(resolve.args_json()["ranks"], serde_json::json!([3, 700]));
}

/// Bytes after the arguments change nothing for the program, so they change nothing here.
#[test]
fn bytes_after_the_arguments_are_ignored() {
    let mut instruction = ix::settle(key(1), key(5), key(2), 1, 500);
    instruction.data.extend_from_slice(&[1, 2, 3]);
    assert_eq!(decoded(&instruction).args, Args::Settle { limit: 500 });
}

#[test]
fn poison_is_named() {
    let keys = [key(1); 8];
    assert_eq!(decode(&[], &keys), Err(DecodeError::Empty));
    assert_eq!(decode(&[200], &keys), Err(DecodeError::UnknownTag(200)));
    let short = DecodeError::TooShort { name: "settle", at: 1, need: 4, have: 2 };
    assert_eq!(decode(&[tags::SETTLE, 1, 2], &keys), Err(short));
    // A length that promises more than there is.
    let long = DecodeError::TooShort { name: "enter", at: 6, need: 255, have: 1 };
    assert_eq!(decode(&[tags::ENTER, 1, 255, 0, 0, 0, 9], &keys), Err(long));
    let few = DecodeError::MissingAccounts { name: "enter", need: 4, have: 3 };
    assert_eq!(decode(&[tags::ENTER, 1, 0, 0, 0, 0], &keys[..3]), Err(few));
    assert_eq!(
        decode(&[tags::ACCEPT_ROLE, 9], &keys),
        Err(DecodeError::UnknownRole { name: "accept_role", role: 9 })
    );
}

#[test]
fn switchboards_accounts_follow_ours() {
    let (reveal, _) = switchboard().remove(2);
    let accounts: Vec<Pubkey> = reveal.accounts.iter().map(|meta| meta.pubkey).collect();
    let decoded = decode(&reveal.data, &accounts).unwrap();
    assert_eq!(decoded.touched().collect::<Vec<_>>(), [(key(5), false)], "the round alone is ours");
    assert_eq!(decoded.accounts[4], key(6), "the randomness account comes first");
}

/// The three calls of Switchboard.
fn switchboard() -> Vec<(Instruction, Args)> {
    let deployment = ix::Switchboard { program: key(1), queue: key(2), program_state: key(3) };
    let oracle = ix::OracleReveal { signature: [7; 64], recovery_id: 1, value: [8; 32] };
    let (a, round, randomness) = (key(4), key(5), key(6));
    vec![
        (
            ix::init_randomness(a, round, &deployment, randomness, key(7), key(8), key(9), 55),
            Args::InitRandomness { recent_slot: 55 },
        ),
        (ix::commit_randomness(a, round, &deployment, randomness, key(7)), Args::None),
        (
            ix::reveal_randomness(a, round, &deployment, randomness, key(7), key(8), key(9), &oracle),
            Args::RevealRandomness { signature: [7; 64], recovery_id: 1, value: [8; 32] },
        ),
    ]
}
