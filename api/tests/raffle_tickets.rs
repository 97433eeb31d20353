//! Raffles: the transactions that enter and confirm, and what is said of those that cannot be built.

#[path = "support/bench.rs"]
mod bench;
#[path = "support/cluster.rs"]
mod cluster;
mod support;

use bench::{Bench, check};
use bytemuck::Zeroable;
use cluster::{NOW, STAKE};
use lottery_client::{
    Pubkey,
    raffle::{List, Person},
};
use lottery_interface::{
    accounts::{RaffleState, RankedEntry},
    address, instructions,
    kinds::{PlaceStatus, RoundStatus},
};
use serde_json::{Value, json};

const SOL: u64 = 1_000_000_000;

fn state(list: Option<&List>) -> RaffleState {
    let mut state =
        RaffleState { capacity: 1, waiting: 2, confirm_seconds: 60, mode: 1, ..Zeroable::zeroed() };
    if let Some(list) = list {
        state.root = list.root();
        state.leaf_count = list.people().len() as u32;
        state.depth = list.depth();
    }
    state
}

/// The player is the second of three.
fn list(bench: &Bench) -> List {
    let owners = [Pubkey::new_unique(), bench.owner(), Pubkey::new_unique()];
    let person = |owner| Person { owner, group: "members".into(), weight: 3 };
    List::new(1, owners.map(person).to_vec()).unwrap()
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_place_of_a_list_is_entered_for_with_its_proof() {
    let bench = Bench::start(SOL, Some(SOL)).await;
    let list = list(&bench);
    bench.cluster.raffle(RoundStatus::Open, &state(Some(&list)), &[], &[]);
    let proof = list.proof(1).unwrap();
    let hashes: Vec<_> = proof.iter().map(hex).collect();
    let one = |index: u32, weight: u32, proof: &[String]| json!({"lottery_id": 1, "tickets": [{"leaf_index": index, "weight": weight, "proof": proof}]});
    let (body, transaction) = bench.build("enter", one(1, 3, &hashes)).await;
    let bytes = [&1u32.to_le_bytes()[..], &3u32.to_le_bytes(), proof.as_flattened()].concat();
    check(&transaction, bench.owner(), &[bench.enter(0, &bytes)]);
    assert_eq!((&body["tickets"], &body["cost_units"]), (&json!(1), &json!(STAKE.to_string())));
    assert!(body["summary"].as_str().unwrap().contains("Enters for 1 place in round 0"), "{body}");

    assert_eq!(bench.refused("enter", one(0, 3, &hashes)).await, "ProofInvalid");
    assert_eq!(bench.refused("enter", one(1, 4, &hashes)).await, "ProofInvalid");
    assert_eq!(bench.refused("enter", one(1, 0, &hashes)).await, "WeightZero");
    assert_eq!(bench.refused("enter", one(1, 3, &hashes[1..])).await, "TicketLength");
    assert_eq!(bench.refused("enter", json!({"lottery_id": 1, "quick_picks": 1})).await, "ProofMissing");
    let half = json!({"lottery_id": 1, "tickets": [{"leaf_index": 1}]});
    assert_eq!(bench.refused("enter", half).await, "ProofMissing");
    for wrong in ["ab".to_owned(), "zz".repeat(32)] {
        let (status, _, body) =
            bench.service.post("/api/transactions/enter", bench.body(one(1, 3, &[wrong]))).await;
        assert_eq!((status, &body["type"]), (400, &json!("urn:lottery:problem:malformed")));
    }
}

#[tokio::test]
async fn places_open_to_everybody_are_a_count() {
    let bench = Bench::start(SOL, Some(SOL)).await;
    bench.cluster.raffle(RoundStatus::Open, &state(None), &[], &[]);
    let (body, transaction) = bench.build("enter", json!({"lottery_id": 1, "quick_picks": 2})).await;
    check(&transaction, bench.owner(), &[bench.enter(2, &[])]);
    assert!(body["summary"].as_str().unwrap().contains("Enters for 2 places"), "{body}");
    let leaf = json!({"lottery_id": 1, "tickets": [{"leaf_index": 0, "weight": 1, "proof": []}]});
    assert_eq!(bench.refused("enter", leaf).await, "TicketLength");
}

fn ranked(index: u32, status: PlaceStatus, offered_until: i64) -> RankedEntry {
    RankedEntry { key: index.into(), index, offered_until, status: status as u8, ..Zeroable::zeroed() }
}

fn rank(rank: u32) -> Value {
    json!({"lottery_id": 1, "round_index": 0, "rank": rank})
}

/// A final round with one place, which the player was offered, and two who wait.
fn drawn(
    bench: &Bench,
    status: RoundStatus,
    ranks: [(PlaceStatus, i64); 3],
    change: impl Fn(&mut RaffleState),
) {
    let wallet = address::wallet(&bench.owner(), &Pubkey::default()).0;
    let mut state = RaffleState { ranked: 3, ..state(None) };
    change(&mut state);
    let ranks: Vec<_> =
        (0..).zip(ranks).map(|(index, (status, until))| ranked(index, status, until)).collect();
    bench.cluster.raffle(status, &state, &[(wallet, 0), (wallet, 1), (Pubkey::new_unique(), 2)], &ranks);
}

fn confirmation(bench: &Bench, rank: u32) -> lottery_client::Instruction {
    let lottery = address::lottery(1).0;
    let round = address::round(&lottery, 0).0;
    let wallet = address::wallet(&bench.owner(), &Pubkey::default()).0;
    let ranking = address::ranking(&round, &Pubkey::default()).0;
    instructions::confirm_place(bench.owner(), wallet, lottery, round, ranking, 0, rank)
}

#[tokio::test]
async fn an_offered_place_is_confirmed_in_time() {
    use PlaceStatus::{Initial, Lapsed, Promoted, Taken};
    let bench = Bench::start(SOL, Some(SOL)).await;
    drawn(&bench, RoundStatus::Final, [(Initial, 0); 3], |_| {});
    let (body, transaction) = bench.build("confirm", rank(0)).await;
    check(&transaction, bench.owner(), &[confirmation(&bench, 0)]);
    assert_eq!((&body["rank"], &body["offered_until"]), (&json!(0), &json!(NOW + 50)));
    assert_eq!(bench.refused("confirm", rank(1)).await, "PlaceNotOffered");
    assert_eq!(bench.refused("confirm", rank(3)).await, "RankUnknown");
    let promoted = |state: &mut RaffleState| (state.lapsed, state.promoted) = (1, 1);
    drawn(&bench, RoundStatus::Final, [(Lapsed, 0), (Promoted, NOW + 7), (Initial, 0)], promoted);
    let (body, transaction) = bench.build("confirm", rank(1)).await;
    check(&transaction, bench.owner(), &[confirmation(&bench, 1)]);
    assert_eq!(body["offered_until"], json!(NOW + 7));
    assert_eq!(bench.refused("confirm", rank(0)).await, "ConfirmTooLate");
    drawn(&bench, RoundStatus::Final, [(Lapsed, 0), (Promoted, NOW), (Initial, 0)], promoted);
    assert_eq!(bench.refused("confirm", rank(1)).await, "ConfirmTooLate");
    drawn(&bench, RoundStatus::Final, [(Taken, 0), (Initial, 0), (Initial, 0)], |state| state.taken = 1);
    assert_eq!(bench.refused("confirm", rank(0)).await, "PlaceTaken");
}

#[tokio::test]
async fn what_cannot_be_confirmed_has_its_problem() {
    let bench = Bench::start(SOL, Some(SOL)).await;
    let first = [(PlaceStatus::Initial, 0); 3];
    drawn(&bench, RoundStatus::Final, first, |state| state.capacity = 3);
    assert_eq!(bench.refused("confirm", rank(2)).await, "WrongWallet");
    drawn(&bench, RoundStatus::Drawn, first, |_| {});
    assert_eq!(bench.refused("confirm", rank(0)).await, "NotFinal");
    drawn(&bench, RoundStatus::Final, first, |state| (state.prize_count, state.confirm_seconds) = (1, 0));
    assert_eq!(bench.refused("confirm", rank(0)).await, "PlaceNotOffered");
    bench.cluster.raffle(RoundStatus::Drawn, &state(None), &[], &[]);
    assert_eq!(bench.refused("confirm", rank(0)).await, "NotRanked");
    bench.cluster.round(NOW + 5);
    assert_eq!(bench.refused("confirm", rank(0)).await, "NotRaffle");
    let absent = json!({"lottery_id": 1, "round_index": 9, "rank": 0});
    bench.service.post_problem("/api/transactions/confirm", bench.body(absent), 404).await;
}
