//! When the next scan is due. Pure: chance is a parameter.

use std::time::Duration;

use jiff::SignedDuration;

/// The time to wait, `every` give or take `percent`; `chance` spreads it evenly over that range.
pub fn wait(every: SignedDuration, percent: u32, chance: u32) -> Duration {
    let millis = every.as_millis().max(0);
    let spread = millis.saturating_mul(i128::from(percent)) / 100;
    let share = i128::from(chance);
    let most = i128::from(u32::MAX);
    let off = spread.saturating_mul(2).saturating_mul(share) / most - spread;
    let due = millis.saturating_add(off).max(1);
    Duration::from_millis(u64::try_from(due).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_spreads_scans_over_the_whole_range_and_never_beyond() {
        let every = SignedDuration::from_mins(15);
        assert_eq!(wait(every, 10, 0), Duration::from_secs(810));
        assert_eq!(wait(every, 10, u32::MAX), Duration::from_secs(990));
        let middle = wait(every, 10, u32::MAX / 2).as_secs();
        assert!((899..=900).contains(&middle));
        assert_eq!(wait(every, 0, 7), Duration::from_secs(900));
        assert_eq!(wait(SignedDuration::ZERO, 10, 0), Duration::from_millis(1));
    }
}
