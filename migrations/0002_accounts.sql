-- The program's accounts, every field a column, as they were read last.
--
-- account_slot, account_order: the slot of the read and its order in it. A row only ever changes to a
-- later read. Both are 0 while the account was never read: the row then holds what the record tells.
-- closed_at_slot: when the record says that the account was closed. Its row stays, with its last state.
-- The zero address, base58 "11111111111111111111111111111111", stands for none; zeroed digests likewise.

CREATE TABLE registry (
    address             TEXT PRIMARY KEY,
    authority           TEXT,
    pending_authority   TEXT,
    treasury            TEXT,
    next_lottery_id     BIGINT,
    min_grace_seconds   BIGINT,
    min_grace_slots     BIGINT,
    min_claim_seconds   BIGINT,
    fee_cap_bps         INTEGER,
    paused              BOOLEAN,
    bump                SMALLINT,
    -- Bit `source` of byte `kind`.
    allowed_sources     BYTEA,
    first_slot          BIGINT NOT NULL DEFAULT 0,
    account_slot        BIGINT NOT NULL DEFAULT 0,
    account_order       BIGINT NOT NULL DEFAULT 0,
    closed_at_slot      BIGINT
);

CREATE TABLE vaults (
    address             TEXT PRIMARY KEY,
    mint                TEXT UNIQUE,
    token_program       TEXT,
    tokens              TEXT,
    rent_payer          TEXT,
    total_units         NUMERIC(20, 0),
    kind                TEXT,
    decimals            SMALLINT,
    bump                SMALLINT,
    tokens_bump         SMALLINT,
    first_slot          BIGINT NOT NULL DEFAULT 0,
    account_slot        BIGINT NOT NULL DEFAULT 0,
    account_order       BIGINT NOT NULL DEFAULT 0,
    closed_at_slot      BIGINT
);

CREATE TABLE wallets (
    address             TEXT PRIMARY KEY,
    owner               TEXT,
    mint                TEXT,
    rent_payer          TEXT,
    session_key         TEXT,
    session_lotteries   NUMERIC(20, 0)[],
    session_expires_at  BIGINT,
    session_limit_units NUMERIC(20, 0),
    session_spent_units NUMERIC(20, 0),
    balance_units       NUMERIC(20, 0),
    busy_until          BIGINT,
    -- [{"lottery_id", "round_index", "locks_at", "entries"}], by place.
    ring                JSONB,
    bump                SMALLINT,
    first_slot          BIGINT NOT NULL DEFAULT 0,
    account_slot        BIGINT NOT NULL DEFAULT 0,
    account_order       BIGINT NOT NULL DEFAULT 0,
    closed_at_slot      BIGINT
);
CREATE INDEX wallets_owner ON wallets (owner, mint);

CREATE TABLE lotteries (
    address                 TEXT PRIMARY KEY,
    id                      BIGINT UNIQUE,
    operator                TEXT,
    pauser                  TEXT,
    treasurer               TEXT,
    pending_operator        TEXT,
    pending_pauser          TEXT,
    pending_treasurer       TEXT,
    mint                    TEXT,
    config                  TEXT,
    rent_payer              TEXT,
    -- As people read it, and its 32 bytes.
    name                    TEXT,
    name_data               BYTEA,
    history_head            BYTEA,
    chain_head              BYTEA,
    chain_position          NUMERIC(20, 0),
    chain_next              NUMERIC(20, 0),
    chain_length            NUMERIC(20, 0),
    next_round_index        BIGINT,
    next_final_index        BIGINT,
    created_at              BIGINT,
    last_locks_at           BIGINT,
    previous_locks_at       BIGINT,
    jackpot_units           NUMERIC(20, 0),
    bankroll_free_units     NUMERIC(20, 0),
    bankroll_reserved_units NUMERIC(20, 0),
    bond_free_units         NUMERIC(20, 0),
    bond_reserved_units     NUMERIC(20, 0),
    fees_units              NUMERIC(20, 0),
    treasury_due_units      NUMERIC(20, 0),
    crank_lamports          NUMERIC(20, 0),
    config_version          BIGINT,
    config_count            BIGINT,
    page_entries            BIGINT,
    max_pages               BIGINT,
    max_entries_per_round   BIGINT,
    max_entries_per_player  BIGINT,
    period_seconds          BIGINT,
    reward_step_lamports    BIGINT,
    reward_item_lamports    BIGINT,
    live_rounds             BIGINT,
    kind                    TEXT,
    status                  TEXT,
    -- 1: the next round to open is the last; 2: it is open.
    retiring                SMALLINT,
    rollover                BOOLEAN,
    bump                    SMALLINT,
    first_slot              BIGINT NOT NULL DEFAULT 0,
    account_slot            BIGINT NOT NULL DEFAULT 0,
    account_order           BIGINT NOT NULL DEFAULT 0,
    closed_at_slot          BIGINT
);
CREATE INDEX lotteries_status ON lotteries (status, id);

-- Immutable, and whole in the record: these rows never depend on an account read.
CREATE TABLE configs (
    address                 TEXT PRIMARY KEY,
    lottery                 TEXT NOT NULL,
    rent_payer              TEXT,
    stake_units             NUMERIC(20, 0),
    created_slot            BIGINT,
    version                 BIGINT NOT NULL,
    grace_seconds           BIGINT,
    grace_slots             BIGINT,
    claim_seconds           BIGINT,
    reveal_delay_slots      BIGINT,
    fee_bps                 INTEGER,
    compensation_cap_bps    INTEGER,
    kind                    TEXT,
    source                  TEXT,
    bump                    SMALLINT,
    -- Rules of the kind, as stored; then those of kind draw by name.
    rules                   BYTEA,
    picks                   SMALLINT,
    numbers                 SMALLINT,
    bonus_numbers           SMALLINT,
    rollover                BOOLEAN,
    tier_count              SMALLINT,
    first_slot              BIGINT NOT NULL DEFAULT 0,
    account_slot            BIGINT NOT NULL DEFAULT 0,
    account_order           BIGINT NOT NULL DEFAULT 0,
    closed_at_slot          BIGINT,
    UNIQUE (lottery, version)
);

