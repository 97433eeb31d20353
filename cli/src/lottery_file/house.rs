//! `[keno]` and `[instant]`: what a ticket wins, in stakes, and the exact RTP that follows.

use anyhow::{Context, bail};
use lottery_interface::accounts::{InstantPrize, InstantRules, KenoRules};
use lottery_rules::{
    house::{Rtp, RtpBand},
    instant::{self, MAX_PRIZES, PARTS},
    keno::{self, MAX_SPOTS, Paytable},
};

use super::{InstantSection, KenoSection, Multiple, Parts};

/// An exact RTP in percent, with six decimals at most.
pub fn show_rtp(rtp: Rtp) -> String {
    percent(rtp, Round::Nearest)
}

enum Round {
    Down,
    Nearest,
    Up,
}

fn percent(rtp: Rtp, round: Round) -> String {
    // Millionths of a percent; weights below 2^64 times 10,000 fit 128 bits.
    let (scaled, ways) = (u128::from(rtp.weighted_bps) * 10_000, u128::from(rtp.ways.max(1)));
    let parts = match round {
        Round::Down => scaled / ways,
        Round::Nearest => (scaled + ways / 2) / ways,
        Round::Up => scaled.div_ceil(ways),
    };
    format!("{} %", crate::amount::format(u64::try_from(parts).unwrap_or(u64::MAX), 6))
}

fn bps(bps: u16) -> String {
    format!("{} %", crate::amount::format(bps.into(), 2))
}

/// "exact RTP 97.12 % is outside 92 %..96 %". Rounded away from the band, so that it never reads as if it were inside.
fn outside(band: RtpBand, rtp: Option<Rtp>) -> String {
    let Some(rtp) = rtp else { return "the exact RTP does not fit in 64 bits".into() };
    let is_below = rtp.weighted_bps < u64::from(band.min_bps).saturating_mul(rtp.ways);
    let shown = percent(rtp, if is_below { Round::Down } else { Round::Up });
    format!("exact RTP {shown} is outside {}..{}", bps(band.min_bps), bps(band.max_bps))
}

impl KenoSection {
    pub(super) fn rules(&self, fee_bps: u16, fee_cap_bps: u16) -> anyhow::Result<KenoRules> {
        let band = RtpBand { min_bps: self.rtp_min_bps, max_bps: self.rtp_max_bps };
        let paytable_bps = self.paytable()?;
        let rules = keno::KenoRules { band, fee_bps, paytable: &paytable_bps };
        rules.validate(fee_cap_bps).map_err(|error| match error {
            keno::RulesError::Rtp { spots } => anyhow::anyhow!(
                "keno.paytable: {spots} spots: {}",
                outside(band, keno::rtp(&paytable_bps, spots))
            ),
            keno::RulesError::Band(error) => anyhow::anyhow!("keno: {error}"),
            error => anyhow::anyhow!("keno.paytable: {error}"),
        })?;
        let (rtp_min_bps, rtp_max_bps) = (self.rtp_min_bps, self.rtp_max_bps);
        Ok(KenoRules { rtp_min_bps, rtp_max_bps, reserved: [0; 4], paytable_bps })
    }

    fn paytable(&self) -> anyhow::Result<Paytable> {
        let mut table: Paytable = [[0; MAX_SPOTS + 1]; MAX_SPOTS];
        for (name, row) in &self.paytable {
            let spots = name.parse::<usize>().ok().filter(|spots| (1..=MAX_SPOTS).contains(spots));
            let spots = spots.filter(|spots| spots.to_string() == *name);
            let spots = spots.with_context(|| {
                format!("keno.paytable: {name:?} is no count of spots; rows are called 1 to {MAX_SPOTS}")
            })?;
            if row.len() != spots + 1 {
                bail!(
                    "keno.paytable.{spots}: needs {} numbers, what 0 to {spots} matches pay; this has {}",
                    spots + 1,
                    row.len()
                );
            }
            if row.iter().all(|multiple| *multiple == Multiple(0)) {
                bail!(
                    "keno.paytable.{spots}: pays nothing; leave the row out if {spots} spots are not offered"
                );
            }
            for (place, multiple) in table[spots - 1].iter_mut().zip(row) {
                *place = multiple.0;
            }
        }
        Ok(table)
    }
}

impl InstantSection {
    pub(super) fn rules(&self, fee_bps: u16, fee_cap_bps: u16) -> anyhow::Result<InstantRules> {
        let band = RtpBand { min_bps: self.rtp_min_bps, max_bps: self.rtp_max_bps };
        let prizes = self.prizes()?;
        let rules = instant::InstantRules { band, fee_bps, prizes: &prizes };
        rules.validate(fee_cap_bps).map_err(|error| match error {
            instant::RulesError::Rtp => anyhow::anyhow!("instant: {}", outside(band, instant::rtp(&prizes))),
            instant::RulesError::Band(error) => anyhow::anyhow!("instant: {error}"),
            instant::RulesError::Sum => {
                let sum: u64 = prizes.iter().map(|prize| u64::from(prize.parts)).sum();
                anyhow::anyhow!(
                    "instant.prizes: {error}; these make {sum}; write parts = \"rest\" in the losing row"
                )
            }
            error => anyhow::anyhow!("instant.prizes: {error}"),
        })?;
        let mut table = [InstantPrize { parts: 0, multiplier_bps: 0 }; MAX_PRIZES];
        for (place, prize) in table.iter_mut().zip(&prizes) {
            *place = InstantPrize { parts: prize.parts, multiplier_bps: prize.multiplier_bps };
        }
        Ok(InstantRules {
            rtp_min_bps: self.rtp_min_bps,
            rtp_max_bps: self.rtp_max_bps,
            prize_count: prizes.len() as u8,
            reserved: [0; 3],
            prizes: table,
        })
    }

    /// Rows with their chances; what `rest` stands for is worked out.
    fn prizes(&self) -> anyhow::Result<Vec<instant::Prize>> {
        if self.prizes.len() > MAX_PRIZES {
            bail!("instant.prizes: a prize table has 1 to {MAX_PRIZES} rows, this has {}", self.prizes.len());
        }
        let (mut prizes, mut given, mut rest) = (Vec::new(), 0u64, None);
        for (place, row) in self.prizes.iter().enumerate() {
            let number = place + 1;
            let parts = match &row.parts {
                Parts::Number(parts) => {
                    u32::try_from(*parts).ok().filter(|parts| *parts > 0).with_context(|| {
                        format!(
                            "instant.prizes: row {number}: {parts} parts are no chance; write 1 to {}",
                            u32::MAX
                        )
                    })?
                }
                Parts::Word(word) if word != "rest" => bail!(
                    "instant.prizes: row {number}: {word:?} is no chance; write a whole number of parts of 2^32, or \"rest\""
                ),
                Parts::Word(_) if rest.is_some() => {
                    bail!("instant.prizes: row {number}: only one row takes the rest")
                }
                Parts::Word(_) => {
                    rest = Some(place);
                    0
                }
            };
            given += u64::from(parts);
            prizes.push(instant::Prize { parts, multiplier_bps: row.pays.0 });
        }
        if let Some(place) = rest {
            let left = PARTS.checked_sub(given).filter(|left| *left > 0);
            let left = left.and_then(|left| u32::try_from(left).ok());
            prizes[place].parts = left.with_context(|| {
                format!("instant.prizes: the other rows make {given} of {PARTS} parts: nothing fit for the rest is left")
            })?;
        }
        Ok(prizes)
    }
}
