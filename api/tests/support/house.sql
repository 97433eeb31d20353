-- A keno game and an instant game over the rows of seed.sql. The rules' bytes are put in by the tests.
INSERT INTO configs (address, lottery, stake_units, version, grace_seconds, claim_seconds, fee_bps, kind, source, rules) VALUES
    ('Config21', 'Lottery21', 0, 0, 60, 86400, 50, 'keno', 'commit_reveal', '{keno}'),
    ('Config22', 'Lottery22', 0, 0, 60, 86400, 100, 'instant', 'commit_reveal', '{instant}');
INSERT INTO lotteries (address, id, operator, mint, config, name, next_round_index, created_at, jackpot_units,
                       period_seconds, kind, status, retiring, rollover, min_stake_units, max_stake_units,
                       page_budget_units, max_liability_units, bankroll_free_units, bankroll_reserved_units) VALUES
    ('Lottery21', 21, 'Operator', 'UsdcMint', 'Config21', 'Keno 5 s', 6, 1700000000, 0, 5, 'keno', 'active', 0, FALSE,
     100, 5000, 1600000, 3200000, 9007199254740993, 1600000),
    ('Lottery22', 22, 'Operator', 'UsdcMint', 'Config22', 'Scratch', 2, 1700000000, 0, 5, 'instant', 'active', 0, FALSE,
     100, 5000, 1600000, 3200000, 500, 0);

-- Keno rounds 0 and 1 ended on 2023-11-20, void round 2 on the 21st, rounds 3 and 4 on the 22nd, the last one without
-- an entry; round 5 is open. Numbers 1 to 10 and 71 to 80 were drawn.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, result, opened_at, locks_at, lock_slot, final_at,
                    stake_units, min_stake_units, max_stake_units, page_budget_units, max_liability_units, budget_units,
                    liability_units, pool_units, fee_units, prizes_units, winners, winners_total, winners_paid, entries,
                    entered_count, entered_units, kind, source, status, refund_all, fee_bps, drawn_at,
                    spot_stake_units, spot_stake_squares, crank_spent_lamports, rent_lamports, closed_at)
SELECT 'Round21-' || i, 'Lottery21', 'Config21', 'UsdcMint', 21, i,
       decode('ff03000000000000c0ff000000000000' || repeat('00', 16), 'hex'), at - 15, at - 10, 1000, at,
       0, 100, 5000, 1600000, 3200000, 1600000, 70000, pool, pool / 200, prizes,
       array_fill(0::bigint, ARRAY[16]), 1, 1, entries, entries, pool, 'keno', 'commit_reveal', status, FALSE, 50, at - 1,
       CASE WHEN status = 'final' THEN ARRAY[one, 0, 0, four] || array_fill(0::numeric, ARRAY[6]) END,
       CASE WHEN status = 'final' THEN ARRAY[one * 2, 0, 0, four * 200] || array_fill(0::numeric, ARRAY[6]) END,
       crank, 1000, closed
FROM (VALUES
    (0, 1700438400, 20000::numeric, 18000::numeric, 10000, 20000::numeric, 0::numeric, 'final', 700, 1700438500),
    (1, 1700524799, 10000, 23000, 50, 0, 10000, 'final', 300, 1700611300),
    (2, 1700524800, 500, 0, 5, 0, 0, 'void', 40, 1700524900),
    (3, 1700611200, 10000, 9000, 5000, 10000, 0, 'final', 500, NULL::bigint),
    (4, 1700611205, 0, 0, 0, 0, 0, 'final', 25, 1700611300)
) AS r (i, at, pool, prizes, entries, one, four, status, crank, closed);
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, opened_at, locks_at, lock_slot, stake_units,
                    min_stake_units, max_stake_units, budget_units, entered_count, entered_units, kind, source, status)
VALUES ('Round21-5', 'Lottery21', 'Config21', 'UsdcMint', 21, 5, extract(epoch FROM now())::bigint,
        extract(epoch FROM now())::bigint + 4, 5000, 0, 100, 5000, 1600000, 0, 0, 'keno', 'commit_reveal', 'open');
