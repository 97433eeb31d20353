//! The IDL that the program was built with against `lottery_interface`: tags, accounts, arguments, layouts, events
//! and errors, byte for byte. Where one definition cannot serve both, this test keeps them equal.

use std::collections::HashMap;

use bytemuck::Pod;
use lottery_interface::{events, tags};
use lottery_rules::hash::{Sha256, Software};
use program_tests::{
    AccountLayout, Instruction, LotteryError, Money, Pubkey, Spec, World,
    accounts::{
        self, Attestation, Beacon, Config, Lottery, OracleSet, Page, RaffleState, RankedEntry, Ranking,
        Registry, Round, RoundUse, Vault, Wallet,
    },
    address, args,
    beacon::{own_address, own_args},
    chain, ix,
    kinds::Role,
    market::{numbers, reporters},
    raffle::places,
};
use serde_json::Value;

fn idl() -> Value {
    let path = chain::artifact("lottery_v4.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("the IDL is JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().expect("a name")
}

/// Types of the IDL, by name.
fn types(idl: &Value) -> HashMap<&str, &Value> {
    list(idl, "types").iter().map(|definition| (name(definition), definition)).collect()
}

/// Bytes of a type of the IDL.
fn size(kind: &Value, types: &HashMap<&str, &Value>) -> usize {
    match kind.as_str() {
        Some("u8" | "i8" | "bool") => 1,
        Some("u16") => 2,
        Some("u32") => 4,
        Some("u64" | "i64") => 8,
        Some("pubkey") => 32,
        Some(other) => panic!("a type that no layout has: {other}"),
        None => match (&kind["array"], &kind["defined"]["name"]) {
            (Value::Array(array), _) => {
                size(&array[0], types) * array[1].as_u64().expect("a length") as usize
            }
            (_, Value::String(defined)) => {
                let fields = list(&types[defined.as_str()]["type"], "fields");
                fields.iter().map(|field| size(&field["type"], types)).sum()
            }
            other => panic!("a type that no layout has: {other:?}"),
        },
    }
}

/// A field as the interface has it: name, bytes, and whether it is a signed number.
type Field = (String, usize, bool);

/// The fields of a layout, seen through its `Debug`: which field's text changes tells whose byte it is.
fn fields<T: Pod + std::fmt::Debug>() -> Vec<Field> {
    let texts = |value: &T| -> Vec<(String, String)> {
        let text = format!("{value:?}");
        let body = &text[text.find('{').expect("a struct") + 1..text.len() - 1];
        split(body)
    };
    let zero = texts(&T::zeroed());
    let mut fields: Vec<Field> = zero.iter().map(|(name, _)| (name.clone(), 0, false)).collect();
    let mut last = 0;
    for byte in 0..size_of::<T>() {
        let mut value = T::zeroed();
        bytemuck::bytes_of_mut(&mut value)[byte] = 255;
        let changed: Vec<usize> = texts(&value)
            .iter()
            .zip(&zero)
            .enumerate()
            .filter(|(_, (a, b))| a != b)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(changed.len(), 1, "byte {byte} belongs to one field");
        assert!(changed[0] >= last, "fields lie in order");
        last = changed[0];
        fields[last].1 += 1;
    }
    let mut ones = T::zeroed();
    bytemuck::bytes_of_mut(&mut ones).fill(255);
    for (field, (_, text)) in fields.iter_mut().zip(texts(&ones)) {
        field.2 = text == "-1";
    }
    fields
}

/// Splits `a: 1, b: [2, 3]` at the top level into names and values.
fn split(body: &str) -> Vec<(String, String)> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    let mut take = |part: &str| {
        if let Some((name, value)) = part.split_once(": ") {
            parts.push((name.trim().to_string(), value.trim().to_string()));
        }
    };
    for (at, letter) in body.char_indices() {
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                take(&body[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    take(&body[from..]);
    parts
}

#[track_caller]
fn same_layout<T: Pod + std::fmt::Debug>(name: &str, idl: &Value) {
    let types = types(idl);
    let definition = types.get(name).unwrap_or_else(|| panic!("the IDL has no {name}"));
    let stored: Vec<Field> = list(&definition["type"], "fields")
        .iter()
        .map(|field| {
            let signed = field["type"].as_str().is_some_and(|kind| kind.starts_with('i'));
            (self::name(field).to_string(), size(&field["type"], &types), signed)
        })
        .collect();
    assert_eq!(stored, fields::<T>(), "{name}");
}

#[test]
fn layouts_are_the_same() {
    let idl = idl();
    same_layout::<Beacon>("Beacon", &idl);
    same_layout::<Config>("Config", &idl);
    same_layout::<Lottery>("Lottery", &idl);
    same_layout::<OracleSet>("OracleSet", &idl);
    same_layout::<Page>("Page", &idl);
    same_layout::<Ranking>("Ranking", &idl);
    same_layout::<Registry>("Registry", &idl);
    same_layout::<Round>("Round", &idl);
    same_layout::<RoundUse>("RoundUse", &idl);
    same_layout::<Vault>("Vault", &idl);
    same_layout::<Wallet>("Wallet", &idl);
    same_layout::<args::RegistryArgs>("RegistryArgs", &idl);
    same_layout::<args::BeaconArgs>("BeaconArgs", &idl);
    same_layout::<args::LotteryArgs>("LotteryArgs", &idl);
    same_layout::<args::LimitsArgs>("LimitsArgs", &idl);
    same_layout::<args::ConfigArgs>("ConfigArgs", &idl);
    same_layout::<args::SessionArgs>("SessionArgs", &idl);
    same_layout::<args::AttestArgs>("AttestArgs", &idl);
    same_layout::<events::Attested>("Attested", &idl);
    same_layout::<events::Entered>("Entered", &idl);
    same_layout::<events::Moved>("Moved", &idl);
    same_layout::<events::PlaceChanged>("PlaceChanged", &idl);
    same_layout::<events::RoundChanged>("RoundChanged", &idl);
    same_layout::<events::Paid>("Paid", &idl);
}

#[test]
fn the_reflection_of_this_test_sees_what_it_should() {
    let expected = [("matches", 1), ("bonus", 1), ("share_bps", 2)];
    let seen = fields::<accounts::DrawTier>();
    assert_eq!(seen.iter().map(|(name, size, _)| (name.as_str(), *size)).collect::<Vec<_>>(), expected);
    let seen = fields::<RoundUse>();
    assert_eq!(seen[2], ("locks_at".to_string(), 8, true));
    assert_eq!(fields::<accounts::Entry>().iter().map(|(_, size, _)| size).sum::<usize>(), 64);
}

#[test]
fn discriminators_are_the_same() {
    let idl = idl();
    let stored: HashMap<&str, Vec<u8>> = list(&idl, "accounts")
        .iter()
        .map(|account| {
            (name(account), serde_json::from_value(account["discriminator"].clone()).expect("bytes"))
        })
        .collect();
    let ours: HashMap<&str, Vec<u8>> = HashMap::from([
        ("Beacon", Beacon::DISCRIMINATOR.to_vec()),
        ("Config", Config::DISCRIMINATOR.to_vec()),
        ("Lottery", Lottery::DISCRIMINATOR.to_vec()),
        ("OracleSet", OracleSet::DISCRIMINATOR.to_vec()),
        ("Page", Page::DISCRIMINATOR.to_vec()),
        ("Ranking", Ranking::DISCRIMINATOR.to_vec()),
        ("Registry", Registry::DISCRIMINATOR.to_vec()),
        ("Round", Round::DISCRIMINATOR.to_vec()),
        ("Vault", Vault::DISCRIMINATOR.to_vec()),
        ("Wallet", Wallet::DISCRIMINATOR.to_vec()),
    ]);
    assert_eq!(stored, ours);

    let mut stored: Vec<(String, Vec<u8>)> = list(&idl, "events")
        .iter()
        .map(|event| {
            (name(event).to_string(), serde_json::from_value(event["discriminator"].clone()).expect("bytes"))
        })
        .collect();
    stored.sort();
    let ours = ["Attested", "Entered", "Moved", "Paid", "PlaceChanged", "RoundChanged"]
        .map(|name| (name.to_string(), Software::hashv(&[b"event:", name.as_bytes()])[..8].to_vec()));
    assert_eq!(stored, ours);
}

#[test]
fn errors_are_the_same() {
    let idl = idl();
    let stored: Vec<(u64, &str, &str)> = list(&idl, "errors")
        .iter()
        .map(|error| (error["code"].as_u64().unwrap(), name(error), error["msg"].as_str().unwrap()))
        .collect();
    let ours: Vec<(u64, &str, &str)> =
        LotteryError::ALL.iter().map(|error| (error.code() as u64, error.name(), error.message())).collect();
    assert_eq!(stored, ours);
}

/// One instruction of each builder, and how many of its accounts and data bytes are of variable count.
fn samples() -> Vec<(Instruction, usize, usize)> {
    let switchboard = program_tests::switchboard::deployment();
    let reveal = program_tests::switchboard::oracle_reveal(&Pubkey::default(), 1);
    let key = |byte| Pubkey::new_from_array([byte; 32]);
    let (a, b, c, mint) = (key(1), key(2), key(3), key(4));
    let spec = Spec::default();
    let rules = spec.rules_bytes();
    let lottery = args::LotteryArgs { name: [0; 32], pauser: [1; 32], treasurer: [2; 32] };
    let registry = World::bare().registry_args();
    let session = args::SessionArgs { key: [1; 32], lotteries: [1; 4], expires_at: 1, limit_units: 1 };
    let side = ix::TokenSide { mint, token_program: b, tokens: c };
    let attest = args::AttestArgs { facts: [1; 8], evidence: [1; 32], event_at: 1 };
    let item = ix::Item { index: 0, wallet: c };
    let mut all = vec![
        (ix::create_lottery(a, 1, mint, &lottery, &spec.limits, &spec.config, rules), 0, rules.len()),
        (ix::update_config(a, 1, 1, &spec.config, rules), 0, rules.len()),
        (ix::enter(a, b, c, mint, 1, &[1, 2, 3]), 0, 3),
        (ix::post_value(a, b, c, &[7; 128]), 0, 128),
        (ix::prove_early(a, b, c, 9, &[7; 128]), 0, 128),
        (ix::add_beacon(a, &own_args(), &[7; 128]), 0, 128),
        (ix::verify_beacon(a, 9, &[7; 128]), 0, 128),
        (ix::create_oracle_set(a, &reporters(3)), 0, 96),
        (ix::pay(a, b, 0, &[item]), 1, 5),
        (ix::refund(a, b, 0, &[item]), 1, 5),
        (ix::sort_ranking(a, b, c, &[1, 2, 3]), 0, 6),
        (ix::resolve_places(a, b, c, mint, 0, &[1, 2]), 0, 4),
        (ix::retime_round(a, b, c, mint, 2), 2, 0),
        (ix::init_randomness(a, b, &switchboard, c, mint, a, b, 9), 13, 0),
        (ix::commit_randomness(a, b, &switchboard, c, mint), 5, 0),
        (ix::reveal_randomness(a, b, &switchboard, c, mint, a, b, &reveal), 12, 0),
    ];
    let fixed = [
        ix::init_registry(a, &registry),
        ix::update_registry(a, &registry),
        ix::propose_authority(a, b),
        ix::accept_authority(a),
        ix::remove_beacon(a, b, c),
        ix::open_vault(a, mint, b),
        ix::open_wallet(a, b, mint),
        ix::deposit(a, side, 1),
        ix::withdraw(a, side, 1),
        ix::set_session(a, mint, &session),
        ix::close_wallet(a, mint, b),
        ix::update_limits(a, 1, &spec.limits),
        ix::activate_lottery(a, 1),
        ix::pause_lottery(a, 1, 5),
        ix::retire_lottery(a, 1),
        ix::propose_role(a, 1, Role::Operator, b),
        ix::accept_role(a, 1, Role::Operator),
        ix::fund_jackpot(a, 1, mint, 1),
        ix::fund_bond(a, 1, mint, 1),
        ix::withdraw_bond(a, 1, mint, 1),
        ix::fund_crank(a, 1, 1),
        ix::withdraw_crank(a, 1, 1),
        ix::withdraw_fees(a, 1, mint, 1),
        ix::withdraw_treasury(a, 1, mint),
        ix::set_chain(a, 1, &[1; 32], 1),
        ix::advance_chain(1, &[1; 32], 1),
        ix::fund_bankroll(a, 1, mint, 1),
        ix::withdraw_bankroll(a, 1, mint, 1),
        ix::close_config(a, 1, 0, b),
        ix::close_lottery(a, 1, b),
        ix::open_round(a, b, c, 0),
        ix::open_page(a, b, c, 0),
        ix::grow_page(a, 0),
        ix::attest(a, b, c, mint, &attest),
        ix::seal_page(a, b, 0),
        ix::capture(a, b),
        ix::draw(a, b, c),
        ix::settle(a, b, c, 0, 1),
        ix::finalise(a, b, c, mint),
        ix::void_round(a, b, c),
        ix::expire_round(a, b, c),
        ix::close_page(a, b, 0, c),
        ix::close_round(a, b, c, mint),
        ix::open_ranking(a, b, 1, 2, 3),
        ix::grow_ranking(a),
        ix::count_ranking(a, b, 0, 1),
        ix::accept_ranking(a, b, c, mint),
        ix::close_ranking(a, b, c, mint),
        ix::confirm_place(a, b, c, mint, a, 0, 1),
        ix::promote_place(a, b, c, 1),
    ];
    all.extend(fixed.into_iter().map(|instruction| (instruction, 0, 0)));
    all
}

#[test]
fn tags_are_the_same() {
    let idl = idl();
    let mut stored: Vec<(u8, &str)> = list(&idl, "instructions")
        .iter()
        .map(|instruction| {
            let discriminator = list(instruction, "discriminator");
            assert_eq!(discriminator.len(), 1, "one byte");
            (discriminator[0].as_u64().unwrap() as u8, name(instruction))
        })
        .filter(|(_, name)| *name != "selftest_math128")
        .collect();
    stored.sort();
    assert_eq!(stored, tags::ALL);
}

#[test]
fn builders_give_the_accounts_and_bytes_that_the_program_reads() {
    let idl = idl();
    let types = types(&idl);
    let samples = samples();
    assert_eq!(samples.len(), tags::ALL.len(), "one builder each");
    for (built, more_accounts, more_bytes) in samples {
        let tag = tags::name(built.data[0]).expect("a known tag");
        let stored =
            list(&idl, "instructions").iter().find(|stored| name(stored) == tag).expect("in the IDL");
        assert_eq!(built.program_id, address::PROGRAM_ID);

        let flag = |account: &Value, key: &str| account[key].as_bool().unwrap_or(false);
        let expected: Vec<(bool, bool)> = list(stored, "accounts")
            .iter()
            .map(|meta| (flag(meta, "signer"), flag(meta, "writable")))
            .collect();
        let named = &built.accounts[..built.accounts.len() - more_accounts];
        let given: Vec<(bool, bool)> = named.iter().map(|meta| (meta.is_signer, meta.is_writable)).collect();
        assert_eq!(given, expected, "accounts of {tag}: (signer, writable)");
        for (meta, account) in named.iter().zip(list(stored, "accounts")) {
            if let Some(fixed) = account["address"].as_str() {
                assert_eq!(meta.pubkey.to_string(), fixed, "{tag}: {}", name(account));
            }
        }
        // Wallets and pages. Switchboard's accounts have its own flags, which its stand-in checks.
        let ours = !tag.ends_with("_randomness");
        let rest = &built.accounts[named.len()..];
        assert!(!ours || rest.iter().all(|meta| meta.is_writable && !meta.is_signer));

        let bytes: usize = list(stored, "args")
            .iter()
            .map(|arg| if arg["type"].as_str() == Some("bytes") { 4 } else { size(&arg["type"], &types) })
            .sum();
        assert_eq!(built.data.len(), 1 + bytes + more_bytes, "bytes of {tag}");
    }
}

#[test]
fn accounts_on_the_chain_have_the_lengths_of_their_layouts() {
    let mut world = World::new();
    let game = world.create(Spec::default());
    let live = world.open(&game);
    let player = world.player(Money::Spl, 1);
    world.add_own_beacon();
    let len = |key| world.chain.data(key).len();
    assert_eq!(len(address::registry().0), Registry::LEN);
    assert_eq!(len(own_address()), Beacon::LEN);
    assert_eq!(len(address::vault(&world.spl).0), Vault::LEN);
    assert_eq!(len(player.wallet), Wallet::LEN);
    assert_eq!(len(game.key), Lottery::LEN);
    assert_eq!(len(live.config), Config::LEN + size_of::<accounts::DrawRules>());
    assert_eq!(len(live.key), Round::LEN);
    assert_eq!(len(live.page(0)), Page::LEN + 64 * size_of::<accounts::Entry>());

    let game = world.create(Spec::market(numbers(5)));
    let live = world.open(&game);
    let len = |key| world.chain.data(key).len();
    assert_eq!(len(address::oracle_set(&reporters(3)).0), OracleSet::LEN);
    assert_eq!(len(live.config), Config::LEN + size_of::<accounts::PredictionRules>());
    assert_eq!(len(live.key), Round::LEN + 5 * 8 + 3 * size_of::<Attestation>());
    assert_eq!(len(live.page(0)), Page::LEN + 64 * size_of::<accounts::Entry>() + 5 * 8);
}

#[test]
fn accounts_of_raffles_have_the_lengths_of_their_layouts() {
    let mut world = World::new();
    let raffle = world.listed(Spec::raffle(places(3, 2)).pages(65, 2), &[1; 130]);
    world.enter_list(&raffle);
    let live = raffle.live;
    world.to_settled(&live);
    let ranking = world.rank(&live);
    let len = |key| world.chain.data(key).len();
    assert_eq!(len(live.config), Config::LEN + size_of::<accounts::RaffleRules>());
    assert_eq!(len(live.key), Round::LEN + size_of::<RaffleState>());
    // A bit for each of 65 leaves takes two words.
    assert_eq!(len(live.page(1)), Page::LEN + 65 * size_of::<accounts::Entry>() + 2 * 8);
    assert_eq!(len(ranking), Ranking::LEN + 2 * 4 + 5 * size_of::<RankedEntry>());
}

#[test]
fn the_idl_names_the_program() {
    assert_eq!(idl()["address"].as_str(), Some(address::PROGRAM_ID.to_string().as_str()));
    assert!(chain::program_path().exists());
}
