-- Beacons: public randomness chains, and the rounds that draw from them. And what proves a round once its account is gone.

-- Every field of the Beacon account. One that can be used (usable_at) is never changed nor closed.
CREATE TABLE beacons (
    address         TEXT PRIMARY KEY,
    -- A point of G2: x.c1, x.c0, y.c1, y.c0, 32 big-endian bytes each.
    public_key      BYTEA,
    chain_hash      BYTEA,
    rent_payer      TEXT,
    -- Unix seconds of round 1.
    genesis_at      BIGINT,
    usable_at       BIGINT,
    period_seconds  BIGINT,
    bump            SMALLINT,
    first_slot      BIGINT NOT NULL DEFAULT 0,
    account_slot    BIGINT NOT NULL DEFAULT 0,
    account_order   BIGINT NOT NULL DEFAULT 0,
    closed_at_slot  BIGINT
);

ALTER TABLE registry
    ADD COLUMN beacon_delay_seconds     BIGINT;

-- The zero address and zeros for other sources, as in the account.
ALTER TABLE configs
    ADD COLUMN beacon                   TEXT,
    ADD COLUMN beacon_genesis_at        BIGINT,
    ADD COLUMN beacon_period_seconds    BIGINT,
    ADD COLUMN beacon_margin_seconds    BIGINT;

ALTER TABLE rounds
    ADD COLUMN beacon                   TEXT,
    ADD COLUMN beacon_round             BIGINT,
    -- From the record: what was posted as the value of a beacon round. Its SHA-256 is the value, so a beacon round is whole
    -- in the record.
    ADD COLUMN beacon_signature         BYTEA;
