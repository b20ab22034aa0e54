//! Slow sweeps: which resources are looked at exactly next, so that each comes about once in a while and no
//! more of them in a minute than is allowed.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Address, WorkspaceName};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepPolicy {
    /// So long a sweep over all resources takes.
    pub every: SignedDuration,
    /// So many resources are looked at in a minute at most.
    pub per_minute: u32,
}

/// What was not used of the allowance for longer than this is forfeit: nothing comes in a rush.
const LONGEST: u128 = 15 * 60_000;

/// How far the sweep of each workspace is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sweep(BTreeMap<WorkspaceName, Turn>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Turn {
    /// What is due until then was looked at.
    paid: Timestamp,
    last: Option<Address>,
}

impl Sweep {
    /// The next resources of a workspace, of these in their order. The first call only begins.
    pub fn next(
        &mut self,
        workspace: &WorkspaceName,
        all: &[&Address],
        policy: SweepPolicy,
        now: Timestamp,
    ) -> Vec<Address> {
        let turn = self.0.entry(workspace.clone()).or_insert_with(|| Turn {
            paid: now,
            last: None,
        });
        // A clock that was put back begins anew.
        turn.paid = turn.paid.min(now);
        let total = all.len() as u128;
        let waited = millis(now.duration_since(turn.paid));
        let every = millis(policy.every).max(1);
        let due = (total * waited / every).min(total);
        let allowed = u128::from(policy.per_minute) * waited.min(LONGEST) / 60_000;
        let count = due.min(allowed);
        if count == 0 {
            return Vec::new();
        }
        turn.paid = match due <= allowed && due < total {
            // What is left over counts for the next time.
            true => {
                let paid = i64::try_from(due * every / total).unwrap_or(i64::MAX);
                let paid = turn.paid.checked_add(SignedDuration::from_millis(paid));
                paid.unwrap_or(now)
            }
            false => now,
        };
        let last = turn.last.as_ref();
        let begin = last.map_or(0, |last| all.partition_point(|own| *own <= last));
        let next = all.iter().cycle().skip(begin);
        let next = next.take(usize::try_from(count).unwrap_or_default());
        let next: Vec<Address> = next.map(|own| (*own).clone()).collect();
        turn.last = next.last().cloned();
        next
    }
}

fn millis(duration: SignedDuration) -> u128 {
    u128::try_from(duration.as_millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estate(total: usize) -> Vec<Address> {
        (0..total)
            .map(|at| Address::from(format!("a.b[{at:05}]")))
            .collect()
    }

    /// How many were looked at in each scan, and in what order.
    fn swept(total: usize, policy: SweepPolicy, seconds: &[i64]) -> (Vec<usize>, Vec<Address>) {
        let all = estate(total);
        let all: Vec<&Address> = all.iter().collect();
        let mut sweep = Sweep::default();
        let workspace = WorkspaceName::from("shop");
        let mut order = Vec::new();
        let counts = seconds.iter().map(|second| {
            let now = Timestamp::from_second(*second).unwrap();
            let next = sweep.next(&workspace, &all, policy, now);
            order.extend(next.iter().cloned());
            next.len()
        });
        (counts.collect(), order)
    }

    fn policy(hours: i64, per_minute: u32) -> SweepPolicy {
        SweepPolicy {
            every: SignedDuration::from_hours(hours),
            per_minute,
        }
    }

    #[test]
    fn each_comes_once_in_every_sweep_and_in_turn() {
        let quarters: Vec<i64> = (0..=48).map(|at| at * 900).collect();
        let (counts, order) = swept(100, policy(6, 30), &quarters);
        assert_eq!(
            counts.iter().sum::<usize>(),
            200,
            "two sweeps in twelve hours"
        );
        assert!(counts.iter().all(|count| *count <= 5), "{counts:?}");
        let all = estate(100);
        assert_eq!(order, [all.clone(), all].concat());
    }

    #[test]
    fn no_more_in_a_minute_than_is_allowed_however_many_there_are() {
        let (counts, _) = swept(100_000, policy(6, 30), &[0, 900, 1800, 1810, 1811, 1812]);
        assert_eq!(counts, [0, 450, 450, 5, 0, 1]);
        // Nor after a long pause more than there are.
        let (counts, _) = swept(10, policy(1, 1000), &[0, 1_000_000]);
        assert_eq!(counts, [0, 10]);
    }

    #[test]
    fn scans_that_follow_one_another_closely_do_not_hurry_it() {
        let seconds: Vec<i64> = (0..=3600).collect();
        let (counts, _) = swept(10, policy(1, 30), &seconds);
        assert_eq!(counts.iter().sum::<usize>(), 10);
        assert_eq!(counts.iter().max(), Some(&1));
    }

    #[test]
    fn a_clock_that_is_put_back_begins_anew_and_nothing_is_there_of_nothing() {
        let (counts, _) = swept(10, policy(1, 1000), &[7200, 0, 360]);
        assert_eq!(counts, [0, 0, 1]);
        assert_eq!(swept(0, policy(1, 1000), &[0, 7200]).0, [0, 0]);
    }
}
