//! Whether a plan is just what was permitted, and what came of it.

use super::*;

struct Case {
    live: &'static str,
    planned: Value,
}

fn with(planned: &str, more: &[(&str, Value)]) -> Value {
    let Value::Object(mut all) = value(&machine(), planned) else {
        return Value::Null;
    };
    for (name, own) in more {
        all.insert(Name::from(*name), own.clone());
    }
    Value::Object(all)
}

fn judged(case: &Case, attribute: &str, replacing: &[AttributePath]) -> Result<FixPlan, Unfit> {
    let schema = machine();
    let live = value(&schema, case.live);
    let planning = Planning {
        block: &schema.block,
        live: &live,
        planned: &case.planned,
        equality: Equality::Exact,
    };
    set_back(planning, replacing, &AttributePath::from(attribute))
}

fn said(case: &Case, attribute: &str) -> String {
    match judged(case, attribute, &[]) {
        Ok(plan) => format!(
            "{} changes; {:?}",
            plan.changes.len(),
            plan.consequences
                .iter()
                .map(AttributePath::as_str)
                .collect::<Vec<_>>()
        ),
        Err(error) => error.to_string(),
    }
}

const LIVE: &str = r#"{"id":"i","name":"n","zone":"a","peers":["x"],"rule":[{"port":22}]}"#;

