-- House games: keno and instant. Players choose their stakes, and the lottery's bankroll pays multiples of them.
-- And what an operator's report needs, for games of every kind.

ALTER TABLE lotteries
    -- 0 for kinds without a bankroll, as in the account.
    ADD COLUMN max_stake_units      NUMERIC(20, 0),
    ADD COLUMN min_stake_units      NUMERIC(20, 0),
    ADD COLUMN page_budget_units    NUMERIC(20, 0),
    ADD COLUMN max_liability_units  NUMERIC(20, 0);

-- The declared band of a house game. Its prizes are in config_paytable (keno) and config_prizes (instant).
ALTER TABLE configs
    ADD COLUMN rtp_min_bps          INTEGER,
    ADD COLUMN rtp_max_bps          INTEGER;

-- What a keno ticket of so many spots wins for so many matches, in parts of 10,000 of its stake. Combinations that
-- win nothing have no row, so a spot count without any row is not offered. Tier of a winner: matches + 1.
CREATE TABLE config_paytable (
    config          TEXT NOT NULL REFERENCES configs (address) ON DELETE CASCADE,
    spots           SMALLINT NOT NULL,
    matches         SMALLINT NOT NULL,
    multiplier_bps  BIGINT NOT NULL,
    PRIMARY KEY (config, spots, matches)
);

-- The prize table of an instant game, from the highest prize down; the last row may be the losing one. Chances are in
-- parts of 2^32 and make 2^32 together.
CREATE TABLE config_prizes (
    config          TEXT NOT NULL REFERENCES configs (address) ON DELETE CASCADE,
    tier            SMALLINT NOT NULL,
    parts           BIGINT NOT NULL,
    multiplier_bps  BIGINT NOT NULL,
    PRIMARY KEY (config, tier)
);

ALTER TABLE rounds
    ADD COLUMN min_stake_units      NUMERIC(20, 0),
    ADD COLUMN max_stake_units      NUMERIC(20, 0),
    ADD COLUMN page_budget_units    NUMERIC(20, 0),
    ADD COLUMN max_liability_units  NUMERIC(20, 0),
    ADD COLUMN budget_units         NUMERIC(20, 0),
    ADD COLUMN liability_units      NUMERIC(20, 0),
    -- Of every kind: prizes of settled pages; all prizes of the round once it is final.
    ADD COLUMN prizes_units         NUMERIC(20, 0),
    -- 10 places: by spots (keno), or the first one only (instant); 0: not offered.
    ADD COLUMN max_multiplier_bps   BIGINT[],
    -- From the record, from here on. Rewards that cranking this round has paid so far, out of what it reserved from the
    -- crank deposit when it opened: steps times reward_step_lamports and items times reward_item_lamports. For a round
    -- whose account lives, this and crank_lamports make the reserve.
    ADD COLUMN crank_spent_lamports NUMERIC(20, 0) NOT NULL DEFAULT 0,
    -- What its account locks: the rent-exempt minimum of its size, by the cluster's rent. Free again at closed_at.
    ADD COLUMN rent_lamports        NUMERIC(20, 0),
    -- Time of the block with `close_round`.
    ADD COLUMN closed_at            BIGINT,
    -- House games once final, else NULL: stakes, and squares of stakes, added up by spots as max_multiplier_bps has its
    -- places. With the paytable they give the exact RTP of what was played, and its variance.
    ADD COLUMN spot_stake_units     NUMERIC(20, 0)[],
    ADD COLUMN spot_stake_squares   NUMERIC(40, 0)[];

-- A report reads rounds by the UTC day they ended, never entries.
CREATE INDEX rounds_final ON rounds (lottery_id, (DATE '1970-01-01' + (final_at / 86400)::INTEGER)) WHERE final_at > 0;

-- When a round's account lives; without an end while it does. Block times and the chain's clock may differ by a second, and a range
-- must not end before it begins.
CREATE FUNCTION round_life(opened_at BIGINT, closed_at BIGINT) RETURNS INT8RANGE
LANGUAGE SQL IMMUTABLE PARALLEL SAFE AS $$
    SELECT int8range(opened_at, CASE WHEN closed_at IS NULL THEN NULL ELSE GREATEST(opened_at, closed_at) END)
