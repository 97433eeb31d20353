//! A lottery described in TOML; `examples/` has a commented file for each kind.
//!
//! | file | what |
//! |---|---|
//! | `sections.rs` | what may be written, section by section |
//! | `draw.rs` | `[draw]`: tiers |
//! | `house.rs` | `[keno]` and `[instant]`: prizes as multiples of the stake, exact RTP |
//! | `market.rs` | `[market]` and `[oracles]`: facts, the outcome that they are, and who attests them |
//! | `raffle.rs` | `[raffle]`: places or prizes by rank, and the list of those who may enter |
//! | `limits.rs` | `[limits]`: pages, periods, stakes, and what a house game may risk |
//! | `source.rs` | `config.source`: a beacon, the operator's hash chain, or an oracle set |
//! | `prepared.rs` | what is sent, and which funds it needs |
//! | `multiple.rs` | "2.5" as 25,000 parts of 10,000 |

mod draw;
mod house;
mod limits;
mod market;
mod multiple;
mod prepared;
mod raffle;
mod sections;
mod source;
#[cfg(test)]
mod tests;

use anyhow::{Context, bail};
use lottery_client::{Pubkey, raffle::List};
use lottery_interface::{
    Kind, address,
    args::{ConfigArgs, LotteryArgs},
};
use serde::Deserialize;

pub use house::show_rtp;
pub use multiple::{Multiple, show_multiple};
pub use prepared::Prepared;
pub use raffle::read_list;
pub use sections::{
    ChainSection, ConfigSection, DrawSection, FundSection, InstantSection, KenoSection, LimitsSection,
    MarketSection, OraclesSection, Parts, PrizeSection, RaffleSection, Roles, TierSection,
};

use crate::{amount, keys};
use market::Oracles;

fn bytes_of<T: bytemuck::NoUninit>(rules: &T) -> Vec<u8> {
    bytemuck::bytes_of(rules).to_vec()
}

/// A file as written. Unknown names are refused: a misspelt limit must not pass as absent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotteryFile {
    /// At most 32 bytes of UTF-8.
    pub name: String,
    pub kind: String,
    /// `sol`, `usdc` and `token_2022` (of a local chain), or a mint's address.
    pub mint: String,
    #[serde(default)]
    pub roles: Roles,
    pub config: ConfigSection,
    pub limits: LimitsSection,
    pub draw: Option<DrawSection>,
    pub keno: Option<KenoSection>,
    pub instant: Option<InstantSection>,
    pub market: Option<MarketSection>,
    pub oracles: Option<OraclesSection>,
    pub raffle: Option<RaffleSection>,
    /// What `raffle.list` names, once read.
    #[serde(skip)]
    pub list: Option<List>,
    pub chain: Option<ChainSection>,
    #[serde(default)]
    pub fund: FundSection,
}

