//! One integration binary: linking once keeps the tests quick to build.

mod activity;
mod architecture;
mod aws_config;
mod cases;
#[cfg(feature = "paging")]
mod channels;
mod config;
mod corpus;
mod coverage;
mod demo;
mod evidence;
mod explain;
mod large_plan;
#[cfg(feature = "faults")]
mod provider;
mod refresh;
mod report;
mod rules;
mod scan;
mod schemas;
mod scripts;
#[cfg(feature = "daemon")]
mod service;
mod sources;
mod tables;
mod terraform_modules;
mod types;
mod verdicts;