-- Round 3 lives, with a page that closed on the 22nd and one that did not.
INSERT INTO pages (address, round, sequence, opened_at, closed_at, rent_lamports) VALUES
    ('Page21-3-0', 'Round21-3', 0, 1700611190, 1700611290, 20000),
    ('Page21-3-1', 'Round21-3', 1, 1700611191, NULL, 30000),
    ('Page21-1-0', 'Round21-1', 0, 1700524785, 1700611290, 40000);

-- Instant rounds 0, final, and 1, drawn and settled in part.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, result, opened_at, locks_at, lock_slot, final_at,
                    drawn_at, stake_units, pool_units, fee_units, prizes_units, winners_total, entries, entered_count,
                    entered_units, kind, source, status, refund_all, spot_stake_units, spot_stake_squares)
VALUES ('Round22-0', 'Lottery22', 'Config22', 'UsdcMint', 22, 0, decode(repeat('00', 32), 'hex'), 1700438300, 1700438350,
        1000, 1700438400, 1700438399, 0, 500, 5, 10200, 2, 3, 3, 500, 'instant', 'commit_reveal', 'final', FALSE,
        ARRAY[500] || array_fill(0::numeric, ARRAY[9]), ARRAY[90000] || array_fill(0::numeric, ARRAY[9])),
       ('Round22-1', 'Lottery22', 'Config22', 'UsdcMint', 22, 1, decode(repeat('00', 32), 'hex'), 1700438400, 1700438450,
        1001, 0, 1700438499, 0, 0, 0, 200, 1, 2, 2, 300, 'instant', 'commit_reveal', 'drawn', FALSE, NULL, NULL);

INSERT INTO entries (page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers, bonus, spots,
                     stake_units, tier, multiplier_bps, prize_units, paid, quick_pick, signature, path, entered_slot,
                     entered_at, settled_slot) VALUES
    ('Page21-3-0', 0, 'Round21-3', 21, 3, 0, 'WalletUsd', '', '{1,2,3,50}', 0, 4, 200, 4, 50000, 1000, TRUE, FALSE, 'K1', '0', 1000, 1700611191, 1010),
    ('Page21-3-0', 1, 'Round21-3', 21, 3, 0, 'WalletUsd', '', '{60}', 0, 1, 150, 0, 0, 0, FALSE, TRUE, 'K1', '0', 1000, 1700611191, 1010),
    ('Page21-3-0', 2, 'Round21-3', 21, 3, 0, 'WalletUsd', '', '{80}', 0, 1, 100, 2, 38000, 380, FALSE, TRUE, 'K2', '0', 1000, 1700611192, 1010),
    ('Page22-0', 0, 'Round22-0', 22, 0, 0, 'WalletUsd', '', '{}', 0, 0, 100, 1, 1000000, 10000, FALSE, FALSE, 'I1', '0', 1000, 1700438340, 1020),
    ('Page22-0', 1, 'Round22-0', 22, 0, 0, 'WalletUsd', '', '{}', 0, 0, 100, 2, 20000, 200, FALSE, FALSE, 'I1', '0', 1000, 1700438340, 1020),
    ('Page22-0', 2, 'Round22-0', 22, 0, 0, 'WalletUsd', '', '{}', 0, 0, 300, 0, 0, 0, FALSE, FALSE, 'I1', '0', 1000, 1700438340, 1020),
    ('Page22-1', 0, 'Round22-1', 22, 1, 0, 'WalletUsd', '', '{}', 0, 0, 100, 2, 20000, 200, FALSE, FALSE, 'I2', '0', 1000, 1700438440, 1030),
    ('Page22-1', 1, 'Round22-1', 22, 1, 0, 'WalletUsd', '', '{}', 0, 0, 200, 0, 0, NULL, FALSE, FALSE, 'I2', '0', 1000, 1700438440, NULL);
