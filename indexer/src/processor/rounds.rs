//! Rounds: what the record alone tells of their states, so that a round that lived and died while nobody was
//! looking still has its entries, result and prizes.

use lottery_interface::{
    Kind, Source,
    accounts::{AccountLayout, Round},
    address,
    args::LimitsArgs,
    bond::AtStake,
    events::RoundChanged,
    kinds::{RoundStatus, VoidReason},
    rewards::worst_case_lamports,
};
use serde_json::json;
use solana_pubkey::Pubkey;
use sqlx::{Row, postgres::PgRow};

use super::{
    entries::parse,
    kinds::Rules,
    upsert::columns,
    view::RoundView,
    work::{Fault, Ix, Work, key, number, poison},
};
use crate::{
    decoder::{Args, Decoded, decode_data},
    rows::{Columns, bytea},
};

impl Work<'_> {
    pub async fn open_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let (address, lottery) = (key(decoded, "round")?, key(decoded, "lottery")?);
        let config = key(decoded, "config")?;
        let index: i64 = sqlx::query_scalar("SELECT count(*) FROM rounds WHERE lottery = $1")
            .bind(&lottery)
            .fetch_one(self.conn())
            .await?;
        let (expected, bump) = address::round(&parse(&lottery)?, index as u64);
        if expected.to_string() != address {
            return poison(format!(
                "round {address} is not round {index}: an opening is missing in the record"
            ));
        }
        let found = sqlx::query(
            "SELECT l.id, l.mint, c.stake_units::TEXT AS stake_units, c.version, c.grace_seconds, c.grace_slots,
                    c.claim_seconds, c.fee_bps, c.compensation_cap_bps, c.kind, c.source, c.beacon, c.rules,
                    EXISTS (SELECT 1 FROM instructions WHERE lottery = $1 AND name = 'retire_lottery'
                            AND (slot, tx_index, ix_index) < ($3, $4, $5)) AS is_last
             FROM lotteries l JOIN configs c ON c.address = $2 WHERE l.address = $1",
        )
        .bind(&lottery)
        .bind(&config)
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .fetch_optional(self.conn())
        .await?;
        let (Some(found), Some(limits)) = (found, self.limits(&lottery, ix).await?) else {
            return poison(format!("lottery {lottery} or config {config} was never created in the record"));
        };
        let rolling = self.rolling_units(&lottery).await?;
        let (mut row, rules) = opened_columns(&found, &limits, rolling)?;
        let outcomes = rules.outcome_count();
        row.append(&mut columns(json!({
            "address": address,
            "lottery": lottery,
            "config": config,
            "rent_payer": key(decoded, "cranker")?,
            "index": index,
            "opened_at": ix.block_at,
            "opened_slot": ix.slot,
            "bump": bump,
            "rent_lamports": self.rent(Round::LEN + rules.round_tail()),
            "first_slot": ix.slot,
        })));
        row.append(&mut self.opened_lock(&rules, &limits, &lottery, index, ix).await?);
        self.insert_row("rounds", row).await?;
        self.open_pools(&address, outcomes).await?;
        let round = self.round(&address).await?;
        self.pools.insert(lottery, round.lottery_id);
        self.feed_round(&round, RoundStatus::Open, json!({}), ix);
        Ok(())
    }

    /// The lottery's jackpot, and what rounds that are not final yet can still add to it.
    async fn rolling_units(&mut self, lottery: &str) -> Result<(u64, u64), Fault> {
        let jackpot = self.jackpot(lottery).await?;
        let pools: Option<String> = sqlx::query_scalar(
            "SELECT sum(r.stake_units * r.max_entries)::TEXT FROM rounds r WHERE r.lottery = $1 AND NOT r.finalised",
        )
        .bind(lottery)
        .fetch_one(self.conn())
        .await?;
        Ok((jackpot, number(pools)))
    }

    /// Limits as the last instruction before this one left them.
    pub async fn limits(&mut self, lottery: &str, ix: &Ix) -> Result<Option<LimitsArgs>, Fault> {
        let data: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT data FROM instructions WHERE lottery = $1 AND name IN ('create_lottery', 'update_limits')
               AND (slot, tx_index, ix_index) < ($2, $3, $4)
             ORDER BY slot DESC, tx_index DESC, ix_index DESC LIMIT 1",
        )
        .bind(lottery)
        .bind(ix.slot)
        .bind(ix.tx_index)
        .bind(ix.ix_index)
        .fetch_optional(self.conn())
        .await?;
        Ok(data.and_then(|data| match decode_data(&data) {
            Ok(Args::Limits(limits) | Args::CreateLottery { limits, .. }) => Some(limits),
            _ => None,
        }))
    }

    pub async fn retime_round(&mut self, decoded: &Decoded, ix: &Ix) -> Result<(), Fault> {
        let round = self.round(&key(decoded, "round")?).await?;
        self.forget_attestations(&round.address).await?;
        if let Some(times) = self.retimed_lock(&round, ix).await? {
            self.update_row("rounds", &round.address, times, ix).await?;
        }
        self.feed_round(&round, RoundStatus::Open, json!({ "retimed": true }), ix);
        Ok(())
    }
}

