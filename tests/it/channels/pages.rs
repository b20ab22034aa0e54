//! Messages of every kind, as the engine makes them.

use driftwarden::model::{
    AttributePath, DeviationKind, EvidenceLink, FindingKey, Means, Page, PageStep, PageSubject,
    PagedActor, PagedFinding, PagedGroup, Severity, Sha256Digest, TypeName, Value, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

pub const SECRET: &str = "hunter2-the-database-password";

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn value(json: serde_json::Value) -> Value {
    serde_json::from_value(json).unwrap()
}

/// SSH opened to the world by hand in the console.
pub fn finding() -> PagedFinding {
    PagedFinding {
        finding: FindingKey::from("5f0c7a1e9b3d4c2a8e6f1b0d7c5a3e9f"),
        kind: DeviationKind::Changed,
        workspace: Some("payments".into()),
        type_name: TypeName::from("aws_security_group"),
        address: Some("module.web.aws_security_group.front[0]".into()),
        provider_id: Some("sg-0abc".into()),
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        attribute: Some(AttributePath::from("/ingress")),
        approved: value(json!([])),
        live: value(json!([{ "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"] }])),
        verdict: Verdict::Unauthorised,
        reasons: vec!["no change record covers `/ingress`".to_owned()],
        change: None,
        who: Some(PagedActor {
            name: "Maria Muster".to_owned(),
            at: time("2026-11-28T09:14:03Z"),
            from: Some("203.0.113.9".to_owned()),
            means: Means::Console,
            call: "ec2:AuthorizeSecurityGroupIngress".to_owned(),
        }),
        rule: Some("sg-open-to-world".into()),
        done: "not put back: the rule says `alert`".to_owned(),
        due: Some(time("2026-11-28T09:30:00.123456789Z")),
        open_for: Some(SignedDuration::from_secs(90)),
    }
}

/// A role that nobody approved, of which little is known.
pub fn unmanaged() -> PagedFinding {
    PagedFinding {
        kind: DeviationKind::Unmanaged,
        workspace: None,
        type_name: TypeName::from("aws_iam_role"),
        address: None,
        provider_id: Some("arn:aws:iam::111122223333:role/break-glass".into()),
        region: Some("global".into()),
        attribute: None,
        approved: Value::Null,
        live: Value::Null,
        who: None,
        due: None,
        open_for: None,
        ..finding()
    }
}

/// Its values are known by their digests alone.
pub fn sensitive() -> PagedFinding {
    let digest = |text: &str| Value::Sensitive(Sha256Digest::of(text.as_bytes()));
    PagedFinding {
        type_name: TypeName::from("aws_db_instance"),
        address: Some("aws_db_instance.ledger".into()),
        attribute: Some(AttributePath::from("/password")),
        approved: digest("another"),
        live: digest(SECRET),
        ..finding()
    }
}

/// A text that tries to be markup, a header and a line of its own in every format.
pub const HOSTILE: &str = "x\r\nBcc: all@bank.example\r\n\r\n<script>alert(1)</script>\u{202e}gpj\u{1b}[2J \
    <!channel> <https://evil.example|Runbook> [x](https://evil.example) *b* `c` ```d``` {{DATE(1,SHORT)}} \
    \u{200b}&amp; \"'\\ {{ key }} ${x}";

pub fn hostile() -> PagedFinding {
    PagedFinding {
        workspace: Some(HOSTILE.into()),
        address: Some(HOSTILE.into()),
        provider_id: Some(HOSTILE.into()),
        account: Some(HOSTILE.into()),
        region: Some(HOSTILE.into()),
        attribute: Some(AttributePath::from(HOSTILE)),
        approved: Value::from(HOSTILE),
        live: value(json!({ HOSTILE: [HOSTILE] })),
        reasons: vec![HOSTILE.to_owned()],
        change: Some(HOSTILE.into()),
        who: Some(PagedActor {
            name: HOSTILE.to_owned(),
            from: Some(HOSTILE.to_owned()),
            call: HOSTILE.to_owned(),
            ..finding().who.unwrap()
        }),
        rule: Some(HOSTILE.into()),
        done: HOSTILE.to_owned(),
        ..finding()
    }
}

