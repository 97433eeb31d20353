-- Prediction markets: players bet against each other on facts that reporters attest.

-- Who may attest. Immutable: the address is the hash of the reporters.
CREATE TABLE oracle_sets (
    address         TEXT PRIMARY KEY,
    -- Ascending by their bytes; the place, from 0, is the reporter's index.
    reporters       TEXT[] NOT NULL,
    reporter_count  SMALLINT NOT NULL,
    bump            SMALLINT,
    first_slot      BIGINT NOT NULL DEFAULT 0,
    account_slot    BIGINT NOT NULL DEFAULT 0,
    account_order   BIGINT NOT NULL DEFAULT 0,
    closed_at_slot  BIGINT
);

ALTER TABLE lotteries
    -- Rounds lock when unix time is this many seconds past a multiple of the period; 0: they follow each other.
    ADD COLUMN lock_offset_seconds  BIGINT;

-- The rules of a config of kind prediction, all but its ranges.
CREATE TABLE config_markets (
    config              TEXT PRIMARY KEY REFERENCES configs (address) ON DELETE CASCADE,
    -- The oracle set whose reporters attest: quorum of reporter_count decide.
    oracles             TEXT NOT NULL,
    quorum              SMALLINT NOT NULL,
    reporter_count      SMALLINT NOT NULL,
    event_delay_seconds BIGINT NOT NULL,
    -- pro_rata or parimutuel; parity, ranges, exact, number or compare.
    mode                TEXT NOT NULL,
    mapping             TEXT NOT NULL,
    outcome_count       SMALLINT NOT NULL,
    fact_count          SMALLINT NOT NULL,
    -- Bit i: fact i is part of the sum. `other` and `tie` are those of a comparison.
    subject             SMALLINT NOT NULL,
    other               SMALLINT NOT NULL,
    tie                 SMALLINT NOT NULL,
    minimum             BIGINT NOT NULL,
    maximum             BIGINT NOT NULL
);

-- Outcome i of mapping ranges, or of mapping exact: whose last outcome is every other number and has no row.
CREATE TABLE config_ranges (
    config      TEXT NOT NULL REFERENCES configs (address) ON DELETE CASCADE,
    outcome     SMALLINT NOT NULL,
    low         BIGINT NOT NULL,
    high        BIGINT NOT NULL,
    PRIMARY KEY (config, outcome)
);

-- 0 for other kinds, as in the account. The outcome that came true is the first byte of `result` once `value` is there.
ALTER TABLE rounds
    ADD COLUMN event_at         BIGINT,
    ADD COLUMN winning_units    NUMERIC(20, 0),
    ADD COLUMN matched_units    NUMERIC(20, 0),
    ADD COLUMN outcome_count    SMALLINT,
    ADD COLUMN reporter_count   SMALLINT,
    ADD COLUMN quorum           SMALLINT;

ALTER TABLE pages
    ADD COLUMN outcome_count    SMALLINT;

ALTER TABLE entries
    -- NULL for other kinds; from 0.
    ADD COLUMN outcome          SMALLINT,
    -- The part of the stake that other players' stakes stood against; NULL before the round is final, and for other kinds.
    ADD COLUMN matched_units    NUMERIC(20, 0);

-- Stakes on each outcome of a market. Live: they grow with each entry of the record. Once every page of the round is
-- sealed they are what its account says. Every outcome has its row from the opening on.
CREATE TABLE outcome_pools (
    round       TEXT NOT NULL REFERENCES rounds (address) ON DELETE CASCADE,
    outcome     SMALLINT NOT NULL,
    stake_units NUMERIC(20, 0) NOT NULL DEFAULT 0,
    entries     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (round, outcome)
);

-- What each reporter attested. Re-timing an empty round takes its attestations away, here as on the chain; the
-- instructions stay.
CREATE TABLE attestations (
    round           TEXT NOT NULL REFERENCES rounds (address) ON DELETE CASCADE,
    reporter_index  SMALLINT NOT NULL,
    reporter        TEXT NOT NULL,
    -- As many as the market asks for.
    facts           BIGINT[] NOT NULL,
    -- SHA-256 of what the reporter fetched and keeps.
    evidence        BYTEA NOT NULL,
    -- The chain's clock; until the account was read, the time of the block.
    attested_at     BIGINT,
    -- Whether this was the one that decided.
    decided         BOOLEAN NOT NULL,
    signature       TEXT NOT NULL,
    path            TEXT NOT NULL,
    slot            BIGINT NOT NULL,
    PRIMARY KEY (round, reporter_index)
);
CREATE INDEX attestations_reporter ON attestations (reporter, slot DESC);
CREATE INDEX attestations_slot ON attestations (slot);

