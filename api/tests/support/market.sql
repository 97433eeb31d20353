-- Two markets over the rows of seed.sql. The rules' bytes are put in by the tests.
-- 41: even or odd, pro rata, 5 % fee. 42: a number from 1 to 3, parimutuel, no fee.
INSERT INTO oracle_sets (address, reporters, reporter_count) VALUES
    ('{oracles}', ARRAY['ReporterA', 'ReporterB', 'ReporterC'], 3);
INSERT INTO configs (address, lottery, stake_units, version, grace_seconds, claim_seconds, fee_bps, kind, source, rules) VALUES
    ('Config41', 'Lottery41', 0, 0, 86400, 86400, 500, 'prediction', 'oracle', '{parity}'),
    ('Config42', 'Lottery42', 0, 0, 86400, 86400, 0, 'prediction', 'oracle', '{number}');
INSERT INTO lotteries (address, id, operator, mint, config, name, next_round_index, created_at, jackpot_units,
                       period_seconds, lock_offset_seconds, kind, status, retiring, rollover, min_stake_units,
                       max_stake_units, page_budget_units, max_liability_units) VALUES
    ('Lottery41', 41, 'Operator', 'UsdcMint', 'Config41', 'Odd or even', 6, 1700000000, 0, 86400, 72000, 'prediction',
     'active', 0, FALSE, 100, 9007199254740993, 0, 0),
    ('Lottery42', 42, 'Operator', 'UsdcMint', 'Config42', 'Which number', 1, 1700000000, 0, 3600, 0, 'prediction', 'active',
     0, FALSE, 1, 1000, 0, 0);

-- Rounds of 41. 0: final on 2023-11-20, odd won, 1,000 against 3,000. 1: void on the 21st, its oracles split. 2: final on
-- the 21st, nobody had bet on odd. 3: attested, not drawn. 4: locked, one reporter attested. 5: open.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, value, result, opened_at, locks_at, lock_slot, event_at,
                    final_at, drawn_at, stake_units, min_stake_units, max_stake_units, retimes, pool_units, winning_units,
                    matched_units, fee_units, prizes_units, winners_total, winners_paid, refunded, entries, entered_count,
                    entered_units, outcome_count, reporter_count, quorum, kind, source, status, void_reason, refund_all,
                    fee_bps, crank_spent_lamports, rent_lamports)
SELECT CASE i WHEN 0 THEN '{round}' ELSE 'Round41-' || i END, 'Lottery41', 'Config41', 'UsdcMint', 41, i,
       decode(repeat(CASE WHEN status IN ('final', 'valued') THEN 'ab' ELSE '00' END, 32), 'hex'),
       decode(CASE WHEN status IN ('final', 'valued') THEN '01' ELSE '00' END || repeat('00', 31), 'hex'),
       at - 300, at - 200, 1000 + i, at - 140, CASE WHEN status IN ('final', 'void') THEN at ELSE 0 END,
       CASE WHEN status = 'final' THEN at - 1 END, 0, 100, 9007199254740993, 0, pool, winning, matched, fee, prizes, winners,
       0, 0, entries, entries, pool, 2, 3, 2, 'prediction', 'oracle', status, reason, refund_all, 500, 10, 1000
FROM (VALUES
    (0, 1700438400, 4000::numeric, 1000::numeric, 1000::numeric, 50::numeric, 3950::numeric, 3, 3, 'final', 'none', FALSE),
    (1, 1700524800, 700, 0, 0, 0, 0, 0, 1, 'void', 'no_quorum', FALSE),
    (2, 1700524900, 500, 0, 0, 0, 0, 0, 1, 'final', 'none', TRUE),
    (3, 1700611200, 900, 0, 0, 0, 0, 0, 2, 'valued', 'none', FALSE),
    (4, 1700697600, 0, 0, 0, 0, 0, 0, 0, 'open', 'none', FALSE)
) AS r (i, at, pool, winning, matched, fee, prizes, winners, entries, status, reason, refund_all);
-- Only the record knows this one: the columns of its account are not read yet.
INSERT INTO rounds (address, lottery, config, mint, lottery_id, index, opened_at, locks_at, lock_slot, event_at, stake_units,
                    min_stake_units, max_stake_units, entered_count, entered_units, kind, source, status)
VALUES ('Round41-5', 'Lottery41', 'Config41', 'UsdcMint', 41, 5, extract(epoch FROM now())::bigint,
        extract(epoch FROM now())::bigint + 40, 5000, extract(epoch FROM now())::bigint + 100, 0, 100, 9007199254740993, 3,
        9007199254744993, 'prediction', 'oracle', 'open');
INSERT INTO outcome_pools (round, outcome, stake_units, entries) VALUES
    ('{round}', 0, 3000, 2), ('{round}', 1, 1000, 1), ('Round41-1', 0, 700, 1), ('Round41-1', 1, 0, 0),
    ('Round41-2', 0, 500, 1), ('Round41-2', 1, 0, 0), ('Round41-3', 0, 600, 1), ('Round41-3', 1, 300, 1),
    ('Round41-5', 0, 9007199254740993, 2), ('Round41-5', 1, 4000, 1);
