//! A lottery described in TOML; `examples/` has a commented file for each kind.

use anyhow::{Context, bail};
use lottery_client::Pubkey;
use lottery_interface::{
    Kind, Source,
    accounts::{DrawRules, DrawTier, MAX_TIERS},
    args::{ConfigArgs, LimitsArgs, LotteryArgs},
};
use lottery_rules::draw as rules;
use serde::Deserialize;

use crate::{amount, keys};

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
    #[serde(default)]
    pub chain: ChainSection,
    #[serde(default)]
    pub fund: FundSection,
}

/// Addresses; the operator is whoever creates the lottery, and holds the others unless named.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    pub pauser: Option<String>,
    pub treasurer: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigSection {
    /// Price of a ticket, in whole tokens.
    pub stake: String,
    pub source: String,
    pub fee_bps: u16,
    pub grace_seconds: u32,
    pub grace_slots: u32,
    pub claim_seconds: u32,
    pub reveal_delay_slots: u32,
    #[serde(default)]
    pub compensation_cap_bps: u16,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsSection {
    pub period_seconds: u32,
    pub page_entries: u32,
    pub max_pages: u32,
    pub max_entries_per_round: u32,
    #[serde(default)]
    pub max_entries_per_player: u32,
    pub reward_step_lamports: u32,
    pub reward_item_lamports: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawSection {
    pub picks: u8,
    pub numbers: u8,
    #[serde(default)]
    pub bonus_numbers: u8,
    #[serde(default)]
    pub rollover: bool,
    pub tiers: Vec<TierSection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSection {
    pub matches: u8,
    #[serde(default)]
    pub bonus: bool,
    pub share_bps: u16,
}

/// The operator's hash chain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainSection {
    /// Rounds that it lasts for.
    pub length: u32,
}

impl Default for ChainSection {
    fn default() -> Self {
        Self { length: 100_000 }
    }
}

/// What the operator pays in at creation, in whole SOL and whole tokens.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FundSection {
    pub crank_sol: Option<String>,
    pub bond: Option<String>,
    pub jackpot: Option<String>,
}

/// A file made ready for the program: amounts in base units, rules as bytes.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub args: LotteryArgs,
    pub limits: LimitsArgs,
    pub config: ConfigArgs,
    pub rules: Vec<u8>,
    pub chain_length: u32,
    pub crank_lamports: u64,
    pub bond_units: u64,
    pub jackpot_units: u64,
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
        match Kind::from_name(&self.kind) {
            Some(Kind::Draw) => Ok(Kind::Draw),
            Some(kind) => bail!(
                "KindNotSupported: the program does not offer kind {:?} yet; use kind = \"draw\" (see examples/)",
                kind.name()
            ),
            None => bail!(
                "KindNotSupported: {:?} is no kind of game; use kind = \"draw\" (see examples/)",
                self.kind
            ),
        }
    }

    /// Checks everything that can be checked without the chain. `decimals` are the mint's, `fee_cap_bps` the registry's.
    pub fn prepare(&self, operator: Pubkey, decimals: u8, fee_cap_bps: u16) -> anyhow::Result<Prepared> {
        let kind = self.kind()?;
        let source = Source::from_name(&self.config.source).with_context(|| {
            let names: Vec<_> = Source::ALL.iter().map(|source| source.name()).collect();
            format!("config.source: {:?} is unknown; one of {}", self.config.source, names.join(", "))
        })?;
        let draw = self.draw.as_ref().context("kind \"draw\" needs a [draw] section (see examples/)")?;
        let units = |name: &str, text: &Option<String>, decimals: u8| -> anyhow::Result<u64> {
            text.as_deref()
                .map_or(Ok(0), |text| amount::parse(text, decimals))
                .with_context(|| name.to_string())
        };
        Ok(Prepared {
            args: self.lottery_args(operator)?,
            limits: self.limits_args()?,
            config: ConfigArgs {
                stake_units: amount::parse_positive(&self.config.stake, decimals).context("config.stake")?,
                grace_seconds: self.config.grace_seconds,
                grace_slots: self.config.grace_slots,
                claim_seconds: self.config.claim_seconds,
                reveal_delay_slots: self.config.reveal_delay_slots,
                fee_bps: self.config.fee_bps,
                compensation_cap_bps: self.config.compensation_cap_bps,
                kind: kind as u8,
                source: source as u8,
                reserved: [0; 2],
            },
            rules: bytemuck::bytes_of(&draw.rules(self.config.fee_bps, fee_cap_bps)?).to_vec(),
            chain_length: self.chain.length,
            crank_lamports: units("fund.crank_sol", &self.fund.crank_sol, amount::SOL_DECIMALS)?,
            bond_units: units("fund.bond", &self.fund.bond, decimals)?,
            jackpot_units: units("fund.jackpot", &self.fund.jackpot, decimals)?,
        })
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

    fn limits_args(&self) -> anyhow::Result<LimitsArgs> {
        let limits = &self.limits;
        for (name, value) in [
            ("period_seconds", limits.period_seconds),
            ("page_entries", limits.page_entries),
            ("max_pages", limits.max_pages),
            ("max_entries_per_round", limits.max_entries_per_round),
        ] {
            if value == 0 {
                bail!("limits.{name}: must not be zero");
            }
        }
        Ok(LimitsArgs {
            page_entries: limits.page_entries,
            max_pages: limits.max_pages,
            max_entries_per_round: limits.max_entries_per_round,
            max_entries_per_player: limits.max_entries_per_player,
            period_seconds: limits.period_seconds,
            reward_step_lamports: limits.reward_step_lamports,
            reward_item_lamports: limits.reward_item_lamports,
            max_stake_units: 0,
            min_stake_units: 0,
            page_budget_units: 0,
            max_liability_units: 0,
            reserved: 0,
        })
    }
}

