//! What a message says in words.

use crate::model::{
    AlertKind, ChangeNumber, DeviationKind, Doing, FindingKey, PageStep, PagedFinding, Severity,
};

/// As many characters as a title has.
const TITLE: usize = 200;

/// One line that no name can break, however strange it is.
pub fn one_line(text: &str, most: usize) -> String {
    let mut line: String = text.chars().take(most).map(plain).collect();
    if text.chars().nth(most).is_some() {
        line.pop();
        line.push('…');
    }
    line
}

/// Marks that turn the direction of text would show a name as another.
fn plain(c: char) -> char {
    match c {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

/// The first line of a message about one finding.
pub fn of_finding(
    step: PageStep,
    severity: Severity,
    own: &PagedFinding,
    why: Option<&str>,
) -> String {
    let address = own.address.as_ref().map(|address| address.as_str());
    let provider = own.provider_id.as_ref().map(|id| id.as_str());
    let workspace = own.workspace.as_ref().map(|name| name.as_str());
    let type_name = own.type_name.as_str();
    // An id alone does not say what it is the id of.
    let bare = provider.filter(|_| address.is_none() && own.kind == DeviationKind::Unmanaged);
    let typed = bare.map(|id| format!("{type_name} {id}"));
    let name = typed.as_deref().or(address).or(provider).or(workspace);
    let name = name.unwrap_or(type_name);
    let attribute = own.attribute.as_ref().map(|path| path.as_str());
    let place = workspace.filter(|own| *own != name);
    let place = place.map(|own| format!(" in {own}")).unwrap_or_default();
    let what = format!(
        "{name}{}{place}",
        attribute.map(|own| format!(" {own}")).unwrap_or_default()
    );
    let verb = verb(own.kind);
    let text = match (step, why) {
        (PageStep::Resolve, _) => format!("over: {what} is as approved again"),
        (PageStep::Acknowledge, None) => format!("acknowledged: {what} {verb}"),
        (_, Some(why)) => format!("{severity}: {what} {verb}, {}; {why}", own.verdict),
        (_, None) => format!("{severity}: {what} {verb}, {}", own.verdict),
    };
    one_line(&text, TITLE)
}

fn verb(kind: DeviationKind) -> &'static str {
    match kind {
        DeviationKind::Changed => "changed",
        DeviationKind::Missing => "is missing",
        DeviationKind::Unmanaged => "is in no approved plan",
        DeviationKind::UnapprovedPlan => "has a plan that nobody approved",
        DeviationKind::PlanTampered => "has a plan file that is not the approved one",
        DeviationKind::AppliedNotApproved => "was applied otherwise than approved",
    }
}

/// What the findings of a group have in common; `actor` by the name that people know.
pub fn common(
    kind: AlertKind,
    doing: Option<&Doing>,
    actor: Option<&str>,
    about: Option<&str>,
) -> String {
    let account = doing.and_then(|doing| doing.account.as_ref());
    let account = account
        .map(|own| format!(" in account {own}"))
        .unwrap_or_default();
    let who = actor.or(doing.and_then(|doing| doing.actor.as_deref()));
    let text = match kind {
        AlertKind::Note => match about {
            Some(change) => format!("authorised by {change}"),
            None => "authorised".to_owned(),
        },
        AlertKind::Digest => "found since the last digest".to_owned(),
        AlertKind::Storm => "a storm: more than can be told one by one".to_owned(),
        AlertKind::Finding | AlertKind::Group | AlertKind::Detector | AlertKind::Export => {
            match who {
                Some(who) => format!("by {who}{account}"),
                None => format!("by nobody knows whom{account}"),
            }
        }
    };
    one_line(&text, TITLE)
}

/// The first line of a message about many findings.
pub fn of_group(
    step: PageStep,
    severity: Severity,
    total: u64,
    common: &str,
    why: Option<&str>,
) -> String {
    let findings = match total {
        1 => "1 finding".to_owned(),
        more => format!("{more} findings"),
    };
    let text = match (step, why) {
        (PageStep::Resolve, _) => format!("over: {findings} {common}"),
        (PageStep::Acknowledge, None) => format!("acknowledged: {findings} {common}"),
        (PageStep::Note, _) => format!("{findings} {common}"),
        (_, Some(why)) => format!("{severity}: {findings} {common}; {why}"),
        (_, None) => format!("{severity}: {findings} {common}"),
    };
    one_line(&text, TITLE)
}

/// The first line of a message of the detector about itself.
pub fn of_detector(step: PageStep, severity: Severity, what: &str) -> String {
    let text = match step {
        PageStep::Resolve => "over: driftwarden is as it should be again".to_owned(),
        _ => format!("{severity}: driftwarden: {what}"),
    };
    one_line(&text, TITLE)
}

/// What follows from trouble of the detector, by what the alert is about.
pub fn consequence(about: &str) -> &'static str {
    match about.split(' ').next() {
        Some("sight") => {
            "what changed there may go unseen; nothing is taken for healed, and what cannot be \
             decided for want of it is told when it is seen again"
        }
        Some("trail_changed" | "recorder_changed") => {
            "somebody may be hiding what is done: what happened since may have no author"
        }
        Some("fix_trouble") => {
            "the finding stays open and nothing more is tried on it: somebody must look at it"
        }
        Some("rules") => "findings are judged by rules that nobody approved",
        Some("outside") => {
            "the newest evidence is on this machine alone: whoever owns it could still take it back"
        }
        Some("configuration") => "what was in force before still is",
        _ => "driftwarden does not work as it should",
    }
}

