use super::*;

fn read_as(own: &str, text: &str, objects: Objects) -> Result<Value, JsonValueError> {
    read(text, &Type::parse(own.as_bytes()).unwrap(), objects)
}

#[test]
fn a_value_is_written_as_it_is_read() {
    for (own, text) in [
        (r#""string""#, r#""a \"b\"""#),
        (
            r#""number""#,
            "123456789012345678901234567890.000000000000000001",
        ),
        (
            r#"["object",{"a":["list","bool"],"b":["map","number"]}]"#,
            r#"{"a":[true,null],"b":{"x":1.5}}"#,
        ),
        (
            r#"["tuple",["string","dynamic"]]"#,
            r#"["a",{"type":["list","number"],"value":[1,2]}]"#,
        ),
    ] {
        let value = read_as(own, text, Objects::Exact).unwrap();
        assert_eq!(write(&value), text);
    }
    let set = read_as(r#"["set","number"]"#, "[2, 1, 2]", Objects::Exact).unwrap();
    assert_eq!(write(&set), "[1,2]");
}

#[test]
fn what_is_absent_is_null_only_where_it_may_be() {
    let own = r#"["object",{"a":"string","b":"string"}]"#;
    let value = read_as(own, r#"{"a":"x","c":1}"#, Objects::Lenient).unwrap();
    assert_eq!(write(&value), r#"{"a":"x","b":null}"#);
    let error = read_as(own, r#"{"a":"x"}"#, Objects::Exact).unwrap_err();
    assert_eq!(error.to_string(), "`/b`: it is missing");
    assert!(read_as(own, r#"{"a":"x","b":null,"c":1}"#, Objects::Exact).is_err());
}

#[test]
fn a_plan_leaves_out_the_types_of_dynamic_values() {
    let value = read_as(r#""dynamic""#, r#"{"a":[1,"x",null]}"#, Objects::Lenient).unwrap();
    let Value::Dynamic(typed) = value else {
        panic!("it has a type");
    };
    let own = r#"["object",{"a":["tuple",["number","string","dynamic"]]}]"#;
    assert_eq!(typed.0.to_json(), own);
}

#[test]
fn what_is_no_value_of_the_type_is_refused() {
    for (own, text) in [
        (r#""string""#, "1"),
        (r#""bool""#, "\"true\""),
        (r#""number""#, "\"secret\""),
        (r#"["list","string"]"#, "{}"),
        (r#"["tuple",["string"]]"#, "[]"),
        (r#"["tuple",["string"]]"#, r#"["a","b"]"#),
        (r#"["list","string"]"#, "[\"a\""),
    ] {
        let error = read_as(own, text, Objects::Lenient).unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }
}
