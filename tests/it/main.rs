//! One integration binary: linking once keeps the tests quick to build.

mod activity;
mod config;
mod evidence;
mod report;
mod rules;
mod tables;
mod verdicts;
