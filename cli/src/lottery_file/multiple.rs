//! Prizes as multiples of the stake: "2.5" is 25,000 parts of 10,000, exactly.

use anyhow::{Context, bail};
use serde::{Deserialize, Deserializer, de::Error};

use crate::amount;

/// Parts of a whole, as decimals.
const DECIMALS: u8 = 4;

/// A multiple of the stake in parts of 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Multiple(pub u32);

impl Multiple {
    /// Reads "3", "2.5" or "0.0001".
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let explain = || {
            format!(
                "{text} is no multiple of the stake: write for example 3 or 2.5, with at most {DECIMALS} decimals"
            )
        };
        let Ok(bps) = amount::parse(text, DECIMALS) else { bail!(explain()) };
        let most = show_multiple(u32::MAX);
        Ok(Self(u32::try_from(bps).with_context(|| format!("{text} is too much: {most} is the most"))?))
    }
}

/// `bps` as people write it: "2.5x".
pub fn show_multiple(bps: u32) -> String {
    format!("{}x", amount::format(bps.into(), DECIMALS))
}

impl<'de> Deserialize<'de> for Multiple {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "write a multiple of the stake, for example 3, 2.5 or \"2.5\"")]
        enum Form {
            Whole(i64),
            Decimal(f64),
            Text(String),
        }
        let text = match Form::deserialize(deserializer)? {
            Form::Whole(whole) => whole.to_string(),
            // The shortest decimal that is this number: what was written, up to 15 digits.
            Form::Decimal(decimal) => decimal.to_string(),
            Form::Text(text) => text,
        };
        Self::parse(&text).map_err(|error| D::Error::custom(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        pays: Vec<Multiple>,
    }

    fn read(values: &str) -> Result<Vec<u32>, String> {
        let row: Row = toml::from_str(&format!("pays = [{values}]")).map_err(|error| error.to_string())?;
        Ok(row.pays.iter().map(|multiple| multiple.0).collect())
    }

    #[test]
    fn decimals_are_exact() {
        // None of these but 2.5 is a binary fraction.
        let read = read("0, 1, 2.5, 0.1, 1.1, 3.8, 0.0001, 429496.7295, \"2.7183\", 10000.0").unwrap();
        assert_eq!(read, [0, 10_000, 25_000, 1_000, 11_000, 38_000, 1, u32::MAX, 27_183, 100_000_000]);
        for bps in (0..2_000_000u32).step_by(7) {
            let text = amount::format(bps.into(), DECIMALS);
            let decimal: f64 = text.parse().unwrap();
            assert_eq!(Multiple::parse(&decimal.to_string()).unwrap(), Multiple(bps), "{text}");
        }
    }

    #[test]
    fn what_is_no_multiple_is_refused() {
        for wrong in [
            "-1",
            "-0.5",
            "0.00001",
            "1.23456",
            "429496.7296",
            "1e30",
            "nan",
            "inf",
            "\"2,5\"",
            "\"\"",
            "true",
        ] {
            let error = read(wrong).expect_err(wrong);
            assert!(error.contains("multiple") || error.contains("the most"), "{wrong}: {error}");
        }
    }

    #[test]
    fn shows_what_it_reads() {
        assert_eq!(show_multiple(25_000), "2.5x");
        assert_eq!(show_multiple(1), "0.0001x");
        assert_eq!(show_multiple(100_000_000), "10000x");
    }
}