-- Which entries each `settle` settled, of every kind: from first_index up to, not including, end_index.
CREATE TABLE settlements (
    signature   TEXT NOT NULL,
    path        TEXT NOT NULL,
    round       TEXT NOT NULL,
    page        TEXT NOT NULL,
    first_index BIGINT NOT NULL,
    end_index   BIGINT NOT NULL,
    slot        BIGINT NOT NULL,
    PRIMARY KEY (signature, path)
);
CREATE INDEX settlements_page ON settlements (page, first_index);
CREATE INDEX settlements_slot ON settlements (slot);

-- The steps of a round as records, for rounds of every kind. In order: (slot, tx_index, ix_index, item), which is unique within
-- a round. It follows the round's instructions, so that a reader who asks for one round from a place on, in order, reads no more
-- than its page: compare (slot, tx_index, ix_index) with the place besides.
--
-- BetPlaced: one for each entry. RoundLocked: the first of its pages was sealed; `entries` and `stake_units` are all of the round. BetMatched: one
-- for each entry of a market that is final and not refunded, at its `settle`; what of its stake was matched. RoundFinalized: `finalise`;
-- `amount_units` is what winners get, `matched_units` what the losers lose. WinningsClaimed: a prize was credited. RefundIssued: a stake
-- of a round without a winner, or the part of a loser's stake that nobody matched.
CREATE INDEX instructions_locks ON instructions (round, name, slot, tx_index, ix_index)
    WHERE name IN ('seal_page', 'retime_round');

-- Whether a round was re-timed after this place: whoever sealed its empty pages before did it in vain.
CREATE FUNCTION is_retimed(of_round TEXT, at_slot BIGINT, at_tx INTEGER, at_ix INTEGER) RETURNS BOOLEAN
LANGUAGE SQL STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (SELECT 1 FROM instructions
                   WHERE round = of_round AND name = 'retime_round' AND (slot, tx_index, ix_index) > (at_slot, at_tx, at_ix))
$$;

CREATE VIEW round_records AS
SELECT x.record, i.round, i.slot, i.tx_index, i.ix_index, x.item, i.signature, i.path, i.block_at AS at,
       x.wallet, x.outcome, x.stake_units, x.matched_units, x.amount_units, x.entries
FROM instructions i
JOIN rounds r ON r.address = i.round
CROSS JOIN LATERAL (
    SELECT 'BetPlaced' AS record, e.index AS item, e.wallet, e.outcome, e.stake_units,
           NULL::NUMERIC(20, 0) AS matched_units, NULL::NUMERIC(20, 0) AS amount_units, 1::BIGINT AS entries
    FROM entries e
    WHERE i.name = 'enter' AND e.round = i.round AND e.entered_slot = i.slot
      AND (e.signature, e.path) = (i.signature, i.path)
    UNION ALL
    SELECT 'RoundLocked', -1, NULL, NULL, r.entered_units, NULL, NULL, r.entered_count
    WHERE i.name = 'seal_page' AND NOT is_retimed(i.round, i.slot, i.tx_index, i.ix_index)
      AND NOT EXISTS (
          SELECT 1 FROM instructions b WHERE b.round = i.round AND b.name = 'seal_page'
            AND (b.slot, b.tx_index, b.ix_index) < (i.slot, i.tx_index, i.ix_index)
            AND NOT is_retimed(b.round, b.slot, b.tx_index, b.ix_index))
    UNION ALL
    SELECT 'BetMatched', e.index, e.wallet, e.outcome, e.stake_units, e.matched_units, NULL, 1
    FROM settlements s
    JOIN entries e ON e.page = s.page AND e.index >= s.first_index AND e.index < s.end_index
    WHERE i.name = 'settle' AND (s.signature, s.path) = (i.signature, i.path)
      AND e.matched_units IS NOT NULL AND NOT r.refund_all
    UNION ALL
    SELECT 'RoundFinalized', -1, NULL, CASE WHEN r.kind = 'prediction' THEN get_byte(r.result, 0) END::SMALLINT,
           r.pool_units, r.matched_units, r.prizes_units, r.entries
    WHERE i.name = 'finalise' AND r.status = 'final'
    UNION ALL
    SELECT CASE WHEN y.kind = 'refund' OR (r.kind = 'prediction' AND y.tier = 2) THEN 'RefundIssued'
                ELSE 'WinningsClaimed' END,
           y.item, y.wallet, e.outcome, e.stake_units, e.matched_units, y.amount_units, 1
    FROM payments y
    JOIN entries e ON (e.page, e.index) = (y.page, y.index)
    WHERE i.name IN ('pay', 'refund') AND (y.signature, y.path) = (i.signature, i.path)
) x
WHERE i.name IN ('enter', 'seal_page', 'settle', 'finalise', 'pay', 'refund');
