//! One player at the house games, by the command line and the api alone: keno and instant tickets until each has won, a
//! session that is signed once, and at the end every unit withdrawn.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use lottery_client::Signer;
use lottery_interface::Kind;
use serde_json::Value;

use super::play::Play;
use crate::commands::create::Created;

/// Purchases until a prize is won; ten tickets that win 1 in 4 all lose in 6 of 100 purchases.
const TRIES: usize = 6;
const SESSION_ROUNDS: u64 = 2;
/// How long the indexer may take to tell what was played.
const REPORT_PATIENCE: Duration = Duration::from_secs(25);

/// What the player did, in base units of each game's mint.
#[derive(Clone, Debug)]
pub struct HousePlayed {
    keno: Played,
    instant: Played,
    pub session_rounds: u64,
    /// Tickets in all.
    pub tickets: u64,
    /// Tickets that won.
    pub prizes: u64,
}

#[derive(Clone, Debug)]
struct Played {
    lottery: Created,
    /// Of the wallet, before the first ticket.
    before_units: u64,
    staked_units: u64,
    won_units: u64,
}

impl Played {
    async fn new(play: &Play, kind: Kind) -> anyhow::Result<Self> {
        let mut lotteries = play.played.iter().filter(|lottery| lottery.kind() == Some(kind));
        let lottery =
            lotteries.next().with_context(|| format!("no {} lottery is played", kind.name()))?.clone();
        let before_units = balance(play, &lottery).await?;
        Ok(Self { lottery, before_units, staked_units: 0, won_units: 0 })
    }

    fn id(&self) -> String {
        self.lottery.id.to_string()
    }

    /// What the wallet must hold, to the unit, once everything is paid.
    fn expected_units(&self) -> anyhow::Result<u64> {
        let left =
            self.before_units.checked_sub(self.staked_units).context("more was staked than there was")?;
        Ok(left + self.won_units)
    }
}

async fn balance(play: &Play, lottery: &Created) -> anyhow::Result<u64> {
    let wallet = play.world.chain.wallet(&play.guest.keypair.pubkey(), &lottery.mint.address).await?;
    Ok(wallet.context("the guest has no wallet")?.balance_units)
}

/// Runs the program with `--json`, as a person would.
async fn command(play: &Play, key: &Path, args: &[&str]) -> anyhow::Result<Value> {
    let url = play.world.chain.rpc.url();
    let mut command = tokio::process::Command::new(&play.stack.options().binary);
    command.args(args).args(["--json", "--rpc", &url, "--keypair"]).arg(key);
    run(command, args).await
}

async fn run(mut command: tokio::process::Command, args: &[&str]) -> anyhow::Result<Value> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    let what = || format!("`lottery {}`", args.join(" "));
    if !output.status.success() {
        bail!("{} says {}", what(), String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).with_context(|| format!("{} printed no JSON", what()))
}

/// An amount in an answer.
fn units(value: &Value, name: &str) -> anyhow::Result<u64> {
    let text = value[name].as_str().with_context(|| format!("{name} is missing in {value}"))?;
    Ok(text.parse()?)
}

/// Buys until a prize is won; tickets and prizes.
async fn buy_until_won(play: &Play, game: &mut Played, args: &[&str]) -> anyhow::Result<(u64, u64)> {
    let id = game.id();
    let args = [&["buy", &id, "--wait"], args].concat();
    let mut tickets = 0;
    for _ in 0..TRIES {
        let bought = command(play, &play.guest.path, &args).await?;
        game.staked_units += units(&bought, "cost_units")?;
        tickets += bought["tickets"].as_u64().context("no tickets")?;
        ensure!(bought["result"]["status"] == "final", "a round did not become final: {bought}");
        let won = units(&bought["result"], "prizes_units")?;
        game.won_units += won;
        if won > 0 {
            let all = bought["result"]["tickets"].as_array().context("no tickets")?;
            let prizes = all.iter().filter(|ticket| ticket["multiplier_bps"].as_u64() > Some(0)).count();
            return Ok((tickets, prizes as u64));
        }
    }
    bail!("lottery {id} paid nothing on {tickets} tickets");
}

