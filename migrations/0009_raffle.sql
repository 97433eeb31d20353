-- Raffles: many people, few places or prizes by rank, one order that anyone can check.

-- What follows a page's entries is no longer a market's outcomes alone.
ALTER TABLE pages RENAME COLUMN outcome_count TO tail_words;

-- Which ranking an instruction is about; of `close_ranking` the deposit that it took away for a wrong count.
ALTER TABLE instructions
    ADD COLUMN ranking          TEXT,
    ADD COLUMN lost_lamports    NUMERIC(20, 0);
CREATE INDEX instructions_ranking ON instructions (ranking, slot, tx_index, ix_index) WHERE ranking IS NOT NULL;

-- The rules of a config of kind raffle.
CREATE TABLE config_raffles (
    config              TEXT PRIMARY KEY REFERENCES configs (address) ON DELETE CASCADE,
    -- Of the tree of those who may enter; zeros without a list. leaf_count 0: open to everyone.
    root                BYTEA NOT NULL,
    capacity            BIGINT NOT NULL,
    waiting             BIGINT NOT NULL,
    leaf_count          BIGINT NOT NULL,
    confirm_seconds     BIGINT NOT NULL,
    penalty_bps         INTEGER NOT NULL,
    depth               SMALLINT NOT NULL,
    -- weighted or first_come.
    mode                TEXT NOT NULL,
    -- By rank, in parts of 10,000 of the pool after the fee; empty: places.
    prizes_bps          INTEGER[] NOT NULL
);

-- The round's part of a raffle, NULL for other kinds.
ALTER TABLE rounds
    -- Whether it is for places: who has none is refunded once the round is final. FALSE for other kinds.
    ADD COLUMN places           BOOLEAN,
    ADD COLUMN root             BYTEA,
    -- The accepted ranking.
    ADD COLUMN ranking          TEXT,
    -- The last standing with a rank, once ranked.
    ADD COLUMN threshold_key    NUMERIC(20, 0),
    ADD COLUMN threshold_page   BIGINT,
    ADD COLUMN threshold_index  BIGINT,
    ADD COLUMN capacity         BIGINT,
    ADD COLUMN waiting          BIGINT,
    ADD COLUMN leaf_count       BIGINT,
    ADD COLUMN confirm_seconds  BIGINT,
    ADD COLUMN ranked           BIGINT,
    ADD COLUMN taken            BIGINT,
    ADD COLUMN lapsed           BIGINT,
    ADD COLUMN promoted         BIGINT,
    ADD COLUMN penalty_bps      INTEGER,
    ADD COLUMN depth            SMALLINT,
    ADD COLUMN mode             TEXT,
    ADD COLUMN prize_count      SMALLINT,
    ADD COLUMN is_ranked        BOOLEAN,
    -- From the record: rewards reserved at the opening, of every kind; NULL in rounds indexed before.
    ADD COLUMN reserve_lamports NUMERIC(20, 0),
    -- From the record: deposits of wrong rankings, which were added to the round's rewards.
    ADD COLUMN lost_deposits_lamports NUMERIC(20, 0) NOT NULL DEFAULT 0;

-- NULL for other kinds. `picks` stays as it was entered: the key is not part of it.
ALTER TABLE entries
    -- Place in the list, 0 without one.
    ADD COLUMN leaf_index       BIGINT,
    ADD COLUMN weight           BIGINT,
    -- Once settled: the smallest wins. A u64.
    ADD COLUMN key              NUMERIC(20, 0),
    -- Once ranked, from 0; NULL: beyond the threshold. With it, what ranked_entries says of the place.
    ADD COLUMN rank             BIGINT,
    ADD COLUMN place_status     TEXT;
CREATE INDEX entries_order ON entries (round, key, page_sequence, index) WHERE key IS NOT NULL;

-- Attempts at the order of a raffle. Who closed one may open it again under the same address: the row is the last one's.
CREATE TABLE rankings (
    address             TEXT PRIMARY KEY,
    round               TEXT,
    submitter           TEXT,
    -- Exactly the entries up to this standing are said to have a rank.
    threshold_key       NUMERIC(20, 0),
    threshold_page      BIGINT,
    threshold_index     BIGINT,
    deposit_lamports    NUMERIC(20, 0),
    -- Entries that must have a rank; found so far, one more than slots when there are too many; ranks sorted.
    slots               BIGINT,
    found               BIGINT,
    sorted              BIGINT,
    page_count          BIGINT,
    pages_counted       BIGINT,
    -- growing, counting or accepted.
    status              TEXT,
    bump                SMALLINT,
    -- Entries counted on each page, by sequence; 4294967295: all.
    page_counts         BIGINT[],
    first_slot          BIGINT NOT NULL DEFAULT 0,
    account_slot        BIGINT NOT NULL DEFAULT 0,
    account_order       BIGINT NOT NULL DEFAULT 0,
    closed_at_slot      BIGINT
);
CREATE INDEX rankings_round ON rankings (round);

-- The order of a raffle, once its ranking is sorted: those with a place and those who wait.
CREATE TABLE ranked_entries (
    round           TEXT NOT NULL REFERENCES rounds (address) ON DELETE CASCADE,
    -- From 0.
    rank            BIGINT NOT NULL,
    -- The entry: sequence of its page, index on it.
    page            BIGINT NOT NULL,
    index           BIGINT NOT NULL,
    -- NULL: not known, since nobody read the round before it was closed.
    key             NUMERIC(20, 0),
    -- initial, promoted, taken, lapsed or released.
    status          TEXT NOT NULL DEFAULT 'initial',
    -- Of a promoted entry, else 0. The chain's clock; until the account was read, from the time of the block.
    offered_until   BIGINT NOT NULL DEFAULT 0,
    -- When it was offered a place that fell free, and when it was taken, lapsed or released.
    promoted_slot   BIGINT,
    resolved_slot   BIGINT,
    PRIMARY KEY (round, rank)
);