#[test]
fn only_the_attribute_and_what_follows_from_it_may_change() {
    let back = r#"{"id":"i","name":"n","zone":"a","peers":["x"],"rule":[{"port":443}]}"#;
    let case = |planned| Case {
        live: LIVE,
        planned,
    };
    let ok = case(with(back, &[]));
    assert_eq!(said(&ok, "/rule"), "1 changes; []");
    // What only the provider sets, known or not, and what it may set where nobody did.
    let follows = case(with(
        back,
        &[("id", Value::unknown()), ("zone", Value::unknown())],
    ));
    assert_eq!(said(&follows, "/rule"), r#"1 changes; ["/id", "/zone"]"#);
    let moved = case(with(back, &[("id", Value::string("j"))]));
    assert_eq!(said(&moved, "/rule"), r#"1 changes; ["/id"]"#);
    // Near misses: something that somebody can set.
    let zone = case(with(back, &[("zone", Value::string("b"))]));
    assert_eq!(
        said(&zone, "/rule"),
        "the provider would also change `/zone`"
    );
    let peers = case(with(back, &[("peers", Value::List(Vec::new()))]));
    assert_eq!(
        said(&peers, "/rule"),
        "the provider would also change `/peers`"
    );
    let unknown = case(with(back, &[("peers", Value::unknown())]));
    assert_eq!(
        said(&unknown, "/rule"),
        "the provider would also change `/peers`"
    );
    let nothing = case(value(&machine(), LIVE));
    assert_eq!(
        said(&nothing, "/rule"),
        "the provider would change nothing there"
    );
    let replaced = judged(&ok, "/rule", &[AttributePath::from("/name")]);
    assert_eq!(
        replaced.unwrap_err().to_string(),
        "the provider would replace it because of `/name`"
    );
}

/// A finding of one place does not permit what lies around it.
#[test]
fn a_change_around_the_attribute_is_more_than_permitted() {
    let case = Case {
        live: r#"{"name":"n","peers":["x","y"]}"#,
        planned: with(r#"{"name":"n","peers":["z"]}"#, &[]),
    };
    assert_eq!(
        said(&case, "/peers/0"),
        "the provider would change nothing there"
    );
    assert_eq!(said(&case, "/peers"), "1 changes; []");
}

#[test]
fn what_else_was_changed_is_named_so_that_it_can_stay() {
    let schema = machine();
    let live = value(
        &schema,
        r#"{"name":"n","user_data":"by hand","rule":[{"port":22}]}"#,
    );
    let planned = value(
        &schema,
        r#"{"name":"n","user_data":"u","rule":[{"port":443}]}"#,
    );
    let planning = Planning {
        block: &schema.block,
        live: &live,
        planned: &planned,
        equality: Equality::Exact,
    };
    let others = beside(planning, &AttributePath::from("/rule"));
    assert_eq!(others, [AttributePath::from("/user_data")]);
}

#[test]
fn what_is_made_again_is_as_it_was_written() {
    let schema = machine();
    let config = value(&schema, r#"{"name":"n","peers":["x"]}"#);
    let made = |planned: Value| {
        let planning = Planning {
            block: &schema.block,
            live: &Value::Null,
            planned: &planned,
            equality: Equality::Exact,
        };
        put_back(planning, &config).map_err(|error| error.to_string())
    };
    let planned = with(
        r#"{"name":"n","peers":["x"],"user_data":"a default"}"#,
        &[("id", Value::unknown())],
    );
    assert_eq!(made(planned).unwrap().consequences.len(), 1);
    let other = made(value(&schema, r#"{"name":"n","peers":["y"]}"#));
    assert_eq!(
        other.unwrap_err(),
        "the provider would not set `/peers/0` as it was approved"
    );
    assert!(made(Value::Null).is_err());
}

#[test]
fn only_a_read_tells_what_came_of_it() {
    let schema = machine();
    let back = r#"{"id":"i","name":"n","zone":"a","peers":["x"],"rule":[{"port":443}]}"#;
    let case = Case {
        live: LIVE,
        planned: with(back, &[("zone", Value::unknown())]),
    };
    let plan = judged(&case, "/rule", &[]).unwrap();
    let live = value(&schema, LIVE);
    let then = |after: &str| {
        let planning = Planning {
            block: &schema.block,
            live: &live,
            planned: &case.planned,
            equality: Equality::Exact,
        };
        came(planning, &plan, &value(&schema, after))
    };
    assert_eq!(then(back), Came::AsPlanned);
    assert_eq!(then(LIVE), Came::Nothing);
    // An id that moved by itself says nothing.
    assert_eq!(then(&LIVE.replace("\"i\"", "\"j\"")), Came::Nothing);
    assert_eq!(then(&back.replace("\"a\"", "\"b\"")), Came::AsPlanned);
    for (after, path) in [
        (back.replace("443", "80"), "/rule"),
        (back.replace("\"x\"", "\"y\""), "/peers/0"),
        (back.replace("\"n\"", "\"m\""), "/name"),
    ] {
        assert_eq!(
            then(&after),
            Came::Otherwise(vec![AttributePath::from(path)])
        );
    }
    let planning = Planning {
        block: &schema.block,
        live: &live,
        planned: &case.planned,
        equality: Equality::Exact,
    };
    let gone = came(planning, &plan, &Value::Null);
    assert_eq!(gone, Came::Otherwise(vec![AttributePath::root()]));
}

#[test]
fn only_a_plan_of_removal_takes_away() {
    let schema = machine();
    let live = value(&schema, LIVE);
    let said = |live: &Value, planned: &Value, replacing: &[AttributePath]| {
        let planning = Planning {
            block: &schema.block,
            live,
            planned,
            equality: Equality::Legacy,
        };
        take_away(planning, replacing).map_err(|error| error.to_string())
    };
    let plan = said(&live, &Value::Null, &[]).unwrap();
    assert_eq!(plan.changes.len(), 1);
    assert_eq!(plan.changes[0].before, live);
    assert_eq!(plan.consequences, []);
    let kept = "the provider would not take it away".to_owned();
    assert_eq!(said(&live, &live, &[]), Err(kept));
    let replaced = said(&live, &Value::Null, &[AttributePath::from("/name")]);
    assert!(
        replaced
            .unwrap_err()
            .contains("replace it because of `/name`")
    );
    assert!(said(&Value::Null, &Value::Null, &[]).is_err());
    let planning = Planning {
        block: &schema.block,
        live: &live,
        planned: &Value::Null,
        equality: Equality::Legacy,
    };
    assert_eq!(came(planning, &plan, &Value::Null), Came::AsPlanned);
    assert_eq!(came(planning, &plan, &live), Came::Nothing);
    let half = value(&schema, r#"{"id":"i","name":"m"}"#);
    let whole = Came::Otherwise(vec![AttributePath::root()]);
    assert_eq!(came(planning, &plan, &half), whole);
}
