//! What is written for people, with hostile names and secrets in it.

use super::text;
use crate::decide::guards::judge;
use crate::decide::guards::test_support::Asked;
use crate::model::{
    Address, AttributePath, DeviationKind, ProviderId, Sha256Digest, TypeName, Value,
};

fn written(change: impl FnOnce(&mut Asked)) -> String {
    let mut asked = Asked::default();
    change(&mut asked);
    let permit = judge(&asked.question()).permit.unwrap();
    text(permit.intent(), permit.subject())
}

#[test]
fn a_hostile_name_neither_ends_the_word_nor_moves_the_cursor() {
    let text = written(|asked| {
        let name = "aws_security_group.web[\"x' ; rm -rf ~ #\u{1b}[2J\"]";
        asked.subject.address = Some(Address::from(name));
    });
    let line = text.lines().find(|line| line.contains("-target=")).unwrap();
    assert_eq!(
        line.split(" -out=").next().unwrap(),
        r#"    terraform plan -target='aws_security_group.web["x'\'' ; rm -rf ~ #\u{1b}[2J"]'"#
    );
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_secret_stays_out_of_it() {
    let digest = Sha256Digest::of(b"secret");
    let text = written(|asked| asked.subject.live = Value::Sensitive(digest));
    assert!(text.contains("\"sensitive\": true"), "{text}");
    assert!(!text.contains(&digest.to_string()));
}

#[test]
fn what_is_missing_is_made_by_the_approved_plan() {
    let text = written(|asked| {
        asked.subject.kind = DeviationKind::Missing;
        asked.subject.type_name = TypeName::from("aws_s3_bucket_policy");
        asked.subject.attribute = None;
    });
    assert!(text.contains("What to do: put it back"));
    assert!(text.contains("creates this one resource as approved"));
}

#[test]
fn what_nobody_approved_is_taken_away_by_no_terraform_command() {
    let text = written(|asked| {
        asked.subject.kind = DeviationKind::Unmanaged;
        asked.subject.type_name = TypeName::from("aws_iam_role_policy_attachment");
        asked.subject.provider_id = Some(ProviderId::from("api/Admin"));
        asked.subject.address = None;
        asked.subject.workspace = None;
        asked.subject.attribute = None::<AttributePath>;
    });
    assert!(text.contains("Nobody approved aws_iam_role_policy_attachment api/Admin"));
    assert!(!text.contains("terraform apply"));
}
