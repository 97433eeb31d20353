//! `lottery create`: a lottery from a TOML file, funded and active.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use lottery_client::{Instruction, Keypair, Pubkey, Signer, market::Market};
use lottery_interface::{Kind, Source, address, instructions};
use lottery_rules::prediction::Quorum;
use serde_json::json;

use super::{fund, init, source};
use crate::{
    chain::{Chain, ChainArgs, Mint},
    keys,
    lottery_file::{LotteryFile, Prepared, show_rtp},
    market, output, raffle,
    secrets::{self, SecretsArgs},
};

#[derive(Clone, Debug, clap::Args)]
pub struct CreateArgs {
    #[command(flatten)]
    pub chain: ChainArgs,
    /// The lottery in TOML; see examples/
    pub file: PathBuf,
    #[command(flatten)]
    pub oracles: OraclesArgs,
    #[command(flatten)]
    pub secrets: SecretsArgs,
    /// Leave it pending; `lottery activate` starts it
    #[arg(long)]
    pub pending: bool,
}

/// Reporters of a market that are named on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct OraclesArgs {
    /// Markets: a reporter's address or keypair file, instead of those in the file; may be repeated
    #[arg(long = "reporter", value_name = "ADDRESS_OR_FILE")]
    pub reporters: Vec<String>,
}

impl OraclesArgs {
    /// Puts them in the place of the file's.
    pub fn apply(&self, file: &mut LotteryFile) -> anyhow::Result<()> {
        if self.reporters.is_empty() {
            return Ok(());
        }
        let address = |text: &String| match Path::new(text).is_file() {
            true => Ok(keys::read(Path::new(text)).context("--reporter")?.pubkey()),
            false => keys::parse_address("--reporter", text),
        };
        let reporters = self.reporters.iter().map(address).collect::<anyhow::Result<Vec<_>>>()?;
        let kind = file.kind.clone();
        let oracles = file.oracles.as_mut();
        let oracles =
            oracles.with_context(|| format!("--reporter: a lottery of kind {kind:?} has no reporters"))?;
        oracles.reporters = reporters.iter().map(Pubkey::to_string).collect();
        Ok(())
    }
}

/// A lottery that was created.
#[derive(Clone, Debug)]
pub struct Created {
    pub id: u64,
    pub address: Pubkey,
    pub name: String,
    pub mint: Mint,
    /// The private file with its hash chain's secret.
    pub secret: Option<PathBuf>,
    pub prepared: Prepared,
}

impl Created {
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_byte(self.prepared.config.kind)
    }
}

/// A lottery that exists and is still pending, with what makes it play.
pub struct Draft {
    pub created: Created,
    steps: Vec<Instruction>,
}

/// Creates, funds and (unless `pending`) activates. The operator signs and pays; the vault is opened if there is none.
pub async fn create(
    chain: &Chain,
    file: &LotteryFile,
    operator: &Keypair,
    secrets: &SecretsArgs,
    pending: bool,
) -> anyhow::Result<Created> {
    let mint = chain.mint(&file.mint).await.context("mint")?;
    let registry = chain.registry().await?;
    let prepared =
        file.prepare(operator.pubkey(), mint.decimals, registry.fee_cap_bps, chain.local_beacon_hash())?;
    if registry.paused != 0 {
        bail!("the registry is paused: nothing can be created now");
    }
    file.check_list(registry.next_lottery_id)?;
    if !pending {
        prepared.check_funds(&mint)?;
    }
    source::check(chain, &registry, &prepared).await?;
    init::open_vault(chain, &mint, operator).await?;
    let draft = draft(chain, file, prepared, mint, operator, secrets, registry.next_lottery_id).await?;
    draft.finish(chain, operator, pending).await
}

