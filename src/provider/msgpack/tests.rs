use super::*;
use crate::provider::cty::{Bound, Number, Type, Unknown, Value};

fn round(own: &str, value: &Value) -> Vec<u8> {
    let own = Type::parse(own.as_bytes()).unwrap();
    let bytes = write(value, &own).unwrap();
    assert_eq!(&read(&bytes, &own).unwrap(), value);
    bytes
}

#[test]
fn a_value_is_read_as_it_was_written() {
    round(r#""string""#, &Value::Null);
    assert_eq!(
        round(r#""string""#, &Value::unknown()),
        [0xd4, 0, 0],
        "plain unknown"
    );
    round(r#""number""#, &Value::Number(Number::from_u64(u64::MAX)));
    round(
        r#""number""#,
        &Value::Number(Number::from_f64(0.1).unwrap()),
    );
    let long = Number::parse("123456789012345678901234567890.5").unwrap();
    round(r#""number""#, &Value::Number(long));
    round(r#""number""#, &Value::int(-129));
    let infinite = Number::from_f64(f64::INFINITY).unwrap();
    round(r#""number""#, &Value::Number(infinite));
    let object = Value::object([
        ("a", Value::set(vec![Value::int(2), Value::int(1)])),
        ("b", Value::Null),
    ]);
    let own = r#"["object",{"a":["set","number"],"b":"dynamic"}]"#;
    round(own, &object);
    let typed = (Type::list(Type::Bool), Value::List(vec![Value::Bool(true)]));
    round(r#""dynamic""#, &Value::Dynamic(Box::new(typed)));
    let known = Unknown {
        null: Some(false),
        prefix: Some("arn:".into()),
        ..Unknown::default()
    };
    round(r#""string""#, &Value::Unknown(Box::new(known)));
    let bounded = Unknown {
        lower: Some(Bound {
            at: Number::from(1),
            inclusive: true,
        }),
        min_length: Some(3),
        ..Unknown::default()
    };
    round(r#""number""#, &Value::Unknown(Box::new(bounded)));
}

#[test]
fn what_refines_an_unknown_and_is_not_known_is_passed_over() {
    // Keys 1 and 99, the second with a map in it.
    let bytes = [0xc7, 7, 12, 0x82, 1, 0xc2, 99, 0x81, 1, 0xc0];
    let Value::Unknown(unknown) = read(&bytes, &Type::String).unwrap() else {
        panic!("it is unknown");
    };
    assert_eq!(unknown.null, Some(false));
    // An extension that nobody knows is unknown all the same.
    let other = [0xd4, 77, 0];
    assert!(read(&other, &Type::String).unwrap().is_unknown());
}

#[test]
fn what_is_no_value_of_the_type_is_refused() {
    let object = r#"["object",{"a":"string"}]"#;
    for (own, bytes, what) in [
        (r#""string""#, &[0xc3][..], "a string is wanted here"),
        (r#""bool""#, &[1], "a bool is wanted here"),
        (r#""number""#, &[0xa1, b'x'], "a number that cannot be read"),
        (r#""string""#, &[0xa2, b'x'], "the value ends in the middle"),
        (r#""string""#, &[0xa1, 0xff], "a string that is not UTF-8"),
        (
            r#""bool""#,
            &[0xc3, 0xc3],
            "something stands behind the value",
        ),
        (
            r#"["list","bool"]"#,
            &[0xdd, 0xff, 0xff, 0xff, 0xff],
            "the value ends in the middle",
        ),
        (object, &[0x80], "`/a`: it is missing"),
        (
            object,
            &[0x81, 0xa1, b'a', 1],
            "`/a`: a string is wanted here",
        ),
        (
            object,
            &[0x81, 0xa1, b'b', 0xc0],
            "an attribute that the type does not have",
        ),
        (
            object,
            &[0x82, 0xa1, b'a', 0xc0, 0xa1, b'a', 0xc0],
            "`/a`: it stands twice in one object",
        ),
        (
            r#""dynamic""#,
            &[0x91, 0xc0],
            "a type and a value are wanted here",
        ),
        (
            r#"["tuple",["bool"]]"#,
            &[0x90],
            "a tuple of another length",
        ),
    ] {
        let own = Type::parse(own.as_bytes()).unwrap();
        assert_eq!(read(bytes, &own).unwrap_err().to_string(), what);
    }
}

#[test]
fn dynamic_values_within_dynamic_values_have_an_end() {
    let mut bytes = Vec::new();
    for _ in 0..200 {
        bytes.extend([0x92, 0xc4, 9]);
        bytes.extend(br#""dynamic""#);
    }
    bytes.push(0xc0);
    let error = read(&bytes, &Type::Dynamic).unwrap_err();
    assert_eq!(error.to_string(), "the value is nested too deep");
}

#[test]
fn a_value_of_another_type_is_not_written() {
    let own = Type::object([("a", Type::String)]);
    let wrong = Value::object([("a", Value::int(1))]);
    let error = write(&wrong, &own).unwrap_err();
    assert_eq!(error.to_string(), "`/a`: a value of another type");
    assert!(write(&Value::object([("b", Value::Null)]), &own).is_err());
}
