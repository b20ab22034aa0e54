//! `live "terraform_refresh"` as a user meets it, with a script in the place of the binary: what it is
//! told to do, what is made of its answers, and what of its failures.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

mod answers;
mod beside;
mod config;
mod explain;
mod failures;
mod moved;
mod owned;
mod support;