/// Creates lottery `id`, which must be the registry's next one. Nothing is paid in yet.
pub async fn draft(
    chain: &Chain,
    file: &LotteryFile,
    prepared: Prepared,
    mint: Mint,
    operator: &Keypair,
    secrets: &SecretsArgs,
    id: u64,
) -> anyhow::Result<Draft> {
    file.check_list(id)?;
    let create = instructions::create_lottery(
        operator.pubkey(),
        id,
        mint.address,
        &prepared.args,
        &prepared.limits,
        &prepared.config,
        &prepared.rules,
    );
    let address = address::lottery(id).0;
    source::ensure_oracle_set(chain, &prepared, operator).await?;
    // On disk before anything is on the chain: the other way round it could be lost.
    let (steps, secret) = chain_steps(&prepared, operator.pubkey(), id, address, secrets)?;
    let created =
        chain.send(&format!("lottery {:?} was not created", file.name), &[create], &[operator]).await;
    if let (Err(_), Some(secret)) = (&created, &secret) {
        let _ = std::fs::remove_file(secret);
    }
    created?;
    Ok(Draft { created: Created { id, address, name: file.name.clone(), mint, secret, prepared }, steps })
}

impl Draft {
    /// Commits to the hash chain, pays in, and activates unless `pending`.
    pub async fn finish(self, chain: &Chain, operator: &Keypair, pending: bool) -> anyhow::Result<Created> {
        let Self { created, mut steps } = self;
        let id = created.id;
        steps.extend(fund_steps(chain, &created.prepared, &created.mint, operator.pubkey(), id).await?);
        if !pending {
            steps.push(instructions::activate_lottery(operator.pubkey(), id));
        }
        let what = || {
            format!(
                "lottery {id} was created but is still pending: `lottery fund` and `lottery activate {id}` it"
            )
        };
        if !steps.is_empty() {
            chain.send(&what(), &steps, &[operator]).await?;
        }
        Ok(created)
    }
}

/// Makes the secret of the hash chain, and what commits to it.
fn chain_steps(
    prepared: &Prepared,
    operator: Pubkey,
    id: u64,
    address: Pubkey,
    secrets: &SecretsArgs,
) -> anyhow::Result<(Vec<Instruction>, Option<PathBuf>)> {
    if prepared.config.source != Source::CommitReveal as u8 {
        return Ok((Vec::new(), None));
    }
    let (path, commit) = secrets::create(secrets, &address, prepared.chain_length)?;
    Ok((vec![instructions::set_chain(operator, id, &commit, prepared.chain_length.into())], Some(path)))
}

async fn fund_steps(
    chain: &Chain,
    prepared: &Prepared,
    mint: &Mint,
    operator: Pubkey,
    id: u64,
) -> anyhow::Result<Vec<Instruction>> {
    let mut steps = Vec::new();
    if prepared.crank_lamports > 0 {
        steps.push(instructions::fund_crank(operator, id, prepared.crank_lamports));
    }
    let units = prepared.funds_units()?;
    if units > 0 {
        steps.extend(fund::top_up(chain, mint, &operator, units).await?);
    }
    if prepared.bond_units > 0 {
        steps.push(instructions::fund_bond(operator, id, mint.address, prepared.bond_units));
    }
    if prepared.jackpot_units > 0 {
        steps.push(instructions::fund_jackpot(operator, id, mint.address, prepared.jackpot_units));
    }
    if prepared.bankroll_units > 0 {
        steps.push(instructions::fund_bankroll(operator, id, mint.address, prepared.bankroll_units));
    }
    Ok(steps)
}

