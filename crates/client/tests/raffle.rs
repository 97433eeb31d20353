//! Lists of who may enter a raffle: the tree, the file, tickets, and the page that they go to.

use bytemuck::Zeroable;
use lottery_client::{
    Clock, EnterContext, EnterRequest, Fetched, PlayerState, Pubkey, QuickPicks, Ticket,
    enter::{EnterError, RaffleError, check_raffle, encode_tickets},
    raffle::{List, ListError, Membership, Order, Person, Standing},
};
use lottery_interface::{
    Kind,
    accounts::{AccountLayout, Lottery, Page, RaffleState, RankedEntry, Round, Vault, raffle_state},
    address,
    kinds::{LotteryStatus, PageStatus, PlaceStatus, RoundStatus, VaultKind},
};
use lottery_rules::{
    hash::Software,
    raffle::merkle::{self, Leaf, NO_LEAF},
};

fn owner(number: u32) -> Pubkey {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    bytes.into()
}

fn people(count: u32) -> Vec<Person> {
    let weight = |i: u32| [1, 3, 10][i as usize % 3];
    let group = |i: u32| ["C", "B", "A"][i as usize % 3].to_string();
    (0..count).map(|i| Person { owner: owner(i), group: group(i), weight: weight(i) }).collect()
}

fn list(count: u32) -> List {
    List::new(7, people(count)).unwrap()
}

fn file(list: &List) -> String {
    let mut bytes = Vec::new();
    list.write(&mut bytes, || {}).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The whole tree, with every empty place, as docs/RULES.md says it.
fn root_of(list: &List) -> [u8; 32] {
    let lottery = address::lottery(list.lottery_id()).0.to_bytes();
    let mut level = vec![NO_LEAF; 1 << list.depth()];
    for ((index, person), place) in (0u32..).zip(list.people()).zip(&mut level) {
        let leaf = Leaf { lottery, index, owner: person.owner.to_bytes(), weight: person.weight };
        *place = leaf.hash::<Software>();
    }
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| merkle::node::<Software>(&pair[0], &pair[1])).collect();
    }
    level[0]
}

#[test]
fn every_person_has_a_proof() {
    let lottery = address::lottery(7).0;
    for (count, depth) in
        [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4), (16, 4), (17, 5), (33, 6), (1_000, 10)]
    {
        let list = list(count);
        assert_eq!((list.depth(), list.root()), (depth, root_of(&list)), "{count} people");
        for index in 0..count {
            let membership = list.membership(&owner(index)).unwrap();
            assert_eq!((membership.index, membership.proof.len()), (index, depth.into()));
            assert_eq!(membership.root(&lottery, &owner(index)), list.root());
            // Nobody else's, and in no other lottery.
            assert_ne!(membership.root(&lottery, &owner(count)), list.root());
            assert_ne!(membership.root(&address::lottery(8).0, &owner(index)), list.root());
        }
        assert_eq!((list.proof(count), list.membership(&owner(count))), (None, None));
    }
}

/// The example of docs/RULES.md.
#[test]
fn a_proof_is_that_of_the_rules() {
    let bytes = |from: u8| std::array::from_fn::<u8, 32, _>(|i| from.wrapping_add(i as u8));
    let hash = |text: &str| -> [u8; 32] { hex::decode(text).unwrap().try_into().unwrap() };
    let proof = vec![
        hash("633e319010a9da374fbfe375d108dab541542cb3cf5b4854416e30ad97f7baee"),
        hash("cfe38e797f295dadb7659095a296cad467efc77c4fed499d8f35cfa4d395a1d8"),
        hash("9a74b7a510e7b86012ce3e96da9ecf8437b003f43bb1369f3ecca1ef4aa0559c"),
    ];
    let membership = Membership { index: 2, weight: 3, proof };
    let root = membership.root(&bytes(160).into(), &bytes(64).into());
    assert_eq!(root, hash("c24f6f30821903200fd82a4a70bece11872c5a35d6fb217c07bc7b95348177d1"));
}

