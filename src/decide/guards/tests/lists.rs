//! What the lists say of type and attribute.

use super::super::Lists;
use super::super::test_support::grant;
use super::{alone, goes_through};
use crate::model::{AttributePath, DeviationKind, Guard, TypeName};

#[test]
fn reviewed() {
    let (guard, why) = alone(|asked| {
        asked.subject.attribute = Some(AttributePath::from("/description"));
    });
    assert_eq!(guard, Guard::Reviewed);
    assert_eq!(
        why,
        "aws_security_group /description is not on the list of changes that do not disrupt"
    );
    let near = alone(|asked| asked.subject.attribute = Some(AttributePath::from("/ingress_too")));
    assert_eq!(near.0, Guard::Reviewed);
    for kind in [
        DeviationKind::PlanTampered,
        DeviationKind::AppliedNotApproved,
    ] {
        assert_eq!(alone(|asked| asked.subject.kind = kind).0, Guard::Reviewed);
    }
    for kind in [DeviationKind::Missing, DeviationKind::Unmanaged] {
        let other = alone(|asked| {
            asked.subject.kind = kind;
            asked.subject.type_name = TypeName::from("aws_eip");
        });
        assert_eq!(other.0, Guard::Reviewed);
    }
    let not_allowed = alone(|asked| asked.policy.allow = Some(vec!["aws_s3_*".to_owned()]));
    assert_eq!(
        not_allowed,
        (
            Guard::Reviewed,
            "`allow` does not name aws_security_group".into()
        )
    );
    goes_through(|asked| asked.policy.allow = Some(vec!["aws_security_*".to_owned()]));
    goes_through(|asked| {
        asked.subject.attribute = Some(AttributePath::from("/ingress/0/from_port"))
    });
}

#[test]
fn protected() {
    let lists = "[[put_back]]\ntype = \"aws_db_instance\"\nwhy = \"wrongly\"\n\
                 [[protected]]\ntype = \"aws_db_*\"\nwhy = \"it holds data\"\n";
    let (guard, why) = alone(|asked| {
        asked.lists = Lists::of(lists);
        asked.subject.kind = DeviationKind::Missing;
        asked.subject.type_name = TypeName::from("aws_db_instance");
    });
    assert_eq!(guard, Guard::Protected);
    assert_eq!(why, "aws_db_instance is protected: it holds data");
    // Such lists are not even taken.
    assert!(Lists::check_of(lists).is_err());
    assert!(Lists::check_of("[[take_away]]\ntype = \"aws_x\"\nwhy = \" \"\n").is_err());
}

#[test]
fn denied() {
    let types = alone(|asked| asked.policy.deny_types = vec!["aws_security*".to_owned()]);
    let attributes = alone(|asked| {
        asked.policy.deny_attributes = vec!["aws_security_group/ingress*".to_owned()];
    });
    let workspaces = alone(|asked| asked.policy.deny_workspaces = vec!["pay*".to_owned()]);
    for (guard, _) in [types, attributes, workspaces] {
        assert_eq!(guard, Guard::Denied);
    }
    goes_through(|asked| asked.policy.deny_workspaces = vec!["other".to_owned()]);
}

/// What nobody approved has no workspace: that of what it lies within counts.
#[test]
fn what_lies_within_a_denied_workspace() {
    goes_through(|asked| asked.subject = grant());
    let held = alone(|asked| {
        asked.subject = grant();
        asked.policy.deny_workspaces = vec!["payments".to_owned()];
    });
    assert_eq!(
        held,
        (Guard::Denied, "`deny_workspaces` names payments".to_owned())
    );
}
