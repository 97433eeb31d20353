//! Rounds of the real program that draw from a beacon: drawn and paid, and void because the value was public too early.

use std::time::Duration;

use bytemuck::{Zeroable, bytes_of};
use lottery_indexer::{Walk, testing::PrivatePostgres};
use lottery_interface::{
    Kind, Source,
    accounts::{DrawRules, DrawTier, Round},
    address,
    args::{BeaconArgs, ConfigArgs, LimitsArgs, LotteryArgs},
    instructions as ix,
    kinds::{RoundStatus, VoidReason},
};
use lottery_localnet::LocalBeacon;
use lottery_rules::{
    beacon::{self, SoftwareCurve},
    hash::{Sha256, Software},
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use sqlx::Row;

use crate::{
    common::{dump, quarantined},
    play::{Play, SOL, item},
};

const STAKE: u64 = 1_000_000;
const MARGIN_SECONDS: u32 = 30;

/// Signature and witness of a round of the beacon.
fn signed(local: &LocalBeacon, round: u64) -> [u8; 128] {
    let witness = beacon::witness::<SoftwareCurve>(&beacon::message::<SoftwareCurve>(round));
    beacon::proof(&local.sign(round), &witness)
}

fn chain_hash(local: &LocalBeacon) -> [u8; 32] {
    hex(&local.info.chain_hash)
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
}

async fn create(play: &Play, local: &LocalBeacon) {
    let operator = play.operator.pubkey();
    play.set_up(&[Kind::Draw]).await;
    let args = BeaconArgs {
        public_key: hex(&local.info.public_key),
        chain_hash: chain_hash(local),
        genesis_at: local.info.genesis_at,
        round: 1,
        period_seconds: local.info.period_seconds,
        reserved: 0,
    };
    play.crank(ix::add_beacon(operator, &args, &signed(local, 1))).await;
    let key = address::beacon(&args.chain_hash).0;
    play.crank(ix::verify_beacon(key, 2, &signed(local, 2))).await;
    let limits = LimitsArgs {
        page_entries: 32,
        max_pages: 1,
        max_entries_per_round: 32,
        period_seconds: 60,
        reward_step_lamports: 10,
        reward_item_lamports: 1,
        ..Zeroable::zeroed()
    };
    let config = ConfigArgs {
        beacon: key.to_bytes(),
        stake_units: STAKE,
        grace_seconds: 86_400,
        grace_slots: 216_000,
        claim_seconds: 60,
        beacon_margin_seconds: MARGIN_SECONDS,
        fee_bps: 500,
        kind: Kind::Draw as u8,
        source: Source::Beacon as u8,
        ..Zeroable::zeroed()
    };
    let mut rules = DrawRules { picks: 2, numbers: 6, tier_count: 1, ..Zeroable::zeroed() };
    rules.tiers[0] = DrawTier { matches: 1, bonus: 0, share_bps: 10_000 };
    let about = LotteryArgs { name: [0; 32], pauser: operator.to_bytes(), treasurer: operator.to_bytes() };
    let native = Pubkey::default();
    play.crank(ix::create_lottery(operator, 1, native, &about, &limits, &config, bytes_of(&rules))).await;
    // A second version of the same rules, used by the rounds.
    play.crank(ix::update_config(operator, 1, 1, &config, bytes_of(&rules))).await;
    play.send(&play.operator, &[ix::fund_crank(operator, 1, SOL), ix::activate_lottery(operator, 1)]).await;
}

async fn sell(play: &Play, index: u64) -> Pubkey {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(1).0;
    let round = address::round(&lottery, index).0;
    play.crank(ix::open_round(operator, lottery, address::config(&lottery, 1).0, index)).await;
    play.crank(ix::open_page(operator, lottery, round, 0)).await;
    for player in &play.players {
        let wallet = play.wallet(player).await;
        let tickets = [1, 2, 3, 4, 5, 6];
        let enter = ix::enter(player.pubkey(), wallet, round, address::page(&round, 0).0, 2, &tickets);
        play.send(player, &[enter]).await;
    }
    round
}

/// From lock to paid. Gives the round as it was last.
async fn draw(play: &Play, local: &LocalBeacon, round: Pubkey) -> Round {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(1).0;
    let config = address::config(&lottery, 1).0;
    play.localnet.advance(Duration::from_secs(95)).await.unwrap();
    play.localnet.produce_blocks(3).await.unwrap();
    let open: Round = play.read(round).await;
    let key = address::beacon(&chain_hash(local)).0;
    let proof = signed(local, open.beacon_round);
    for step in [
        ix::seal_page(operator, round, 0),
        ix::post_value(operator, round, key, &proof),
        ix::draw(operator, round, config),
        ix::settle(operator, round, config, 0, 100),
        ix::finalise(operator, lottery, round, config),
    ] {
        play.crank(step).await;
    }
    play.pay(round, 0).await;
    let last: Round = play.read(round).await;
    assert_eq!(last.status, RoundStatus::Final as u8);
    assert_eq!(last.value, Software::hashv(&[&proof[..64]]));
    last
}

/// Its value is public long before the lock, by the chain's clock.
async fn prove_early(play: &Play, local: &LocalBeacon, round: Pubkey) {
    let operator = play.operator.pubkey();
    let open: Round = play.read(round).await;
    let key = address::beacon(&chain_hash(local)).0;
    let later = open.beacon_round + 1;
    play.crank(ix::prove_early(operator, round, key, later, &signed(local, later))).await;
    play.crank(ix::seal_page(operator, round, 0)).await;
    let entries = play.entries(round, 0).await;
    let items: Vec<_> = entries.iter().enumerate().map(|(index, entry)| item(index, entry)).collect();
    for batch in items.chunks(8) {
        play.crank(ix::refund(operator, round, 0, batch)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beacon_rounds_of_the_real_program_are_whole_from_accounts_and_from_the_record() {
    let (live, late) = (PrivatePostgres::start().await.unwrap(), PrivatePostgres::start().await.unwrap());
    let local = LocalBeacon::start([7; 32], 3, 0).await.unwrap();
    let play = Play::start().await;
    create(&play, &local).await;
    play.index(&live, Walk::Blocks).await;
    play.assert_equal(&live).await;

    let round = sell(&play, 0).await;
    play.index(&live, Walk::Auto).await;
    play.assert_equal(&live).await;
    let drawn = draw(&play, &local, round).await;
    play.index(&live, Walk::Blocks).await;
    play.assert_equal(&live).await;
    play.close(1, round, 1).await;

    let early = sell(&play, 1).await;
    prove_early(&play, &local, early).await;
    play.index(&live, Walk::Auto).await;
    play.assert_equal(&live).await;
    let void: Round = play.read(early).await;
    assert_eq!(void.void_reason, VoidReason::BeaconEarly as u8);
    assert_eq!(quarantined(&live.pool).await, []);

    // From the signatures alone: the drawn round's account is gone.
    play.index(&late, Walk::Signatures).await;
    assert_eq!(quarantined(&late.pool).await, []);
    let times = ["block_at", "entered_at", "paid_at"];
    for table in ["instructions", "configs", "entries", "payments", "beacons"] {
        assert_eq!(dump(&late.pool, table, &times).await, dump(&live.pool, table, &times).await, "{table}");
    }
    for db in [&live, &late] {
        let row = sqlx::query(
            "SELECT value, seed, sealed_digest, result, beacon_round, beacon_signature, locks_at,
                    crank_spent_lamports::BIGINT AS spent FROM rounds WHERE address = $1",
        )
        .bind(round.to_string())
        .fetch_one(&db.pool)
        .await
        .unwrap();
        for (column, expected) in [
            ("value", drawn.value),
            ("seed", drawn.seed),
            ("sealed_digest", drawn.sealed_digest),
            ("result", drawn.result),
        ] {
            assert_eq!(row.get::<Vec<u8>, _>(column), expected, "{column}");
        }
        assert_eq!(row.get::<i64, _>("beacon_round") as u64, drawn.beacon_round);
        assert_eq!(row.get::<Vec<u8>, _>("beacon_signature"), local.sign(drawn.beacon_round));
        assert!((0..3).contains(&(row.get::<i64, _>("locks_at") - drawn.locks_at)));
        let void = "SELECT count(*) FROM rounds WHERE status = 'void' AND void_reason = 'beacon_early' AND refunded = 15";
        let count: i64 = sqlx::query_scalar(void).fetch_one(&db.pool).await.unwrap();
        assert_eq!(count, 1);
    }
    play.localnet.stop().await.unwrap();
}
