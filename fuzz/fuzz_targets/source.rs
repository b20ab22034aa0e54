//! Any text as Terraform source.
#![no_main]

use driftwarden::ingest::terraform_source::SourceMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let files = [("main.tf".to_owned(), text.to_owned())];
    let _ = SourceMap::parse(&files);
});
