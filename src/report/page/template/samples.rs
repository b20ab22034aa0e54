//! A message of each kind, on which templates are tried when they are loaded.

use jiff::{SignedDuration, Timestamp};

use crate::model::{
    AttributePath, EvidenceLink, FindingKey, Means, Page, PageStep, PageSubject, PagedActor,
    PagedFinding, PagedGroup, Severity, TypeName, Value,
};

pub(super) fn pages() -> Vec<Page> {
    let group = PagedGroup {
        common: "one person in one account".to_owned(),
        total: 2,
        by_severity: vec![(Severity::High, 2)],
        some: vec![finding(), bare()],
    };
    let subjects = [
        PageSubject::Finding(Box::new(finding())),
        PageSubject::Finding(Box::new(bare())),
        PageSubject::Group(Box::new(group)),
        PageSubject::Detector {
            what: "a source does not answer".to_owned(),
            consequence: "what changed there".to_owned(),
        },
        PageSubject::Plain {
            text: "a message".to_owned(),
        },
    ];
    subjects.into_iter().map(page).collect()
}

fn page(subject: PageSubject) -> Page {
    Page {
        key: "sample".to_owned(),
        sequence: 1,
        step: PageStep::Trigger,
        at: Timestamp::UNIX_EPOCH,
        severity: Severity::High,
        title: "a sample".to_owned(),
        subject,
        risk: vec!["a reason".to_owned()],
        next: "driftwarden findings".to_owned(),
        runbook: Some("https://runbooks.example/sample".to_owned()),
        owner: Some("somebody".to_owned()),
        controls: vec!["a control".to_owned()],
        evidence: EvidenceLink {
            origin: "sample".to_owned(),
            entry: 1,
            url: Some("https://evidence.example/1".to_owned()),
        },
    }
}

fn finding() -> PagedFinding {
    PagedFinding {
        workspace: Some("sample".into()),
        address: Some("aws_security_group.sample".into()),
        provider_id: Some("sg-1".into()),
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        attribute: Some(AttributePath::from("/name")),
        approved: Value::from("a"),
        live: Value::from("b"),
        reasons: vec!["a reason".to_owned()],
        change: Some("CHG1".into()),
        who: Some(PagedActor {
            name: "somebody".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            from: Some("203.0.113.9".to_owned()),
            means: Means::Console,
            call: "ec2:ModifySomething".to_owned(),
        }),
        rule: Some("sample".into()),
        due: Some(Timestamp::UNIX_EPOCH),
        open_for: Some(SignedDuration::from_secs(60)),
        ..bare()
    }
}

fn bare() -> PagedFinding {
    let finding = FindingKey::from("0123456789abcdef0123456789abcdef");
    PagedFinding::unmanaged(finding, TypeName::from("aws_security_group"))
}
