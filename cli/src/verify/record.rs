//! The record against itself: what it says in several places must agree, for rounds whose accounts are gone too.

use sqlx::PgPool;

use super::{chain::ChainState, tables::Comparison};

/// What the record says in several places must agree with itself, for closed rounds too.
pub(super) async fn compare_record(
    comparison: &mut Comparison,
    state: &ChainState,
    pool: &PgPool,
) -> anyhow::Result<()> {
    let checks = [
        (
            "rounds whose entries do not add up to entered_count and entered_units",
            "SELECT count(*) FROM rounds r LEFT JOIN (SELECT round, count(*) n, sum(stake_units) units FROM entries GROUP BY round) e
             ON e.round = r.address WHERE coalesce(e.n, 0) <> r.entered_count OR coalesce(e.units, 0) <> r.entered_units",
        ),
        (
            "settled rounds whose sealed entries are not those entered",
            "SELECT count(*) FROM rounds WHERE NOT incomplete AND status IN ('drawn', 'final') AND entries <> entered_count",
        ),
        (
            "entries whose paid or refunded is not one payment",
            // A place that was taken is marked as paid, and pays nobody.
            "SELECT count(*) FROM entries e LEFT JOIN rounds r ON r.address = e.round
             WHERE (e.paid AND NOT COALESCE(r.places, FALSE))::int <> (SELECT count(*) FROM payments p WHERE p.page = e.page AND p.index = e.index AND p.kind = 'prize')
             OR e.refunded::int <> (SELECT count(*) FROM payments p WHERE p.page = e.page AND p.index = e.index AND p.kind = 'refund')",
        ),
        (
            "closed rounds that owe a winner or a refund",
            "SELECT count(*) FROM rounds WHERE closed_at_slot IS NOT NULL AND NOT incomplete AND claim_until > extract(epoch FROM now())
             AND ((status = 'final' AND NOT refund_all AND winners_paid <> winners_total) OR ((status = 'void' OR refund_all) AND refunded <> entries)
               OR (status = 'final' AND places AND winners_paid + refunded <> entries))",
        ),
        (
            "raffles whose ranks are not the smallest keys of their entries, in order",
            "SELECT count(*) FROM (
               SELECT k.rank, k.page, k.index, e.key, row_number() OVER (PARTITION BY k.round ORDER BY k.rank) - 1 AS place,
                 lag((e.key, e.page_sequence, e.index)) OVER (PARTITION BY k.round ORDER BY k.rank) < (e.key, e.page_sequence, e.index) AS after,
                 EXISTS (SELECT 1 FROM entries o WHERE o.round = k.round AND o.rank IS NULL
                   AND (o.key, o.page_sequence, o.index) < (e.key, e.page_sequence, e.index)) AS passed_over, e.rank AS own
               FROM ranked_entries k JOIN rounds r ON r.address = k.round AND NOT r.incomplete
               JOIN entries e ON e.round = k.round AND (e.page_sequence, e.index) = (k.page, k.index)) ranks
             WHERE after IS FALSE OR passed_over OR own IS DISTINCT FROM rank OR place <> rank",
        ),
        (
            "final house rounds whose money does not add up: prizes, and stakes by spots, from the entries",
            "SELECT count(*) FROM rounds r JOIN (SELECT round, sum(stake_units) stakes, sum(stake_units * stake_units) squares,
               sum(prize_units) prizes, bool_and(prize_units IS NOT NULL) known FROM entries GROUP BY round) e ON e.round = r.address
             WHERE r.status = 'final' AND r.kind IN ('keno', 'instant') AND e.known
               AND (r.prizes_units <> e.prizes OR r.pool_units <> e.stakes
                 OR (SELECT sum(units) FROM unnest(r.spot_stake_units) units) IS DISTINCT FROM e.stakes
                 OR (SELECT sum(units) FROM unnest(r.spot_stake_squares) units) IS DISTINCT FROM e.squares)",
        ),
        (
            "final rounds whose payments exceed their prizes",
            "SELECT count(*) FROM rounds r WHERE r.status = 'final' AND NOT r.refund_all AND r.prizes_units <
               (SELECT COALESCE(sum(amount_units), 0) FROM payments p WHERE p.round = r.address AND p.kind = 'prize')",
        ),
        (
            "house lotteries whose bankroll is not what was funded, withdrawn, won and lost",
            "SELECT count(*) FROM lotteries l WHERE l.kind IN ('keno', 'instant') AND l.closed_at_slot IS NULL
               AND NOT EXISTS (SELECT 1 FROM rounds r WHERE r.lottery = l.address AND r.status = 'final' AND r.prizes_units IS NULL)
               AND l.bankroll_free_units + l.bankroll_reserved_units <>
                 (SELECT COALESCE(sum(CASE name WHEN 'fund_bankroll' THEN 1 ELSE -1 END * (args->>'amount_units')::NUMERIC), 0)
                  FROM instructions i WHERE i.lottery = l.address AND name IN ('fund_bankroll', 'withdraw_bankroll'))
                 + (SELECT COALESCE(sum(pool_units - fee_units - prizes_units), 0)
                    FROM rounds r WHERE r.lottery = l.address AND r.status = 'final')",
        ),
        (
            "rounds whose stakes on outcomes are not those of their entries",
            "SELECT count(DISTINCT round) FROM outcome_pools p LEFT JOIN
               (SELECT round, outcome, sum(stake_units) units, count(*) n FROM entries WHERE outcome IS NOT NULL GROUP BY 1, 2) e
               USING (round, outcome)
             WHERE p.stake_units <> COALESCE(e.units, 0) OR p.entries <> COALESCE(e.n, 0)",
        ),
        (
            "final markets whose money does not add up: prizes but for rounding, matched stakes, fee",
            "SELECT count(*) FROM rounds r JOIN (SELECT round, sum(stake_units) stakes, sum(prize_units) prizes,
               count(*) FILTER (WHERE tier > 0) paid, sum(matched_units) FILTER (WHERE tier <> 1) lost,
               count(*) FILTER (WHERE tier = 2) unmatched FROM entries GROUP BY round) e ON e.round = r.address
             WHERE r.status = 'final' AND r.kind = 'prediction' AND NOT r.refund_all
               AND (r.pool_units <> e.stakes OR r.prizes_units <> r.pool_units - r.fee_units
                 OR r.prizes_units - e.prizes NOT BETWEEN 0 AND e.paid
                 OR e.lost - r.matched_units NOT BETWEEN 0 AND e.unmatched
                 OR r.fee_units <> div(r.matched_units * r.fee_bps, 10000))",
        ),
        (
            "markets with a value without the attestation that decided it, or the other way round",
            "SELECT count(*) FROM rounds r WHERE r.kind = 'prediction'
               AND (r.status IN ('valued', 'drawn', 'final'))::int <>
                 (SELECT count(*) FROM attestations a WHERE a.round = r.address AND a.decided)",
        ),
        ("open entries of the quarantine", "SELECT count(*) FROM quarantine WHERE NOT resolved"),
    ];
    for (what, query) in checks {
        let (count,): (i64,) = sqlx::query_as(query).fetch_one(pool).await?;
        if count != 0 {
            comparison.differs(format!("{count} {what}"));
        }
    }
    let (cursor,): (i64,) = sqlx::query_as("SELECT slot FROM cursor").fetch_one(pool).await?;
    if (cursor as u64) + 1 < state.slot.min(newest_change(state)) {
        comparison.differs(format!("the cursor is at slot {cursor}, the chain at {}", state.slot));
    }
    Ok(())
}

/// The newest slot that any account speaks of: the indexer must have reached it.
fn newest_change(state: &ChainState) -> u64 {
    state
        .rounds
        .values()
        .map(|round| round.value.opened_slot.max(round.value.captured_slot))
        .max()
        .unwrap_or(0)
}
