use hcl::eval::{Context, Evaluate as _};
use proptest::prelude::*;

use super::*;
use crate::decide::rules::RuleContext;
use crate::model::{Deviation, DeviationKind, Fidelity, Judgement, Verdict};

const LIVE: &str = r#"[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]"#;

/// The value that our evaluator gives, with `live` as above.
fn ours(text: &str) -> Option<Value> {
    let deviation = Deviation {
        kind: DeviationKind::Changed,
        workspace: None,
        address: None,
        type_name: "aws_x".into(),
        provider_id: None,
        account: None,
        region: None,
        attribute: None,
        approved: Value::Null,
        live: serde_json::from_str(LIVE).unwrap(),
        fidelity: Fidelity::Exact,
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
    let expression = crate::ingest::hcl::expression(text).unwrap();
    let mut errors = Vec::new();
    let when = When::compile(&expression, &SourceFile::new("t.hcl", text), &mut errors);
    let context = RuleContext {
        deviation: &deviation,
        judgement: &judgement,
        attribution: None,
    };
    Evaluator::new(&Scene::new(&context)).value(&when.expr)
}

/// The value that the `hcl` crate gives.
fn theirs(text: &str) -> Option<Value> {
    let expression: hcl::Expression = text.parse().unwrap();
    let mut context = Context::new();
    context.declare_var("live", serde_json::from_str::<hcl::Value>(LIVE).unwrap());
    let value = expression.evaluate(&context).ok()?;
    serde_json::from_value(serde_json::to_value(value).unwrap()).unwrap()
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0..9_u8).prop_map(|digit| digit.to_string()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("\"x\"".to_owned()),
        Just("live".to_owned()),
        Just("live[0].a".to_owned()),
        Just("live[*].b".to_owned()),
        Just("\"t${live[1].b}${1 + 1}\"".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = prop::sample::select(vec![
            "+", "-", "*", "==", "!=", "<", "<=", ">", ">=", "&&", "||",
        ]);
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("({a} == 1 ? {b} : {c})")),
            inner.clone().prop_map(|a| format!("(!{a})")),
            inner.clone().prop_map(|a| format!("(-{a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[{a}, {b}]")),
            inner.clone().prop_map(|a| format!("[{a}][0]")),
            inner.clone().prop_map(|a| format!("{{ k = {a} }}.k")),
            inner
                .clone()
                .prop_map(|a| format!("[for r in live : [r.a, {a}] if r.a > 1]")),
            inner.prop_map(|a| format!("{{ for i, r in live : r.b => [i, {a}] }}")),
        ]
    })
}

proptest! {
    /// What the crate evaluates, ours evaluates to the same. Ours has an answer to more, because
    /// it leaves alone what it does not need.
    #[test]
    fn agrees_with_the_hcl_crate(text in expression()) {
        if let Some(expected) = theirs(&text) {
            prop_assert_eq!(ours(&text), Some(expected), "{}", text);
        }
    }
}

#[test]
fn the_comparison_compares_something() {
    for text in [
        "live[*].b",
        "{ for i, r in live : r.b => i }",
        "(1 + 2) * 3 == 9",
    ] {
        assert!(theirs(text).is_some(), "{text}");
        assert_eq!(ours(text), theirs(text));
    }
}
