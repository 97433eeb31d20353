//! Amounts as people write them ("1.5") and as the chain counts them (base units).

use anyhow::{Context, bail};

/// Decimals of native SOL.
pub const SOL_DECIMALS: u8 = 9;

/// The base units of `text`, a decimal number with at most `decimals` digits after the point.
pub fn parse(text: &str, decimals: u8) -> anyhow::Result<u64> {
    let explain = || {
        format!("{text:?} is not an amount: write for example 12 or 0.5, with at most {decimals} decimals")
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || (text.contains('.') && fraction.is_empty())
    {
        bail!(explain());
    }
    if fraction.len() > decimals as usize {
        bail!(explain());
    }
    let scale = 10u64.checked_pow(decimals as u32).context("a mint with so many decimals cannot be shown")?;
    let fraction_units = if fraction.is_empty() {
        0
    } else {
        fraction.parse::<u64>().with_context(explain)? * 10u64.pow(decimals as u32 - fraction.len() as u32)
    };
    let whole: u64 = whole.parse().with_context(explain)?;
    whole
        .checked_mul(scale)
        .and_then(|units| units.checked_add(fraction_units))
        .with_context(|| format!("{text} is too large: amounts are 64-bit base units"))
}

/// As [`parse`], and not zero.
pub fn parse_positive(text: &str, decimals: u8) -> anyhow::Result<u64> {
    match parse(text, decimals)? {
        0 => bail!("the amount is zero: nothing to do"),
        units => Ok(units),
    }
}

/// `units` as a decimal number, without trailing zeros.
pub fn format(units: u64, decimals: u8) -> String {
    let Some(scale) = 10u64.checked_pow(decimals as u32).filter(|_| decimals > 0) else {
        return units.to_string();
    };
    let text = format!("{}.{:0width$}", units / scale, units % scale, width = decimals as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse("1.5", 9).unwrap(), 1_500_000_000);
        assert_eq!(parse("0.000001", 6).unwrap(), 1);
        assert_eq!(parse("7", 0).unwrap(), 7);
        assert_eq!(parse("18446744073709.551615", 6).unwrap(), u64::MAX);
    }

    #[test]
    fn refuses_the_rest() {
        for text in
            ["", ".", ".5", "5.", "1,5", "-1", "1e3", "1.0000001", "18446744073709.551616", " 1", "0x1"]
        {
            assert!(parse(text, 6).is_err(), "{text:?} was taken");
        }
        assert!(parse_positive("0.0", 6).is_err());
    }

    #[test]
    fn writes_what_it_reads() {
        for units in [0, 1, 10, 999_999, 1_000_000, 1_500_000, u64::MAX] {
            assert_eq!(parse(&format(units, 6), 6).unwrap(), units);
        }
        assert_eq!(format(1_500_000_000, 9), "1.5");
        assert_eq!(format(2_000_000, 6), "2");
        assert_eq!(format(20, 0), "20");
    }
}
