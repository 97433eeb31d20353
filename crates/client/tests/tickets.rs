//! Tickets of each kind as bytes, what they cost, and every fault that is named before anyone signs.

use bytemuck::Zeroable;
use lottery_client::{
    QuickPicks, Ticket,
    enter::{Encoded, EnterError, Which, encode_tickets, largest_stake},
};
use lottery_interface::{Kind, accounts::Round};
use lottery_rules::{house, picks::PicksError};

const NONE: QuickPicks = QuickPicks { count: 0, spots: None, stake_units: None };

fn draw(bonus_numbers: u8) -> Round {
    let kind = Kind::Draw as u8;
    Round { kind, picks: 3, numbers: 10, bonus_numbers, stake_units: 100, ..Round::zeroed() }
}

/// Stakes of 10 to 500 units; a ticket may win 100,000 and a page 1,600,000.
fn house(kind: Kind, max_multiplier_bps: [u32; 10]) -> Round {
    Round {
        kind: kind as u8,
        min_stake_units: 10,
        max_stake_units: 500,
        page_budget_units: 1_600_000,
        max_liability_units: 3_200_000,
        max_multiplier_bps,
        ..Round::zeroed()
    }
}

/// 1, 4 and 10 spots, for 3, 100 and 10,000 stakes at most.
fn keno() -> Round {
    house(Kind::Keno, [30_000, 0, 0, 1_000_000, 0, 0, 0, 0, 0, 100_000_000])
}

