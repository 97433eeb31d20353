//! What to play, as options say it: tickets of each kind of game, checked against the game before anything is staked.

use anyhow::{Context, bail};
use lottery_client::{Fetched, QuickPicks, Ticket, market::Market};
use lottery_interface::{Kind, accounts::Lottery};

use crate::{
    amount,
    chain::{Chain, Mint},
    game::{Game, Row, Stakes},
    lottery_file::show_multiple,
    market,
};

/// What to play, besides tickets that are written out.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Choice {
    /// A ticket with these numbers, as the tickets above; may be repeated
    #[arg(long, value_name = "1,2,3")]
    pub numbers: Vec<String>,
    /// Tickets that the program picks; instant tickets
    #[arg(long, visible_alias = "count", value_name = "N")]
    pub quick: Option<u8>,
    /// Keno: numbers on each ticket that the program picks
    #[arg(long, value_name = "N")]
    pub spots: Option<u8>,
    /// Keno, instant and markets: stake of each ticket, in whole tokens
    #[arg(long, value_name = "AMOUNT")]
    pub stake: Option<String>,
}

/// Tickets as the client crate takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tickets {
    pub tickets: Vec<Ticket>,
    pub quick_picks: QuickPicks,
}

/// A ticket written as `1,2,3` or `1,2,3+4`.
pub fn parse_ticket(text: &str) -> anyhow::Result<Ticket> {
    let explain = || {
        format!("{text:?} is no ticket: write numbers with commas, the bonus ball after a plus: 1,2,3,4,5+6")
    };
    let number = |part: &str| part.trim().parse::<u8>().ok().with_context(explain);
    let (numbers, bonus) = match text.split_once('+') {
        Some((numbers, bonus)) => (numbers, Some(number(bonus)?)),
        None => (text, None),
    };
    let numbers = numbers.split(',').map(number).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Ticket { numbers, bonus, ..Ticket::default() })
}

impl Choice {
    /// The tickets of a game of this kind; `written` are those outside of options, `stakes` the limits of a house game.
    pub fn tickets(
        &self,
        kind: Kind,
        written: &[String],
        mint: &Mint,
        stakes: &Stakes,
    ) -> anyhow::Result<Tickets> {
        if kind == Kind::Prediction {
            bail!("a market has outcomes to bet on: use --outcome and --stake");
        }
        if kind == Kind::Raffle {
            bail!("a raffle has no numbers to pick: use `lottery raffle enter`");
        }
        let texts = written.iter().chain(&self.numbers);
        let mut tickets = texts.map(|text| parse_ticket(text)).collect::<anyhow::Result<Vec<_>>>()?;
        let stake_units = self.stake_units(kind, mint, stakes)?;
        tickets.iter_mut().for_each(|ticket| ticket.stake_units = stake_units);
        let count = match (kind, self.quick, self.spots) {
            (Kind::Instant, ..) if !tickets.is_empty() => {
                bail!("an instant ticket has no numbers: give --stake and --count")
            }
            (Kind::Instant, quick, None) => quick.unwrap_or(1),
            (Kind::Keno, quick, Some(_)) => quick.unwrap_or(1),
            (Kind::Keno, Some(1..), None) => {
                bail!("--spots N is missing: numbers on each ticket that the program picks")
            }
            (_, _, Some(_)) => bail!("--spots: only keno tickets have spots; leave it out"),
            (_, quick, None) => quick.unwrap_or(0),
        };
        if tickets.is_empty() && count == 0 {
            bail!("no ticket was asked for: give numbers, or --quick N");
        }
        let quick_picks = match count {
            0 => QuickPicks::default(),
            count => QuickPicks { count, spots: self.spots, stake_units },
        };
        Ok(Tickets { tickets, quick_picks })
    }

    /// A bet on each of these outcomes, by name or number.
    fn bets(
        &self,
        market: &Market,
        outcomes: &[String],
        mint: &Mint,
        stakes: &Stakes,
    ) -> anyhow::Result<Tickets> {
        if !self.numbers.is_empty() || self.quick.is_some() || self.spots.is_some() {
            bail!("a market has no numbers to pick: use --outcome and --stake");
        }
        if outcomes.is_empty() {
            bail!("--outcome is missing: one of {}", market::outcomes(market));
        }
        let stake_units = self.stake_units(Kind::Prediction, mint, stakes)?;
        let bet = |text: &String| {
            let outcome = market.outcome_of(text).with_context(|| {
                format!("OutcomeUnknown: --outcome: {text:?} is none of {}", market::outcomes(market))
            })?;
            Ok(Ticket { outcome: Some(outcome), stake_units, ..Ticket::default() })
        };
        let tickets = outcomes.iter().map(bet).collect::<anyhow::Result<_>>()?;
        Ok(Tickets { tickets, quick_picks: QuickPicks::default() })
    }