INSERT INTO attestations (round, reporter_index, reporter, facts, evidence, attested_at, decided, signature, path, slot) VALUES
    ('{round}', 0, 'ReporterA', '{7}', decode(repeat('e0', 32), 'hex'), 1700438300, FALSE, 'Attest0', '0', 1100),
    ('{round}', 1, 'ReporterB', '{8}', decode(repeat('e1', 32), 'hex'), 1700438301, FALSE, 'Attest1', '0', 1101),
    ('{round}', 2, 'ReporterC', '{7}', decode(repeat('e2', 32), 'hex'), 1700438302, TRUE, 'Attest2', '0', 1102),
    ('Round41-1', 0, 'ReporterA', '{7}', decode(repeat('e0', 32), 'hex'), 1700524700, FALSE, 'Attest3', '0', 1200),
    ('Round41-1', 1, 'ReporterB', '{8}', decode(repeat('e1', 32), 'hex'), 1700524701, FALSE, 'Attest4', '0', 1201),
    ('Round41-1', 2, 'ReporterC', '{-9223372036854775808}', decode(repeat('e2', 32), 'hex'), 1700524702, FALSE, 'Attest5',
     '0', 1202),
    ('Round41-3', 0, 'ReporterA', '{7}', decode(repeat('e0', 32), 'hex'), 1700611100, FALSE, 'Attest6', '0', 1300),
    ('Round41-3', 1, 'ReporterB', '{7}', decode(repeat('e1', 32), 'hex'), 1700611101, TRUE, 'Attest7', '0', 1301),
    ('Round41-4', 2, 'ReporterC', '{8}', decode(repeat('e2', 32), 'hex'), 1700697500, FALSE, 'Attest8', '0', 1400);

-- Entries of round 0: two on even, of which two thirds come back, and one on odd, which won 950. Of void round 1, of round 2
-- without a winner, and of the open one.
INSERT INTO entries (page, index, round, lottery_id, round_index, page_sequence, wallet, picks, numbers, bonus, stake_units,
                     tier, prize_units, matched_units, outcome, paid, refunded, quick_pick, signature, path, entered_slot,
                     entered_at, settled_slot) VALUES
    ('Page41-0', 0, '{round}', 41, 0, 0, 'WalletUsd', '', '{}', 0, 2000, 2, 1333, 667, 0, TRUE, FALSE, FALSE, 'Bet0', '0', 1000, 1700438110, 1110),
    ('Page41-0', 1, '{round}', 41, 0, 0, 'WalletUsd', '', '{}', 0, 1000, 1, 1950, 1000, 1, TRUE, FALSE, FALSE, 'Bet0', '0', 1000, 1700438110, 1110),
    ('Page41-0', 2, '{round}', 41, 0, 0, 'WalletUsd', '', '{}', 0, 1000, 2, 666, 334, 0, FALSE, FALSE, FALSE, 'Bet1', '0', 1001, 1700438111, 1110),
    ('Page41-1', 0, 'Round41-1', 41, 1, 0, 'WalletUsd', '', '{}', 0, 700, 0, NULL, NULL, 0, FALSE, TRUE, FALSE, 'Bet2', '0', 1150, 1700524600, NULL),
    ('Page41-2', 0, 'Round41-2', 41, 2, 0, 'WalletUsd', '', '{}', 0, 500, 0, 0, 0, 0, FALSE, FALSE, FALSE, 'Bet3', '0', 1250, 1700524650, 1260),
    ('Page41-5', 0, 'Round41-5', 41, 5, 0, 'WalletUsd', '', '{}', 0, 4000, 0, NULL, NULL, 1, FALSE, FALSE, FALSE, 'Bet4', '0', 1500, 1700697700, NULL);
INSERT INTO pages (address, round, sequence) VALUES ('Page41-0', '{round}', 0);
INSERT INTO instructions (signature, path, slot, tx_index, ix_index, block_at, name, accounts, args, data, round, page)
SELECT signature, '0', slot, 0, 0, at, name, '{}', '{}', '', '{round}', CASE WHEN name NOT IN ('attest', 'finalise') THEN 'Page41-0' END
FROM (VALUES
    ('Bet0', 1000, 1700438110, 'enter'), ('Bet1', 1001, 1700438111, 'enter'), ('Seal', 1090, 1700438201, 'seal_page'),
    ('Attest0', 1100, 1700438300, 'attest'), ('Settle', 1110, 1700438310, 'settle'), ('Finalise', 1120, 1700438400, 'finalise'),
    ('Pay', 1130, 1700438410, 'pay')
) AS i (signature, slot, at, name);
INSERT INTO settlements (signature, path, round, page, first_index, end_index, slot) VALUES
    ('Settle', '0', '{round}', 'Page41-0', 0, 3, 1110);
INSERT INTO payments (signature, path, item, kind, page, index, round, lottery_id, round_index, wallet, tier, amount_units, slot) VALUES
    ('Pay', '0', 0, 'prize', 'Page41-0', 0, '{round}', 41, 0, 'WalletUsd', 2, 1333, 1130),
    ('Pay', '0', 1, 'prize', 'Page41-0', 1, '{round}', 41, 0, 'WalletUsd', 1, 1950, 1130);
