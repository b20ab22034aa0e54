//! Deviations in one line: `kind type [/attribute] [live=JSON] [approved=JSON] [key=value]`.

use driftwarden::decide::rules::{RuleContext, RuleSet};
use driftwarden::model::{
    Attribution, Confidence, Deviation, DeviationKind, Fidelity, Judgement, Means, Ruling, Value,
    Verdict,
};

pub struct Case {
    pub deviation: Deviation,
    pub judgement: Judgement,
    pub attribution: Option<Attribution>,
}

impl Case {
    /// Values hold no blanks. Without `verdict=` the verdict is `unauthorised`.
    #[track_caller]
    pub fn new(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let kind = DeviationKind::parse(words.next().unwrap()).unwrap();
        let mut case = Self {
            deviation: Deviation {
                kind,
                workspace: Some("payments".into()),
                address: Some("aws_x.this".into()),
                type_name: words.next().unwrap().into(),
                provider_id: Some("x-0abc".into()),
                account: Some("111122223333".into()),
                region: Some("eu-west-1".into()),
                attribute: None,
                approved: Value::Null,
                live: Value::Null,
                fidelity: Fidelity::Mapped,
                observed_at: None,
                tags: [("DataClass".to_owned(), "confidential".to_owned())].into(),
                subjects: Vec::new(),
                source: None,
                within: None,
                pending: Vec::new(),
                earlier: Vec::new(),
                notes: Vec::new(),
            },
            judgement: Judgement {
                verdict: Verdict::Unauthorised,
                reasons: vec!["no change record covers it".to_owned()],
                change: None,
            },
            attribution: None,
        };
        for word in words {
            case.set(word);
        }
        case
    }

    fn set(&mut self, word: &str) {
        let json = |text: &str| serde_json::from_str(text).expect(text);
        match word.split_once('=') {
            None => self.deviation.attribute = Some(word.into()),
            Some(("live", text)) => self.deviation.live = json(text),
            Some(("approved", text)) => self.deviation.approved = json(text),
            Some(("id", text)) => self.deviation.provider_id = Some(text.into()),
            Some(("verdict", word)) => self.judgement.verdict = verdict(word),
            Some(("by", actor)) => self.attribution = Some(attribution(actor)),
            Some((other, _)) => panic!("unknown word {other}"),
        }
    }

    pub fn context(&self) -> RuleContext<'_> {
        RuleContext {
            deviation: &self.deviation,
            judgement: &self.judgement,
            attribution: self.attribution.as_ref(),
        }
    }

    pub fn ruling(&self, rules: &RuleSet) -> Ruling {
        rules.rule(&self.context())
    }

    /// The id of the rule that decides, or `-`.
    pub fn decided_by(&self, rules: &RuleSet) -> String {
        let rule = self.ruling(rules).rule;
        rule.map_or_else(|| "-".to_owned(), |id| id.to_string())
    }
}

pub fn verdict(word: &str) -> Verdict {
    let found = Verdict::ALL.into_iter().find(|one| one.as_str() == word);
    found.expect("a verdict")
}

fn attribution(actor: &str) -> Attribution {
    Attribution {
        actor: actor.to_owned(),
        aliases: Vec::new(),
        person: None,
        at: "2026-11-02T09:14:00Z".parse().unwrap(),
        from: Some("203.0.113.9".to_owned()),
        means: Means::Console,
        call: "ec2:AuthorizeSecurityGroupIngress".to_owned(),
        event_id: "e-1".to_owned(),
        confidence: Confidence::High,
    }
}

/// A set of one file.
#[track_caller]
pub fn rules(text: &str) -> RuleSet {
    match RuleSet::parse(&[("rules.hcl", text)]) {
        Ok(rules) => rules,
        Err(errors) => panic!("{errors}"),
    }
}
