//! Fields of requests: addresses and amounts, with errors that name the field.

use lottery_client::Pubkey;
use serde::{Deserialize, Deserializer, de::Error};
use utoipa::ToSchema;

use crate::problem::ApiError;

/// Reads a base58 address.
pub fn address(field: &str, text: &str) -> Result<Pubkey, ApiError> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(60).collect();
        ApiError::invalid(field, format!("`{shown}` is not a base58 address of 32 bytes"))
    })
}

/// Reads a mint: an address, or `SOL` or nothing for native SOL.
pub fn mint(text: Option<&str>) -> Result<Pubkey, ApiError> {
    match text {
        None | Some("SOL") => Ok(Pubkey::default()),
        Some(text) => address("mint", text),
    }
}

/// A u64 amount: a string of digits, or a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^[0-9]{1,20}$", example = "1000000000")]
pub struct Amount(pub u64);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Number(u64),
        }
        let refuse = || D::Error::custom("an amount is a string of digits in base units, below 2^64");
        match Form::deserialize(deserializer).map_err(|_| refuse())? {
            Form::Number(units) => Ok(Self(units)),
            Form::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().map(Self).map_err(|_| refuse())
            }
            Form::Text(_) => Err(refuse()),
        }
    }
}

impl Amount {
    /// The amount, which must not be zero.
    pub fn nonzero(self) -> Result<u64, ApiError> {
        match self.0 {
            0 => Err(ApiError::program(
                lottery_interface::LotteryError::ZeroAmount,
                "amount_units is 0: give how many base units to move",
            )),
            units => Ok(units),
        }
    }
}

/// An amount for people: `1.5`, not `1500000000`.
pub fn decimal(units: u64, decimals: u8) -> String {
    let Some(scale) = 10u64.checked_pow(decimals.into()) else { return units.to_string() };
    let (whole, part) = (units / scale, units % scale);
    if part == 0 {
        return whole.to_string();
    }
    let part = format!("{part:0width$}", width = decimals.into());
    format!("{whole}.{}", part.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_digits_or_whole_numbers() {
        let read = |json: &str| serde_json::from_str::<Amount>(json).map(|amount| amount.0).ok();
        assert_eq!(read(r#""18446744073709551615""#), Some(u64::MAX));
        assert_eq!(read("5"), Some(5));
        for other in
            [r#""18446744073709551616""#, r#""""#, r#""-1""#, r#""+1""#, r#""1.5""#, "-1", "1.5", "null"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(decimal(1_500_000_000, 9), "1.5");
        assert_eq!(decimal(1, 6), "0.000001");
        assert_eq!(decimal(42, 0), "42");
        assert_eq!(decimal(2_000_000, 6), "2");
    }

    #[test]
    fn addresses_are_checked() {
        assert!(address("owner", "11111111111111111111111111111111").is_ok());
        let problem = address("owner", "0OIl").unwrap_err().problem();
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some("owner")));
        assert_eq!(mint(Some("SOL")).unwrap(), mint(None).unwrap());
    }
}
