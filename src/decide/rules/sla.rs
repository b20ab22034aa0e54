//! How long a finding may stay open: `15m`, `4h`, `2d`.

const UNITS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
/// Ten years: whatever is longer is a slip of the finger.
const LONGEST_SECONDS: u64 = 10 * 366 * 86_400;

/// Seconds, or nothing where the text is no positive whole number with one unit.
pub(super) fn parse_seconds(text: &str) -> Option<u64> {
    let (unit, seconds) = UNITS.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let total = digits.parse::<u64>().ok()?.checked_mul(seconds)?;
    (1..=LONGEST_SECONDS).contains(&total).then_some(total)
}

/// The shortest text that `parse_seconds` reads as this many seconds.
pub(super) fn show_seconds(seconds: u64) -> String {
    UNITS
        .into_iter()
        .rev()
        .find(|(_, size)| seconds.is_multiple_of(*size))
        .map_or_else(
            || format!("{seconds}s"),
            |(unit, size)| format!("{}{unit}", seconds / size),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("4h", 14_400), ("2d", 172_800)] {
            assert_eq!(parse_seconds(text), Some(seconds));
            assert_eq!(show_seconds(seconds), text);
        }
        for bad in [
            "",
            "m",
            "15",
            "0h",
            "-1h",
            "+1h",
            "1.5h",
            "1h30m",
            "4 h",
            "99999999d",
            "4w",
        ] {
            assert_eq!(parse_seconds(bad), None, "{bad}");
        }
        assert_eq!(parse_seconds("18446744073709551615d"), None);
    }
}