#[test]
fn what_is_no_list_is_refused() {
    let with = |change: fn(&mut Vec<Person>)| {
        let mut people = people(5);
        change(&mut people);
        List::new(7, people).unwrap_err()
    };
    assert_eq!(with(Vec::clear), ListError::Empty);
    assert_eq!(with(|people| people[3].weight = 0), ListError::WeightZero(3));
    assert_eq!(
        with(|people| people[4].owner = owner(1)),
        ListError::Twice { owner: owner(1), first: 1, second: 4 }
    );
    assert_eq!(
        with(|people| people[3].weight = 2),
        ListError::TwoWeights { group: "C".into(), first: 1, second: 2 }
    );
    let error = List::new(7, people((1 << 20) + 1)).unwrap_err();
    assert_eq!(error, ListError::TooMany((1 << 20) + 1));
}

#[test]
fn the_file_is_one_json_document_and_always_the_same() {
    for count in [1, 5, 100] {
        let list = list(count);
        let text = file(&list);
        assert_eq!(text, file(&List::new(7, people(count)).unwrap()));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["lottery_id"], "7");
        assert_eq!(value["root"], hex::encode(list.root()));
        assert_eq!(value["people"].as_array().unwrap().len(), count as usize);
        assert_eq!(value["people"][0]["owner"], owner(0).to_string());
        // A head, a line for each person, an end.
        assert_eq!(text.lines().count(), count as usize + 2);
        let read = List::read(&text).unwrap();
        assert_eq!((read.root(), read.people()), (list.root(), list.people()));
    }
}

#[test]
fn a_changed_file_is_found_out() {
    let (list, text) = (list(5), file(&list(5)));
    let root = hex::encode(list.root());
    let sibling = hex::encode(list.proof(2).unwrap()[0]);
    let cases = [
        ("\"index\":3", "\"index\":4", "index 4"),
        ("\"weight\":10,\"proof\"", "\"weight\":11,\"proof\"", "root"),
        (&owner(2).to_string(), &owner(9).to_string(), "root"),
        (&owner(2).to_string(), "me", "not an address"),
        (&root, &"00".repeat(32), "the list says root"),
        (&sibling, &"11".repeat(32), "ProofInvalid: the proof of person 2"),
        ("\"depth\":3", "\"depth\":4", "the list says depth 4, and its people make 3"),
        ("\"lottery_id\":\"7\"", "\"lottery_id\":\"8\"", "the list says lottery"),
        ("\"leaf_count\":5", "\"leaf_count\":6", "the list says leaf_count 6"),
        ("{\"A\":10", "{\"A\":11", "the list says groups"),
        ("lottery_v4/list/1", "lottery_v4/list/2", "the list says format"),
        ("]}\n", "", "no list"),
    ];
    for (from, to, words) in cases {
        assert!(text.contains(from), "{from}");
        let error = List::read(&text.replacen(from, to, 1)).expect_err(words).to_string();
        assert!(error.contains(words), "{from} -> {to} says: {error}");
    }
}

const STAKE: u64 = 100;

/// A round of lottery 7 for these people, 4 on a page.
fn round(list: Option<&List>) -> Fetched<Round> {
    let lottery = address::lottery(7).0;
    let state = RaffleState {
        root: list.map_or([0; 32], List::root),
        depth: list.map_or(0, List::depth),
        leaf_count: list.map_or(0, |list| list.people().len() as u32),
        capacity: 2,
        mode: 1,
        ..RaffleState::zeroed()
    };
    let account = Round {
        lottery: lottery.to_bytes(),
        kind: Kind::Raffle as u8,
        status: RoundStatus::Open as u8,
        stake_units: STAKE,
        page_entries: 4,
        locks_at: 2_000,
        lock_slot: 10_000,
        ..Round::zeroed()
    };
    let mut data = Round::DISCRIMINATOR.to_vec();
    data.extend(bytemuck::bytes_of(&account));
    data.extend(bytemuck::bytes_of(&state));
    assert_eq!(raffle_state(&data), Some(state));
    let space = data.len();
    Fetched { address: address::round(&lottery, 0).0, account, lamports: 1, slot: 1, space, data }
}

fn fetched<T>(address: Pubkey, account: T) -> Fetched<T> {
    Fetched { address, account, lamports: 1, slot: 1, space: 0, data: vec![] }
}