-- The prize tiers of a config of kind draw. Tier 1 is the top one.
CREATE TABLE config_tiers (
    config      TEXT NOT NULL REFERENCES configs (address) ON DELETE CASCADE,
    tier        SMALLINT NOT NULL,
    matches     SMALLINT NOT NULL,
    bonus       BOOLEAN NOT NULL,
    share_bps   INTEGER NOT NULL,
    PRIMARY KEY (config, tier)
);

CREATE TABLE rounds (
    address                 TEXT PRIMARY KEY,
    lottery                 TEXT,
    config                  TEXT,
    mint                    TEXT,
    rent_payer              TEXT,
    commit                  BYTEA,
    reveal                  BYTEA,
    slot_hash               BYTEA,
    value                   BYTEA,
    seed                    BYTEA,
    sealed_digest           BYTEA,
    result                  BYTEA,
    lottery_id              BIGINT,
    index                   BIGINT,
    opened_at               BIGINT,
    opened_slot             BIGINT,
    locks_at                BIGINT,
    lock_slot               BIGINT,
    target_slot             BIGINT,
    captured_slot           BIGINT,
    final_at                BIGINT,
    claim_until             BIGINT,
    stake_units             NUMERIC(20, 0),
    cash_units              NUMERIC(20, 0),
    pool_units              NUMERIC(20, 0),
    fee_units               NUMERIC(20, 0),
    jackpot_in_units        NUMERIC(20, 0),
    bond_units              NUMERIC(20, 0),
    slashed_units           NUMERIC(20, 0),
    bonus_each_units        NUMERIC(20, 0),
    crank_lamports          NUMERIC(20, 0),
    -- By tier, 16 places; see view round_tiers.
    prize_each_units        NUMERIC(20, 0)[],
    winners                 BIGINT[],
    entries                 BIGINT,
    winners_total           BIGINT,
    winners_paid            BIGINT,
    refunded                BIGINT,
    chain_position          NUMERIC(20, 0),
    config_version          BIGINT,
    page_count              BIGINT,
    pages_sealed            BIGINT,
    pages_settled           BIGINT,
    pages_closed            BIGINT,
    max_pages               BIGINT,
    page_entries            BIGINT,
    entries_allotted        BIGINT,
    max_entries             BIGINT,
    max_entries_per_player  BIGINT,
    grace_seconds           BIGINT,
    grace_slots             BIGINT,
    claim_seconds           BIGINT,
    reward_step_lamports    BIGINT,
    reward_item_lamports    BIGINT,
    retimes                 BIGINT,
    fee_bps                 INTEGER,
    compensation_cap_bps    INTEGER,
    kind                    TEXT,
    source                  TEXT,
    status                  TEXT,
    void_reason             TEXT,
    commit_distance         SMALLINT,
    picks                   SMALLINT,
    numbers                 SMALLINT,
    bonus_numbers           SMALLINT,
    rollover                BOOLEAN,
    is_last                 BOOLEAN,
    refund_all              BOOLEAN,
    finalised               BOOLEAN,
    expired                 BOOLEAN,
    bump                    SMALLINT,
    -- From the record: what was entered so far. `entries` and `pool_units` only count sealed pages.
    entered_count           BIGINT NOT NULL DEFAULT 0,
    entered_units           NUMERIC(20, 0) NOT NULL DEFAULT 0,
    -- Time of the block with `draw`.
    drawn_at                BIGINT,
    -- The account was closed before it was ever read in its last state: what instructions do not carry
    -- (the slot hash, and with it value and seed; exact times) may be missing or from an earlier state.
    incomplete              BOOLEAN NOT NULL DEFAULT FALSE,
    first_slot              BIGINT NOT NULL DEFAULT 0,
    account_slot            BIGINT NOT NULL DEFAULT 0,
    account_order           BIGINT NOT NULL DEFAULT 0,
    closed_at_slot          BIGINT,
    UNIQUE (lottery_id, index)
);
CREATE INDEX rounds_newest ON rounds (lottery_id, index DESC);
CREATE INDEX rounds_live ON rounds (status, locks_at) WHERE closed_at_slot IS NULL;

CREATE TABLE pages (
    address             TEXT PRIMARY KEY,
    round               TEXT,
    rent_payer          TEXT,
    digest              BYTEA,
    cash_units          NUMERIC(20, 0),
    liability_units     NUMERIC(20, 0),
    budget_units        NUMERIC(20, 0),
    sequence            BIGINT,
    capacity            BIGINT,
    count               BIGINT,
    settle_cursor       BIGINT,
    winners             BIGINT,
    paid                BIGINT,
    refunded            BIGINT,
    status              TEXT,
    bump                SMALLINT,
    tier_winners        BIGINT[],
    -- From the record: entries indexed, their running digest, and how far they are settled.
    record_count        BIGINT NOT NULL DEFAULT 0,
    record_digest       BYTEA NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    record_settled      BIGINT NOT NULL DEFAULT 0,
    first_slot          BIGINT NOT NULL DEFAULT 0,
    account_slot        BIGINT NOT NULL DEFAULT 0,
    account_order       BIGINT NOT NULL DEFAULT 0,
    closed_at_slot      BIGINT
);
CREATE INDEX pages_round ON pages (round, sequence);