/// Whether an event is about a round.
pub fn names(event: &RoundChanged, round: &RoundView) -> bool {
    event.lottery_id == round.lottery_id as u64 && event.round_index == round.index as u64
}

/// What the program logged that decides the round's entries.
pub fn logged_decider(ix: &Ix, round: &RoundView) -> Option<[u8; 32]> {
    let drawn = [RoundStatus::Drawn as u8, RoundStatus::Final as u8];
    let logged = ix.rounds_changed().into_iter().find(|e| names(e, round) && drawn.contains(&e.status));
    round.rules.logged_decider(logged?.result)
}

/// What a new round takes from its config, `found` with some of its lottery, and from the lottery's limits, jackpot and
/// unfinished rounds.
fn opened_columns(
    found: &PgRow,
    limits: &LimitsArgs,
    (jackpot, pools): (u64, u64),
) -> Result<(Columns, Rules), Fault> {
    let (kind, source): (String, String) = (found.try_get("kind")?, found.try_get("source")?);
    let Some(rules) = Rules::read(&kind, &found.try_get::<Vec<u8>, _>("rules")?) else {
        return poison(format!("rules of kind {kind} that this version does not know"));
    };
    let stake: u64 = number(found.try_get("stake_units")?);
    let kind_byte = Kind::from_name(&kind).map_or(0, |kind| kind as u8);
    let big = |name: &str| found.try_get::<Option<i64>, _>(name);
    let small = |name: &str| found.try_get::<Option<i32>, _>(name);
    let bond = match Source::from_name(&source) {
        Some(Source::CommitReveal) => AtStake {
            kind: kind_byte,
            stake_units: stake,
            max_entries: rules.max_entries(limits.max_entries_per_round),
            compensation_cap_bps: small("compensation_cap_bps")?.unwrap_or_default() as u16,
            max_liability_units: limits.max_liability_units,
            jackpot_units: jackpot,
            unfinalised_pools_units: if rules.rollover() { pools } else { 0 },
        }
        .bond_units(),
        _ => Some(0),
    };
    let mut row = columns(json!({
        "mint": found.try_get::<Option<String>, _>("mint")?,
        "lottery_id": big("id")?,
        "stake_units": stake,
        "config_version": big("version")?,
        "grace_seconds": big("grace_seconds")?,
        "grace_slots": big("grace_slots")?,
        "claim_seconds": big("claim_seconds")?,
        "fee_bps": small("fee_bps")?,
        "compensation_cap_bps": small("compensation_cap_bps")?,
        "kind": kind,
        "source": &source,
        "beacon": found.try_get::<Option<String>, _>("beacon")?,
        // Of a beacon round the account tells, or the value when it comes.
        "beacon_round": if source == Source::Beacon.name() { None } else { Some(0) },
        // Of a Switchboard round its account tells, or the reveal.
        "randomness": (source != Source::Switchboard.name()).then(|| Pubkey::default().to_string()),
        "is_last": found.try_get::<bool, _>("is_last")?,
        "bond_units": bond,
        "reserve_lamports": reserve_lamports(kind_byte, limits),
    }));
    row.append(&mut limit_columns(limits));
    row.append(&mut rules.round_columns());
    row.append(&mut new_columns());
    Ok((row, rules))
}

/// Rewards that a new round reserves. A raffle may then have room for fewer entries than this counts.
fn reserve_lamports(kind: u8, limits: &LimitsArgs) -> Option<u64> {
    let (pages, entries) = (limits.max_pages, limits.max_entries_per_round);
    worst_case_lamports(kind, pages, entries, limits.reward_step_lamports, limits.reward_item_lamports)
}

fn limit_columns(limits: &LimitsArgs) -> Columns {
    columns(json!({
        "max_pages": limits.max_pages,
        "page_entries": limits.page_entries,
        "max_entries": limits.max_entries_per_round,
        "max_entries_per_player": limits.max_entries_per_player,
        "reward_step_lamports": limits.reward_step_lamports,
        "reward_item_lamports": limits.reward_item_lamports,
        "min_stake_units": limits.min_stake_units,
        "max_stake_units": limits.max_stake_units,
        "page_budget_units": limits.page_budget_units,
        "max_liability_units": limits.max_liability_units,
    }))
}

/// What is the same in every new round.
fn new_columns() -> Columns {
    columns(json!({
        "status": RoundStatus::Open.name(),
        "void_reason": VoidReason::None.name(),
        "refund_all": false,
        "finalised": false,
        "expired": false,
        "retimes": 0,
        "entries": 0,
        "winners_total": 0,
        "winners_paid": 0,
        "refunded": 0,
        "result": bytea(&[0; 32]),
        "fee_units": 0,
        "jackpot_in_units": 0,
        "slashed_units": 0,
        "bonus_each_units": 0,
        "budget_units": 0,
        "liability_units": 0,
        "prizes_units": 0,
        "winning_units": 0,
        "matched_units": 0,
        "prize_each_units": vec![0; 16],
        "winners": vec![0; 16],
    }))
}