    /// The stake of each ticket; none where the price is fixed.
    fn stake_units(&self, kind: Kind, mint: &Mint, stakes: &Stakes) -> anyhow::Result<Option<u64>> {
        let range = || format!("{} to {}", mint.show(stakes.min_units), mint.show(stakes.max_units));
        let Some(stake) = &self.stake else {
            return match kind.has_own_stake() {
                true => bail!("--stake AMOUNT is missing: {} a ticket", range()),
                false => Ok(None),
            };
        };
        if !kind.has_own_stake() {
            bail!("--stake: every ticket of this lottery has the same price: leave it out");
        }
        let units = amount::parse_positive(stake, mint.decimals).context("--stake")?;
        if !(stakes.min_units..=stakes.max_units).contains(&units) {
            bail!("StakeOutOfRange: --stake: {} is not within {}", mint.show(units), range());
        }
        Ok(Some(units))
    }
}

impl Tickets {
    /// The stake of each, where players choose it.
    fn stake_units(&self) -> Option<u64> {
        self.quick_picks.stake_units.or_else(|| self.tickets.first()?.stake_units)
    }

    /// Spot counts of these keno tickets, each once; no spot count for an instant ticket.
    fn spots(&self, kind: Kind) -> Vec<Option<u8>> {
        if kind != Kind::Keno {
            return vec![None];
        }
        let written = self.tickets.iter().map(|ticket| u8::try_from(ticket.numbers.len()).ok());
        let mut spots: Vec<_> = written.chain(self.quick_picks.spots.map(Some)).collect();
        spots.sort_unstable();
        spots.dedup();
        spots
    }
}

/// A lottery about to be played.
pub struct Table {
    pub lottery: Fetched<Lottery>,
    pub kind: Kind,
    pub mint: Mint,
    /// House games.
    pub game: Option<Game>,
    /// Markets: what the current config describes.
    pub market: Option<Market>,
}

impl Table {
    pub async fn load(chain: &Chain, id: u64) -> anyhow::Result<Self> {
        let lottery = chain.lottery(id).await?;
        let kind = Kind::from_byte(lottery.kind)
            .with_context(|| format!("lottery {id} is of a kind unknown here"))?;
        let mint = chain.mint_of(&lottery.mint).await?;
        let config = chain.rpc.config(lottery.config.into()).await?;
        let (game, market) = (Game::read(&config)?, Market::of(&config));
        if kind == Kind::Prediction && market.is_none() {
            bail!("the rules of market {id} are of a version unknown here");
        }
        Ok(Self { lottery, kind, mint, game, market })
    }

    /// `written` are tickets outside of options, `outcomes` what to bet on.
    pub fn tickets(
        &self,
        choice: &Choice,
        written: &[String],
        outcomes: &[String],
    ) -> anyhow::Result<Tickets> {
        let stakes = Stakes::of_lottery(&self.lottery);
        match &self.market {
            Some(market) => choice.bets(market, outcomes, &self.mint, &stakes),
            None if !outcomes.is_empty() => {
                bail!("--outcome: only markets have outcomes to bet on, not kind {:?}", self.kind.name())
            }
            None => choice.tickets(self.kind, written, &self.mint, &stakes),
        }
    }

    /// What can be bet on, for a hint.
    pub fn outcomes(&self) -> String {
        self.market.as_ref().map_or_else(String::new, market::outcomes)
    }

    /// What these tickets can win, before anything is staked.
    pub fn odds(&self, tickets: &Tickets) -> anyhow::Result<Vec<Row>> {
        let Some(game) = &self.game else { return Ok(Vec::new()) };
        let row = |spots: Option<u8>| {
            game.row(spots).with_context(|| {
                let offered: Vec<_> =
                    game.rows().iter().filter_map(|row| row.spots).map(|n| n.to_string()).collect();
                format!(
                    "SpotsNotOffered: {} spots are not offered here; one of {}",
                    spots.unwrap_or(0),
                    offered.join(", ")
                )
            })
        };
        let rows: Vec<Row> = tickets.spots(self.kind).into_iter().map(row).collect::<anyhow::Result<_>>()?;
        if let Some(units) = tickets.stake_units() {
            rows.iter().try_for_each(|row| self.check_share(row, units))?;
        }
        Ok(rows)
    }

