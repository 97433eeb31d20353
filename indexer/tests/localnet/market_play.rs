//! Two markets with the same three reporters, and every step of their rounds.

use std::time::Duration;

use bytemuck::{Zeroable, bytes_of};
use lottery_interface::{
    Kind, Source,
    accounts::{PredictionRange, PredictionRules, Round},
    address,
    args::{AttestArgs, ConfigArgs, LimitsArgs},
    instructions::{self as ix, Item},
};
use lottery_rules::prediction::{MappingKind, Mode};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use crate::play::{Play, item};

pub const DELAY_SECONDS: u32 = 30;
/// Long enough for everything that is done while a round is open, however slow the machine.
const PERIOD_SECONDS: u32 = 600;
/// Of the second lottery.
const OFFSET_SECONDS: u32 = 7;
pub const FEE_BPS: u16 = 300;
pub const SLOWEST: Duration = Duration::from_secs(PERIOD_SECONDS as u64 + PERIOD_SECONDS as u64 / 16 + 5);

/// Odd or even, pro rata; and the sum of three numbers in three ranges, shared.
fn rules(id: u64, oracles: Pubkey) -> Vec<u8> {
    let rules = PredictionRules {
        oracles: oracles.to_bytes(),
        minimum: 0,
        maximum: 100,
        event_delay_seconds: DELAY_SECONDS,
        mode: Mode::ProRata as u8,
        outcome_count: 2,
        mapping: MappingKind::Parity as u8,
        fact_count: 1,
        subject: 1,
        quorum: 2,
        reporter_count: 3,
        ..Zeroable::zeroed()
    };
    if id == 1 {
        return bytes_of(&rules).to_vec();
    }
    let rules = PredictionRules {
        mode: Mode::Parimutuel as u8,
        outcome_count: 3,
        mapping: MappingKind::Ranges as u8,
        fact_count: 3,
        subject: 0b111,
        range_count: 3,
        ..rules
    };
    let ranges = [(0, 33), (34, 34), (35, 100)].map(|(low, high)| PredictionRange { low, high });
    [bytes_of(&rules), bytes_of(&ranges)].concat()
}

pub async fn create(play: &Play) {
    let operator = play.operator.pubkey();
    play.set_up(&[Kind::Prediction]).await;
    let reporters: Vec<Pubkey> = play.players.iter().map(Keypair::pubkey).collect();
    play.crank(ix::create_oracle_set(operator, &reporters)).await;
    let mut sorted = reporters.clone();
    sorted.sort();
    let oracles = address::oracle_set(&sorted).0;
    for id in [1, 2] {
        let limits = LimitsArgs {
            max_stake_units: 50_000_000,
            min_stake_units: 3,
            page_entries: 8,
            max_pages: 2,
            max_entries_per_round: 16,
            period_seconds: PERIOD_SECONDS,
            reward_step_lamports: 10,
            reward_item_lamports: 3,
            lock_offset_seconds: if id == 2 { OFFSET_SECONDS } else { 0 },
            ..Zeroable::zeroed()
        };
        let config = ConfigArgs {
            grace_seconds: 20,
            grace_slots: 10,
            claim_seconds: 60,
            fee_bps: FEE_BPS,
            kind: Kind::Prediction as u8,
            source: Source::Oracle as u8,
            ..Zeroable::zeroed()
        };
        play.create(id, &limits, &config, &rules(id, oracles)).await;
        play.crank(ix::activate_lottery(operator, id)).await;
    }
}

pub fn keys(id: u64, index: u64) -> (Pubkey, Pubkey, Pubkey) {
    let lottery = address::lottery(id).0;
    (lottery, address::round(&lottery, index).0, address::config(&lottery, 0).0)
}

pub async fn open(play: &Play, id: u64, index: u64) -> Pubkey {
    let operator = play.operator.pubkey();
    let (lottery, round, config) = keys(id, index);
    let steps =
        [ix::open_round(operator, lottery, config, index), ix::open_page(operator, lottery, round, 0)];
    play.send(&play.operator, &steps).await;
    round
}

