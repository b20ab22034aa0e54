//! Times in change records: RFC 3339 with an explicit offset, nothing looser.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::super::document::{Invalid, text};

pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    text(deserializer, |text| match rfc3339(text.trim()) {
        Some(time) => Ok(time),
        None => Err(Invalid::new(
            format!("`{text}` is not a time with an offset"),
            "write it as RFC 3339 has it, such as `2026-11-01T20:00:00Z`",
        )),
    })
}

pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    struct Time(#[serde(deserialize_with = "required")] Timestamp);

    Ok(Option::<Time>::deserialize(deserializer)?.map(|time| time.0))
}

/// The time parser accepts more than RFC 3339 (hours alone, a zone in brackets); the shape is
/// checked first, so that a ticket export in local time is refused instead of guessed at.
fn rfc3339(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (offset.len() < fraction.len()).then_some(offset)?
        }
        None => rest,
    };
    let offset_fits = matches!(rest, "Z" | "z")
        || rest
            .strip_prefix(['+', '-'])
            .is_some_and(|offset| has_shape(offset, "00:00"));
    let fits = has_shape(date, "0000-00-00") && has_shape(clock, "00:00:00") && offset_fits;
    fits.then(|| text.parse().ok()).flatten()
}

fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(found, wanted)| {
            if wanted == b'0' {
                found.is_ascii_digit()
            } else {
                found == wanted
            }
        })
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn accepts_rfc_3339_and_nothing_looser() {
        for good in [
            "2026-11-01T20:00:00Z",
            "2026-11-01t20:00:00z",
            "2026-11-01T20:00:00.123456789+01:00",
            "2026-11-01T20:00:00-00:30",
        ] {
            assert!(rfc3339(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "2026-11-01",
            "2026-11-01T20:00:00",
            "2026-11-01 20:00:00Z",
            "2026-11-01T20:00Z",
            "2026-11-01T20:00:00.Z",
            "2026-11-01T20:00:00+01",
            "2026-11-01T20:00:00Z[Europe/Vienna]",
            "2026-13-01T20:00:00Z",
            "+002026-11-01T20:00:00Z",
            "２０２６-11-01T20:00:00Z",
        ] {
            assert!(rfc3339(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_offset_is_taken_into_account() {
        assert_eq!(
            rfc3339("2026-11-01T20:00:00+01:00"),
            rfc3339("2026-11-01T19:00:00Z")
        );
    }
}