fn ticket(leaf: Membership) -> Ticket {
    Ticket { leaf: Some(leaf), ..Ticket::default() }
}

fn quick(count: u8) -> QuickPicks {
    QuickPicks { count, ..QuickPicks::default() }
}

#[test]
fn a_ticket_is_leaf_weight_and_proof() {
    let list = list(9);
    let round = round(Some(&list));
    let leaf = list.membership(&owner(5)).unwrap();
    let encoded = encode_tickets(&[ticket(leaf.clone())], &quick(0), &round).unwrap();
    let proof = list.proof(5).unwrap().concat();
    assert_eq!(encoded.bytes, [&5u32.to_le_bytes()[..], &10u32.to_le_bytes(), &proof].concat());
    assert_eq!((encoded.count, encoded.cost_units, encoded.page_sequence), (1, STAKE, Some(1)));
    let open = encode_tickets(&[], &quick(3), &round).unwrap();
    assert_eq!((open.bytes.len(), open.quick_picks, open.cost_units), (0, 3, 3 * STAKE));

    let refused = |tickets: &[Ticket], count| encode_tickets(tickets, &quick(count), &round).unwrap_err();
    let one = ticket(leaf);
    assert_eq!(refused(&[one.clone(), one.clone()], 0), RaffleError::OnePlace.into());
    assert_eq!(refused(std::slice::from_ref(&one), 1), RaffleError::OnePlace.into());
    assert_eq!(refused(&[Ticket::default()], 0), RaffleError::ProofMissing.into());
    assert_eq!(refused(&[Ticket { numbers: vec![1], ..one.clone() }], 0), RaffleError::NoNumbers.into());
    assert!(matches!(
        refused(&[Ticket { stake_units: Some(99), ..one.clone() }], 0),
        EnterError::StakeFixed { .. }
    ));
    let draw = Round { kind: Kind::Draw as u8, ..Round::zeroed() };
    assert_eq!(encode_tickets(&[one], &quick(0), &draw), Err(RaffleError::NoRaffle.into()));
}

#[test]
fn only_the_right_proof_enters() {
    let list = list(9);
    let with = round(Some(&list));
    let state = with.raffle_state().unwrap();
    let good = list.membership(&owner(5)).unwrap();
    let check = |leaf: &Membership, by: u32| {
        check_raffle(&[ticket(leaf.clone())], &with, &state, &owner(by)).map_err(|error| match error {
            EnterError::Raffle(error) => error,
            other => panic!("{other}"),
        })
    };
    let invalid = |by: u32| Err(RaffleError::ProofInvalid { owner: owner(by) });
    assert_eq!(check(&good, 5), Ok(()));
    assert_eq!(check(&good, 6), invalid(6));
    assert_eq!(check(&Membership { weight: 11, ..good.clone() }, 5), invalid(5));
    assert_eq!(check(&Membership { index: 4, ..good.clone() }, 5), invalid(5));
    // The same way up, one turn of the tree further.
    assert_eq!(check(&Membership { index: 5 + 16, ..good.clone() }, 5), invalid(5));
    assert_eq!(check(&Membership { weight: 0, ..good.clone() }, 5), Err(RaffleError::WeightZero));
    let mut short = good.clone();
    short.proof.pop();
    assert_eq!(check(&short, 5), Err(RaffleError::ProofLength { hashes: 3, depth: 4 }));
    assert_eq!(check_raffle(&[], &with, &state, &owner(5)), Err(RaffleError::ProofMissing.into()));
    let open = round(None);
    let state = open.raffle_state().unwrap();
    assert_eq!(check_raffle(&[], &open, &state, &owner(5)), Ok(()));
    assert_eq!(check_raffle(&[ticket(good)], &open, &state, &owner(5)), Err(RaffleError::NoList.into()));
}

