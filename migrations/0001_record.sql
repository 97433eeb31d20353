-- The record: every successful instruction of the program, in the order in which the chain ran it, and
-- how far the indexer has read it.
--
-- Types, here and in every later file: addresses and signatures are base58 TEXT, digests BYTEA, amounts
-- of money NUMERIC(20,0) because a u64 does not fit a BIGINT; slots, unix seconds, ids and counts are
-- BIGINT because they never come near 2^63. Kinds and states are the names of the interface.

-- One row. The rows of every table, this cursor and the feed change in the same transaction.
CREATE TABLE cursor (
    id              SMALLINT PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    -- Everything up to and including this slot is indexed.
    slot            BIGINT NOT NULL DEFAULT 0,
    -- Up to this slot the chain can no longer take anything back, and we have checked that it did not.
    finalised_slot  BIGINT NOT NULL DEFAULT 0,
    -- Newest slot of the chain when the cursor moved last.
    tip_slot        BIGINT NOT NULL DEFAULT 0,
    -- Counts account reads: the write order within a slot.
    read_order      BIGINT NOT NULL DEFAULT 0,
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);
INSERT INTO cursor DEFAULT VALUES;

-- One row: counters that would otherwise be counted from large tables for every `stats:update`.
CREATE TABLE totals (
    id              SMALLINT PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    instructions    BIGINT NOT NULL DEFAULT 0,
    entries         BIGINT NOT NULL DEFAULT 0,
    prizes_paid     BIGINT NOT NULL DEFAULT 0,
    refunds_paid    BIGINT NOT NULL DEFAULT 0,
    rounds_drawn    BIGINT NOT NULL DEFAULT 0,
    rounds_void     BIGINT NOT NULL DEFAULT 0
);
INSERT INTO totals DEFAULT VALUES;

CREATE TABLE instructions (
    signature       TEXT NOT NULL,
    -- "0": the first instruction of the transaction; "2.1": the second one that the third one called.
    path            TEXT NOT NULL,
    slot            BIGINT NOT NULL,
    -- Place of the transaction among those of its slot, then place of the instruction in it.
    tx_index        INTEGER NOT NULL,
    ix_index        INTEGER NOT NULL,
    block_at        BIGINT,
    name            TEXT NOT NULL,
    -- Accounts in order, and the arguments by name.
    accounts        TEXT[] NOT NULL,
    args            JSONB NOT NULL,
    data            BYTEA NOT NULL,
    -- What it is about, where it is about one.
    lottery         TEXT,
    round           TEXT,
    page            TEXT,
    wallet          TEXT,
    PRIMARY KEY (signature, path)
);
CREATE INDEX instructions_order ON instructions (slot, tx_index, ix_index);
CREATE INDEX instructions_round ON instructions (round, slot, tx_index, ix_index) WHERE round IS NOT NULL;
CREATE INDEX instructions_lottery ON instructions (lottery, slot, tx_index, ix_index) WHERE lottery IS NOT NULL;

-- What could not be decoded, applied or verified. Nothing is dropped in silence: a person looks here.
CREATE TABLE quarantine (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- instruction: its bytes mean nothing to this version; account: likewise;
    -- apply: its rows could not be written; check: what we derived is not what the chain says.
    subject         TEXT NOT NULL CHECK (subject IN ('instruction', 'account', 'apply', 'check')),
    signature       TEXT NOT NULL DEFAULT '',
    path            TEXT NOT NULL DEFAULT '',
    address         TEXT NOT NULL DEFAULT '',
    slot            BIGINT NOT NULL,
    reason          TEXT NOT NULL,
    data            BYTEA NOT NULL DEFAULT '',
    resolved        BOOLEAN NOT NULL DEFAULT FALSE,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (subject, signature, path, address, reason)
);
CREATE INDEX quarantine_open ON quarantine (id) WHERE NOT resolved;

-- The live feed, in order. Written by the one transaction that holds the cursor, so sequences become
-- visible in order and a reader that has seen n never misses one below it.
CREATE TABLE outbox (
    sequence        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- "global" or "lottery/{id}".
    topic           TEXT NOT NULL,
    -- "entry:new", "draw:result", ...
    kind            TEXT NOT NULL,
    payload         JSONB NOT NULL,
    slot            BIGINT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX outbox_topic ON outbox (topic, sequence);

-- Wakes the listeners of channel "outbox" with the newest sequence, once for each statement.
CREATE FUNCTION outbox_notify() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', (SELECT max(sequence) FROM added)::TEXT);
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();
