-- Raffles. What follows a page's entries is no longer a market's outcomes alone.
ALTER TABLE pages RENAME COLUMN outcome_count TO tail_words;