#[test]
fn a_leaf_goes_to_its_own_page() {
    let list = list(9);
    let context = |pages: &[u32]| {
        let page = |sequence: &u32| {
            let status = PageStatus::Open as u8;
            fetched(
                address::page(&round(None).address, *sequence).0,
                Page { sequence: *sequence, capacity: 4, status, ..Page::zeroed() },
            )
        };
        let lottery = Lottery { id: 7, status: LotteryStatus::Active as u8, ..Lottery::zeroed() };
        let vault = Vault { kind: VaultKind::Native as u8, ..Vault::zeroed() };
        EnterContext {
            lottery: fetched(address::lottery(7).0, lottery),
            vault: fetched(address::vault(&Pubkey::default()).0, vault),
            rounds: vec![(round(Some(&list)), pages.iter().map(page).collect())],
            clock: Clock { slot: 1, unix_timestamp: 1_000 },
        }
    };
    let player = PlayerState { wallet: None, outside_units: 1_000 };
    let request = |index: u32, by: u32| EnterRequest {
        lottery_id: 7,
        owner: owner(by),
        session_key: None,
        tickets: vec![ticket(list.membership(&owner(index)).unwrap())],
        quick_picks: quick(0),
        round_index: None,
    };
    for index in 0..9 {
        let plan = context(&[0, 1, 2]).plan(&player, &request(index, index)).unwrap();
        assert_eq!((plan.page_sequence, plan.tickets, plan.cost_units), (index / 4, 1, STAKE));
    }
    let late = context(&[0, 2]).plan(&player, &request(5, 5)).unwrap_err();
    assert_eq!(late, RaffleError::PageMissing(1).into());
    let mut full = context(&[0, 1, 2]);
    full.rounds[0].1[1].account.count = 4;
    assert_eq!(full.plan(&player, &request(5, 5)).unwrap_err(), RaffleError::LeafUsed.into());
    assert!(full.plan(&player, &request(8, 8)).is_ok());
    let foreign = context(&[0, 1, 2]).plan(&player, &request(5, 6)).unwrap_err();
    assert_eq!(foreign, RaffleError::ProofInvalid { owner: owner(6) }.into());
}

/// Two places, two who wait; rank 1 lapsed, rank 2 was promoted.
#[test]
fn standings_follow_the_ranking() {
    let entry = |index: u32, status: PlaceStatus, offered_until| RankedEntry {
        key: index.into(),
        page: 1,
        index,
        offered_until,
        status: status as u8,
        reserved: [0; 7],
    };
    let mut order = Order {
        state: RaffleState {
            capacity: 2,
            waiting: 2,
            ranked: 4,
            confirm_seconds: 60,
            is_ranked: 1,
            lapsed: 1,
            promoted: 1,
            ..RaffleState::zeroed()
        },
        is_final: true,
        final_at: 1_000,
        ranked: vec![
            entry(5, PlaceStatus::Initial, 0),
            entry(6, PlaceStatus::Lapsed, 0),
            entry(7, PlaceStatus::Promoted, 1_200),
            entry(8, PlaceStatus::Initial, 0),
        ],
    };
    let all = |order: &Order| [0, 1, 2, 3].map(|rank| order.standing(Some(rank)));
    assert_eq!(
        all(&order),
        [
            Standing::Offered { until: 1_060 },
            Standing::Lapsed,
            Standing::Offered { until: 1_200 },
            Standing::Waiting { position: 1 },
        ]
    );
    assert_eq!((order.rank_of(1, 8), order.rank_of(0, 8)), (Some(3), None));
    assert_eq!((order.offered_until(2), order.offered_until(3)), (Some(1_200), None));
    assert_eq!(order.standing(None), Standing::Beyond);
    order.state.promoted = 0;
    assert_eq!(order.standing(Some(3)), Standing::Waiting { position: 2 });
    order.ranked[3].status = PlaceStatus::Released as u8;
    assert_eq!(order.standing(Some(3)), Standing::Released);
    order.is_final = false;
    assert_eq!(all(&order), [Standing::Ranked; 4]);
    order.is_final = true;
    order.state.prize_count = 4;
    assert_eq!(all(&order), [Standing::Prize; 4]);
    order.state = RaffleState { prize_count: 0, confirm_seconds: 0, ..order.state };
    assert_eq!(all(&order), [Standing::Taken; 4]);
    order.state.is_ranked = 0;
    assert_eq!(order.standing(Some(0)), Standing::Undecided);
}
