-- Two running lotteries, one of a kind that nobody knows yet, and a player in two mints.
INSERT INTO vaults (address, mint, total_units, kind, decimals) VALUES
    ('VaultSo1', '11111111111111111111111111111111', 500000000000, 'native', 9),
    ('VaultUsd', 'UsdcMint', 900000000, 'spl_token', 6);

INSERT INTO configs (address, lottery, stake_units, version, grace_seconds, claim_seconds, fee_bps, kind, source,
                     picks, numbers, bonus_numbers, rollover, tier_count) VALUES
    ('Config1', 'Lottery1', 10000000, 0, 60, 86400, 500, 'draw', 'commit_reveal', 6, 49, 0, TRUE, 3),
    ('Config2', 'Lottery2', 18446744073709551615, 0, 60, 86400, 250, 'draw', 'commit_reveal', 5, 69, 26, FALSE, 2);
INSERT INTO config_tiers (config, tier, matches, bonus, share_bps) VALUES
    ('Config1', 1, 6, FALSE, 6000), ('Config1', 2, 5, FALSE, 3000), ('Config1', 3, 4, FALSE, 1000),
    ('Config2', 1, 5, TRUE, 8000), ('Config2', 2, 5, FALSE, 2000);

INSERT INTO lotteries (address, id, operator, mint, config, name, next_round_index, created_at, jackpot_units,
                       period_seconds, kind, status, retiring, rollover) VALUES
    ('Lottery1', 1, 'Operator', '11111111111111111111111111111111', 'Config1', 'Daily 6/49', 122, 1700000000,
     123456789012345, 60, 'draw', 'active', 0, TRUE),
    ('Lottery2', 2, 'Operator', 'UsdcMint', 'Config2', 'Power', 0, 1700000000, 0, 3600, 'draw', 'paused', 0, FALSE),
    ('Lottery3', 3, 'Operator', 'UsdcMint', NULL, 'Wheel', 1, 1700000000, 0, 5, 'roulette', 'active', 1, FALSE);
-- Only the record knows this one so far.
INSERT INTO lotteries (address, id) VALUES ('Lottery9', 9);

-- Numbers 1, 2, 3, 4, 5 and 49.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, result, opened_at, locks_at, lock_slot,
                    final_at, claim_until, drawn_at, stake_units, pool_units, fee_units, prize_each_units, winners,
                    winners_total, winners_paid, entries, entered_count, entered_units, kind, source, status,
                    void_reason, picks, numbers, bonus_numbers, fee_bps, value, seed, commit, account_slot)
SELECT 'Round1-' || i, 'Lottery1', 'Config1', '11111111111111111111111111111111', 1, i,
       decode('1f00000000000100' || repeat('00', 24), 'hex'), 1700000000 + i * 60, 1700000060 + i * 60, 1000 + i,
       1700000070 + i * 60, 1700086470 + i * 60, 1700000065 + i * 60, 10000000, 70000000, 3500000,
       (ARRAY[0, 19950000] || array_fill(0::numeric, ARRAY[14])), (ARRAY[0, 1] || array_fill(0::bigint, ARRAY[14])),
       1, 1, 7, 7, 70000000, 'draw', 'commit_reveal', 'final', 'none', 6, 49, 0, 500,
       decode(repeat('ab', 32), 'hex'), decode(repeat('cd', 32), 'hex'), decode(repeat('00', 32), 'hex'), 2000
FROM generate_series(0, 120) AS i;
UPDATE rounds SET status = 'void', void_reason = 'grace_expired', drawn_at = NULL, winners_total = 0
WHERE address = 'Round1-3';
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, opened_at, locks_at, lock_slot, stake_units,
                    entered_count, entered_units, kind, source, status, picks, numbers, bonus_numbers)
VALUES ('Round1-121', 'Lottery1', 'Config1', '11111111111111111111111111111111', 1, 121, 1700007260,
        extract(epoch FROM now())::bigint + 30, 5000, 10000000, 3, 30000000, 'draw', 'commit_reveal', 'open', 6, 49, 0);
INSERT INTO rounds (address, lottery, lottery_id, index, mint, kind, status, result)
VALUES ('Round3-0', 'Lottery3', 3, 0, 'UsdcMint', 'roulette', 'final', decode('ff' || repeat('00', 31), 'hex'));

INSERT INTO wallets (address, owner, mint, balance_units, busy_until, session_key, session_expires_at,
                     session_limit_units, session_spent_units, session_lotteries) VALUES
    ('WalletSol', 'SysvarC1ock11111111111111111111111111111111', '11111111111111111111111111111111', 18446744073709551615,
     1700009999, 'SessionKey', 1800000000, 5000, 100, ARRAY[1, 0, 0, 0]),
    ('WalletUsd', 'SysvarC1ock11111111111111111111111111111111', 'UsdcMint', 0, 0,
     '11111111111111111111111111111111', 0, 0, 0, ARRAY[0, 0, 0, 0]);

INSERT INTO entries (page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers, bonus,
                     stake_units, tier, paid, quick_pick, signature, path, entered_slot, entered_at)
SELECT 'Page' || r, i, 'Round1-' || r, 1, r, 0, 'WalletSol', ''::bytea, '{1,2,3,4,5,6}', 0, 10000000,
       CASE WHEN r = 120 AND i = 0 THEN 2 ELSE 0 END, r = 120 AND i = 0, i % 2 = 1, 'Sig' || r || '-' || i / 4, '0',
       1000, 1700000001
FROM generate_series(119, 121) AS r, generate_series(0, 6) AS i ORDER BY r, i;
INSERT INTO entries (page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers, bonus,
                     stake_units, refunded, quick_pick, signature, path, entered_slot)
VALUES ('Page3', 0, 'Round1-3', 1, 3, 0, 'WalletSol', '', '{1,2,3,4,5,6}', 0, 10000000, TRUE, FALSE, 'Sig3', '0', 900),
       ('PageW', 0, 'Round3-0', 3, 0, 0, 'WalletUsd', '', '{}', 0, 5, FALSE, FALSE, 'SigW', '0', 901);
INSERT INTO payments (signature, path, item, kind, page, index, round, lottery_id, round_index, wallet, tier, amount_units, slot)
VALUES ('Pay1', '0', 0, 'prize', 'Page120', 0, 'Round1-120', 1, 120, 'WalletSol', 2, 19950000, 1100),
       ('Pay2', '0', 0, 'refund', 'Page3', 0, 'Round1-3', 1, 3, 'WalletSol', 0, 10000000, 1101);

UPDATE cursor SET slot = 5000, tip_slot = 5001, updated_at = now();
UPDATE totals SET instructions = 500, entries = 23, prizes_paid = 1, refunds_paid = 1, rounds_drawn = 120, rounds_void = 1;
INSERT INTO outbox (topic, kind, payload, slot) VALUES ('global', 'stats:update', '{"entries": 23}', 4999);