/// 50 stakes at most.
fn instant() -> Round {
    house(Kind::Instant, [500_000, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

fn ticket(numbers: &[u8], stake_units: Option<u64>) -> Ticket {
    Ticket { numbers: numbers.to_vec(), stake_units, ..Ticket::default() }
}

fn quick(count: u8, spots: Option<u8>, stake_units: Option<u64>) -> QuickPicks {
    QuickPicks { count, spots, stake_units }
}

fn refused(tickets: &[Ticket], quick_picks: &QuickPicks, round: &Round) -> EnterError {
    encode_tickets(tickets, quick_picks, round).unwrap_err()
}

fn stake_and(units: u64, rest: &[u8]) -> Vec<u8> {
    [&units.to_le_bytes(), rest].concat()
}

#[test]
fn draw_tickets_are_numbers_and_a_bonus_ball() {
    let encoded = encode_tickets(&[ticket(&[9, 1, 4], None)], &quick(2, None, None), &draw(0)).unwrap();
    let expected =
        Encoded { bytes: vec![1, 4, 9], quick_picks: 2, count: 3, cost_units: 300, ..Encoded::default() };
    assert_eq!(encoded, expected);
    let with_bonus = Ticket { bonus: Some(4), ..ticket(&[1, 2, 3], Some(100)) };
    assert_eq!(encode_tickets(&[with_bonus], &NONE, &draw(4)).unwrap().bytes, [1, 2, 3, 4]);
}

#[test]
fn faults_of_draw_tickets_are_named() {
    for bad in [[1, 1, 2].as_slice(), &[0, 1, 2], &[1, 2], &[1, 2, 11]] {
        let error = refused(&[ticket(bad, None)], &NONE, &draw(0));
        assert!(matches!(error, EnterError::Numbers { ticket: 1, picks: 3, numbers: 10, .. }), "{error}");
    }
    let bonus = |bonus| Ticket { bonus, ..ticket(&[1, 2, 3], None) };
    assert_eq!(refused(&[bonus(Some(1))], &NONE, &draw(0)), EnterError::NoBonusDrum { ticket: 1 });
    for wrong in [None, Some(0), Some(5)] {
        let error = refused(&[bonus(Some(1)), bonus(wrong)], &NONE, &draw(4));
        assert_eq!(error, EnterError::Bonus { ticket: 2, bonus_numbers: 4 });
    }
    let fixed = |which| EnterError::StakeFixed { which, price_units: 100 };
    assert_eq!(refused(&[ticket(&[1, 2, 3], Some(99))], &NONE, &draw(0)), fixed(Which::Ticket(1)));
    assert_eq!(refused(&[], &quick(1, None, Some(101)), &draw(0)), fixed(Which::QuickPicks));
    assert_eq!(refused(&[], &quick(1, Some(3), None), &draw(0)), EnterError::NoSpots);
    let dear = Round { stake_units: u64::MAX, ..draw(0) };
    assert_eq!(refused(&[], &quick(2, None, None), &dear), EnterError::Overflow);
}

#[test]
fn keno_tickets_carry_their_stake_and_spots() {
    let tickets = [ticket(&[80, 1, 64, 7], Some(25)), ticket(&[65], Some(500))];
    let encoded = encode_tickets(&tickets, &quick(3, Some(4), Some(10)), &keno()).unwrap();
    let expected =
        [stake_and(25, &[4, 1, 7, 64, 80]), stake_and(500, &[1, 65]), stake_and(10, &[4])].concat();
    assert_eq!(encoded.bytes, expected);
    assert_eq!((encoded.quick_picks, encoded.count), (3, 5));
    assert_eq!(encoded.cost_units, 25 + 500 + 3 * 10);
    assert_eq!(encoded.liability_units, 25 * 100 + 500 * 3 + 3 * 10 * 100);
}

#[test]
fn spots_must_be_offered() {
    let not_offered = |which, spots| EnterError::SpotsNotOffered { which, spots, offered: vec![1, 4, 10] };
    let eleven: Vec<u8> = (1..=11).collect();
    for (numbers, spots) in [([].as_slice(), 0), (&[1, 2], 2), (&eleven, 11), (&[1; 300], 255)] {
        let error = refused(&[ticket(numbers, Some(10))], &NONE, &keno());
        assert_eq!(error, not_offered(Which::Ticket(1), spots));
    }
    let missing = refused(&[], &quick(1, None, Some(10)), &keno());
    assert_eq!(missing, not_offered(Which::QuickPicks, 0));
    assert_eq!(missing.to_string(), "quick picks: no spots are given, choose one of 1, 4, 10");
    let wrong = refused(&[], &quick(1, Some(200), Some(10)), &keno());
    assert_eq!(wrong.to_string(), "quick picks: 200 spots are not offered, choose one of 1, 4, 10");
}

#[test]
fn keno_numbers_run_from_1_to_80() {
    for (numbers, reason) in [
        ([0, 1, 2, 3], PicksError::OutOfRange),
        ([1, 2, 3, 81], PicksError::OutOfRange),
        ([5, 2, 3, 5], PicksError::Repeated),
    ] {
        let error = refused(&[ticket(&numbers, Some(10))], &NONE, &keno());
        assert_eq!(error, EnterError::Numbers { ticket: 1, reason, picks: 4, numbers: 80 });
    }
    let bonus = Ticket { bonus: Some(1), ..ticket(&[1], Some(10)) };
    assert_eq!(refused(&[bonus], &NONE, &keno()), EnterError::NoBonusDrum { ticket: 1 });
}

#[test]
fn stakes_are_said_and_within_the_limits() {
    let (min_units, max_units) = (10, 500);
    for (round, numbers, spots) in [(keno(), vec![1], Some(1)), (instant(), vec![], None)] {
        let missing = |which| EnterError::StakeMissing { which, min_units, max_units };
        assert_eq!(refused(&[ticket(&numbers, None)], &NONE, &round), missing(Which::Ticket(1)));
        assert_eq!(refused(&[], &quick(1, spots, None), &round), missing(Which::QuickPicks));
        for stake_units in [0, 9, 501, u64::MAX] {
            let out = |which| EnterError::StakeOutOfRange { which, stake_units, min_units, max_units };
            let tickets = [ticket(&numbers, Some(10)), ticket(&numbers, Some(stake_units))];
            assert_eq!(refused(&tickets, &NONE, &round), out(Which::Ticket(2)));
            assert_eq!(refused(&[], &quick(1, spots, Some(stake_units)), &round), out(Which::QuickPicks));
        }
        assert!(encode_tickets(&[ticket(&numbers, Some(500))], &NONE, &round).is_ok());
    }
}

#[test]
fn one_ticket_may_win_a_sixteenth_of_the_page() {
    // 10,000 stakes: 100,000 units are won with a stake of 10.
    let ten: Vec<u8> = (1..=10).collect();
    assert!(encode_tickets(&[ticket(&ten, Some(10))], &NONE, &keno()).is_ok());
    let error = refused(&[ticket(&ten, Some(11))], &NONE, &keno());
    let expected = EnterError::PrizeAboveShare {
        which: Which::Ticket(1),
        stake_units: 11,
        largest_units: 10,
        min_units: 10,
    };
    assert_eq!(error, expected);
    assert!(error.to_string().contains("the largest stake possible is 10 units"), "{error}");
    let small = Round { page_budget_units: 1_599_999, ..keno() };
    let error = refused(&[], &quick(1, Some(10), Some(10)), &small);
    assert!(error.to_string().contains("choose another number of spots"), "{error}");
}

#[test]
fn the_largest_stake_is_the_last_that_fits() {
    for (budget, multiplier) in [(1_600_000, 30_000), (1_600_007, 70_001), (16, 9_999), (u64::MAX, u32::MAX)]
    {
        let round = Round { page_budget_units: budget, max_stake_units: u64::MAX, ..Round::zeroed() };
        let largest = largest_stake(&round, multiplier);
        let fits =
            |stake| house::prize(stake, multiplier).is_some_and(|prize| prize <= house::max_prize(budget));
        assert!(fits(largest) && !fits(largest + 1), "{budget} {multiplier}: {largest}");
    }
    let round = Round { page_budget_units: u64::MAX, max_stake_units: u64::MAX, ..Round::zeroed() };
    assert_eq!(largest_stake(&round, 1), u64::MAX);
    assert_eq!(largest_stake(&Round { max_stake_units: 7, ..round }, 1), 7);
}

#[test]
fn tickets_together_must_fit_a_page() {
    // 50 stakes each: 25,000 units, and 20 of them 500,000.
    let round = Round { page_budget_units: 400_000, ..instant() };
    let twenty = quick(20, None, Some(500));
    let error = refused(&[], &twenty, &round);
    assert_eq!(error, EnterError::PrizesAbovePage { liability_units: 500_000, budget_units: 400_000 });
    assert!(encode_tickets(&[], &quick(16, None, Some(500)), &round).is_ok());
}

#[test]
fn instant_tickets_are_stakes() {
    let tickets = [ticket(&[], Some(10)), ticket(&[], Some(20))];
    let chosen = encode_tickets(&tickets, &NONE, &instant()).unwrap();
    assert_eq!(chosen.bytes, [stake_and(10, &[]), stake_and(20, &[])].concat());
    assert_eq!((chosen.count, chosen.cost_units, chosen.liability_units), (2, 30, 1_500));
    let with_quick = encode_tickets(&tickets[..1], &quick(3, None, Some(40)), &instant()).unwrap();
    assert_eq!(with_quick.bytes, [stake_and(10, &[]), stake_and(40, &[])].concat());
    assert_eq!((with_quick.quick_picks, with_quick.count, with_quick.cost_units), (3, 4, 130));
    assert_eq!(refused(&[ticket(&[1], Some(10))], &NONE, &instant()), EnterError::NoNumbers { ticket: 1 });
    let bonus = Ticket { bonus: Some(1), ..ticket(&[], Some(10)) };
    assert_eq!(refused(&[bonus], &NONE, &instant()), EnterError::NoBonusDrum { ticket: 1 });
    assert_eq!(refused(&[], &quick(1, Some(4), Some(10)), &instant()), EnterError::NoSpots);
}

/// 2 to 128 outcomes; the limits of stakes are those of the house games above.
fn market(outcome_count: u8) -> Round {
    Round {
        kind: Kind::Prediction as u8,
        min_stake_units: 10,
        max_stake_units: 500,
        outcome_count,
        ..Round::zeroed()
    }
}

fn bet(outcome: u8, stake_units: u64) -> Ticket {
    Ticket { outcome: Some(outcome), ..ticket(&[], Some(stake_units)) }
}

#[test]
fn bets_are_a_stake_and_an_outcome() {
    let encoded = encode_tickets(&[bet(0, 10), bet(127, 500)], &NONE, &market(128)).unwrap();
    assert_eq!(encoded.bytes, [stake_and(10, &[0]), stake_and(500, &[127])].concat());
    assert_eq!((encoded.quick_picks, encoded.count), (0, 2));
    // Nobody but the other players covers a bet.
    assert_eq!((encoded.cost_units, encoded.liability_units), (510, 0));
}

#[test]
fn faults_of_bets_are_named() {
    let fault = |second: Ticket| refused(&[bet(1, 10), second], &NONE, &market(3));
    assert_eq!(fault(bet(3, 10)), EnterError::OutcomeUnknown { ticket: 2, outcome: 3, outcomes: 3 });
    assert_eq!(fault(bet(3, 10)).to_string(), "ticket 2: the market has no outcome 3, choose 0 to 2");
    assert_eq!(fault(ticket(&[], Some(10))), EnterError::OutcomeMissing { ticket: 2, outcomes: 3 });
    assert_eq!(fault(Ticket { numbers: vec![1], ..bet(0, 10) }), EnterError::OnlyOutcome { ticket: 2 });
    assert_eq!(fault(Ticket { bonus: Some(1), ..bet(0, 10) }), EnterError::OnlyOutcome { ticket: 2 });
    let (which, min_units, max_units) = (Which::Ticket(2), 10, 500);
    let unsaid = Ticket { stake_units: None, ..bet(0, 10) };
    assert_eq!(fault(unsaid), EnterError::StakeMissing { which, min_units, max_units });
    for stake_units in [0, 9, 501, u64::MAX] {
        let expected = EnterError::StakeOutOfRange { which, stake_units, min_units, max_units };
        assert_eq!(fault(bet(0, stake_units)), expected);
    }
    let quick = refused(&[bet(0, 10)], &quick(1, None, Some(10)), &market(3));
    assert_eq!(quick, EnterError::NoQuickPicks);
}

#[test]
fn only_markets_have_outcomes() {
    for (round, numbers) in [(draw(0), [1, 2, 3].as_slice()), (keno(), &[1]), (instant(), &[])] {
        let stray = Ticket { outcome: Some(0), ..ticket(numbers, Some(100)) };
        let tickets = [ticket(numbers, Some(100)), stray];
        assert_eq!(refused(&tickets, &NONE, &round), EnterError::NoOutcomes { ticket: 2 });
    }
}

#[test]
fn one_to_twenty_tickets_of_a_known_kind() {
    let one = ticket(&[], Some(10));
    assert_eq!(refused(&[], &NONE, &instant()), EnterError::TicketCount(0));
    let many = vec![one.clone(); 20];
    assert!(encode_tickets(&many, &NONE, &instant()).is_ok());
    assert_eq!(refused(&many, &quick(1, None, Some(10)), &instant()), EnterError::TicketCount(21));
    for kind in [0, 99] {
        let round = Round { kind, ..instant() };
        assert_eq!(refused(std::slice::from_ref(&one), &NONE, &round), EnterError::UnknownKind(kind));
    }
}

#[test]
fn tickets_travel_as_json() {
    let read = |json: &str| serde_json::from_str::<Ticket>(json);
    assert_eq!(read(r#"{"stake_units": "18446744073709551615"}"#).unwrap(), ticket(&[], Some(u64::MAX)));
    assert_eq!(read(r#"{"numbers": [3], "stake_units": 5}"#).unwrap(), ticket(&[3], Some(5)));
    assert_eq!(read(r#"{"stake_units": null}"#).unwrap(), Ticket::default());
    for bad in [r#"{"stake_units": "1.5"}"#, r#"{"stake_units": -1}"#, r#"{"stake_units": ""}"#] {
        assert!(read(bad).is_err(), "{bad}");
    }
    let json = serde_json::to_value(ticket(&[3], Some(5))).unwrap();
    assert_eq!(json, serde_json::json!({"numbers": [3], "stake_units": "5"}));
    assert_eq!(read(r#"{"outcome": 3, "stake_units": "10"}"#).unwrap(), bet(3, 10));
    assert!(read(r#"{"outcome": 256, "stake_units": "10"}"#).is_err());
}
