//! The provider client against a provider that fails on request (tests/e2e/faultprovider).

// Tells the lints that helpers here are test code as well.
#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "tests write files that nobody reads half-written"
)]

mod calls;
mod command;
mod ending;
mod exact;
mod faults;
mod fixing;
mod settled;
mod supply;
mod support;
mod workspace;
