//! How long evidence is kept.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Whole years or days after the end of a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    Years(u16),
    Days(u16),
}

impl Default for Retention {
    fn default() -> Self {
        Self::Years(7)
    }
}

impl Retention {
    /// Reads `7y` or `90d`.
    ///
    /// # Errors
    /// What is wrong, for a message.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no time to keep evidence for");
        let split = text.len().saturating_sub(1);
        let (digits, unit) = text.split_at_checked(split).ok_or_else(wrong)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: u16 = digits.parse().map_err(|_| wrong())?;
        match unit {
            "y" if (1..=1000).contains(&number) => Ok(Self::Years(number)),
            "d" if number > 0 => Ok(Self::Days(number)),
            _ => Err(wrong()),
        }
    }

    /// When the shard of that year ended, and when it may be destroyed.
    pub fn of_year(self, year: i16) -> (Timestamp, Timestamp) {
        let end = Date::new(year.saturating_add(1), 1, 1).unwrap_or(Date::MAX);
        let kept = match self {
            Self::Years(years) => Span::new().try_years(years),
            Self::Days(days) => Span::new().try_days(days),
        };
        let until = kept.and_then(|kept| end.checked_add(kept));
        let at = |date: Date| {
            let zoned = date.to_zoned(TimeZone::UTC);
            zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
        };
        (at(end), at(until.unwrap_or(Date::MAX)))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Years(years) => write!(f, "{years}y"),
            Self::Days(days) => write!(f, "{days}d"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_kept_from_its_end_on() {
        let (end, until) = Retention::Years(7).of_year(2026);
        assert_eq!(end.to_string(), "2027-01-01T00:00:00Z");
        assert_eq!(until.to_string(), "2034-01-01T00:00:00Z");
        let (_, until) = Retention::Days(59).of_year(2027);
        assert_eq!(until.to_string(), "2028-02-29T00:00:00Z");
        assert_eq!(
            Retention::Years(1000).of_year(9990).1,
            Retention::Years(1000).of_year(9998).1
        );
    }

    #[test]
    fn years_and_days_are_read_and_nothing_else() {
        for good in ["7y", "1d", "1000y"] {
            assert_eq!(Retention::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "", "y", "7", "0y", "0d", "-1y", "+7y", "7 y", "7m", "1001y", "99999d",
        ] {
            assert!(Retention::parse(bad).is_err(), "{bad}");
        }
    }
}
