//! How often AWS Config may be called: per account, Region and interface, in any minute and in one
//! scan. Other tools of the customer share the same limits of AWS.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::ports::CallPlace;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub per_minute: u32,
    pub per_scan: u32,
}

/// Whether a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    Go,
    /// Not before so much time has passed.
    Wait(Duration),
    /// Not in this scan.
    Never,
}

/// What a call is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Scan,
    /// One resource that an event is about: bounded by the minute alone.
    Event,
}

type Key = (CallPlace, &'static str);

#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    spent: BTreeMap<Key, Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    in_scan: u32,
    /// When the calls of the last minute were sent.
    recent: VecDeque<Duration>,
}

impl Budget {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            spent: BTreeMap::new(),
        }
    }

    /// A new scan begins; the minute goes on.
    pub fn begin_scan(&mut self, now: Duration) {
        for spent in self.spent.values_mut() {
            spent.in_scan = 0;
            spent.forget(now);
        }
        self.spent.retain(|_, spent| !spent.recent.is_empty());
    }

    /// Takes one call, if it may be sent. `now` never goes back.
    pub fn take(
        &mut self,
        at: &CallPlace,
        api: &'static str,
        purpose: Purpose,
        now: Duration,
    ) -> Grant {
        let limits = self.limits;
        let spent = self.spent.entry((at.clone(), api)).or_default();
        spent.forget(now);
        if purpose == Purpose::Scan && spent.in_scan >= limits.per_scan {
            return Grant::Never;
        }
        let has_room = u32::try_from(spent.recent.len()).is_ok_and(|sent| sent < limits.per_minute);
        if !has_room {
            let ends = spent.recent.front().copied().unwrap_or(now) + MINUTE;
            return Grant::Wait(ends.saturating_sub(now));
        }
        spent.recent.push_back(now);
        if purpose == Purpose::Scan {
            spent.in_scan += 1;
        }
        Grant::Go
    }
}

impl Spent {
    fn forget(&mut self, now: Duration) {
        let is_past = |sent: &Duration| now.saturating_sub(*sent) >= MINUTE;
        while self.recent.front().is_some_and(is_past) {
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(account: &str) -> CallPlace {
        CallPlace {
            account: account.into(),
            region: "eu-west-1".into(),
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_full_minute_waits_and_a_full_scan_ends() {
        let mut budget = Budget::new(Limits {
            per_minute: 2,
            per_scan: 3,
        });
        let mut take = |at: u64, purpose| budget.take(&place("1"), "Select", purpose, seconds(at));
        assert_eq!(take(0, Purpose::Scan), Grant::Go);
        assert_eq!(take(10, Purpose::Scan), Grant::Go);
        assert_eq!(take(20, Purpose::Scan), Grant::Wait(seconds(40)));
        assert_eq!(take(60, Purpose::Scan), Grant::Go);
        assert_eq!(take(70, Purpose::Scan), Grant::Never);
        assert_eq!(take(70, Purpose::Event), Grant::Go);
        assert_eq!(take(71, Purpose::Event), Grant::Wait(seconds(49)));
        assert_eq!(
            budget.take(&place("2"), "Select", Purpose::Scan, seconds(71)),
            Grant::Go
        );
        budget.begin_scan(seconds(72));
        let again = budget.take(&place("1"), "Select", Purpose::Scan, seconds(72));
        assert_eq!(
            again,
            Grant::Wait(seconds(48)),
            "a new scan is no new minute"
        );
    }

    proptest! {
        #[test]
        fn no_minute_and_no_scan_ever_holds_more(
            per_minute in 1u32..6,
            per_scan in 1u32..20,
            steps in prop::collection::vec((0u64..40, any::<bool>()), 1..120),
        ) {
            let mut budget = Budget::new(Limits { per_minute, per_scan });
            let mut now = Duration::ZERO;
            let mut sent = Vec::new();
            let mut in_scan = 0;
            for (later, begins) in steps {
                now += seconds(later);
                if begins && later == 0 {
                    budget.begin_scan(now);
                    in_scan = 0;
                }
                match budget.take(&place("1"), "Select", Purpose::Scan, now) {
                    Grant::Go => {
                        sent.push(now);
                        in_scan += 1;
                    }
                    Grant::Wait(time) => {
                        prop_assert!(time > Duration::ZERO && time <= MINUTE);
                    }
                    Grant::Never => prop_assert_eq!(in_scan, per_scan),
                }
                prop_assert!(in_scan <= per_scan);
                let minute = sent.iter().filter(|at| now - **at < MINUTE).count();
                prop_assert!(minute <= per_minute as usize);
            }
        }
    }
}
