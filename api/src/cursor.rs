//! Opaque cursors: the place in a list after its last item, so that pages neither skip nor repeat
//! rows while new ones arrive.
//!
//! Base64url of one byte that names the list, then its sort key as big-endian 64-bit numbers.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::problem::ApiError;

/// Which list a cursor belongs to: one of another list is refused, not misread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum List {
    Lotteries = 1,
    Rounds = 2,
    Entries = 3,
    RoundEntries = 4,
    Records = 5,
}

/// Most items of a page of results.
pub const MAX_LIMIT: u32 = 200;
pub const DEFAULT_LIMIT: u32 = 50;

pub fn encode<const N: usize>(list: List, key: [u64; N]) -> String {
    let mut bytes = Vec::with_capacity(1 + 8 * N);
    bytes.push(list as u8);
    for part in key {
        bytes.extend_from_slice(&part.to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode<const N: usize>(list: List, cursor: &str) -> Result<[u64; N], ApiError> {
    let refuse = || {
        ApiError::invalid(
            "cursor",
            "not a cursor of this list: pass `next_cursor` of its previous page as it is",
        )
    };
    // Longer than any cursor of ours: not worth decoding.
    if cursor.len() > 64 {
        return Err(refuse());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refuse())?;
    let (&tag, key) = bytes.split_first().ok_or_else(refuse)?;
    let (parts, rest) = key.as_chunks::<8>();
    if tag != list as u8 || !rest.is_empty() {
        return Err(refuse());
    }
    let parts: &[[u8; 8]; N] = parts.try_into().map_err(|_| refuse())?;
    Ok(parts.map(u64::from_be_bytes))
}

/// Checks a page's size.
pub fn limit(asked: Option<u32>) -> Result<i64, ApiError> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit.into()),
        other => Err(ApiError::invalid("limit", format!("{other} is not 1 to {MAX_LIMIT}"))),
    }
}

/// Cuts the extra row that a query for `limit + 1` rows brought; it says that there is a further
/// page, which starts after the last row kept.
pub fn cut<T>(rows: &mut Vec<T>, limit: i64, key: impl FnOnce(&T) -> String) -> Option<String> {
    if rows.len() <= limit as usize {
        return None;
    }
    rows.truncate(limit as usize);
    rows.last().map(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        for key in [[0, 0], [1, u64::MAX], [u64::MAX, 7]] {
            assert_eq!(decode::<2>(List::Entries, &encode(List::Entries, key)).unwrap(), key);
        }
    }

    #[test]
    fn cursors_of_other_lists_other_lengths_and_noise_are_refused() {
        let rounds = encode(List::Rounds, [5]);
        for (cursor, list) in [
            (rounds.as_str(), List::Lotteries),
            (&encode(List::Rounds, [5, 6]), List::Rounds),
            ("", List::Rounds),
            ("AgAA", List::Rounds),
            ("not base64!", List::Rounds),
            (&"A".repeat(1000), List::Rounds),
        ] {
            let error = decode::<1>(list, cursor).unwrap_err().problem();
            assert_eq!((error.status, error.field.as_deref()), (400, Some("cursor")), "{cursor}");
        }
    }

    #[test]
    fn limits_are_checked() {
        assert_eq!(limit(None).unwrap(), i64::from(DEFAULT_LIMIT));
        assert_eq!(limit(Some(MAX_LIMIT)).unwrap(), i64::from(MAX_LIMIT));
        assert_eq!(limit(Some(0)).unwrap_err().problem().status, 400);
        assert_eq!(limit(Some(MAX_LIMIT + 1)).unwrap_err().problem().status, 400);
    }

    #[test]
    fn a_full_page_has_a_cursor_and_the_last_one_has_none() {
        let mut rows = vec![1, 2, 3];
        assert_eq!(cut(&mut rows, 2, |row| row.to_string()), Some("2".into()));
        assert_eq!(rows, [1, 2]);
        assert_eq!(cut(&mut rows, 2, |row| row.to_string()), None);
    }
}
