-- Switchboard on-demand: the deployment that the registry names, and the randomness account that a round committed.
ALTER TABLE registry
    -- The zero address: none.
    ADD COLUMN switchboard_program  TEXT,
    ADD COLUMN switchboard_queue    TEXT;

ALTER TABLE rounds
    -- The zero address before the commit, and for other sources.
    ADD COLUMN randomness           TEXT;
