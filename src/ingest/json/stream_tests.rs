use super::*;

fn walk(text: impl Read) -> Result<Vec<String>, StreamError> {
    let mut found = Vec::new();
    let mut stream = JsonStream::new(text);
    stream.object(&mut |stream, key| match key {
        "items" => stream.array(&mut |stream| stream.raw(|raw| found.push(raw.to_owned()))),
        _ => stream.skip(),
    })?;
    stream.finish()?;
    Ok(found)
}

#[test]
fn yields_elements_and_skips_the_rest() {
    let text = r#"{"x":{"items":[0]},"items":[1,"zwei\"]",{"a":[]}],"n":12.5,"s":"é"} "#;
    assert_eq!(
        walk(text.as_bytes()).unwrap(),
        ["1", "\"zwei\\\"]\"", "{\"a\":[]}"]
    );
}

#[test]
fn elements_may_cross_chunks() {
    let element = format!("\"{}\"", "é".repeat(300_000));
    let text = format!(
        "{{\"pad\":[{}],\"items\":[{element},{element},7]}}",
        "1,".repeat(400_000) + "1"
    );
    let found = walk(text.as_bytes()).unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found[1], element);
}

#[test]
fn says_where_and_what() {
    let message = |text: &[u8]| walk(text).unwrap_err().to_string();
    assert_eq!(
        message(b"{\n \"items\": 5}"),
        "line 2, column 11: an array is wanted here"
    );
    assert_eq!(
        message(b"{\"items\":[1,2"),
        "the file ends in the middle, after 13 bytes"
    );
    assert_eq!(
        message(b"{\"x\":{\"a\":[1}"),
        "the file ends in the middle, after 13 bytes"
    );
    assert_eq!(
        message(b"{\"x\":\"\xff\"}"),
        "line 1, column 7: this is not UTF-8"
    );
    assert_eq!(
        message(b"{\"x\":1,\"x\":2}"),
        "line 1, column 12: the key `x` stands twice in one object"
    );
    assert_eq!(
        message(b"{} x"),
        "line 1, column 4: text behind the end of the document"
    );
    let deep = format!("{{\"x\":{}", "[".repeat(5_000));
    assert_eq!(
        message(deep.as_bytes()),
        "line 1, column 6: brackets are nested more than 120 deep"
    );
    assert_eq!(message(b""), "the file is empty");
}