$$;
CREATE INDEX rounds_life ON rounds USING GIST (round_life(opened_at, closed_at));

ALTER TABLE pages
    ADD COLUMN prizes_units             NUMERIC(20, 0),
    -- From the record, from here on: the highest prizes of the entries indexed, together.
    ADD COLUMN record_liability_units   NUMERIC(20, 0) NOT NULL DEFAULT 0,
    -- Times of the blocks with `open_page` and `close_page`.
    ADD COLUMN opened_at                BIGINT,
    ADD COLUMN closed_at                BIGINT,
    ADD COLUMN rent_lamports            NUMERIC(20, 0);

ALTER TABLE entries
    -- Keno: how many numbers are picked.
    ADD COLUMN spots            SMALLINT NOT NULL DEFAULT 0,
    -- House games: the prize in parts of 10,000 of the stake; 0 before settling, or lost.
    ADD COLUMN multiplier_bps   BIGINT NOT NULL DEFAULT 0,
    -- The prize of an entry of any kind; 0: lost. NULL while it is not known: before settling, and of a draw's winners
    -- before the round is final.
    ADD COLUMN prize_units      NUMERIC(20, 0);

-- Reward that the instruction paid to its cranker; NULL where there is none to pay.
ALTER TABLE instructions
    ADD COLUMN reward_lamports  NUMERIC(20, 0);

-- What each lottery did on each UTC day, by the day its rounds ended. A void round has no turnover, but its crank was paid.
CREATE VIEW lottery_days AS
SELECT r.lottery_id,
       DATE '1970-01-01' + (r.final_at / 86400)::INTEGER AS day,
       count(*) FILTER (WHERE r.status = 'final') AS rounds,
       COALESCE(sum(r.entries) FILTER (WHERE r.status = 'final' AND NOT r.refund_all), 0)::BIGINT AS entries,
       COALESCE(sum(r.pool_units) FILTER (WHERE r.status = 'final' AND NOT r.refund_all), 0) AS turnover_units,
       COALESCE(sum(r.prizes_units) FILTER (WHERE r.status = 'final' AND NOT r.refund_all), 0) AS prizes_units,
       COALESCE(sum(r.fee_units) FILTER (WHERE r.status = 'final'), 0) AS fees_units,
       sum(r.crank_spent_lamports) AS crank_cost_lamports
FROM rounds r
WHERE r.final_at > 0
GROUP BY 1, 2;

-- The same days of house games: what was staked on each spot count under each config; spots are 0 for instant games.
CREATE VIEW lottery_day_stakes AS
SELECT r.lottery_id,
       DATE '1970-01-01' + (r.final_at / 86400)::INTEGER AS day,
       r.config,
       CASE r.kind WHEN 'keno' THEN s.place ELSE 0 END::SMALLINT AS spots,
       sum(s.stake_units) AS stake_units,
       sum(s.stake_squares) AS stake_squares
FROM rounds r
CROSS JOIN LATERAL unnest(r.spot_stake_units, r.spot_stake_squares) WITH ORDINALITY
    AS s (stake_units, stake_squares, place)
WHERE r.final_at > 0 AND s.stake_units > 0
GROUP BY 1, 2, 3, 4;

-- Lamports of rent in the round and page accounts that a lottery had at a moment (unix seconds). A page never outlives its
-- round.
CREATE FUNCTION lottery_rent_locked(id BIGINT, moment BIGINT) RETURNS NUMERIC
LANGUAGE SQL STABLE PARALLEL SAFE AS $$
    SELECT COALESCE(sum(r.rent_lamports + COALESCE(p.rent_lamports, 0)), 0)
    FROM rounds r
    LEFT JOIN LATERAL (
        SELECT sum(rent_lamports) AS rent_lamports FROM pages
        WHERE round = r.address AND opened_at <= moment AND (closed_at IS NULL OR closed_at > moment)
    ) p ON TRUE
    WHERE round_life(r.opened_at, r.closed_at) @> moment AND r.lottery_id = id
$$;
