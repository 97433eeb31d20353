//! `lottery update`: brings limits and rules of a lottery to what its TOML file says now, for rounds not yet opened.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use lottery_client::{Fetched, Instruction, Signer};
use lottery_interface::{
    Kind,
    accounts::{Config, Lottery},
    args::{ConfigArgs, LimitsArgs},
    instructions,
};
use serde_json::json;

use super::{create::OraclesArgs, source};
use crate::{
    chain::{Chain, ChainArgs, name_of},
    lottery_file::{LotteryFile, Prepared},
    output,
};

#[derive(Clone, Debug, clap::Args)]
pub struct UpdateArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Id of the lottery
    pub lottery: u64,
    /// The lottery in TOML, as it should be
    pub file: PathBuf,
    #[command(flatten)]
    pub oracles: OraclesArgs,
    /// Only say what would change
    #[arg(long)]
    pub dry_run: bool,
}

/// The limits that a lottery has now.
fn limits_of(lottery: &Lottery) -> LimitsArgs {
    LimitsArgs {
        max_stake_units: lottery.max_stake_units,
        min_stake_units: lottery.min_stake_units,
        page_budget_units: lottery.page_budget_units,
        max_liability_units: lottery.max_liability_units,
        page_entries: lottery.page_entries,
        max_pages: lottery.max_pages,
        max_entries_per_round: lottery.max_entries_per_round,
        max_entries_per_player: lottery.max_entries_per_player,
        period_seconds: lottery.period_seconds,
        reward_step_lamports: lottery.reward_step_lamports,
        reward_item_lamports: lottery.reward_item_lamports,
        lock_offset_seconds: lottery.lock_offset_seconds,
    }
}

/// What a config was made from.
fn args_of(config: &Config) -> ConfigArgs {
    ConfigArgs {
        beacon: config.beacon,
        stake_units: config.stake_units,
        grace_seconds: config.grace_seconds,
        grace_slots: config.grace_slots,
        claim_seconds: config.claim_seconds,
        reveal_delay_slots: config.reveal_delay_slots,
        beacon_margin_seconds: config.beacon_margin_seconds,
        fee_bps: config.fee_bps,
        compensation_cap_bps: config.compensation_cap_bps,
        kind: config.kind,
        source: config.source,
        reserved: [0; 6],
    }
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Changes {
    limits: bool,
    config: bool,
}

impl Changes {
    fn find(lottery: &Lottery, config: &Fetched<Config>, prepared: &Prepared) -> Self {
        let rules = config.tail().get(..prepared.rules.len());
        Self {
            limits: limits_of(lottery) != prepared.limits,
            config: args_of(config) != prepared.config || rules != Some(&prepared.rules),
        }
    }

    fn words(self) -> Vec<&'static str> {
        let all = [(self.limits, "limits"), (self.config, "config")];
        all.into_iter().filter_map(|(changed, name)| changed.then_some(name)).collect()
    }
}

/// What stays with a lottery for life.
fn check_same(lottery: &Lottery, file: &LotteryFile, mint: &[u8; 32]) -> anyhow::Result<()> {
    let kind = Kind::from_byte(lottery.kind);
    if Some(file.kind()?) != kind {
        bail!(
            "kind: lottery {} is of kind {:?} for life; create another one",
            lottery.id,
            kind.map_or("unknown", Kind::name)
        );
    }
    if lottery.mint != *mint {
        bail!("mint: lottery {} keeps its mint for life; create another one", lottery.id);
    }
    let name = name_of(&lottery.name);
    if name != file.name {
        bail!(
            "name: this file is of {:?}, lottery {} is {name:?}; is it the right one?",
            file.name,
            lottery.id
        );
    }
    Ok(())
}

async fn steps(
    chain: &Chain,
    lottery: &Fetched<Lottery>,
    prepared: &Prepared,
    operator: lottery_client::Pubkey,
) -> anyhow::Result<(Changes, Vec<Instruction>)> {
    let config = chain.rpc.config(lottery.config.into()).await?;
    let changes = Changes::find(lottery, &config, prepared);
    let mut steps = Vec::new();
    if changes.limits {
        steps.push(instructions::update_limits(operator, lottery.id, &prepared.limits));
    }
    if changes.config {
        let version = lottery.config_count;
        steps.push(instructions::update_config(
            operator,
            lottery.id,
            version,
            &prepared.config,
            &prepared.rules,
        ));
    }
    Ok((changes, steps))
}

