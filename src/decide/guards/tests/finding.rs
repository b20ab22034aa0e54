//! What the finding itself has to be.

use super::{alone, goes_through};
use crate::decide::ignoring;
use crate::model::{
    Action, DeviationId, DeviationKind, Fidelity, FindingState, Guard, TypeName, Verdict,
};

#[test]
fn action_and_verdict() {
    for action in Action::ALL
        .into_iter()
        .filter(|own| *own != Action::Remediate)
    {
        assert_eq!(
            alone(|asked| asked.subject.action = action).0,
            Guard::Action
        );
    }
    for verdict in Verdict::ALL
        .into_iter()
        .filter(|own| *own != Verdict::Unauthorised)
    {
        assert_eq!(
            alone(|asked| asked.subject.verdict = verdict).0,
            Guard::Verdict
        );
    }
}

#[test]
fn standing() {
    for state in [
        FindingState::Accepted,
        FindingState::Suspected,
        FindingState::Flapping,
    ] {
        assert_eq!(
            alone(|asked| asked.subject.state = state).0,
            Guard::Standing
        );
    }
    goes_through(|asked| asked.subject.state = FindingState::Acknowledged);
}

#[test]
fn observation() {
    let other = DeviationId::from("d1");
    for seen in [None, Some(other)] {
        assert_eq!(alone(|asked| asked.seen = seen).0, Guard::Observation);
    }
    let large = alone(|asked| asked.subject.values_elsewhere = true);
    assert_eq!(large.0, Guard::Observation);
}

#[test]
fn fidelity() {
    let by_name = alone(|asked| asked.subject.fidelity = Fidelity::Presence);
    assert_eq!(by_name.0, Guard::Fidelity);
    goes_through(|asked| asked.subject.fidelity = Fidelity::Exact);
}

#[test]
fn authors() {
    let unknown = || vec![ignoring::UNKNOWN.to_owned()];
    assert_eq!(
        alone(|asked| asked.subject.notes = unknown()).0,
        Guard::Authors
    );
    goes_through(|asked| {
        // Of a whole resource, no attribute is ignored.
        asked.subject.notes = unknown();
        asked.subject.kind = DeviationKind::Unmanaged;
        asked.subject.type_name = TypeName::from("aws_iam_role_policy_attachment");
    });
}
