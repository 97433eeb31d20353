-- What the unfinished rounds of a rollover lottery can still add to its jackpot: a bond covers it.
ALTER TABLE lotteries
    ADD COLUMN unfinalised_pools_units  NUMERIC(20, 0);
