//! When a finding is opened, changed, resolved, and when it must stay open.

use driftwarden::evidence::ledger::{EventContext, Ledger, plan_baselines, plan_events};
use driftwarden::evidence::record::{FindingEvent, FindingRecord, SeenApplied, SeenBy, Sources};
use driftwarden::model::*;

use super::support::*;

/// A ledger and the index of the next entry.
#[derive(Default)]
struct Log {
    ledger: Ledger,
    next: u64,
}

impl Log {
    fn events(&self, assessment: &Assessment, minutes: i64) -> Vec<FindingRecord> {
        self.events_if(assessment, minutes, &|_| true)
    }

    fn events_if(
        &self,
        assessment: &Assessment,
        minutes: i64,
        observed: &dyn Fn(&FindingRecord) -> bool,
    ) -> Vec<FindingRecord> {
        let (people, sources) = (people(), Sources::default());
        let context = EventContext {
            now: later(minutes),
            people: &people,
            sources: &sources,
        };
        plan_events(&self.ledger, assessment, context, observed)
    }

    /// Scans: plans the events and appends them.
    fn scan(&mut self, assessment: &Assessment, minutes: i64) -> Vec<FindingEvent> {
        let events = self.events(assessment, minutes);
        for event in &events {
            let entry = event.encode().unwrap().entry;
            self.ledger.apply(self.next, &entry).unwrap();
            self.next += 1;
        }
        events.iter().map(|event| event.event).collect()
    }
}

fn front(live: &str) -> Judged {
    let live = Value::List(vec![Value::from(live)]);
    judged("aws_security_group.front", "/ingress", live)
}

fn gap() -> Gap {
    Gap {
        workspace: None,
        address: None,
        attribute: None,
        type_name: None,
        account: None,
        region: None,
        reason: GapReason::SourceRefused,
        detail: "access denied".to_owned(),
    }
}

fn opened() -> Log {
    let mut log = Log::default();
    let events = log.scan(&assessment(vec![front("0.0.0.0/0")], vec![]), 0);
    assert_eq!(events, [FindingEvent::Opened]);
    log
}

#[test]
fn the_same_scan_again_gives_no_event() {
    let mut log = opened();
    let again = log.scan(&assessment(vec![front("0.0.0.0/0")], vec![]), 5);
    assert_eq!(again, []);
}

#[test]
fn another_value_verdict_severity_or_action_is_a_change() {
    let same = front("0.0.0.0/0");
    let mut verdict = same.clone();
    verdict.judgement.verdict = Verdict::OutOfWindow;
    let mut severity = same.clone();
    severity.ruling.severity = Severity::Low;
    let mut action = same.clone();
    action.ruling.action = Action::Record;
    for other in [front("10.0.0.0/8"), verdict, severity, action] {
        let mut log = opened();
        let events = log.scan(&assessment(vec![other], vec![]), 5);
        assert_eq!(events, [FindingEvent::Changed]);
        let open: Vec<_> = log.ledger.open_findings().collect();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].entries, [0, 1]);
        assert_eq!(
            (open[0].first_seen, open[0].last_changed),
            (now(), later(5))
        );
    }
}

#[test]
fn other_reasons_alone_are_no_change() {
    let mut log = opened();
    let mut other = front("0.0.0.0/0");
    other.judgement.reasons = vec!["said differently".to_owned()];
    other.deviation.observed_at = Some(later(5));
    assert_eq!(log.scan(&assessment(vec![other], vec![]), 5), []);
}

#[test]
fn a_deviation_that_is_gone_is_resolved_and_opens_anew_when_it_comes_back() {
    let mut log = opened();
    let resolved = log.events(&assessment(vec![], vec![]), 5);
    assert_eq!(resolved[0].live, Value::Null);
    assert_eq!(
        log.scan(&assessment(vec![], vec![]), 5),
        [FindingEvent::Resolved]
    );
    assert_eq!(log.ledger.open_findings().count(), 0);
    assert_eq!(log.scan(&assessment(vec![], vec![]), 6), []);
    let back = log.scan(&assessment(vec![front("0.0.0.0/0")], vec![]), 7);
    assert_eq!(back, [FindingEvent::Opened]);
    assert_eq!(
        log.ledger.open_findings().next().unwrap().first_seen,
        later(7)
    );
}

#[test]
fn not_seen_is_never_healed() {
    let log = opened();
    let address = Some(Address::from("aws_security_group.front"));
    let workspace = Some(WorkspaceName::from("payments"));
    let type_name = Some(TypeName::from("aws_security_group"));
    let covering = [
        gap(),
        Gap {
            address: address.clone(),
            workspace: workspace.clone(),
            ..gap()
        },
        Gap {
            workspace: workspace.clone(),
            reason: GapReason::NoBaseline,
            ..gap()
        },
        Gap {
            type_name: type_name.clone(),
            ..gap()
        },
        Gap {
            account: Some(AccountId::from("111122223333")),
            ..gap()
        },
        Gap {
            region: Some(Region::from("eu-west-1")),
            type_name,
            ..gap()
        },
    ];
    for gap in covering {
        let events = log.events(&assessment(vec![], vec![gap.clone()]), 5);
        assert_eq!(events, [], "{gap:?}");
    }
    let elsewhere = [
        Gap {
            address: Some(Address::from("aws_security_group.back")),
            workspace,
            ..gap()
        },
        Gap {
            address,
            workspace: Some(WorkspaceName::from("web")),
            ..gap()
        },
        Gap {
            type_name: Some(TypeName::from("aws_instance")),
            ..gap()
        },
        Gap {
            account: Some(AccountId::from("444455556666")),
            ..gap()
        },
        Gap {
            region: Some(Region::from("us-east-1")),
            ..gap()
        },
    ];
    for gap in elsewhere {
        let events = log.events(&assessment(vec![], vec![gap.clone()]), 5);
        assert_eq!(events.len(), 1, "{gap:?}");
    }
}