/// Plays both games.
pub async fn play(play: &Play, say: &dyn Fn(&str)) -> anyhow::Result<HousePlayed> {
    say("a guest plays keno and instant by the command line, until each has won");
    let (mut keno, mut instant) =
        (Played::new(play, Kind::Keno).await?, Played::new(play, Kind::Instant).await?);
    let keno_args =
        ["--numbers", "7", "--numbers", "3,17", "--quick", "8", "--spots", "1", "--stake", "0.002"];
    let (keno_tickets, keno_prizes) = buy_until_won(play, &mut keno, &keno_args).await?;
    let (tickets, prizes) = buy_until_won(play, &mut instant, &["--count", "10", "--stake", "1"]).await?;

    say(
        "the guest signs once and plays keno by a session key, through the api, and the operator pays the fees",
    );
    let (id, rounds) = (keno.id(), SESSION_ROUNDS.to_string());
    let operator = play.stack.options().operator_key().to_string_lossy().into_owned();
    let session = [
        "session",
        "play",
        &id,
        "--spots",
        "2",
        "--quick",
        "2",
        "--stake",
        "0.001",
        "--limit",
        "0.1",
        "--lasts",
        "90s",
        "--rounds",
        &rounds,
        "--api",
        &play.stack.api_url,
        "--fee-payer",
        &operator,
    ];
    let played = command(play, &play.guest.path, &session).await?;
    ensure!(
        played["rounds"] == SESSION_ROUNDS && played["results"] == SESSION_ROUNDS,
        "the session ended early: {played}"
    );
    keno.staked_units += units(&played, "staked_units")?;
    keno.won_units += units(&played, "won_units")?;
    command(play, &play.guest.path, &["session", "end", "--mint", "sol"]).await?;
    Ok(HousePlayed {
        keno,
        instant,
        session_rounds: SESSION_ROUNDS,
        tickets: keno_tickets + tickets + SESSION_ROUNDS * 2,
        prizes: keno_prizes + prizes,
    })
}

impl HousePlayed {
    /// Once everything is paid: withdraws to the unit what must be there, takes bankroll back, and reads the report.
    pub async fn finish(&self, play: &Play, say: &dyn Fn(&str)) -> anyhow::Result<()> {
        say("the guest withdraws everything, the operator takes bankroll back and reads the report");
        for game in [&self.keno, &self.instant] {
            let mint = match game.lottery.mint.is_native() {
                true => "sol".to_string(),
                false => game.lottery.mint.address.to_string(),
            };
            let withdrawn = command(play, &play.guest.path, &["withdraw", "all", "--mint", &mint]).await?;
            let (got, expected) = (units(&withdrawn, "amount_units")?, game.expected_units()?);
            ensure!(
                got == expected,
                "the guest withdrew {got} units of lottery {}, not {expected}",
                game.lottery.id
            );
            let operator = play.stack.options().operator_key();
            let taken = command(play, &operator, &["take", "bankroll", &game.id(), "1"]).await?;
            ensure!(taken["source"] == "bankroll", "no bankroll was taken: {taken}");
            self.report(play, game).await?;
        }
        Ok(())
    }

    /// The api's report has what was staked, within the band that the rules promise, and can be plotted.
    async fn report(&self, play: &Play, game: &Played) -> anyhow::Result<()> {
        let (id, options) = (game.id(), play.stack.options());
        let svg = options.folder.join(format!("report-{id}.svg"));
        let svg_text = svg.to_string_lossy();
        let args = ["report", &id, "--json", "--api", &play.stack.api_url, "--svg", &svg_text];
        let until = Instant::now() + REPORT_PATIENCE;
        loop {
            let mut command = tokio::process::Command::new(&options.binary);
            command.args(args);
            let report = run(command, &args).await;
            let turnover = |report: &Value| -> anyhow::Result<u64> {
                let days = report["days"].as_array().context("the report has no days")?;
                days.iter().map(|day| units(day, "turnover_units")).sum()
            };
            match report {
                Ok(report) if turnover(&report)? >= game.staked_units => return check_report(&report, &svg),
                Ok(_) if Instant::now() < until => {}
                Err(_) if Instant::now() < until => {}
                Ok(report) => bail!("the report lacks {} units of turnover: {report}", game.staked_units),
                Err(error) => return Err(error),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

fn check_report(report: &Value, svg: &Path) -> anyhow::Result<()> {
    let days = report["days"].as_array().into_iter().flatten();
    for day in days.filter(|day| day["rounds"].as_u64() > Some(0)) {
        let exact = day["exact_rtp"].as_f64().with_context(|| format!("no exact RTP on {day}"))?;
        ensure!((0.92..=0.96).contains(&exact), "an exact RTP of {exact} is not what the files promise");
        let (low, high) = (day["rtp_band"]["low"].as_f64(), day["rtp_band"]["high"].as_f64());
        ensure!(low < Some(exact) && high > Some(exact), "the band does not hold the exact RTP: {day}");
    }
    let plot = std::fs::read_to_string(svg).with_context(|| format!("no plot in {}", svg.display()))?;
    ensure!(plot.contains("<svg") && plot.contains("exact RTP"), "{} is no plot", svg.display());
    Ok(())
}
