-- A lottery whose rounds are decided by a beacon that signs every 3 s since 1700000000, and a round of seed.sql's lottery 1 that
-- is decided by a slot.
INSERT INTO beacons (address, public_key, chain_hash, genesis_at, usable_at, period_seconds) VALUES
    ('Beacon31', decode(repeat('11', 128), 'hex'), decode(repeat('be', 32), 'hex'), 1700000000, 1700000000, 3);
INSERT INTO configs (address, lottery, stake_units, version, grace_seconds, claim_seconds, fee_bps, kind, source,
                     picks, numbers, bonus_numbers, rollover, tier_count, beacon, beacon_genesis_at,
                     beacon_period_seconds, beacon_margin_seconds, reveal_delay_slots) VALUES
    ('Config31', 'Lottery31', 1000, 0, 86400, 86400, 500, 'draw', 'beacon', 6, 49, 0, FALSE, 1, 'Beacon31', 1700000000,
     3, 30, 0);
INSERT INTO config_tiers (config, tier, matches, bonus, share_bps) VALUES ('Config31', 1, 6, FALSE, 10000);
INSERT INTO lotteries (address, id, operator, mint, config, name, next_round_index, created_at, jackpot_units,
                       period_seconds, kind, status, retiring, rollover) VALUES
    ('Lottery31', 31, 'Operator', 'UsdcMint', 'Config31', 'Drand', 4, 1700000000, 0, 60, 'draw', 'active', 0, FALSE);

-- Open; drawn and whole; void; gone before it was read.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, opened_at, locks_at, lock_slot, kind, source, status,
                    void_reason, beacon, beacon_round, entered_count, entered_units, stake_units) VALUES
    ('SysvarC1ock11111111111111111111111111111111', 'Lottery31', 'Config31', 'UsdcMint', 31, 3, 1700002910, 1700002970,
     9000, 'draw', 'beacon', 'open', 'none', 'Beacon31', 1001, 0, 0, 1000),
    ('Round31-1', 'Lottery31', 'Config31', 'UsdcMint', 31, 1, 1700000000, 1700000060, 8000, 'draw', 'beacon', 'void',
     'beacon_early', 'Beacon31', 31, 0, 0, 1000),
    ('Round31-0', 'Lottery31', 'Config31', 'UsdcMint', 31, 0, 1700000000, NULL, NULL, 'draw', 'beacon', 'final', 'none',
     'Beacon31', NULL, 0, 0, 1000);
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, opened_at, locks_at, lock_slot, target_slot, kind,
                    source, status, void_reason, entered_count, entered_units, stake_units) VALUES
    ('Round1-122', 'Lottery1', 'Config1', '11111111111111111111111111111111', 1, 122, 1700007260, 1700007320, 5000, 5010,
     'draw', 'commit_reveal', 'open', 'none', 0, 0, 1000);
