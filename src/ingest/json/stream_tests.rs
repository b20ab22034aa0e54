use super::*;
use crate::ingest::test_support::{Halting, shown};

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
        "line 1, column 126: brackets are nested more than 120 deep"
    );
    assert_eq!(message(b""), "the file is empty");
}

fn refusal(text: &[u8]) -> String {
    shown(&walk(text).unwrap_err())
}

#[test]
fn any_chunk_gives_the_same_elements() {
    let text = "{\"s\\u0041é\":\"a\\\\\\\"]é\u{1F600}\",\"items\":[1.5e3,\"\\\"é,\",{\"a\":[\"}\",{}]},true , null],\"x\":{\"é\":[\"\\\\\"]},\"n\":-1}";
    let expected = walk(text.as_bytes()).unwrap();
    assert_eq!(expected.len(), 5);
    for chunk in 1..=text.len() + 1 {
        let mut found = Vec::new();
        let mut stream = JsonStream::with_chunk(text.as_bytes(), chunk);
        let read = stream.object(&mut |stream, key| match key {
            "items" => stream.array(&mut |stream| stream.raw(|raw| found.push(raw.to_owned()))),
            _ => stream.skip(),
        });
        read.unwrap();
        stream.finish().unwrap();
        assert_eq!(found, expected, "chunks of {chunk} bytes");
    }
}

#[test]
fn a_reader_may_give_less_than_asked_and_be_interrupted() {
    let text = format!("{{\"items\":[{}7]}}", "\"é\",".repeat(1_000));
    for step in [1, 3, 7, 4_096] {
        let reader = Halting {
            rest: text.as_bytes(),
            step,
            calls: 0,
        };
        assert_eq!(walk(reader).unwrap().len(), 1_001);
    }
}

#[test]
fn a_wrong_byte_is_found_wherever_it_stands() {
    for (text, place) in [
        (&b"{\"\xff\":1}"[..], "line 1, column 3"),
        (b"{\"items\":[\"\xff\"]}", "line 1, column 12"),
        (b"{\"items\":[{\"a\":\"\xc3(\"}]}", "line 1, column 17"),
        (b"{\"x\":\"\xe9\"}", "line 1, column 7"),
        (b"{\"x\":\n[{\"a\":\"\xf0\x9f\x98\"}]}", "line 2, column 8"),
        (b"{\"x\":[\xff]}", "line 1, column 7"),
        (b"{\"x\":\"\xed\xa0\x80\"}", "line 1, column 7"),
    ] {
        assert_eq!(refusal(text), format!("{place}: this is not UTF-8"));
        // Also where every chunk ends within the character.
        for chunk in 1..text.len() {
            let mut stream = JsonStream::with_chunk(text, chunk);
            let read = stream.object(&mut |stream, _| stream.skip());
            assert!(read.is_err(), "{place}, chunks of {chunk} bytes");
        }
    }
    assert!(refusal(b"{\"x\":\xff}").contains("no JSON value begins like this"));
    assert!(refusal(b"{\"x\":\"\xc3").contains("ends in the middle"));
}

#[test]
fn byte_order_marks_and_other_kinds_of_file() {
    assert_eq!(walk(&b"\xef\xbb\xbf{\"items\":[1]}"[..]).unwrap(), ["1"]);
    insta::assert_snapshot!(refusal(b"\xff\xfe{\0}\0"), @r"
    the file is UTF-16 or binary, not UTF-8 text
    help: write it as UTF-8; in Windows PowerShell with `| Out-File -Encoding utf8`
    ");
    assert_eq!(refusal(b"{\0}\0"), refusal(b"\xfe\xff\0{\0}"));
    insta::assert_snapshot!(refusal(b"PK\x03\x04\x14\0"), @r"
    the file is a zip archive, not JSON
    help: if it is a saved plan, give the output of `terraform show -json PLANFILE`; else unpack it
    ");
    insta::assert_snapshot!(refusal(b"\x1f\x8b\x08\0"), @r"
    the file is compressed with gzip
    help: unpack it, or let its name end in `.gz` where gzipped files are read
    ");
    insta::assert_snapshot!(refusal(b""), @"the file is empty");
}

#[test]
fn cut_off_files_say_so_at_every_byte() {
    let text = "{\"x\":{\"a\":\"é\"},\"items\":[1,\"b\"],\"n\":null}";
    for end in 1..text.len() {
        let message = refusal(&text.as_bytes()[..end]);
        assert!(
            message.contains("the file ends in the middle") && message.contains("help: "),
            "{end}: {message}"
        );
    }
}

#[test]
fn reading_errors_are_handed_on() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            let damaged = "corrupt deflate stream";
            Err(std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                damaged,
            ))
        }
    }
    let reader = b"{\"items\":[1,".chain(Failing);
    insta::assert_snapshot!(shown(&walk(reader).unwrap_err()), @r"
    the file cannot be read: corrupt deflate stream
    help: the file is damaged or was cut off; fetch it again
    ");
}

#[test]
fn a_value_that_does_not_fit_is_refused_or_passed_over() {
    let long = || std::io::repeat(b'x').take(70 << 20);
    let wanted = b"{\"items\":[\"".chain(long()).chain(&b"\"]}"[..]);
    insta::assert_snapshot!(shown(&walk(wanted).unwrap_err()), @"line 1, column 11: one value takes more than 64 MiB");
    let unwanted = b"{\"x\":[\""
        .chain(long())
        .chain(&b"\"],\"items\":[1]}"[..]);
    assert_eq!(walk(unwanted).unwrap(), ["1"]);
}

#[test]
fn passing_over_takes_no_memory() {
    let long = std::io::repeat(b'x').take(100 << 20);
    let mut stream = JsonStream::new(b"[\"".chain(long).chain(&b"\"]"[..]));
    stream.skip().unwrap();
    assert!(stream.buffered() <= 4 << 20);
    stream.finish().unwrap();
}

#[test]
fn deep_nesting_overflows_no_stack() {
    for depth in [5_000, 100_000] {
        let brackets = "[".repeat(depth) + &"]".repeat(depth);
        let keys = "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        for text in [
            format!("{{\"items\":[{brackets}]}}"),
            format!("{{\"x\":{keys}}}"),
        ] {
            let message = refusal(text.as_bytes());
            assert!(message.contains("nested more than 120 deep"), "{message}");
        }
        fn descend<R: Read>(stream: &mut JsonStream<R>) -> Result<(), StreamError> {
            stream.array(&mut |stream| descend(stream))
        }
        let read = descend(&mut JsonStream::new(brackets.as_bytes()));
        assert!(
            read.unwrap_err()
                .to_string()
                .contains("nested more than 120 deep")
        );
    }
}

#[test]
fn an_object_to_walk_has_so_many_keys() {
    let keys: Vec<String> = (0..10_001).map(|key| format!("\"{key}\":0")).collect();
    let text = format!("{{{}}}", keys.join(","));
    assert!(refusal(text.as_bytes()).contains("an object with more than 10000 keys"));
}