pub fn page(step: PageStep, subject: PageSubject) -> Page {
    Page {
        key: "dw:5f0c7a1e9b3d4c2a8e6f1b0d7c5a3e9f".to_owned(),
        sequence: 1,
        step,
        at: time("2026-11-28T09:15:33Z"),
        severity: Severity::Critical,
        title: "critical: SSH open to the world on module.web.aws_security_group.front[0]"
            .to_owned(),
        subject,
        risk: vec![
            "the rule sg-open-to-world says critical".to_owned(),
            "reachable from the internet".to_owned(),
        ],
        next: "driftwarden explain 5f0c7a1e9b3d4c2a8e6f1b0d7c5a3e9f".to_owned(),
        runbook: Some("https://runbooks.bank.example/sg-open?from=page&team=a".to_owned()),
        owner: Some("network-platform".to_owned()),
        controls: vec!["PCI-DSS 1.2.1".to_owned(), "NIST 800-53 CM-6".to_owned()],
        evidence: EvidenceLink {
            origin: "bank.example/driftwarden/prod".to_owned(),
            entry: 4711,
            url: Some("https://evidence.bank.example/entry/4711".to_owned()),
        },
    }
}

pub fn of(one: PagedFinding) -> Page {
    page(PageStep::Trigger, PageSubject::Finding(Box::new(one)))
}

pub fn group() -> Page {
    let group = PagedGroup {
        common: "Maria Muster in account 111122223333, 09:10 to 09:20".to_owned(),
        total: 5_000,
        by_severity: vec![(Severity::Critical, 2), (Severity::Medium, 4_998)],
        some: vec![finding(), unmanaged(), sensitive()],
    };
    let mut page = page(PageStep::Update, PageSubject::Group(Box::new(group)));
    page.title = "5,000 deviations by Maria Muster".to_owned();
    page.sequence = 3;
    page
}

pub fn detector() -> Page {
    let subject = PageSubject::Detector {
        what: "AWS Config of 111122223333 in eu-west-1 is throttled".to_owned(),
        consequence: "whether 312 resources deviate; nothing is taken as put back".to_owned(),
    };
    let mut page = page(PageStep::Trigger, subject);
    page.title = "a source gives no answer".to_owned();
    page.severity = Severity::High;
    page.runbook = None;
    page.owner = None;
    page.controls = Vec::new();
    page
}

pub fn resolved() -> Page {
    let mut page = of(finding());
    page.step = PageStep::Resolve;
    page.sequence = 2;
    page.at = time("2026-11-28T09:25:00Z");
    page
}

pub fn note() -> Page {
    let mut page = of(PagedFinding {
        verdict: Verdict::Authorised,
        change: Some("CHG0030001".into()),
        ..finding()
    });
    page.step = PageStep::Note;
    page.severity = Severity::Info;
    page.title = "a change that CHG0030001 covers was carried out".to_owned();
    page
}

/// A message whose own texts are hostile, too.
pub fn hostile_page() -> Page {
    let mut page = of(hostile());
    page.title = HOSTILE.to_owned();
    page.risk = vec![HOSTILE.to_owned()];
    page.owner = Some(HOSTILE.to_owned());
    page.controls = vec![HOSTILE.to_owned()];
    page.runbook = Some("javascript:alert(1)".to_owned());
    page.evidence.origin = HOSTILE.to_owned();
    page.evidence.url = Some("https://evil.example/>x|y\r\nZ: 1".to_owned());
    page
}

/// Everything as large as it comes.
pub fn huge() -> Vec<Page> {
    let long = "Ω<&\"\u{202e}\u{1f4a5}".repeat(6_000);
    let lines: Vec<serde_json::Value> = (0..3_000)
        .map(|n| json!({ "n": n, "t": &long[..700] }))
        .collect();
    let one = PagedFinding {
        address: Some(long.as_str().into()),
        provider_id: Some(long.as_str().into()),
        attribute: Some(AttributePath::from(long.as_str())),
        approved: value(json!(long)),
        live: value(json!(lines)),
        reasons: vec![long.clone(); 50],
        done: long.clone(),
        ..finding()
    };
    let group = PagedGroup {
        common: long.clone(),
        total: u64::MAX,
        by_severity: vec![(Severity::Critical, u64::MAX)],
        some: vec![one.clone(); 10],
    };
    let subjects = [
        PageSubject::Finding(Box::new(one)),
        PageSubject::Group(Box::new(group)),
        PageSubject::Detector {
            what: long.clone(),
            consequence: long.clone(),
        },
        PageSubject::Plain {
            text: format!("{long}\n").repeat(30),
        },
    ];
    let grown = |subject| {
        let mut page = page(PageStep::Trigger, subject);
        page.key = long.clone();
        page.title = long.clone();
        page.risk = vec![long.clone(); 30];
        page.next = long.clone();
        page.owner = Some(long.clone());
        page.controls = vec![long.clone(); 30];
        page.runbook = Some(format!("https://runbooks.example/{}", "a".repeat(100_000)));
        page.evidence.origin = long.clone();
        page
    };
    subjects.into_iter().map(grown).collect()
}