/// Stake and outcome of each ticket.
pub async fn bet(play: &Play, round: Pubkey, page: u32, player: usize, bets: &[(u64, u8)]) {
    let player = &play.players[player];
    let wallet = play.wallet(player).await;
    let tickets: Vec<u8> =
        bets.iter().flat_map(|(stake, outcome)| [&stake.to_le_bytes()[..], &[*outcome]].concat()).collect();
    let enter = ix::enter(player.pubkey(), wallet, round, address::page(&round, page).0, 0, &tickets);
    play.send(player, &[enter]).await;
}

/// Two pages; odd stakes, so that everything has to be rounded.
pub async fn enter(play: &Play, id: u64, round: Pubkey) {
    bet(play, round, 0, 0, &[(10_000_001, 0), (3, 1)]).await;
    bet(play, round, 0, 1, &[(7_777_777, 1), (1_234_567, 0), (50_000_000, 1)]).await;
    bet(play, round, 0, 2, &[(999_983, if id == 2 { 2 } else { 1 })]).await;
    play.crank(ix::open_page(play.operator.pubkey(), address::lottery(id).0, round, 1)).await;
    bet(play, round, 1, 2, &[(31, 0), (20_000_003, 1), (2_000_000, 0)]).await;
}

pub async fn pass(play: &Play, time: Duration) {
    play.localnet.advance(time).await.unwrap();
    play.localnet.produce_blocks(3).await.unwrap();
}

/// Past lock and event.
pub async fn past_event(play: &Play) {
    pass(play, SLOWEST).await;
    pass(play, Duration::from_secs(DELAY_SECONDS as u64 + 2)).await;
}

pub async fn attest(play: &Play, id: u64, round: Pubkey, reporter: usize, facts: &[i64]) {
    let reporter = &play.players[reporter];
    let mut all = [0; 8];
    all[..facts.len()].copy_from_slice(facts);
    let account: Round = play.read(round).await;
    let args = AttestArgs { facts: all, evidence: [facts[0] as u8; 32], event_at: account.event_at };
    let mut sorted: Vec<Pubkey> = play.players.iter().map(Keypair::pubkey).collect();
    sorted.sort();
    let oracles = address::oracle_set(&sorted).0;
    let (_, _, config) = keys(id, account.index);
    play.send(reporter, &[ix::attest(reporter.pubkey(), round, config, oracles, &args)]).await;
}

/// From attested to paid; `refund`: to refunded.
pub async fn settle(play: &Play, id: u64, round: Pubkey, pages: u32, refund: bool) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    let config = address::config(&lottery, 0).0;
    let mut steps = vec![ix::draw(operator, round, config)];
    for sequence in 0..pages {
        // Twice in one slot, so that which entries each settled matters.
        steps.push(ix::settle(operator, round, config, sequence, 2));
        steps.push(ix::settle(operator, round, config, sequence, 100));
    }
    steps.push(ix::finalise(operator, lottery, round, config));
    play.send(&play.operator, &steps).await;
    for sequence in 0..pages {
        if refund {
            refund_page(play, round, sequence).await;
        } else {
            play.pay(round, sequence).await;
        }
    }
}

pub async fn seal(play: &Play, round: Pubkey, pages: u32) {
    let operator = play.operator.pubkey();
    let steps: Vec<_> = (0..pages).map(|sequence| ix::seal_page(operator, round, sequence)).collect();
    play.send(&play.operator, &steps).await;
}

async fn refund_page(play: &Play, round: Pubkey, sequence: u32) {
    let entries = play.entries(round, sequence).await;
    let items: Vec<Item> = entries.iter().enumerate().map(|(index, entry)| item(index, entry)).collect();
    for batch in items.chunks(8) {
        play.crank(ix::refund(play.operator.pubkey(), round, sequence, batch)).await;
    }
}

/// Voids, counts and refunds.
pub async fn void(play: &Play, id: u64, round: Pubkey, pages: u32) {
    let operator = play.operator.pubkey();
    let lottery = address::lottery(id).0;
    let steps = [
        ix::void_round(operator, lottery, round),
        ix::finalise(operator, lottery, round, address::config(&lottery, 0).0),
    ];
    play.send(&play.operator, &steps).await;
    for sequence in 0..pages {
        refund_page(play, round, sequence).await;
    }
}
