//! The budgets that the program must keep. `make bench-chain` prints the same numbers.

use program_tests::measure::{self, Number};

#[track_caller]
fn at_most(numbers: &[Number], name: &str, budget: u64) {
    let (_, value) = numbers.iter().find(|(n, _)| *n == name).expect("a measured name");
    assert!(*value <= budget, "{name}={value}, budget {budget}");
}

#[test]
fn enter_is_cheap() {
    let numbers = measure::enter();
    at_most(&numbers, "enter_1_cu", 1_500);
    at_most(&numbers, "enter_20_cu", 6_000);
}

#[test]
fn entering_house_games_is_cheap() {
    let numbers = measure::house::enter();
    at_most(&numbers, "enter_keno_cu", 1_800);
    at_most(&numbers, "enter_instant_cu", 1_500);
}

#[test]
fn house_games_settle_cheaply() {
    let numbers = measure::house::settle();
    at_most(&numbers, "settle_keno_cu_per_entry", 90);
    at_most(&numbers, "settle_keno_10_spots_cu_per_entry", 90);
    at_most(&numbers, "settle_instant_cu_per_entry", 250);
}

#[test]
fn many_winners_are_paid_in_one_transaction() {
    let numbers = measure::house::pay();
    at_most(&numbers, "pay_cu_per_winner", 400);
    at_most(&numbers, "pay_25_wire_len", 1_232);
    at_most(&numbers, "pay_most_wire_len", 1_232);
    let (_, most) = numbers.iter().find(|(name, _)| *name == "pay_winners_per_tx").expect("a measured name");
    assert!(*most >= 25, "{most} winners in a transaction");
}

#[test]
fn a_keno_round_of_twenty_takes_three_transactions() {
    let numbers = measure::house::keno_rounds();
    at_most(&numbers, "keno_round_cu", 60_000);
    at_most(&numbers, "keno_round_dearest_cu", 60_000);
    at_most(&numbers, "keno_round_txs", 3);
}

#[test]
fn betting_on_a_market_is_cheap() {
    at_most(&measure::market::enter(), "enter_prediction_cu", 1_500);
}

#[test]
fn markets_settle_cheaply() {
    at_most(&measure::market::settle(), "settle_prediction_cu_per_entry", 40);
}

#[test]
fn attesting_is_cheap_in_the_worst_case() {
    at_most(&measure::market::attest(), "attest_cu", 3_000);
}

#[test]
fn bets_are_paid_as_cheaply_as_prizes() {
    let numbers = measure::market::pay();
    at_most(&numbers, "pay_prediction_cu_per_winner", 600);
    at_most(&numbers, "pay_prediction_cu_per_unmatched", 600);
}

#[test]
fn a_million_stakes_settle_in_sixty_transactions() {
    let numbers = measure::market::settle_1m();
    at_most(&numbers, "prediction_1m_txs", 60);
    at_most(&numbers, "prediction_1m_settle_cu_per_entry", 40);
}

#[test]
fn entering_a_raffle_with_a_proof_is_cheap() {
    let numbers = measure::raffle::enter();
    at_most(&numbers, "enter_raffle_cu", 7_000);
    let (_, entries) =
        numbers.iter().find(|(name, _)| *name == "raffle_entries_per_block").expect("a measured name");
    assert!(*entries >= 5_000, "{entries} entries in a block");
}

#[test]
fn ten_thousand_people_are_ranked_in_fourteen_transactions() {
    let numbers = measure::raffle::rank_10k();
    at_most(&numbers, "settle_raffle_cu_per_entry", 600);
    at_most(&numbers, "raffle_10k_txs", 14);
    // What the keeper reckons with.
    at_most(&numbers, "count_raffle_found_cu_per_entry", 60);
}

#[test]
fn a_hundred_thousand_people_are_ranked_in_ninety_transactions() {
    let numbers = measure::raffle::rank_100k();
    at_most(&numbers, "raffle_100k_txs", 90);
}

#[test]
fn a_beacon_is_verified_cheaply() {
    let numbers = measure::beacon::post_value();
    at_most(&numbers, "beacon_verify_most_cu", 200_000);
    at_most(&numbers, "beacon_verify_cu", 120_000);
    at_most(&numbers, "beacon_verify_ratio_percent", 30);
    let others = measure::beacon::others();
    // Within what a transaction has that asks for nothing.
    for (name, value) in others {
        assert!(value <= 200_000, "{name}={value}");
    }
}

#[test]
fn a_beacon_round_goes_from_signature_to_final_in_one_transaction() {
    let numbers = measure::beacon::finish();
    at_most(&numbers, "beacon_finish_64_cu", 1_400_000);
    at_most(&numbers, "beacon_finish_wire_len", 1_232);
}

#[test]
fn players_share_no_writable_account() {
    assert_eq!(measure::shared_writable_accounts(), 0);
}

#[test]
fn players_pay_no_rent_for_entries() {
    assert_eq!(measure::player_rent_per_entry_lamports(), 0);
}

#[test]
fn money_moves_cheaply() {
    let numbers = measure::money();
    at_most(&numbers, "deposit_cu", 12_000);
    at_most(&numbers, "withdraw_cu", 12_000);
}

#[test]
fn a_hundred_thousand_entries_settle_in_eight_transactions() {
    let numbers = measure::settle_100k();
    at_most(&numbers, "settle_draw_cu_per_entry", 60);
    at_most(&numbers, "settle_100k_txs", 8);
}

#[test]
fn rent_of_a_thousand_entries_is_that_of_their_page() {
    let rent = measure::locked_rent_1k_entries_lamports();
    // 128 bytes of account overhead and two years at 3,480 lamports a byte and year.
    assert_eq!(rent, (measure::page_len(1_024) as u64 + 128) * 3_480 * 2);
}
