//! Which event a source speaks of: its date, or its number, in the source's own time.

use jiff::{
    Timestamp, Zoned,
    civil::{self, Date},
    fmt::strtime,
    tz::{Offset, TimeZone},
};
use serde::{Deserialize, Serialize};

use super::ReadError;

/// How far a source's clocks are ahead of UTC, as `+05:30` or `-05:00`. Fixed: a zone's rules may change after the evidence was
/// kept, an offset cannot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcOffset {
    seconds: i32,
}

impl UtcOffset {
    /// `None`: more than 18 hours.
    pub fn from_seconds(seconds: i32) -> Option<Self> {
        (seconds.abs() <= 18 * 3_600).then_some(Self { seconds })
    }

    /// The source's clock at a unix time.
    pub fn at(self, unix: i64) -> Result<Zoned, ReadError> {
        let offset = Offset::from_seconds(self.seconds).map_err(|e| ReadError::invalid(e.to_string()))?;
        let timestamp = Timestamp::from_second(unix).map_err(|e| ReadError::invalid(e.to_string()))?;
        Ok(timestamp.to_zoned(TimeZone::fixed(offset)))
    }
}

impl TryFrom<String> for UtcOffset {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("utc_offset \"{text}\": give hours and minutes as \"-05:00\" or \"+01:00\"");
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(wrong()),
        };
        let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
        let number = |part: &str, most: i32| {
            let is_two_digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            is_two_digits.then(|| part.parse().ok()).flatten().filter(|number: &i32| *number <= most)
        };
        let (hours, minutes) = (number(hours, 18).ok_or_else(wrong)?, number(minutes, 59).ok_or_else(wrong)?);
        Self::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok_or_else(wrong)
    }
}

impl From<UtcOffset> for String {
    fn from(offset: UtcOffset) -> String {
        let (sign, seconds) = (if offset.seconds < 0 { '-' } else { '+' }, offset.seconds.abs());
        format!("{sign}{:02}:{:02}", seconds / 3_600, seconds / 60 % 60)
    }
}

/// The day of an event on the source's calendar.
pub fn date(event_at: i64, offset: UtcOffset) -> Result<Date, ReadError> {
    Ok(offset.at(event_at)?.date())
}

/// The day that a source wrote: `2020-09-26`, alone or with a time after it. A time that names its own zone counts in `offset`.
pub(super) fn parse_date(text: &str, offset: UtcOffset) -> Result<Date, ReadError> {
    let wrong = || ReadError::invalid(format!("\"{text}\" is not a date"));
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return date(timestamp.as_second(), offset);
    }
    match text.get(10..) {
        Some("") => text.parse::<Date>().map_err(|_| wrong()),
        Some(_) => text.parse::<civil::DateTime>().map(|time| time.date()).map_err(|_| wrong()),
        None => Err(wrong()),
    }
}

/// What a document says about its event, for one at a given time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventForm {
    /// The time by strftime, in the source's offset: `%Y-%m-%d`, `%m/%d/%Y`, `%s` for unix seconds.
    Time { form: String },
    /// Events are counted, one every `every_seconds`; number `first` was at `first_at` (unix seconds).
    Count { first: i64, first_at: i64, every_seconds: i64 },
}

impl EventForm {
    /// What the document says if it is about the event at `event_at`.
    pub fn expected(&self, event_at: i64, offset: UtcOffset) -> Result<String, ReadError> {
        match self {
            Self::Time { form } => strtime::format(form, &offset.at(event_at)?)
                .map_err(|error| ReadError::invalid(format!("the event's form \"{form}\": {error}"))),
            Self::Count { first, first_at, every_seconds } => {
                // The event itself may begin a little before or after it is attested: the last one that began by then.
                let passed = event_at.checked_sub(*first_at).filter(|_| *every_seconds > 0);
                let number = passed
                    .and_then(|seconds| seconds.div_euclid(*every_seconds).checked_add(*first))
                    .ok_or_else(|| ReadError::invalid("the event's count does not fit in 64 bits"))?;
                Ok(number.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(text: &str) -> UtcOffset {
        UtcOffset::try_from(text.to_string()).unwrap()
    }

    /// 2026-11-22 04:30:00 UTC, a Sunday; Saturday evening in New York.
    const EVENT: i64 = 1_795_321_800;

    #[test]
    fn the_day_is_the_sources_own() {
        assert_eq!(date(EVENT, offset("+00:00")).unwrap().to_string(), "2026-11-22");
        assert_eq!(date(EVENT, offset("-05:00")).unwrap().to_string(), "2026-11-21");
        assert_eq!(date(EVENT, offset("-04:30")).unwrap().to_string(), "2026-11-22");
        assert_eq!(date(EVENT, offset("-04:31")).unwrap().to_string(), "2026-11-21");
    }

    #[test]
    fn offsets_are_read_and_written() {
        for text in ["+00:00", "-05:00", "+05:30", "+18:00", "-00:45"] {
            assert_eq!(String::from(offset(text)), text);
        }
        for text in ["", "5", "05:00", "+5:00", "+05:60", "+18:01", "+19:00", "EST", "+05:0x", "-+5:00"] {
            let error = UtcOffset::try_from(text.to_string()).unwrap_err();
            assert!(error.contains("-05:00"), "{error}");
        }
    }

    #[test]
    fn dates_as_sources_write_them() {
        let est = offset("-05:00");
        for text in ["2026-11-21", "2026-11-21T00:00:00.000", "2026-11-21T22:59:00", " 2026-11-21 22:59:00"] {
            assert_eq!(parse_date(text, est).unwrap().to_string(), "2026-11-21", "{text}");
        }
        // A time with its zone is a point in time.
        assert_eq!(parse_date("2026-11-22T03:59:00Z", est).unwrap().to_string(), "2026-11-21");
        for text in ["", "yesterday", "2026-13-01", "2026-11-21x", "11/21/2026", "2026-11-2"] {
            assert!(parse_date(text, est).is_err(), "{text}");
        }
    }

    #[test]
    fn forms_of_events() {
        let time = |form: &str| EventForm::Time { form: form.into() }.expected(EVENT, offset("-05:00"));
        assert_eq!(time("%Y-%m-%d").unwrap(), "2026-11-21");
        assert_eq!(time("%m/%d/%Y %H:%M").unwrap(), "11/21/2026 23:30");
        assert_eq!(time("%s").unwrap(), EVENT.to_string());
        assert!(time("%!").is_err());
        let count = |at| {
            let form = EventForm::Count { first: 100, first_at: EVENT, every_seconds: 60 };
            form.expected(at, UtcOffset::default())
        };
        assert_eq!(count(EVENT).unwrap(), "100");
        assert_eq!(count(EVENT + 59).unwrap(), "100");
        assert_eq!(count(EVENT + 600).unwrap(), "110");
        assert_eq!(count(EVENT - 1).unwrap(), "99");
        assert!(count(i64::MIN).is_err());
        let endless = EventForm::Count { first: 1, first_at: 0, every_seconds: 0 };
        assert!(endless.expected(5, UtcOffset::default()).is_err());
    }
}
