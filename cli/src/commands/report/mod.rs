//! `lottery report`: what a lottery took in and paid out, day by day, as the api's report says it.

mod plot;

use std::path::PathBuf;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::{amount, api::Api, output};

#[derive(Clone, Debug, clap::Args)]
pub struct ReportArgs {
    /// Id of the lottery
    pub lottery: u64,
    /// First day, UTC, for example 2026-11-15 [default: six days before the last]
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Last day, included [default: today]
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// The api that knows the days
    #[arg(long, env = "LOTTERY_API", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    pub api: String,
    /// Print the api's JSON document instead of a table
    #[arg(long)]
    pub json: bool,
    /// Also plot it into this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// A lottery, day by day, in the api's words.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    pub lottery_id: u64,
    pub name: String,
    pub kind: String,
    pub decimals: u8,
    pub days: Vec<Day>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Day {
    pub day: String,
    #[serde(flatten)]
    pub figures: Figures,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Figures {
    pub rounds: u64,
    pub entries: u64,
    pub turnover_units: String,
    pub prizes_units: String,
    /// Turnover less prizes: may be negative.
    pub gross_revenue_units: String,
    pub fees_units: String,
    pub realised_rtp: Option<f64>,
    /// House games only.
    pub exact_rtp: Option<f64>,
    pub rtp_band: Option<Band>,
    pub rent_locked_lamports: String,
    pub crank_cost_lamports: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Band {
    pub low: f64,
    pub high: f64,
}

/// An amount in base units, with a sign if it has one, in whole tokens.
fn whole(units: &str, decimals: u8) -> anyhow::Result<String> {
    let (sign, digits) = units.strip_prefix('-').map_or(("", units), |digits| ("-", digits));
    let units = digits.parse().with_context(|| format!("{units:?} is no amount"))?;
    Ok(format!("{sign}{}", amount::format(units, decimals)))
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(|| "-".into(), |part| format!("{:.2} %", part * 100.0))
}

impl Figures {
    /// The cells after the day.
    fn cells(&self, decimals: u8) -> anyhow::Result<Vec<String>> {
        let units = |text: &str| whole(text, decimals);
        let lamports = |text: &str| whole(text, amount::SOL_DECIMALS);
        let band = self.rtp_band.map_or_else(
            || "-".into(),
            |band| format!("{:.2} to {:.2} %", band.low * 100.0, band.high * 100.0),
        );
        Ok(vec![
            self.rounds.to_string(),
            self.entries.to_string(),
            units(&self.turnover_units)?,
            units(&self.prizes_units)?,
            units(&self.gross_revenue_units)?,
            units(&self.fees_units)?,
            percent(self.realised_rtp),
            percent(self.exact_rtp),
            band,
            lamports(&self.rent_locked_lamports)?,
            lamports(&self.crank_cost_lamports)?,
        ])
    }
}

const HEADS: [&str; 12] = [
    "day",
    "rounds",
    "entries",
    "turnover",
    "prizes",
    "gross",
    "fees",
    "RTP",
    "exact",
    "95 % band",
    "rent SOL",
    "crank SOL",
];

impl Report {
    /// Whether anything was played.
    pub fn is_empty(&self) -> bool {
        self.days.iter().all(|day| day.figures.rounds == 0)
    }

    fn nothing(&self) -> String {
        let name = format!("lottery {} ({:?})", self.lottery_id, self.name);
        match (self.days.first(), self.days.last()) {
            (Some(first), Some(last)) => {
                format!("{name} had no final round from {} to {}: nothing to report", first.day, last.day)
            }
            _ => format!("{name} did not exist on these days: nothing to report; see --from and --to"),
        }
    }

    /// Columns to the right, the day to the left.
    fn table(&self) -> anyhow::Result<String> {
        let mut rows = vec![HEADS.map(str::to_string).to_vec()];
        for day in &self.days {
            let mut row = vec![day.day.clone()];
            row.extend(day.figures.cells(self.decimals)?);
            rows.push(row);
        }
        let widths: Vec<usize> = (0..HEADS.len())
            .map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0))
            .collect();
        let mut text = format!("{} (lottery {}, {})\n", self.name, self.lottery_id, self.kind);
        for row in rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
            text += cells.collect::<Vec<_>>().join("  ").trim_end();
            text += "\n";
        }
        Ok(text)
    }
}

