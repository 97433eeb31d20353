//! The quorum of a market, checked on the compiled program by exhaustion: oracle sets of one to five reporters, every quorum
//! that each may have, every order in which they can attest, void attempts and other configs at every point.
//!
//! Reporters attest values out of an alphabet of as many as there are reporters: more could not be told apart, because
//! each attests one at most. A state is who attested which value. What the program does next depends only on the round's
//! account, the clock and the instruction, and states that are reached in different orders must be the same account, byte
//! for byte. So a depth-first search that takes each instruction once from each state, the round's account saved before and
//! restored after, covers every order. No symmetry is needed: all of N = 5 is explored.
//! Only what must be refused, later times and other configs are asked of five reporters in fewer states, those that differ in
//! more than which value is which.
//!
//! At each state the program is compared with `lottery_rules::prediction::Quorum` and with a count of every completion, which
//! shares no code with either.

#[path = "prediction_quorum/explore.rs"]
mod explore;
#[path = "prediction_quorum/scene.rs"]
mod scene;

use lottery_rules::prediction::Quorum;

use explore::{Explorer, Seen};

/// Reporters of the largest oracle set.
const MOST: u8 = 5;

/// What each reporter attested, by place.
type Said = Vec<Option<u8>>;

/// As many as the reporters; a market has two outcomes at least.
fn values(quorum: Quorum) -> u8 {
    quorum.reporters.max(2)
}

fn quorums() -> impl Iterator<Item = Quorum> {
    let all =
        (1..=MOST).flat_map(|reporters| (1..=reporters).map(move |needed| Quorum { reporters, needed }));
    all.filter(|quorum| 2 * quorum.needed > quorum.reporters)
}

/// Every state, whether it can be reached or not.
fn all_states(quorum: Quorum) -> Vec<Said> {
    let mut all = vec![Vec::new()];
    for _ in 0..quorum.reporters {
        let longer = |said: &Said| {
            let with = |value| said.iter().copied().chain([value]).collect::<Said>();
            (0..values(quorum)).map(Some).chain([None]).map(with).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// How many reporters attested the value that most did.
fn most(quorum: Quorum, said: &[Option<u8>]) -> usize {
    let count = |value: u8| said.iter().filter(|other| **other == Some(value)).count();
    (0..values(quorum)).map(count).max().expect("two values at least")
}

/// What exploring must come to: states without a quorum are reached if no one of their values has one; those with a quorum if
/// one value has exactly as many as needed, since no attestation is accepted after that.
fn expected(quorum: Quorum) -> Seen {
    let mut seen = Seen::default();
    for said in all_states(quorum) {
        let missing = said.iter().filter(|value| value.is_none()).count();
        let most = most(quorum, &said);
        if most > quorum.needed as usize {
            continue;
        }
        seen.states += 1;
        if most == quorum.needed as usize {
            seen.decided += 1;
            continue;
        }
        seen.attested += (missing * values(quorum) as usize) as u64;
        seen.split += (most + missing < quorum.needed as usize) as u64;
    }
    seen
}

/// N, M; states, of them decided and split; attestations from one to another; orders of attestations that lead to an end.
const EXPLORED: [(u8, u8, u64, u64, u64, u64, u64); 9] = [
    (1, 1, 3, 2, 0, 2, 2),
    (2, 2, 9, 2, 2, 12, 8),
    (3, 2, 61, 27, 6, 117, 126),
    (3, 3, 64, 3, 42, 144, 162),
    (4, 3, 621, 64, 300, 1936, 5856),
    (4, 4, 625, 4, 564, 2000, 6144),
    (5, 3, 7646, 1250, 2820, 29_775, 331_500),
    (5, 4, 7771, 125, 6320, 32_275, 372_600),
    (5, 5, 7776, 5, 7620, 32_400, 375_000),
];

#[test]
fn every_order_of_attestations_on_the_program() {
    let mut explored = Vec::new();
    for quorum in quorums() {
        let mut explorer = Explorer::new(quorum);
        explorer.explore();
        let seen = explorer.seen;
        assert_eq!(seen, expected(quorum), "{quorum:?}");
        let orders = explorer.orders();
        println!("{quorum:?} {seen:?} {orders} orders, {} transactions", explorer.scene.sent);
        let Seen { states, decided, split, attested } = seen;
        explored.push((quorum.reporters, quorum.needed, states, decided, split, attested, orders));
    }
    assert_eq!(explored, EXPLORED);
}
