//! The evidence log as its writer, its readers and an auditor meet it.

mod commands;
mod events;
mod records;
mod sizes;
mod support;
mod tamper;
mod writer;
