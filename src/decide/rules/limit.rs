//! What no rule may do, because too little is known of the deviation.

use crate::model::{Action, Deviation, DeviationKind, Fidelity, Ruling, Severity};

/// The ruling, held down to what the fidelity of the deviation permits: what is matched by name only
/// is never put back, and a difference of it never wakes anybody.
pub(super) fn limited(deviation: &Deviation, ruling: Ruling) -> Ruling {
    match deviation.fidelity {
        Fidelity::Mapped | Fidelity::Exact => return ruling,
        Fidelity::Presence => {}
    }
    let (severity, action) = match deviation.kind {
        DeviationKind::Changed | DeviationKind::Unmanaged => (Severity::Info, Action::Record),
        DeviationKind::Missing
        | DeviationKind::UnapprovedPlan
        | DeviationKind::PlanTampered
        | DeviationKind::AppliedNotApproved => (Severity::Critical, Action::Alert),
    };
    let mut notes = ruling.notes;
    if ruling.severity > severity || ruling.action > action {
        notes.push(format!(
            "the resource is matched by name only: severity at most {severity}, action at most \
             {action}"
        ));
    }
    Ruling {
        severity: ruling.severity.min(severity),
        action: ruling.action.min(action),
        notes,
        ..ruling
    }
}

#[cfg(test)]
mod tests {
    use crate::decide::rules::{RuleContext, RuleSet};
    use crate::model::{
        Action, Deviation, DeviationKind, Fidelity, Judgement, Ruling, Severity, Value, Verdict,
    };

    const GREEDY: &str = r#"
        rule "greedy" {
          match { types = ["aws_*"] }
          severity = "critical"
          action   = "remediate"
        }
    "#;
    const BROKEN: &str = r#"
        rule "broken" {
          match { types = ["aws_*"] }
          when     = live.nowhere == 1
          severity = "critical"
          action   = "remediate"
        }
    "#;

    const OTHER: &str = r#"
        rule "other" {
          match { types = ["azurerm_*"] }
          severity = "critical"
          action   = "remediate"
        }
    "#;

    fn ruled(rules: &str, kind: DeviationKind, fidelity: Fidelity) -> Ruling {
        let deviation = Deviation {
            kind,
            workspace: None,
            address: None,
            type_name: "aws_appconfig_application".into(),
            provider_id: None,
            account: None,
            region: None,
            attribute: None,
            approved: Value::from("a"),
            live: Value::from("b"),
            fidelity,
            observed_at: None,
            tags: Default::default(),
            subjects: Vec::new(),
            source: None,
            within: None,
            pending: Vec::new(),
            earlier: Vec::new(),
            notes: Vec::new(),
        };
        let judgement = Judgement {
            verdict: Verdict::Unauthorised,
            reasons: Vec::new(),
            change: None,
        };
        let rules = RuleSet::parse(&[("rules.hcl", rules)]).unwrap();
        rules.rule(&RuleContext {
            deviation: &deviation,
            judgement: &judgement,
            attribution: None,
        })
    }

    #[test]
    fn no_rule_puts_back_what_is_matched_by_name_only() {
        for rules in [GREEDY, BROKEN, OTHER] {
            for kind in DeviationKind::ALL {
                let ruling = ruled(rules, kind, Fidelity::Presence);
                assert!(ruling.action < Action::Remediate, "{kind:?}");
                if matches!(kind, DeviationKind::Changed | DeviationKind::Unmanaged) {
                    assert_eq!(ruling.severity, Severity::Info);
                    assert_eq!(ruling.action, Action::Record);
                    assert!(!ruling.notes.is_empty(), "the reader is told");
                }
            }
        }
    }

    #[test]
    fn what_is_read_through_a_table_is_ruled_as_the_rule_says() {
        for fidelity in [Fidelity::Mapped, Fidelity::Exact] {
            let ruling = ruled(GREEDY, DeviationKind::Changed, fidelity);
            assert_eq!(ruling.severity, Severity::Critical);
            assert_eq!(ruling.action, Action::Remediate);
            assert_eq!(ruling.notes, Vec::<String>::new());
        }
    }
}
