//! One deviation of every kind, as text.

use driftwarden::model::sort_deviations;
use driftwarden::model::{Deviation, DeviationKind, Judged, Severity, Verdict};
use insta::assert_snapshot;

use super::estate::{assessment, changed, deviation, judged, text_of};

fn kinds() -> Vec<Judged> {
    let whole = |kind, address: &str| Deviation {
        provider_id: None,
        ..deviation(kind, address, None)
    };
    let plan = |kind| Deviation {
        address: None,
        provider_id: None,
        account: None,
        region: None,
        type_name: "terraform_plan".into(),
        ..deviation(kind, "plan", None)
    };
    let unmanaged = Deviation {
        workspace: None,
        address: None,
        type_name: "aws_s3_bucket".into(),
        provider_id: Some("scratch".into()),
        ..deviation(DeviationKind::Unmanaged, "aws_s3_bucket", None)
    };
    let applied = Deviation {
        kind: DeviationKind::AppliedNotApproved,
        ..changed(
            "aws_instance.app",
            "/instance_type",
            "\"t3.small\"",
            "\"m7i.large\"",
        )
    };
    let instance = changed("aws_instance.app", "/monitoring", "true", "false");
    let verdict = Verdict::Unauthorised;
    vec![
        judged(
            plan(DeviationKind::PlanTampered),
            Severity::Critical,
            verdict,
            "the digest differs",
        ),
        judged(
            plan(DeviationKind::UnapprovedPlan),
            Severity::High,
            verdict,
            "nobody approved it",
        ),
        judged(
            applied,
            Severity::High,
            verdict,
            "the state differs from the plan",
        ),
        judged(
            whole(DeviationKind::Missing, "aws_sqs_queue.jobs"),
            Severity::Medium,
            verdict,
            "gone",
        ),
        judged(unmanaged, Severity::Low, verdict, "no plan holds it"),
        judged(
            instance,
            Severity::Info,
            Verdict::NotApplied,
            "the window of CHG1 is over",
        ),
    ]
}

#[test]
fn shows_every_kind_and_keeps_a_resource_together() {
    let mut kinds = kinds();
    sort_deviations(&mut kinds);
    let text = text_of(&assessment(kinds));
    let body: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("COVERAGE"))
        .collect();
    let shown = |line: &&&str| !line.starts_with("  who") && !line.starts_with("  change ");
    let body: Vec<&str> = body.iter().filter(shown).copied().collect();
    assert_snapshot!(body.join("\n"), @r#"
    6 deviations: 1 critical, 2 high, 1 medium, 1 low, 1 info; 6 need a person.

    CRITICAL  plan of workspace payments
              workspace payments
      plan_tampered: unauthorised
        because the digest differs
        + not the plan that was approved
      rule     none matched, the default holds: alert
      next     driftwarden explain 636e44a3893d
               driftwarden evidence show --finding 636e44a3893d
      unapproved_plan (high): unauthorised
        because nobody approved it
        + a plan that nobody approved
      rule     none matched, the default holds: alert
      next     driftwarden explain 018823fc190e
               driftwarden evidence show --finding 018823fc190e

    HIGH      aws_instance.app
              aws_instance sg-0abc, account 111122223333, eu-west-1, workspace payments
      applied_not_approved /instance_type: unauthorised
        because the state differs from the plan
        - "t3.small"
        + "m7i.large"
      rule     none matched, the default holds: alert
      next     driftwarden explain 9f463cca031c
               driftwarden evidence show --finding 9f463cca031c
      changed /monitoring (info): not_applied
        because the window of CHG1 is over
        - true
        + false
      rule     none matched, the default holds: alert
      next     driftwarden explain b7e270499090
               driftwarden evidence show --finding b7e270499090

    MEDIUM    aws_sqs_queue.jobs
              aws_sqs_queue, account 111122223333, eu-west-1, workspace payments
      missing: unauthorised
        because gone
        - approved, and not there
      rule     none matched, the default holds: alert
      next     driftwarden explain 4a8a1dd586cc
               driftwarden evidence show --finding 4a8a1dd586cc

    LOW       aws_s3_bucket scratch
              account 111122223333, eu-west-1, no workspace
      unmanaged: unauthorised
        because no plan holds it
        + there, and no approval of it is known
      rule     none matched, the default holds: alert
      next     driftwarden explain 28bf83c618b6
               driftwarden evidence show --finding 28bf83c618b6
    "#);
}