pub async fn run(args: ReportArgs) -> anyhow::Result<()> {
    let api = Api::new(&args.api)?;
    let days = [("from", &args.from), ("to", &args.to)];
    let query: Vec<_> =
        days.iter().filter_map(|(name, day)| Some(format!("{name}={}", day.as_ref()?))).collect();
    let path = format!("/api/lotteries/{}/report?{}", args.lottery, query.join("&"));
    let value: Value = api.get(&path).await?;
    let report = Report::deserialize(&value)
        .with_context(|| format!("{path} answers what this version cannot read"))?;
    if let Some(file) = &args.svg {
        if report.is_empty() {
            bail!("{}; {} was not written", report.nothing(), file.display());
        }
        std::fs::write(file, plot::svg(&report)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let text = if report.is_empty() { report.nothing() } else { report.table()? };
    output::print(args.json, &value, &text);
    Ok(())
}

#[cfg(test)]
pub mod tests {
    use serde_json::json;

    use super::*;

    pub fn day(day: &str, rounds: u64, realised: Option<f64>, exact: Option<f64>) -> Day {
        let band = exact.map(|exact| json!({"low": exact - 0.05, "high": exact + 0.05}));
        let value = json!({
            "day": day, "rounds": rounds, "entries": rounds * 10, "turnover_units": (rounds * 1_000_000).to_string(),
            "prizes_units": (rounds * 1_250_000).to_string(), "gross_revenue_units": format!("-{}", rounds * 250_000),
            "fees_units": (rounds * 10_000).to_string(), "realised_rtp": realised, "exact_rtp": exact,
            "rtp_band": band, "rent_locked_lamports": "50000000", "crank_cost_lamports": "120000",
        });
        serde_json::from_value(value).unwrap()
    }

    pub fn report(days: Vec<Day>) -> Report {
        Report { lottery_id: 7, name: "Keno 5 s".into(), kind: "keno".into(), decimals: 6, days }
    }

    #[test]
    fn a_table_says_every_figure() {
        let days = vec![day("2026-11-20", 2, Some(1.25), Some(0.95)), day("2026-11-21", 0, None, None)];
        let table = report(days).table().unwrap();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "Keno 5 s (lottery 7, keno)");
        for head in HEADS {
            assert!(lines[1].contains(head), "{head} is missing");
        }
        for cell in
            ["2026-11-20", "2.5", "-0.5", "125.00 %", "95.00 %", "90.00 to 100.00 %", "0.05", "0.00012"]
        {
            assert!(lines[2].contains(cell), "{cell} is not in {}", lines[2]);
        }
        assert!(lines[3].contains(" - "), "{}", lines[3]);
    }

    #[test]
    fn nothing_is_said_clearly() {
        let quiet = report(vec![day("2026-11-20", 0, None, None), day("2026-11-21", 0, None, None)]);
        assert!(quiet.is_empty());
        assert!(quiet.nothing().contains("no final round from 2026-11-20 to 2026-11-21"));
        assert!(report(Vec::new()).is_empty());
        assert!(report(Vec::new()).nothing().contains("did not exist"));
        assert!(!report(vec![day("2026-11-20", 1, Some(0.9), None)]).is_empty());
    }

    #[test]
    fn amounts_keep_their_sign() {
        assert_eq!(whole("-250000", 6).unwrap(), "-0.25");
        assert_eq!(whole("250000", 6).unwrap(), "0.25");
        assert!(whole("x", 6).is_err());
    }
}