    /// One ticket may win at most a sixteenth of the page's budget.
    fn check_share(&self, row: &Row, stake_units: u64) -> anyhow::Result<()> {
        let most = Stakes::of_lottery(&self.lottery).largest(row.top_bps);
        if stake_units <= most {
            return Ok(());
        }
        let on = row.spots.map_or_else(String::new, |spots| format!(" on {spots} spots"));
        bail!(
            "LiabilityAboveShare: --stake: a ticket{on} may stake {} at most, so that its top prize {} stays within a \
             sixteenth of the page's budget",
            self.mint.show(most),
            show_multiple(row.top_bps),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(numbers: &[u8], bonus: Option<u8>, stake_units: Option<u64>) -> Ticket {
        Ticket { numbers: numbers.to_vec(), bonus, stake_units, ..Ticket::default() }
    }

    #[test]
    fn tickets() {
        assert_eq!(parse_ticket("1,2, 3").unwrap(), ticket(&[1, 2, 3], None, None));
        assert_eq!(parse_ticket("5,1+26").unwrap(), ticket(&[5, 1], Some(26), None));
        for wrong in ["", "1,,2", "a", "1,2+", "+3", "1+2+3", "256", "-1", "1 2"] {
            assert!(parse_ticket(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    /// Numbers, quick, spots, stake.
    type Asked<'a> = (&'a [&'a str], Option<u8>, Option<u8>, Option<&'a str>);

    fn read(kind: Kind, (numbers, quick, spots, stake): Asked) -> anyhow::Result<Tickets> {
        let numbers = numbers.iter().map(|text| text.to_string()).collect();
        let choice = Choice { numbers, quick, spots, stake: stake.map(str::to_string) };
        let stakes = Stakes { min_units: 100_000_000, max_units: 1_000_000_000, page_budget_units: 0 };
        choice.tickets(kind, &[], &Mint::sol(), &stakes)
    }

    #[test]
    fn each_kind_has_its_tickets() {
        let stake = Some(500_000_000);
        let keno = read(Kind::Keno, (&["7,3"], Some(2), Some(4), Some("0.5"))).unwrap();
        assert_eq!(keno.tickets, [ticket(&[7, 3], None, stake)]);
        assert_eq!(keno.quick_picks, QuickPicks { count: 2, spots: Some(4), stake_units: stake });
        assert_eq!(keno.spots(Kind::Keno), [Some(2), Some(4)]);
        let one = read(Kind::Keno, (&[], None, Some(10), Some("0.5"))).unwrap();
        assert_eq!(one.quick_picks.count, 1);
        let instant = read(Kind::Instant, (&[], Some(3), None, Some("0.5"))).unwrap();
        assert_eq!(instant.quick_picks, QuickPicks { count: 3, spots: None, stake_units: stake });
        assert_eq!(read(Kind::Instant, (&[], None, None, Some("0.5"))).unwrap().quick_picks.count, 1);
        let draw = read(Kind::Draw, (&["1,2"], Some(1), None, None)).unwrap();
        assert_eq!(draw.quick_picks, QuickPicks { count: 1, ..QuickPicks::default() });
    }

    #[test]
    fn what_a_kind_does_not_have_is_refused() {
        let cases: [(Kind, Asked, &str); 12] = [
            (Kind::Raffle, (&[], Some(1), None, None), "lottery raffle enter"),
            (Kind::Draw, (&["1,2"], None, None, Some("1")), "same price"),
            (Kind::Draw, (&["1,2"], None, Some(2), None), "--spots"),
            (Kind::Draw, (&[], None, None, None), "no ticket"),
            (Kind::Keno, (&["1,2"], None, None, None), "0.1 SOL to 1 SOL a ticket"),
            (Kind::Keno, (&["1,2"], None, None, Some("1.1")), "StakeOutOfRange: --stake: 1.1 SOL"),
            (Kind::Instant, (&[], None, None, Some("0.01")), "StakeOutOfRange"),
            (Kind::Keno, (&["1,2"], None, None, Some("0")), "--stake"),
            (Kind::Keno, (&[], Some(2), None, Some("1")), "--spots N is missing"),
            (Kind::Instant, (&["1,2"], None, None, Some("1")), "no numbers"),
            (Kind::Instant, (&[], None, Some(2), Some("1")), "--spots"),
            (Kind::Instant, (&[], Some(0), None, Some("1")), "no ticket"),
        ];
        for (kind, asked, words) in cases {
            let error = format!("{:#}", read(kind, asked).expect_err(words));
            assert!(error.contains(words), "{asked:?} says: {error}");
        }
    }
}