/// The command to give next. A key is hex, so nothing in it needs quotes.
pub fn next_for(step: PageStep, finding: &FindingKey) -> String {
    let short = finding.short();
    match step {
        PageStep::Resolve => format!("driftwarden evidence show --finding {short}"),
        _ => format!("driftwarden explain {short}"),
    }
}

/// What was done about a finding, or why nothing was.
pub fn done(remediates: bool, covered_by: Option<&ChangeNumber>, waiver: Option<&str>) -> String {
    match (covered_by, waiver, remediates) {
        (Some(change), _, _) => format!("nothing: {change} covers it"),
        (None, Some(waiver), _) => format!("nothing: the waiver `{waiver}` accepts it"),
        (None, None, true) => "nothing yet: its rule permits a fix, and none was made".to_owned(),
        (None, None, false) => "nothing: its rule leaves it to a person".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_breaks_the_line_or_turns_it_round() {
        let hostile = "a\r\nBcc: eve@evil.example\u{202e}gnp.exe";
        let line = one_line(hostile, 200);
        assert!(!line.contains(['\r', '\n', '\u{202e}']), "{line:?}");
        let long = "é".repeat(500);
        assert_eq!(one_line(&long, 200).chars().count(), 200);
    }

    #[test]
    fn what_was_done_names_what_excuses_it_and_nothing_else() {
        let change = ChangeNumber::from("CHG1");
        assert_eq!(done(true, Some(&change), None), "nothing: CHG1 covers it");
        let accepted = done(true, None, Some("known"));
        assert_eq!(accepted, "nothing: the waiver `known` accepts it");
        assert!(done(true, None, None).starts_with("nothing yet"));
    }

    fn unmanaged(type_name: &str, id: Option<&str>) -> PagedFinding {
        PagedFinding {
            provider_id: id.map(Into::into),
            ..PagedFinding::unmanaged("5f0c7a1e".into(), type_name.into())
        }
    }

    #[test]
    fn what_nobody_manages_is_named_with_what_it_is() {
        let title = |own: &PagedFinding| of_finding(PageStep::Trigger, Severity::High, own, None);
        let acl = unmanaged("aws_s3_bucket_acl", Some("ledger"));
        assert_eq!(
            title(&acl),
            "high: aws_s3_bucket_acl ledger is in no approved plan, unauthorised"
        );
        let unknown = unmanaged("AWS::Backup::Vault", None);
        assert_eq!(
            title(&unknown),
            "high: AWS::Backup::Vault is in no approved plan, unauthorised"
        );
        let plan = PagedFinding {
            kind: DeviationKind::PlanTampered,
            ..unmanaged("terraform_plan", Some("plans/ledger.json"))
        };
        assert!(title(&plan).starts_with("high: plans/ledger.json has a plan file"));
    }
}
