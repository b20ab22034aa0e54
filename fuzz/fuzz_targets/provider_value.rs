#![no_main]
//! Values as a provider sends them: a line with a type, then bytes of MessagePack or JSON.

use driftwarden::provider::cty::Type;
use driftwarden::provider::json::{self, Objects};
use driftwarden::provider::{handshake, lock, msgpack};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    drop(handshake::parse(&text));
    drop(lock::parse(&text));
    let Some(end) = data.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let Ok(own) = Type::parse(&data[..end]) else {
        return;
    };
    assert_eq!(Type::parse(own.to_json().as_bytes()).as_ref(), Ok(&own));
    let bytes = &data[end + 1..];
    if let Ok(value) = msgpack::read(bytes, &own) {
        let written = msgpack::write(&value, &own).expect("what was read can be written");
        assert_eq!(msgpack::read(&written, &own).as_ref(), Ok(&value));
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(value) = json::read(&text, &own, Objects::Lenient) {
        let again = json::read(&json::write(&value), &own, Objects::Exact);
        assert_eq!(again.as_ref(), Ok(&value));
    }
});
