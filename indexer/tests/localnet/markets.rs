//! Markets of the real program: matched pro rata and shared among the winners, split by three reporters who disagree, silent,
//! one-sided, re-timed after an attestation.

use std::time::Duration;

use lottery_indexer::{Walk, testing::PrivatePostgres};
use lottery_interface::{
    accounts::Round,
    instructions as ix,
    kinds::{RoundStatus, VoidReason},
};
use solana_signer::Signer;

use crate::{
    common::quarantined,
    house_checks::undo,
    market_checks::{
        assert_auditor_sees, assert_fed_bets, assert_fed_result, assert_late, assert_records, assert_settled,
    },
    market_play::*,
    market_replay::{
        assert_another_result, assert_contradicted, assert_poison, assert_undone_anywhere, recorded,
    },
    play::Play,
};

async fn indexed(play: &Play, db: &PrivatePostgres) {
    play.index(db, Walk::Auto).await;
    play.assert_equal(db).await;
    assert_eq!(quarantined(&db.pool).await, []);
}

/// The first round of each market is bet on, attested by one who lies and two who do not, settled and paid.
async fn played(play: &Play, live: &PrivatePostgres) {
    let mut rounds = Vec::new();
    for id in [1, 2] {
        let round = open(play, id, 0).await;
        enter(play, id, round).await;
        indexed(play, live).await;
        rounds.push((id, round));
    }
    assert_fed_bets(live, rounds[1].1).await;
    pass(play, SLOWEST).await;
    for (_, round) in &rounds {
        seal(play, *round, 2).await;
    }
    indexed(play, live).await;
    pass(play, Duration::from_secs(DELAY_SECONDS as u64 + 2)).await;
    // 17 is odd; 3 + 30 + 1 is the middle range. The liar says even, and the last.
    for (reporter, one, two) in [(2, [18], [90, 1, 1]), (0, [17], [3, 30, 1]), (1, [17], [3, 30, 1])] {
        attest(play, 1, rounds[0].1, reporter, &one).await;
        attest(play, 2, rounds[1].1, reporter, &two).await;
        indexed(play, live).await;
    }
    for (id, round) in &rounds {
        settle(play, *id, *round, 2, false).await;
        indexed(play, live).await;
        assert_settled(play, live, *round).await;
        assert_records(play, live, *round).await;
    }
    assert_fed_result(live, rounds[0].1).await;
    assert_auditor_sees(play, live).await;
    undo(play, live, rounds[0].1).await;
    let chain = recorded(play).await;
    let (lottery, round, _) = keys(1, 0);
    assert_another_result(play, &chain, lottery, round).await;
    assert_poison(play, &chain, lottery, round).await;
    assert_contradicted(&chain, round).await;
    for (id, round) in &rounds {
        play.close(*id, *round, 2).await;
    }
    indexed(play, live).await;
}

/// Nobody bets on the second round of the first market until it was attested once; then the reporters disagree. Nobody attests the
/// other market's.
async fn voided(play: &Play, live: &PrivatePostgres) {
    let round = open(play, 1, 1).await;
    past_event(play).await;
    attest(play, 1, round, 1, &[3]).await;
    indexed(play, live).await;
    let (lottery, _, config) = keys(1, 1);
    play.crank(ix::retime_round(play.operator.pubkey(), lottery, config, round, 1)).await;
    indexed(play, live).await;
    let attested: i64 = sqlx::query_scalar("SELECT count(*) FROM attestations WHERE round = $1")
        .bind(round.to_string())
        .fetch_one(&live.pool)
        .await
        .unwrap();
    assert_eq!(attested, 0, "what was attested is of the event that nobody bet on");
    bet(play, round, 0, 0, &[(5_000, 0), (6_000, 1)]).await;
    let silent = open(play, 2, 1).await;
    bet(play, silent, 0, 1, &[(7_000, 2), (8_000, 1)]).await;
    past_event(play).await;
    for (round, pages) in [(round, 1), (silent, 1)] {
        seal(play, round, pages).await;
    }
    for (reporter, fact) in [(0, 1), (1, 2), (2, 3)] {
        attest(play, 1, round, reporter, &[fact]).await;
    }
    void(play, 1, round, 1).await;
    pass(play, Duration::from_secs(25)).await;
    play.localnet.produce_blocks(12).await.unwrap();
    void(play, 2, silent, 1).await;
    indexed(play, live).await;
    for (id, round, reason) in [(1, round, VoidReason::NoQuorum), (2, silent, VoidReason::GraceExpired)] {
        let account: Round = play.read(round).await;
        assert_eq!((account.status, account.void_reason), (RoundStatus::Void as u8, reason as u8));
        assert_records(play, live, round).await;
        if id == 1 {
            undo(play, live, round).await;
        }
        play.close(id, round, 1).await;
    }
    indexed(play, live).await;
}

/// Everybody says even, and it is.
async fn one_sided(play: &Play, live: &PrivatePostgres) {
    let round = open(play, 1, 2).await;
    bet(play, round, 0, 0, &[(5_000, 0), (6_001, 0), (3, 0)]).await;
    past_event(play).await;
    seal(play, round, 1).await;
    attest(play, 1, round, 2, &[2]).await;
    attest(play, 1, round, 1, &[2]).await;
    settle(play, 1, round, 1, true).await;
    indexed(play, live).await;
    assert_eq!(play.read::<Round>(round).await.refund_all, 1);
    assert_records(play, live, round).await;
    play.close(1, round, 1).await;
    indexed(play, live).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markets_of_the_real_program_are_indexed_both_ways() {
    let (live, late) = (PrivatePostgres::start().await.unwrap(), PrivatePostgres::start().await.unwrap());
    let play = Play::start().await;
    create(&play).await;
    play.index(&live, Walk::Blocks).await;
    play.assert_equal(&live).await;
    played(&play, &live).await;
    voided(&play, &live).await;
    one_sided(&play, &live).await;
    assert_late(&play, &live, &late).await;
    assert_undone_anywhere(&recorded(&play).await).await;
    play.localnet.stop().await.unwrap();
}
