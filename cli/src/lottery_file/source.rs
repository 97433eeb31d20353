//! What decides a round: a beacon, the operator's hash chain, or an oracle set. What the program would refuse is said by the
//! name in the file.

use anyhow::{Context, bail, ensure};
use lottery_interface::{Kind, Source};

use super::LotteryFile;
use crate::{beacon, secrets};

/// Seconds from lock to the beacon's round, unless the file says otherwise; also the least.
const MARGIN_SECONDS: u32 = 30;
const MOST_MARGIN_SECONDS: u32 = 86_400;
/// A beacon may be silent for a day before a round is void. Also the least. Reporters, too, unless the file says otherwise.
const GRACE_SECONDS: u32 = 86_400;
const GRACE_SLOTS: u32 = 216_000;
/// Slots between lock and the slot whose hash is mixed in, at most.
const MOST_DELAY_SLOTS: u32 = 150;
/// Rounds that a hash chain lasts for, unless the file says otherwise.
const CHAIN_LENGTH: u32 = 100_000;

/// What a config says of its source.
pub(super) struct SourceTerms {
    pub source: Source,
    /// The chain's hash.
    pub beacon: Option<[u8; 32]>,
    pub margin_seconds: u32,
    pub grace_seconds: u32,
    pub grace_slots: u32,
    pub reveal_delay_slots: u32,
    pub compensation_cap_bps: u16,
    pub chain_length: u32,
}

impl LotteryFile {
    /// `local_beacon`: chain hash of the beacon beside a local chain.
    pub(super) fn source(&self, kind: Kind, local_beacon: Option<[u8; 32]>) -> anyhow::Result<SourceTerms> {
        let is_market = kind == Kind::Prediction;
        let known = if is_market { "oracle" } else { "beacon or commit_reveal" };
        match Source::from_name(&self.config.source) {
            Some(source) if (source == Source::Oracle) != is_market => {
                bail!(
                    "config.source: {:?} does not decide kind {:?}; use {known}",
                    source.name(),
                    kind.name()
                )
            }
            Some(Source::Oracle) => self.oracle_terms(),
            Some(Source::Beacon) => self.beacon_terms(kind, local_beacon),
            Some(Source::CommitReveal) => self.commit_reveal_terms(),
            Some(other) => {
                bail!("config.source: {:?} cannot be created from a file; use {known}", other.name())
            }
            None => bail!("config.source: {:?} is unknown; use {known}", self.config.source),
        }
    }

    fn beacon_terms(&self, kind: Kind, local_beacon: Option<[u8; 32]>) -> anyhow::Result<SourceTerms> {
        let config = &self.config;
        let only = "only source \"commit_reveal\" has it; leave it out for a beacon";
        ensure!(config.reveal_delay_slots.is_none(), "config.reveal_delay_slots: {only}");
        ensure!(config.compensation_cap_bps.is_none(), "config.compensation_cap_bps: {only}");
        ensure!(self.chain.is_none(), "[chain]: {only}");
        ensure!(self.fund.bond.is_none(), "fund.bond: {only}");
        // Beside a local chain there is one that follows its clock; elsewhere drand's.
        let default = if local_beacon.is_some() { beacon::LOCAL } else { beacon::EVMNET };
        let name = config.beacon.as_deref().unwrap_or(default);
        let hash = beacon::hash_of(name, local_beacon).context("config.beacon")?;
        let least = |name: &str, value: Option<u32>, least: u32| -> anyhow::Result<u32> {
            let value = value.unwrap_or(least);
            ensure!(value >= least, "config.{name}: a beacon needs at least {least}, this is {value}");
            Ok(value)
        };
        let margin_seconds = least("margin_seconds", config.margin_seconds, MARGIN_SECONDS)?;
        ensure!(
            margin_seconds <= MOST_MARGIN_SECONDS,
            "config.margin_seconds: at most {MOST_MARGIN_SECONDS}, this is {margin_seconds}"
        );
        ensure!(
            !kind.is_house() || config.beacon.is_some(),
            "config.beacon: name the beacon; a house game then shows its results {margin_seconds} s after each lock"
        );
        Ok(SourceTerms {
            source: Source::Beacon,
            beacon: Some(hash),
            margin_seconds,
            grace_seconds: least("grace_seconds", config.grace_seconds, GRACE_SECONDS)?,
            grace_slots: least("grace_slots", config.grace_slots, GRACE_SLOTS)?,
            reveal_delay_slots: 0,
            compensation_cap_bps: 0,
            chain_length: 0,
        })
    }

    fn commit_reveal_terms(&self) -> anyhow::Result<SourceTerms> {
        let config = &self.config;
        let only = "only source \"beacon\" has it; leave it out for commit_reveal";
        ensure!(config.beacon.is_none(), "config.beacon: {only}");
        ensure!(config.margin_seconds.is_none(), "config.margin_seconds: {only}");
        let needed = |name: &str, value: Option<u32>| {
            value.with_context(|| format!("config.{name}: source \"commit_reveal\" needs it"))
        };
        let reveal_delay_slots = needed("reveal_delay_slots", config.reveal_delay_slots)?;
        ensure!(
            (1..=MOST_DELAY_SLOTS).contains(&reveal_delay_slots),
            "config.reveal_delay_slots: must be 1 to {MOST_DELAY_SLOTS}, this is {reveal_delay_slots}"
        );
        let chain_length = self.chain.as_ref().map_or(CHAIN_LENGTH, |chain| chain.length);
        secrets::check_length(chain_length).context("chain.length")?;
        Ok(SourceTerms {
            source: Source::CommitReveal,
            beacon: None,
            margin_seconds: 0,
            grace_seconds: needed("grace_seconds", config.grace_seconds)?,
            grace_slots: needed("grace_slots", config.grace_slots)?,
            reveal_delay_slots,
            compensation_cap_bps: config.compensation_cap_bps.unwrap_or(0),
            chain_length,
        })
    }

    fn oracle_terms(&self) -> anyhow::Result<SourceTerms> {
        let config = &self.config;
        let only = |source: &str| format!("only source {source:?} has it; leave it out for oracle");
        ensure!(config.beacon.is_none(), "config.beacon: {}", only("beacon"));
        ensure!(config.margin_seconds.is_none(), "config.margin_seconds: {}", only("beacon"));
        let chain = || only("commit_reveal");
        ensure!(config.reveal_delay_slots.is_none(), "config.reveal_delay_slots: {}", chain());
        ensure!(config.compensation_cap_bps.is_none(), "config.compensation_cap_bps: {}", chain());
        ensure!(self.chain.is_none(), "[chain]: {}", chain());
        ensure!(self.fund.bond.is_none(), "fund.bond: {}", chain());
        Ok(SourceTerms {
            source: Source::Oracle,
            beacon: None,
            margin_seconds: 0,
            grace_seconds: config.grace_seconds.unwrap_or(GRACE_SECONDS),
            grace_slots: config.grace_slots.unwrap_or(GRACE_SLOTS),
            reveal_delay_slots: 0,
            compensation_cap_bps: 0,
            chain_length: 0,
        })
    }
}
