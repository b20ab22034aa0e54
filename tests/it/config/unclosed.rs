//! HCL that is cut off in the midst of many brackets, which its parser would try in every way for a very long time.

use driftwarden::config;
use driftwarden::decide::rules::RuleSet;
use driftwarden::ingest::terraform_source::SourceMap;
use insta::assert_snapshot;

/// Each doubles the time.
const MANY: usize = 20;

fn cut_off(before: &str) -> String {
    format!("{before}{}", "8 > 8 > 8[".repeat(MANY))
}

#[test]
fn whatever_is_read_as_hcl_is_refused_at_once_and_says_where_it_opens() {
    let refused = config::parse("driftwarden.hcl", &cut_off("evidence {\n  dir = "));
    assert_snapshot!(refused.unwrap_err(), @r"
    driftwarden.hcl:1:10: 21 brackets are still open where the text ends
      help: the file is cut off, or a bracket lacks its pair
    ");
    let text = cut_off("rule \"r\" {\n  when = ");
    let refused = RuleSet::parse(&[("rules/r.hcl", &*text)]);
    assert_snapshot!(refused.unwrap_err(), @r"
    rules/r.hcl:1:10: 21 brackets are still open where the text ends
      help: the file is cut off, or a bracket lacks its pair
    ");
    let source = [(
        "main.tf".to_owned(),
        cut_off("resource \"a\" \"b\" {\n  c = "),
    )];
    let (_, problems) = SourceMap::parse(&source);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_snapshot!(problems.join("\n"), @"main.tf:1:18: 21 brackets are still open where the text ends");
    #[cfg(feature = "exact")]
    {
        let locked = driftwarden::provider::lock::parse(&cut_off("provider \"a\" {\n  hashes = "));
        assert_snapshot!(locked.unwrap_err(), @"line 1: 21 brackets are still open where the text ends");
    }
}
