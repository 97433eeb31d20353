//! Golden vectors. They are printed in `docs/RULES.md`, and this test computes them again: the page cannot drift
//! from the code, nor the code from what other implementations were checked against.

mod common;
#[path = "vectors/house.rs"]
mod house;
#[path = "vectors/prediction.rs"]
mod prediction;
#[path = "vectors/raffle.rs"]
mod raffle;

use lottery_rules::commit_reveal::{HashChain, value};
use lottery_rules::draw::{self, DrawRules, SplitInput, Tier};
use lottery_rules::hash::Software;
use lottery_rules::picks::{self, Picks, from_sorted, matches, numbers};
use lottery_rules::seed::{self, Domain, Stream};

const PAGE: &str = include_str!("../../../docs/RULES.md");

/// 32 bytes counting up from `first`.
fn bytes(first: u8) -> [u8; 32] {
    core::array::from_fn(|i| first + i as u8)
}

fn list(picks: Picks, bonus: u8) -> String {
    let numbers: Vec<String> = numbers(picks).map(|n| n.to_string()).collect();
    match bonus {
        0 => numbers.join(" "),
        bonus => format!("{} + {bonus}", numbers.join(" ")),
    }
}

/// The lines between "```text vectors: <name>" and "```".
fn printed(name: &str) -> String {
    let start = format!("```text vectors: {name}\n");
    let (_, rest) =
        PAGE.split_once(&start).unwrap_or_else(|| panic!("docs/RULES.md has no vectors {name:?}"));
    rest.split_once("```").unwrap().0.to_string()
}

#[track_caller]
fn check(name: &str, lines: &[(&str, String)]) {
    let computed: String = lines.iter().map(|(key, value)| format!("{key:<16} {value}\n")).collect();
    assert_eq!(printed(name), computed, "\ncomputed:\n{computed}");
}

fn sealed() -> [[u8; 32]; 3] {
    let first = seed::page_digest::<Software>(&[0; 32], &[1; 64]);
    let page = seed::page_digest::<Software>(&first, &[2; 128]);
    let sealed = seed::fold_page::<Software>(&[0; 32], &page, 0, 3);
    [first, page, sealed]
}

fn round_seed() -> [u8; 32] {
    seed::round_seed::<Software>(&bytes(0), &bytes(32), &sealed()[2])
}

#[test]
fn seed_of_a_round() {
    let [first, page, sealed] = sealed();
    let seed = round_seed();
    let head = seed::history_head::<Software>(&[0; 32], 7, &seed, &bytes(64));
    check(
        "seed",
        &[
            ("after entry 0", hex::encode(first)),
            ("page digest", hex::encode(page)),
            ("sealed digest", hex::encode(sealed)),
            ("round seed", hex::encode(seed)),
            ("history head", hex::encode(head)),
        ],
    );
}

#[test]
fn streams() {
    let seed = round_seed();
    let stream = |domain| Stream::<Software>::new(&seed, domain);
    let mut bytes = stream(Domain::Draw);
    let block: Vec<u8> = (0..40).map(|_| bytes.next_u8()).collect();
    let mut below = stream(Domain::Draw);
    let below: Vec<String> = (0..12).map(|_| below.below(49).to_string()).collect();
    check(
        "stream",
        &[
            ("40 bytes", hex::encode(block)),
            ("next_u64", stream(Domain::Draw).next_u64().to_string()),
            ("below(49)", below.join(" ")),
            ("below_u64(10^6)", stream(Domain::Instant).below_u64(1_000_000).to_string()),
        ],
    );
}

#[test]
fn draws() {
    let seed = round_seed();
    let show = |k, n, bonus| {
        let drawn = draw::draw::<Software>(&seed, k, n, bonus);
        list(drawn.picks, drawn.bonus)
    };
    let mut quick = picks::quick_pick_stream::<Software>(&bytes(96), &bytes(128), 5);
    let mut next = || {
        let (picks, bonus) = draw::quick_pick(&mut quick, 5, 69, 26);
        list(picks, bonus)
    };
    let (first, second) = (next(), next());
    check(
        "draw",
        &[
            ("6/49", show(6, 49, 0)),
            ("5/69 + 1/26", show(5, 69, 26)),
            ("7/10", show(7, 10, 0)),
            ("20/128 + 1/128", show(20, 128, 128)),
            ("quick pick 1", first),
            ("quick pick 2", second),
        ],
    );
}

#[test]
fn hash_chain() {
    let chain = HashChain::new(&bytes(0), 1_000).unwrap();
    let link = |p| hex::encode(chain.link(p).unwrap());
    check(
        "chain",
        &[
            ("r_0", hex::encode(chain.commit())),
            ("r_1", link(1)),
            ("r_2", link(2)),
            ("r_1000", link(1_000)),
            ("value of r_1", hex::encode(value::<Software>(&chain.link(1).unwrap(), &bytes(32)))),
        ],
    );
}

/// The worked example of the page, from tickets to payouts.
#[test]
fn worked_round() {
    let tier = |matches, bonus, share_bps| Tier { matches, bonus, share_bps };
    let tiers = [tier(6, 0, 5_000), tier(5, 0, 2_000), tier(4, 0, 1_800), tier(3, 0, 1_200)];
    let rules =
        DrawRules { picks: 6, numbers: 49, bonus_numbers: 0, rollover: true, fee_bps: 500, tiers: &tiers };
    rules.validate(1_000).unwrap();

    let drawn = draw::draw::<Software>(&round_seed(), 6, 49, 0);
    let ticket = from_sorted(&[4, 8, 13, 37, 40, 44], 49).unwrap();
    let matched = matches(&drawn.picks, &ticket);
    let tier = draw::TierTable::new(&tiers).tier(matched, false);

    let shares = tiers.map(|t| t.share_bps);
    let input = SplitInput {
        pool: 1_000_003,
        jackpot: 250_777,
        entries: 1_000,
        fee_bps: 500,
        shares_bps: &shares,
        winners: &[0, 0, 3, 17],
        rollover: true,
        last_round: false,
    };
    let rolling = draw::split(&input).unwrap();
    let last = draw::split(&SplitInput { last_round: true, ..input }).unwrap();
    let nobody = draw::split(&SplitInput { last_round: true, winners: &[0; 4], ..input }).unwrap();
    let show = |split: draw::Split| {
        let prizes: Vec<String> = split.prize_each[..4].iter().map(|p| p.to_string()).collect();
        format!(
            "fee {}, prizes {}, jackpot {}, treasury {}",
            split.fee,
            prizes.join(" "),
            split.jackpot_next,
            split.to_treasury
        )
    };
    assert!(nobody.refund_all && !rolling.refund_all && !last.refund_all);
    check(
        "round",
        &[
            ("ticket", format!("{}: {matched} match, tier {tier}", list(ticket, 0))),
            ("rolling", show(rolling)),
            ("last round", show(last)),
            (
                "nobody won",
                format!("refund all, {} each on top, treasury {}", nobody.bonus_each, nobody.to_treasury),
            ),
        ],
    );
}