impl LotteryFile {
    /// Reads TOML. The error names the line.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let file: Self = toml::from_str(text)?;
        file.kind()?;
        Ok(file)
    }

    /// The kind of game, if this version can create it.
    pub fn kind(&self) -> anyhow::Result<Kind> {
        let known = "draw, keno, instant, prediction or raffle (see examples/)";
        Kind::from_name(&self.kind)
            .with_context(|| format!("KindNotSupported: {:?} is no kind of game; use {known}", self.kind))
    }

    /// Checks everything that can be checked without the chain. `decimals` are the mint's, `fee_cap_bps` the registry's,
    /// `local_beacon` is the chain hash of the beacon beside a local chain.
    pub fn prepare(
        &self,
        operator: Pubkey,
        decimals: u8,
        fee_cap_bps: u16,
        local_beacon: Option<[u8; 32]>,
    ) -> anyhow::Result<Prepared> {
        let kind = self.kind()?;
        self.check_sections(kind)?;
        let source = self.source(kind, local_beacon)?;
        let units = |name: &str, text: &Option<String>, decimals: u8| -> anyhow::Result<u64> {
            text.as_deref()
                .map_or(Ok(0), |text| amount::parse(text, decimals))
                .with_context(|| name.to_string())
        };
        let oracles = self.oracles.as_ref().map(OraclesSection::read).transpose()?;
        let rules = self.rules(kind, fee_cap_bps, oracles.as_ref())?;
        let limits = match &self.raffle {
            Some(raffle) => raffle.limits(&self.limits, self.list.as_ref())?.args(kind, decimals)?,
            None => self.limits.args(kind, decimals)?,
        };
        limits::check_reach(kind, &limits, &rules, decimals)?;
        Ok(Prepared {
            args: self.lottery_args(operator)?,
            limits,
            config: ConfigArgs {
                beacon: source.beacon.map_or([0; 32], |hash| address::beacon(&hash).0.to_bytes()),
                stake_units: self.stake_units(kind, decimals)?,
                grace_seconds: source.grace_seconds,
                grace_slots: source.grace_slots,
                claim_seconds: self.config.claim_seconds,
                reveal_delay_slots: source.reveal_delay_slots,
                beacon_margin_seconds: source.margin_seconds,
                fee_bps: self.config.fee_bps,
                compensation_cap_bps: source.compensation_cap_bps,
                kind: kind as u8,
                source: source.source as u8,
                reserved: [0; 6],
            },
            beacon: source.beacon,
            reporters: oracles.map_or_else(Vec::new, |oracles| oracles.reporters),
            rules,
            chain_length: source.chain_length,
            crank_lamports: units("fund.crank_sol", &self.fund.crank_sol, amount::SOL_DECIMALS)?,
            bond_units: units("fund.bond", &self.fund.bond, decimals)?,
            jackpot_units: units("fund.jackpot", &self.fund.jackpot, decimals)?,
            bankroll_units: units("fund.bankroll", &self.fund.bankroll, decimals)?,
        })
    }

    /// The sections of the kind's rules; and no money where there is no place for it.
    fn check_sections(&self, kind: Kind) -> anyhow::Result<()> {
        let sections = [
            (Kind::Draw, "draw", self.draw.is_some()),
            (Kind::Keno, "keno", self.keno.is_some()),
            (Kind::Instant, "instant", self.instant.is_some()),
            (Kind::Prediction, "market", self.market.is_some()),
            (Kind::Prediction, "oracles", self.oracles.is_some()),
            (Kind::Raffle, "raffle", self.raffle.is_some()),
        ];
        for (of, section, is_there) in sections {
            let name = kind.name();
            match is_there {
                false if of == kind => bail!("kind {name:?} needs a [{section}] section (see examples/)"),
                true if of != kind => bail!("[{section}]: kind {name:?} has no such section"),
                _ => {}
            }
        }
        let name = kind.name();
        if self.fund.jackpot.is_some() && !kind.has_jackpot() {
            let instead = match kind {
                Kind::Raffle => "its prizes come from what is entered",
                kind if kind.is_house() => "its prizes come from fund.bankroll",
                _ => "players pay each other",
            };
            bail!("fund.jackpot: kind {name:?} has no jackpot; {instead}")
        }
        if self.fund.bankroll.is_some() && !kind.is_house() {
            bail!("fund.bankroll: kind {name:?} has no bankroll; players pay each other")
        }
        Ok(())
    }

    fn rules(&self, kind: Kind, fee_cap_bps: u16, oracles: Option<&Oracles>) -> anyhow::Result<Vec<u8>> {
        let fee_bps = self.config.fee_bps;
        let rules = match kind {
            Kind::Draw => self.draw.as_ref().map(|draw| Ok(bytes_of(&draw.rules(fee_bps, fee_cap_bps)?))),
            Kind::Keno => self.keno.as_ref().map(|keno| Ok(bytes_of(&keno.rules(fee_bps, fee_cap_bps)?))),
            Kind::Instant => {
                self.instant.as_ref().map(|instant| Ok(bytes_of(&instant.rules(fee_bps, fee_cap_bps)?)))
            }
            Kind::Prediction => {
                if fee_bps > fee_cap_bps {
                    bail!(
                        "FeeAboveCap: config.fee_bps: {fee_bps} is above the registry's cap, {fee_cap_bps}"
                    );
                }
                self.market.as_ref().zip(oracles).map(|(market, oracles)| market.rules(oracles))
            }
            Kind::Raffle => self
                .raffle
                .as_ref()
                .map(|raffle| Ok(bytes_of(&raffle.rules(self.list.as_ref(), fee_bps, fee_cap_bps)?))),
        };
        rules.with_context(|| format!("kind {:?} has no rules here", kind.name()))?
    }

    /// The price of a ticket; 0 where players choose.
    fn stake_units(&self, kind: Kind, decimals: u8) -> anyhow::Result<u64> {
        match (&self.config.stake, kind.has_own_stake()) {
            // Entering a raffle may be free.
            (Some(stake), false) if kind == Kind::Raffle => {
                amount::parse(stake, decimals).context("config.stake")
            }
            (None, false) if kind == Kind::Raffle => {
                bail!("config.stake: say what a place costs, in whole tokens; \"0\": nothing")
            }
            (Some(stake), false) => amount::parse_positive(stake, decimals).context("config.stake"),
            (None, false) => bail!("config.stake: say what a ticket costs, in whole tokens"),
            (None, true) => Ok(0),
            (Some(_), true) => {
                bail!("config.stake: players choose it; use limits.min_stake and limits.max_stake instead")
            }
        }
    }

    fn lottery_args(&self, operator: Pubkey) -> anyhow::Result<LotteryArgs> {
        let bytes = self.name.as_bytes();
        if bytes.is_empty() || bytes.len() > 32 || bytes.contains(&0) {
            bail!("name: must have 1 to 32 bytes of UTF-8, this has {}", bytes.len());
        }
        let mut name = [0; 32];
        name[..bytes.len()].copy_from_slice(bytes);
        let role = |what: &str, text: &Option<String>| -> anyhow::Result<[u8; 32]> {
            let address = text.as_deref().map_or(Ok(operator), |text| keys::parse_address(what, text))?;
            Ok(address.to_bytes())
        };
        Ok(LotteryArgs {
            name,
            pauser: role("roles.pauser", &self.roles.pauser)?,
            treasurer: role("roles.treasurer", &self.roles.treasurer)?,
        })
    }
}