#[test]
fn an_attribute_that_could_not_be_compared_heals_nothing_else() {
    let log = opened();
    for (attribute, healed) in [
        ("/ingress", 0),
        ("/ingress/0", 1),
        ("/ing", 1),
        ("/tags_all", 1),
    ] {
        let gap = Gap {
            address: Some(Address::from("aws_security_group.front")),
            attribute: Some(attribute.into()),
            reason: GapReason::NotComparable,
            ..gap()
        };
        let events = log.events(&assessment(vec![], vec![gap]), 5);
        assert_eq!(events.len(), healed, "{attribute}");
    }
}

#[test]
fn a_workspace_that_was_not_looked_at_heals_nothing() {
    let log = opened();
    let mut other = assessment(vec![], vec![]);
    other.baselines[0].workspace = WorkspaceName::from("web");
    assert_eq!(log.events(&other, 5), []);
    let out_of_scope = log.events_if(&assessment(vec![], vec![]), 5, &|_| false);
    assert_eq!(out_of_scope, []);
}

#[test]
fn an_unmanaged_resource_stays_open_while_it_may_be_one_that_was_not_found() {
    let mut unmanaged = front("0.0.0.0/0");
    unmanaged.deviation.kind = DeviationKind::Unmanaged;
    unmanaged.deviation.workspace = None;
    unmanaged.deviation.address = None;
    unmanaged.deviation.attribute = None;
    let mut log = Log::default();
    log.scan(&assessment(vec![unmanaged], vec![]), 0);
    let no_baseline = Gap {
        workspace: Some(WorkspaceName::from("payments")),
        reason: GapReason::NoBaseline,
        ..gap()
    };
    assert_eq!(
        log.events(&assessment(vec![], vec![no_baseline]), 5).len(),
        1
    );
    let unknown = Gap {
        workspace: Some(WorkspaceName::from("payments")),
        address: Some(Address::from("aws_security_group.new")),
        type_name: Some(TypeName::from("aws_security_group")),
        reason: GapReason::IdentityUnknown,
        ..gap()
    };
    assert_eq!(log.events(&assessment(vec![], vec![unknown]), 5), []);
}

#[test]
fn deviations_that_share_a_key_hide_nothing() {
    let mut log = Log::default();
    let both = vec![front("10.0.0.0/8"), front("0.0.0.0/0")];
    let opened = log.scan(&assessment(both.clone(), vec![]), 0);
    assert_eq!(opened, [FindingEvent::Opened, FindingEvent::Opened]);
    let reversed = both.into_iter().rev().collect();
    assert_eq!(log.scan(&assessment(reversed, vec![]), 5), []);
}

#[test]
fn what_was_seen_applied_is_recorded_once_and_replayed() {
    let seen = |addresses: &[&str]| SeenApplied {
        workspace: WorkspaceName::from("payments"),
        plan_sha256: Sha256Digest::of(b"plan"),
        seen_by: SeenBy::State,
        addresses: addresses
            .iter()
            .map(|address| Address::from(*address))
            .collect(),
        plan: None,
    };
    let mut ledger = Ledger::default();
    for (index, (addresses, new)) in [(&["a", "b"][..], 2), (&["b", "c"], 1)]
        .into_iter()
        .enumerate()
    {
        let records = plan_baselines(&ledger, &[seen(addresses)], now());
        assert_eq!(
            records
                .iter()
                .map(|record| record.addresses.len())
                .sum::<usize>(),
            new
        );
        let entry = records[0].encode().unwrap().entry;
        ledger.apply(index as u64, &entry).unwrap();
    }
    assert_eq!(plan_baselines(&ledger, &[seen(&["a", "c"])], now()), []);
    let key = (WorkspaceName::from("payments"), Sha256Digest::of(b"plan"));
    let applied: Vec<_> = ledger.applied()[&key].iter().map(Address::as_str).collect();
    assert_eq!(applied, ["a", "b", "c"]);
}

#[test]
fn a_record_of_a_newer_form_stops_the_replay() {
    use driftwarden::evidence::statement;
    let newer = "https://driftwarden.dev/evidence/finding/v2";
    let entry = statement::encode(newer, &[], &std::collections::BTreeMap::<String, u8>::new());
    let error = Ledger::default().apply(9, &entry.unwrap()).unwrap_err();
    insta::assert_snapshot!(error, @"entry 9 is a record of the form `https://driftwarden.dev/evidence/finding/v2`, which this version does not know");
}
