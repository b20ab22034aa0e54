//! Providers that do wrong: each costs an error with a reason, never a wrong answer.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::time::{Duration, Instant};

use driftwarden::adapters::provider::Limits;
use driftwarden::ports::{Held, ProviderError, ResourceProvider};
use driftwarden::provider::cty::Value;

use super::support::{
    Bench, THING, assert_no_secret, assert_none_left, bench, bench_with, limits, providers_of,
};

fn start_error(fault: &str, limit: Duration) -> String {
    let limits = Limits {
        start: limit,
        ..limits()
    };
    let mut bench = bench_with(fault, "6", limits);
    let error = bench.session.provider_schema().unwrap_err().to_string();
    assert_none_left(bench.dir.path());
    error
}

#[test]
fn a_program_that_is_no_provider_is_named_as_such() {
    let long = Duration::from_secs(20);
    for (fault, error) in [
        ("dies-at-once", "it ended (exit status 3) before it served"),
        (
            "no-handshake",
            "it is no provider: its first line is no handshake",
        ),
        (
            "endless-line",
            "it is no provider: its first line is no handshake",
        ),
        (
            "old-protocol",
            "it speaks version 4 of Terraform's provider protocol, of which 5 and 6 are known",
        ),
        (
            "other-core",
            "it offers protocol 2 of go-plugin, of which only 1 is known",
        ),
        ("tcp", "it does not offer gRPC on a unix socket"),
        (
            "tls",
            "it wants to speak TLS, for which it was given no certificate",
        ),
        (
            "no-socket",
            "its socket does not lie in the folder that it was given",
        ),
        (
            "foreign-socket",
            "its socket does not lie in the folder that it was given",
        ),
    ] {
        let found = start_error(fault, long);
        assert_eq!(found, format!("the provider cannot be started: {error}"));
    }
    assert_eq!(
        start_error("says-nothing", Duration::from_secs(1)),
        "the provider cannot be started: it said nothing within 1 s"
    );
}

#[test]
fn a_schema_that_makes_no_sense_is_refused() {
    for fault in ["schema-of-garbage", "schema-refused"] {
        let mut bench = bench_with(fault, "6", limits());
        let error = bench.session.provider_schema().unwrap_err();
        let senseless = matches!(
            error,
            ProviderError::Senseless {
                call: "GetProviderSchema",
                ..
            }
        );
        assert!(senseless, "{error}");
    }
}

/// Forty megabytes, ten times what any real provider sends.
#[test]
fn a_huge_schema_is_read() {
    let mut bench = bench("huge-schema", "5");
    let schema = bench.session.schema(THING).unwrap();
    assert!(schema.block.attributes.contains_key("name"));
}

#[test]
fn bad_credentials_are_an_error_without_them() {
    let mut bench = bench_with("bad-credentials", "5", limits());
    let config = bench.config();
    let error = bench.session.configure(&config).unwrap_err().to_string();
    assert_no_secret(&error);
    assert!(error.contains("invalid token (sensitive value)"), "{error}");
}

fn held(bench: &mut Bench) -> Held {
    let text = r#"{"id":"t-1","name":"front","secret":"hunter2hunter2","size":1}"#;
    bench.store("t-1", text);
    Held {
        state: bench.thing(text),
        private: Vec::new(),
    }
}

#[test]
fn what_could_not_be_read_is_an_error_and_never_gone() {
    let mut bench = bench("refuses-read", "6");
    let held = held(&mut bench);
    let error = bench.session.read(THING, &held).unwrap_err();
    assert_no_secret(&format!("{error} {error:?}"));
    assert_eq!(
        error.to_string(),
        "the provider refused `ReadResource`: cannot reach the service: token (sensitive value) \
         and secret (sensitive value) were refused"
    );
}

#[test]
fn an_answer_that_does_not_fit_the_schema_is_refused() {
    let mut bench = bench("garbage", "6");
    let held = held(&mut bench);
    let error = bench.session.read(THING, &held).unwrap_err().to_string();
    assert_eq!(
        error,
        "the provider's answer to `ReadResource` makes no sense: an attribute that the type does \
         not have"
    );
}

#[test]
fn a_provider_that_died_is_started_again_as_it_was() {
    let mut bench = bench("dies-once", "6");
    let held = held(&mut bench);
    let read = bench.session.read(THING, &held).unwrap().unwrap();
    assert_eq!(read.state.get("name"), Some(&Value::string("front")));
    assert_eq!(providers_of(bench.dir.path()).len(), 1);
}

