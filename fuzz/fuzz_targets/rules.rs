//! Any text as a rule file.
#![no_main]

use driftwarden::decide::rules::RuleSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = RuleSet::parse(&[("rules.hcl", text)]);
});
