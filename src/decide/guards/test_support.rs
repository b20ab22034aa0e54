//! A question to which every guard says yes, to change one thing of.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{FixPolicy, Lists, Question};
use crate::model::{
    Action, Address, AttributePath, DeviationId, DeviationKind, Fidelity, FindingKey, FindingState,
    Fix, FixId, FixMode, FixOutcome, FixResult, FixSubject, FixWay, Fixes, RuleId, Severity,
    StopFile, TypeName, Value, Verdict, Within, WorkspaceName,
};

/// Everything that a question borrows.
pub(crate) struct Asked {
    pub(crate) now: Timestamp,
    pub(crate) subject: FixSubject,
    pub(crate) seen: Option<DeviationId>,
    pub(crate) fixes: Fixes,
    pub(crate) policy: FixPolicy,
    pub(crate) lists: Lists,
    pub(crate) stop: StopFile,
    pub(crate) sizes: BTreeMap<WorkspaceName, u64>,
}

impl Default for Asked {
    fn default() -> Self {
        let subject = subject();
        let policy = FixPolicy {
            mode: FixMode::Enforce,
            ..FixPolicy::default()
        };
        Self {
            now: at(0),
            seen: Some(subject.deviation.clone()),
            subject,
            fixes: Fixes::default(),
            policy,
            lists: Lists::reviewed().unwrap(),
            stop: StopFile::Absent,
            sizes: BTreeMap::from([(WorkspaceName::from("payments"), 1000)]),
        }
    }
}

impl Asked {
    pub(crate) fn question(&self) -> Question<'_> {
        Question {
            now: self.now,
            subject: &self.subject,
            seen: self.seen.as_ref(),
            fixes: &self.fixes,
            policy: &self.policy,
            lists: &self.lists,
            stop: &self.stop,
            sizes: &self.sizes,
            remediator: Some("handover"),
            resumes: None,
        }
    }
}

/// So many minutes after some time.
pub(crate) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_793_784_600 + 60 * minutes).unwrap()
}

pub(crate) fn subject() -> FixSubject {
    FixSubject {
        finding: FindingKey::from("f0"),
        deviation: DeviationId::from("d0"),
        state: FindingState::Open,
        kind: DeviationKind::Changed,
        workspace: Some(WorkspaceName::from("payments")),
        address: Some(Address::from("aws_security_group.front")),
        within: None,
        type_name: TypeName::from("aws_security_group"),
        provider_id: None,
        account: None,
        region: None,
        attribute: Some(AttributePath::from("/ingress")),
        approved: Value::Null,
        live: Value::Null,
        values_elsewhere: false,
        fidelity: Fidelity::Mapped,
        verdict: Verdict::Unauthorised,
        severity: Severity::High,
        action: Action::Remediate,
        rule: Some(RuleId::from("sg")),
        owner: None,
        runbook: None,
        change: None,
        plan: None,
        source: None,
        notes: Vec::new(),
        actor: Some("p1".to_owned()),
    }
}

/// A policy that somebody attached to an approved role.
pub(crate) fn grant() -> FixSubject {
    FixSubject {
        kind: DeviationKind::Unmanaged,
        workspace: None,
        address: None,
        within: Some(Within {
            workspace: WorkspaceName::from("payments"),
            address: Address::from("aws_iam_role.app"),
        }),
        type_name: TypeName::from("aws_iam_role_policy_attachment"),
        attribute: None,
        ..subject()
    }
}

/// A fix of another finding, begun so many minutes after some time.
pub(crate) fn other_fix(name: &str, minutes: i64, result: Option<FixResult>) -> Fix {
    Fix {
        id: FixId::from(name),
        finding: FindingKey::from(name),
        deviation: DeviationId::from(name),
        way: FixWay::SetBack,
        remediator: "handover".to_owned(),
        rule: Some(RuleId::from("other")),
        workspace: Some(WorkspaceName::from("other")),
        address: None,
        within: None,
        provider_id: None,
        account: None,
        region: None,
        undoes: None,
        undo_wanted: None,
        undo_refused: None,
        type_name: TypeName::from("aws_security_group"),
        attribute: None,
        approved_by: None,
        begun: at(minutes),
        outcome: result.map(|result| FixOutcome {
            at: at(minutes),
            result,
            detail: String::new(),
            document: None,
            change: None,
            run: None,
        }),
        end: None,
    }
}