pub async fn run(args: UpdateArgs) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let mut file = LotteryFile::parse(&text).with_context(|| args.file.display().to_string())?;
    args.oracles.apply(&mut file)?;
    file.load_list(args.file.parent().unwrap_or(Path::new("")))?;
    file.check_list(args.lottery)?;
    let chain = args.chain.connect()?;
    let operator = chain.keypair()?;
    let lottery = chain.lottery(args.lottery).await?;
    let mint = chain.mint(&file.mint).await.context("mint")?;
    check_same(&lottery, &file, &mint.address.to_bytes())?;
    let registry = chain.registry().await?;
    let local_beacon = chain.local_beacon_hash();
    let prepared = file.prepare(operator.pubkey(), mint.decimals, registry.fee_cap_bps, local_beacon)?;
    let (changes, steps) = steps(&chain, &lottery, &prepared, operator.pubkey()).await?;
    if changes.config {
        source::check(&chain, &registry, &prepared).await?;
    }
    let mut signature = None;
    if !steps.is_empty() && !args.dry_run {
        if changes.config {
            source::ensure_oracle_set(&chain, &prepared, &operator).await?;
        }
        let sent = chain.send("nothing was updated", &steps, &[&operator]).await?;
        signature = Some(sent.to_string());
    }
    let words = changes.words();
    let version = lottery.config_version + u32::from(changes.config && !args.dry_run);
    let value = json!({
        "id": lottery.id,
        "changed": words,
        "config_version": version,
        "dry_run": args.dry_run,
        "signature": signature,
    });
    let line = match (words.is_empty(), args.dry_run) {
        (true, _) => format!("lottery {} is already as {} says", lottery.id, args.file.display()),
        (false, true) => format!("{} of lottery {} would change", words.join(" and "), lottery.id),
        (false, false) => {
            format!(
                "{} of lottery {} changed, from the next round that opens",
                words.join(" and "),
                lottery.id
            )
        }
    };
    output::print(chain.json, &value, &line);
    Ok(())
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;
    use lottery_client::Pubkey;

    use super::*;

    #[test]
    fn only_what_differs_changes() {
        let text = include_str!("../../../examples/keno.toml");
        let prepare = |text: &str| {
            LotteryFile::parse(text).unwrap().prepare(Pubkey::default(), 6, 1_000, None).unwrap()
        };
        let prepared = prepare(text);
        let limits = prepared.limits;
        let lottery = Lottery {
            max_stake_units: limits.max_stake_units,
            min_stake_units: limits.min_stake_units,
            page_budget_units: limits.page_budget_units,
            max_liability_units: limits.max_liability_units,
            page_entries: limits.page_entries,
            max_pages: limits.max_pages,
            max_entries_per_round: limits.max_entries_per_round,
            period_seconds: limits.period_seconds,
            reward_step_lamports: limits.reward_step_lamports,
            reward_item_lamports: limits.reward_item_lamports,
            ..Lottery::zeroed()
        };
        let header = Config {
            grace_seconds: prepared.config.grace_seconds,
            grace_slots: prepared.config.grace_slots,
            claim_seconds: prepared.config.claim_seconds,
            reveal_delay_slots: prepared.config.reveal_delay_slots,
            fee_bps: prepared.config.fee_bps,
            compensation_cap_bps: prepared.config.compensation_cap_bps,
            kind: prepared.config.kind,
            source: prepared.config.source,
            ..Config::zeroed()
        };
        let mut data = vec![0; 8];
        data.extend_from_slice(bytemuck::bytes_of(&header));
        data.extend_from_slice(&prepared.rules);
        let space = data.len();
        let config =
            Fetched { address: Pubkey::default(), account: header, lamports: 0, slot: 0, space, data };
        let changes = |text: &str| Changes::find(&lottery, &config, &prepare(text)).words();
        assert!(changes(text).is_empty());
        assert_eq!(changes(&text.replace("period_seconds = 5 ", "period_seconds = 7 ")), ["limits"]);
        assert_eq!(changes(&text.replace("fee_bps = 100 ", "fee_bps = 150 ")), ["config"]);
        assert_eq!(changes(&text.replace("1 = [0, 3.8]", "1 = [0, 3.75]")), ["config"]);
    }
}