#[test]
fn a_provider_that_goes_on_dying_is_left_alone() {
    let mut bench = bench("dies-in-read", "6");
    let held = held(&mut bench);
    let first = bench.session.read(THING, &held).unwrap_err().to_string();
    assert_eq!(first, "the provider died in `ReadResource`: exit status 7");
    for _ in 0..3 {
        drop(bench.session.read(THING, &held));
    }
    let last = bench.session.read(THING, &held).unwrap_err();
    assert_eq!(last, ProviderError::GivenUp { restarts: 3 });
    assert_none_left(bench.dir.path());
}

#[test]
fn a_provider_that_dies_when_configured_is_not_tried_for_ever() {
    let mut bench = bench_with("dies-when-configured", "6", limits());
    let config = bench.config();
    for _ in 0..4 {
        let error = bench.session.configure(&config).unwrap_err();
        assert!(matches!(error, ProviderError::Died { .. }), "{error}");
    }
    let error = bench.session.configure(&config).unwrap_err();
    assert_eq!(error, ProviderError::GivenUp { restarts: 3 });
}

#[test]
fn an_apply_is_never_repeated() {
    let mut bench = bench("dies-in-apply", "6");
    let config = bench.thing(r#"{"name":"front"}"#);
    let planned = bench.plan(&Value::Null, &config, &config);
    let error = bench
        .session
        .apply(THING, &Value::Null, &config, &planned)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the provider died in `ApplyResourceChange`: exit status 7"
    );
    // It was done all the same: only a read tells.
    let held = Held {
        state: bench.thing(r#"{"id":"t-1","name":"front"}"#),
        private: Vec::new(),
    };
    assert!(bench.session.read(THING, &held).unwrap().is_some());
}

#[test]
fn a_half_done_apply_tells_what_it_did() {
    let mut bench = bench("partial-apply", "6");
    let config = bench.thing(r#"{"name":"front","secret":"hunter2hunter2","size":5}"#);
    let planned = bench.plan(&Value::Null, &config, &config);
    let applied = bench
        .session
        .apply(THING, &Value::Null, &config, &planned)
        .unwrap();
    assert_eq!(applied.held.state.get("size"), Some(&Value::Null));
    assert_eq!(applied.diagnostics.len(), 1);
    assert!(applied.diagnostics[0].is_error);
    assert_no_secret(&format!("{:?}", applied.diagnostics));
}

#[test]
fn a_provider_that_takes_too_long_is_ended() {
    let limits = Limits {
        read: Duration::from_secs(1),
        ..limits()
    };
    let mut bench = bench_with("slow-read", "6", limits);
    let config = bench.config();
    bench.session.configure(&config).unwrap();
    let held = held(&mut bench);
    let begun = Instant::now();
    let error = bench.session.read(THING, &held).unwrap_err().to_string();
    assert_eq!(
        error,
        "the provider gave no answer to `ReadResource` within 1 s, and was ended"
    );
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_none_left(bench.dir.path());
}

/// An apply that hangs is asked to stop before it is ended, and ends by itself then.
#[test]
fn a_slow_apply_is_asked_to_stop_first() {
    let limits = Limits {
        apply: Duration::from_secs(1),
        ..limits()
    };
    let mut bench = bench_with("slow-apply", "6", limits);
    let config = bench.config();
    bench.session.configure(&config).unwrap();
    let config = bench.thing(r#"{"name":"front"}"#);
    let planned = bench.plan(&Value::Null, &config, &config);
    let error = bench
        .session
        .apply(THING, &Value::Null, &config, &planned)
        .unwrap_err();
    assert!(matches!(error, ProviderError::TooLate { .. }), "{error}");
    assert_none_left(bench.dir.path());
}

#[test]
fn a_call_is_ended_from_another_thread() {
    let mut bench = bench("slow-until-stopped", "6");
    let held = held(&mut bench);
    let interrupter = bench.session.interrupter();
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let other = std::thread::spawn(move || {
        while wait.recv_timeout(Duration::from_millis(100)).is_err() {
            interrupter.interrupt();
        }
    });
    let error = bench.session.read(THING, &held).unwrap_err().to_string();
    done.send(()).unwrap();
    other.join().unwrap();
    assert!(error.contains("interrupted"), "{error}");
}

/// More than any pipe holds, on both streams: it must not block, and nothing of it may be kept.
#[test]
fn a_noisy_provider_is_heard_out() {
    let mut bench = bench("noisy", "6");
    let held = held(&mut bench);
    assert!(bench.session.read(THING, &held).unwrap().is_some());
    assert_no_secret(&format!("{:?}", bench.session));
}

#[test]
fn a_sick_provider_is_not_healthy() {
    let mut bench = bench("unhealthy", "6");
    assert!(!bench.session.is_healthy());
    let mut never_started = bench_with("", "6", limits());
    assert!(!never_started.session.is_healthy());
}
