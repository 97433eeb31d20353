-- Two raffles over the rows of seed.sql. The rules' bytes are put in by the tests.
-- 51: two places and two who wait, with a list. 52: prizes by rank, open to everyone.
INSERT INTO configs (address, lottery, stake_units, version, grace_seconds, claim_seconds, fee_bps, kind, source, rules) VALUES
    ('Config51', 'Lottery51', 100, 0, 86400, 86400, 0, 'raffle', 'beacon', '{places}'),
    ('Config52', 'Lottery52', 100, 0, 86400, 86400, 500, 'raffle', 'beacon', '{prizes}');
INSERT INTO config_raffles (config, root, capacity, waiting, leaf_count, confirm_seconds, penalty_bps, depth, mode, prizes_bps) VALUES
    ('Config51', decode(repeat('ab', 32), 'hex'), 2, 2, 5, 3600, 2500, 3, 'weighted', '{}'),
    ('Config52', decode(repeat('00', 32), 'hex'), 2, 0, 0, 0, 0, 0, 'weighted', '{7000,3000}');
INSERT INTO lotteries (address, id, operator, mint, config, name, next_round_index, created_at, period_seconds, kind, status,
                       retiring, rollover) VALUES
    ('Lottery51', 51, 'Operator', 'UsdcMint', 'Config51', 'Seats', 2, 1700000000, 86400, 'raffle', 'active', 0, FALSE),
    ('Lottery52', 52, 'Operator', 'UsdcMint', 'Config52', 'Prizes', 1, 1700000000, 86400, 'raffle', 'active', 0, FALSE);
-- 51/0: final; rank 0 taken, rank 1 lapsed, rank 2 promoted, rank 3 waits, the fifth was refunded.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, status, kind, source, void_reason, opened_at, locks_at,
                    lock_slot, drawn_at, final_at, stake_units, entries, entered_count, entered_units, places, root, ranking,
                    threshold_key, threshold_page, threshold_index, capacity, waiting, leaf_count, confirm_seconds, ranked,
                    taken, lapsed, promoted, penalty_bps, depth, mode, prize_count, is_ranked) VALUES
    ('{round}', 'Lottery51', 'Config51', 'UsdcMint', 51, 0, 'final', 'raffle', 'beacon', 'none', 1700000000, 1700000100, 10,
     1700000150, 1700000200, 100, 5, 5, 500, TRUE, decode(repeat('ab', 32), 'hex'), 'Ranking51', 18446744073709551615, 0, 4,
     2, 2, 5, 3600, 4, 1, 1, 1, 2500, 3, 'weighted', 0, TRUE),
    ('Round52-0', 'Lottery52', 'Config52', 'UsdcMint', 52, 0, 'drawn', 'raffle', 'beacon', 'none', 1700000000, 1700000100, 10,
     1700000150, 0, 100, 1, 1, 100, FALSE, decode(repeat('00', 32), 'hex'), NULL, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0,
     'weighted', 2, FALSE);
-- Only the record knows this one.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, opened_at, locks_at, lock_slot, stake_units,
                    entered_count, entered_units, kind, source, status)
VALUES ('Round51-1', 'Lottery51', 'Config51', 'UsdcMint', 51, 1, 1700001000, 1700001100, 20, 100, 1, 100, 'raffle', 'beacon',
        'open');
INSERT INTO pages (address, round, sequence) VALUES ('Page51-0', '{round}', 0);
INSERT INTO entries (page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers, bonus, stake_units,
                     tier, paid, refunded, quick_pick, signature, path, entered_slot, entered_at, settled_slot, leaf_index,
                     weight, key, rank, place_status) VALUES
    ('Page51-0', 0, '{round}', 51, 0, 0, 'WalletX', '', '{}', 0, 100, 2, FALSE, TRUE, FALSE, 'E0', '0', 5, 1700000010, 15, 4, 1, 20, 1, 'lapsed'),
    ('Page51-0', 1, '{round}', 51, 0, 0, 'WalletY', '', '{}', 0, 100, 1, TRUE, FALSE, FALSE, 'E1', '0', 5, 1700000010, 15, 3, 3, 10, 0, 'taken'),
    ('Page51-0', 2, '{round}', 51, 0, 0, 'WalletUsd', '', '{}', 0, 100, 0, FALSE, FALSE, FALSE, 'E2', '0', 5, 1700000010, 15, 0, 3, 30, 2, 'promoted'),
    ('Page51-0', 3, '{round}', 51, 0, 0, 'WalletUsd', '', '{}', 0, 100, 0, FALSE, TRUE, FALSE, 'E3', '0', 5, 1700000010, 15, 1, 1, 18446744073709551615, NULL, NULL),
    ('Page51-0', 4, '{round}', 51, 0, 0, 'WalletZ', '', '{}', 0, 100, 0, FALSE, FALSE, FALSE, 'E4', '0', 5, 1700000010, 15, 2, 1, 9007199254740993, 3, 'initial'),
    ('Page51-1', 0, 'Round51-1', 51, 1, 0, 'WalletUsd', '', '{}', 0, 100, 0, FALSE, FALSE, FALSE, 'E5', '0', 25, 1700001010, NULL, 0, 3, NULL, NULL, NULL);
INSERT INTO ranked_entries (round, rank, page, index, key, status, offered_until, promoted_slot, resolved_slot) VALUES
    ('{round}', 0, 0, 1, 10, 'taken', 0, NULL, 30), ('{round}', 1, 0, 0, 20, 'lapsed', 0, NULL, 31),
    ('{round}', 2, 0, 2, 30, 'promoted', 1700007400, 32, NULL),
    ('{round}', 3, 0, 4, 9007199254740993, 'initial', 0, NULL, NULL);