impl DrawSection {
    fn rules(&self, fee_bps: u16, fee_cap_bps: u16) -> anyhow::Result<DrawRules> {
        let tiers: Vec<_> = self
            .tiers
            .iter()
            .map(|tier| rules::Tier {
                matches: tier.matches,
                bonus: tier.bonus as u8,
                share_bps: tier.share_bps,
            })
            .collect();
        let checked = rules::DrawRules {
            picks: self.picks,
            numbers: self.numbers,
            bonus_numbers: self.bonus_numbers,
            rollover: self.rollover,
            fee_bps,
            tiers: &tiers,
        };
        checked.validate(fee_cap_bps).map_err(|error| anyhow::anyhow!("draw: {error}"))?;
        let mut table = [DrawTier { matches: 0, bonus: 0, share_bps: 0 }; MAX_TIERS];
        for (place, tier) in table.iter_mut().zip(&tiers) {
            *place = DrawTier { matches: tier.matches, bonus: tier.bonus, share_bps: tier.share_bps };
        }
        Ok(DrawRules {
            picks: self.picks,
            numbers: self.numbers,
            bonus_numbers: self.bonus_numbers,
            rollover: self.rollover as u8,
            tier_count: tiers.len() as u8,
            reserved: [0; 3],
            tiers: table,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<(std::path::PathBuf, String)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
        let mut found = Vec::new();
        for folder in [root.clone(), root.join("demo")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "toml") {
                    found.push((path.clone(), std::fs::read_to_string(path).unwrap()));
                }
            }
        }
        found
    }

    #[test]
    fn every_sample_is_valid() {
        let samples = samples();
        assert!(samples.len() >= 4, "samples are missing");
        for (path, text) in samples {
            let file =
                LotteryFile::parse(&text).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
            let prepared = file.prepare(Pubkey::new_unique(), 6, 1_000);
            let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
            assert_eq!(prepared.rules.len(), size_of::<DrawRules>());
        }
    }

    fn with(from: &str, to: &str) -> String {
        let text = include_str!("../../examples/draw-6-49.toml");
        assert!(text.contains(from), "{from:?} is not in the sample");
        let changed = text.replacen(from, to, 1);
        match LotteryFile::parse(&changed).and_then(|file| file.prepare(Pubkey::new_unique(), 6, 1_000)) {
            Ok(_) => panic!("{to:?} was taken"),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for kind in ["keno", "instant", "prediction", "raffle", "bingo"] {
            let error = with("kind = \"draw\"", &format!("kind = {kind:?}"));
            assert!(error.contains("KindNotSupported") && error.contains(kind), "{error}");
        }
        assert!(with("share_bps = 4000", "share_bps = 4001").contains("10,000"));
        assert!(with("picks = 6", "picks = 60").contains("picks"));
        assert!(with("stake = ", "stakes = ").contains("stake"));
        assert!(with("fee_bps = 500", "fee_bps = 5000").contains("fee"));
        assert!(with("source = \"commit_reveal\"", "source = \"dice\"").contains("dice"));
        assert!(with("page_entries = 256", "page_entries = 0").contains("page_entries"));
        let long = format!("name = {:?}\n# ", "x".repeat(33));
        assert!(with("name = ", &long).contains("name"));
    }
}
