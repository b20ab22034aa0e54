//! What an auditor asks for: a span of time, a control.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use thiserror::Error;

/// Nothing in it: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The first instant asked for.
    pub from: Option<Timestamp>,
    /// The first instant no longer asked for.
    pub until: Option<Timestamp>,
    pub control: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WantedError {
    #[error("`{0}` is neither a day like `2026-11-02` nor a time like `2026-11-02T09:00:00Z`")]
    Date(String),
    #[error("the time asked for ends before it begins")]
    Backwards,
    #[error("no control is named")]
    NoControl,
}

impl Wanted {
    /// `from` is the first instant of a day, or an instant; `to` the end of a day, which belongs to
    /// it, or an instant, which does not. Days are those of UTC.
    ///
    /// # Errors
    /// A date is none, the end is not after the beginning, or the control is empty.
    pub fn parse(
        from: Option<&str>,
        to: Option<&str>,
        control: Option<&str>,
    ) -> Result<Self, WantedError> {
        let from = from.map(|text| instant(text, false)).transpose()?;
        let until = to.map(|text| instant(text, true)).transpose()?;
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(WantedError::Backwards);
        }
        if control.is_some_and(|control| control.trim().is_empty()) {
            return Err(WantedError::NoControl);
        }
        let control = control.map(str::to_owned);
        Ok(Self {
            from,
            until,
            control,
        })
    }

    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether something that lasted from `first` to `last` reaches into the time asked for.
    pub fn overlaps(&self, first: Timestamp, last: Timestamp) -> bool {
        let begins_in_time = self.until.is_none_or(|until| first < until);
        begins_in_time && self.from.is_none_or(|from| last >= from)
    }

    pub fn holds(&self, at: Timestamp) -> bool {
        self.overlaps(at, at)
    }
}

/// A time, or the first instant of a day.
///
/// # Errors
/// It is neither.
pub fn first_instant(text: &str) -> Result<Timestamp, WantedError> {
    instant(text, false)
}

fn instant(text: &str, end: bool) -> Result<Timestamp, WantedError> {
    let bad = || WantedError::Date(text.to_owned());
    if text.len() > 10 {
        return text.parse().map_err(|_| bad());
    }
    let day: Date = text.parse().map_err(|_| bad())?;
    let day = match end {
        true => day.tomorrow().map_err(|_| bad())?,
        false => day,
    };
    let midnight = day.to_zoned(TimeZone::UTC).map_err(|_| bad())?;
    Ok(midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_asked_for_whole_and_an_instant_ends_before_itself() {
        let days = Wanted::parse(Some("2026-11-02"), Some("2026-11-02"), None).unwrap();
        assert!(days.holds(at("2026-11-02T00:00:00Z")));
        assert!(days.holds(at("2026-11-02T23:59:59.999Z")));
        assert!(!days.holds(at("2026-11-03T00:00:00Z")));
        assert!(!days.holds(at("2026-11-01T23:59:59Z")));
        let instants = Wanted::parse(
            Some("2026-11-02T10:00:00+01:00"),
            Some("2026-11-02T12:00:00Z"),
            None,
        );
        let instants = instants.unwrap();
        assert!(instants.holds(at("2026-11-02T09:00:00Z")));
        assert!(!instants.holds(at("2026-11-02T12:00:00Z")));
        assert!(instants.overlaps(at("2020-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z")));
        assert!(Wanted::parse(None, None, None).unwrap().is_everything());
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-11-02T09:00",
            "02.11.2026",
        ] {
            let refused = Wanted::parse(Some(text), None, None);
            assert_eq!(refused, Err(WantedError::Date(text.to_owned())));
        }
        let backwards = Wanted::parse(Some("2026-11-02"), Some("2026-11-01"), None);
        assert_eq!(backwards, Err(WantedError::Backwards));
        let nothing = Wanted::parse(Some("2026-11-02"), Some("2026-11-02T00:00:00Z"), None);
        assert_eq!(nothing, Err(WantedError::Backwards));
        assert_eq!(
            Wanted::parse(None, None, Some(" ")),
            Err(WantedError::NoControl)
        );
    }
}