/// What the operator put up for, and what players are promised.
fn terms(created: &Created) -> anyhow::Result<String> {
    let (prepared, mint) = (&created.prepared, &created.mint);
    let mut lines = String::new();
    let each = prepared.bond_each_units()?;
    if each > 0 {
        let (rounds, needed) = (prepared.bonded_rounds()?, prepared.rounds_at_once());
        lines += &format!("bond: the first round reserves {}; it covers ", mint.show(each));
        lines += &match rounds >= needed {
            true => format!("the {needed} rounds that are open at once\n"),
            false => {
                format!("{rounds} at once; {needed} need {}\n", mint.show(prepared.bond_for_units(needed)?))
            }
        };
        if !prepared.is_house() {
            lines += "      rounds reserve the jackpot too: add bond as it grows\n";
        }
    }
    if prepared.beacon.is_some() {
        lines += &format!(
            "a round's value is what the beacon signs {} s after its lock; up to {} rounds are under way at once\n",
            prepared.config.beacon_margin_seconds,
            prepared.rounds_at_once()
        );
    }
    let (period, offset) = (prepared.limits.period_seconds, prepared.limits.lock_offset_seconds);
    if offset != 0 {
        lines += &format!(
            "timetable: rounds lock {} s past each multiple of {period} s of unix time\n",
            offset % period
        );
    }
    if let Some(market) = prepared.market() {
        lines += &market_terms(&market);
    }
    if let Some(rules) = prepared.raffle() {
        lines += &raffle::rules_line(&rules, &mint.show(prepared.config.stake_units));
    }
    if prepared.is_house() {
        let pages = prepared.bankroll_units / prepared.limits.page_budget_units.max(1);
        let budget = mint.show(prepared.limits.page_budget_units);
        lines += &format!("bankroll: each open page reserves {budget}, so it covers {pages} pages at once\n");
    }
    for (row, rtp) in prepared.rtps() {
        lines += &format!("exact RTP{row}: {}\n", show_rtp(rtp));
    }
    Ok(lines)
}

/// What can be bet on, and who decides.
fn market_terms(market: &Market) -> String {
    let rules = &market.rules;
    let labels: Vec<_> = (0..rules.outcome_count).map(|outcome| market.label(outcome)).collect();
    let quorum = Quorum { reporters: rules.reporter_count, needed: rules.quorum };
    format!(
        "outcomes: {}\noracles {}: {} of {} reporters decide, {} together can block a round; from {} s after each lock\n\
         run: lottery oracle --config FILE, for each reporter; see examples/oracle.toml\n",
        labels.join(", "),
        Pubkey::from(rules.oracles),
        quorum.needed,
        quorum.reporters,
        quorum.blocking(),
        rules.event_delay_seconds,
    )
}

pub async fn run(args: CreateArgs) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("cannot read {}", args.file.display()))?;
    let mut file = LotteryFile::parse(&text).with_context(|| args.file.display().to_string())?;
    args.oracles.apply(&mut file)?;
    file.load_list(args.file.parent().unwrap_or(Path::new("")))?;
    let chain = args.chain.connect()?;
    let operator = chain.keypair()?;
    let spinner = output::spinner(chain.json, format!("creating {:?}", file.name));
    let created = create(&chain, &file, &operator, &args.secrets, args.pending).await;
    spinner.finish_and_clear();
    let created = created?;
    let value = json!({
        "id": created.id,
        "address": created.address.to_string(),
        "name": created.name,
        "mint": created.mint.address.to_string(),
        "secret": created.secret,
        "beacon": created.prepared.beacon.map(hex::encode),
        "status": if args.pending { "pending" } else { "active" },
        "bond_each_round_units": created.prepared.bond_each_units()?.to_string(),
        "rtp": created.prepared.rtp_percents(),
        "raffle": created.prepared.raffle().map(|rules| raffle::rules_json(&rules)),
        "market": created.prepared.market().map(|market| market::rules_json(&market, &created.prepared.reporters)),
    });
    let mut lines = format!("lottery {} created at {}\n", created.id, created.address);
    lines += &terms(&created)?;
    if let Some(secret) = &created.secret {
        lines += &format!(
            "its secret is in {}: back it up with its key, whoever loses it loses the bond\n",
            secret.display()
        );
        lines += &format!("run: lottery keeper --reveal-secrets {}\n", args.secrets.secrets.display());
    }
    output::print(chain.json, &value, &lines);
    Ok(())
}
