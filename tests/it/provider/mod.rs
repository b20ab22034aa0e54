//! The provider client against a provider that fails on request (tests/e2e/faultprovider).

mod calls;
mod ending;
mod faults;
mod supply;
mod support;
