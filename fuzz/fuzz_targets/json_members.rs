//! Splitting agrees with parsing: what parses as an object splits into members that all parse.
#![no_main]

use driftwarden::ingest::json;
use driftwarden::model::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let text = text.trim();
    let members = json::members(text).and_then(|members| members.collect::<Result<Vec<_>, _>>());
    let _ = json::elements(text).map(Iterator::count);
    let parsed = json::parse(text);
    assert_eq!(parsed.is_ok(), json::parse_lying(text).is_ok());
    if let Ok(Value::Map(map)) = parsed {
        let members = match members {
            Ok(members) => members,
            // The parser's own bound lies a little higher.
            Err(error) if error.what.contains("nested") => return,
            Err(error) => panic!("what parses also splits: {error}"),
        };
        assert_eq!(members.len(), map.len());
        for (key, raw) in members {
            assert_eq!(map.get(&*key), json::parse(raw).ok().as_ref());
        }
    }
});
