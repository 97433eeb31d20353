-- Entries and what was paid for them, derived from the record alone: pages may be closed as soon as
-- nothing is owed, so nothing here waits for a page account to be read.

CREATE TABLE entries (
    -- Order of indexing, for pagination.
    id              BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    page            TEXT NOT NULL,
    -- Place on the page.
    index           BIGINT NOT NULL,
    round           TEXT NOT NULL,
    lottery_id      BIGINT NOT NULL,
    round_index     BIGINT NOT NULL,
    page_sequence   BIGINT NOT NULL,
    wallet          TEXT NOT NULL,
    -- The 16 bytes of the entry, and the numbers that they stand for.
    picks           BYTEA NOT NULL,
    numbers         SMALLINT[] NOT NULL,
    bonus           SMALLINT NOT NULL,
    stake_units     NUMERIC(20, 0) NOT NULL,
    -- Tier won, from 1; 0: none, or not settled yet.
    tier            SMALLINT NOT NULL DEFAULT 0,
    paid            BOOLEAN NOT NULL DEFAULT FALSE,
    refunded        BOOLEAN NOT NULL DEFAULT FALSE,
    quick_pick      BOOLEAN NOT NULL,
    signature       TEXT NOT NULL,
    path            TEXT NOT NULL,
    entered_slot    BIGINT NOT NULL,
    -- Time of the block.
    entered_at      BIGINT,
    settled_slot    BIGINT,
    PRIMARY KEY (page, index)
);
CREATE INDEX entries_wallet ON entries (wallet, id DESC);
CREATE INDEX entries_round ON entries (round, id DESC);
CREATE INDEX entries_winners ON entries (round, tier, id) WHERE tier > 0;
CREATE INDEX entries_slot ON entries (entered_slot);

-- One row for each prize or refund that was credited to a wallet.
CREATE TABLE payments (
    signature       TEXT NOT NULL,
    path            TEXT NOT NULL,
    -- Place in the instruction's list.
    item            INTEGER NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('prize', 'refund')),
    page            TEXT NOT NULL,
    index           BIGINT NOT NULL,
    round           TEXT NOT NULL,
    lottery_id      BIGINT NOT NULL,
    round_index     BIGINT NOT NULL,
    wallet          TEXT NOT NULL,
    -- Tier of a prize, 0 for a refund.
    tier            SMALLINT NOT NULL,
    -- NULL: the prize of a round that was closed before its amounts could be learnt.
    amount_units    NUMERIC(20, 0),
    slot            BIGINT NOT NULL,
    paid_at         BIGINT,
    PRIMARY KEY (signature, path, item),
    -- Nothing is ever paid or refunded twice.
    UNIQUE (page, index, kind)
);
CREATE INDEX payments_wallet ON payments (wallet, slot DESC);
CREATE INDEX payments_round ON payments (round, slot);
CREATE INDEX payments_slot ON payments (slot);

-- The jackpot of each lottery after every instruction that changed it, from the record alone: what a round
-- whose account was closed before we read it had to split.
CREATE TABLE jackpots (
    signature       TEXT NOT NULL,
    path            TEXT NOT NULL,
    lottery         TEXT NOT NULL,
    slot            BIGINT NOT NULL,
    tx_index        INTEGER NOT NULL,
    ix_index        INTEGER NOT NULL,
    jackpot_units   NUMERIC(20, 0) NOT NULL,
    PRIMARY KEY (signature, path)
);
CREATE INDEX jackpots_newest ON jackpots (lottery, slot DESC, tx_index DESC, ix_index DESC);

-- The tiers of each round with what they won. Amounts are those of one winner.
CREATE VIEW round_tiers AS
SELECT r.address AS round,
       r.lottery_id,
       r.index AS round_index,
       t.tier,
       t.matches,
       t.bonus,
       t.share_bps,
       COALESCE(r.winners[t.tier], 0) AS winners,
       COALESCE(r.prize_each_units[t.tier], 0) AS prize_each_units
FROM rounds r
JOIN config_tiers t ON t.config = r.config;
