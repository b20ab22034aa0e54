//! `driftwarden rules`.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use driftwarden::cli::rules::{
    CheckArgs, ExplainArgs, ExportArgs, ListArgs, RulesArgs, RulesCommand, run,
};

fn rules(command: RulesCommand) -> Result<String, String> {
    let mut out = Vec::new();
    run(&RulesArgs { command }, None, &mut out).map_err(|error| format!("{error:#}"))?;
    Ok(String::from_utf8(out).unwrap())
}

fn put(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
    File::create_new(path)?.write_all(bytes.as_ref())
}

fn export(dir: &Path) -> Result<String, String> {
    rules(RulesCommand::Export(ExportArgs { dir: dir.into() }))
}

fn list(dirs: &[&Path]) -> Result<String, String> {
    let dirs = dirs.iter().map(|dir| dir.into()).collect();
    rules(RulesCommand::List(ListArgs { dirs }))
}

fn check(dir: &Path) -> Result<String, String> {
    rules(RulesCommand::Check(CheckArgs {
        dirs: vec![dir.into()],
    }))
}

#[test]
fn exported_rules_are_the_shipped_ones() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("rules");
    export(&target).unwrap();
    assert_eq!(list(&[&target]).unwrap(), list(&[]).unwrap());
    insta::assert_snapshot!(check(&target).unwrap(), @"111 rules in 10 files are in order");
}

#[test]
fn export_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mine = dir.path().join("process.hcl");
    put(&mine, "# mine").unwrap();
    let error = export(dir.path()).unwrap_err();
    assert!(error.contains("process.hcl` exists already"), "{error}");
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "# mine");
    assert!(!dir.path().join("aws").exists());
}

#[test]
fn check_says_everything_that_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("below")).unwrap();
    put(dir.path().join("below/a.hcl"), "rule \"a\" {}\n").unwrap();
    put(dir.path().join("b.hcl"), "rul \"a\" {}\n").unwrap();
    let error = check(dir.path()).unwrap_err();
    let shown = error.replace(&format!("{}/", dir.path().display()), "");
    insta::assert_snapshot!(shown, @"
    b.hcl:1:1: unknown block `rul`
      help: a rule file holds `rule` blocks only
    error: below/a.hcl:1:1: rule `a` has no `action`
      help: add `action = ...`, one of `ignore`, `record`, `alert`, `remediate`
    error: below/a.hcl:1:1: rule `a` has no `severity`
      help: add `severity = ...`, one of `info`, `low`, `medium`, `high`, `critical`
    ");
}

#[test]
fn check_refuses_what_it_cannot_read() {
    let dir = tempfile::tempdir().unwrap();
    let error = check(dir.path()).unwrap_err();
    assert!(error.contains("holds no `.hcl` file"), "{error}");
    put(dir.path().join("a.hcl"), [0xff, 0xfe]).unwrap();
    let error = check(dir.path()).unwrap_err();
    assert!(
        error.contains("a.hcl:1:1: this is not UTF-8\n  help: save it as UTF-8"),
        "{error}"
    );
    assert!(
        check(&dir.path().join("absent"))
            .unwrap_err()
            .starts_with("cannot read `")
    );
}

#[test]
fn an_unknown_rule_is_refused_with_the_nearest() {
    let explain = |id: &str| {
        let (id, dirs) = (id.to_owned(), Vec::new());
        rules(RulesCommand::Explain(ExplainArgs { id, dirs }))
    };
    assert!(
        explain("sg-open-to-world")
            .unwrap()
            .starts_with("rule sg-open-to-world at ")
    );
    insta::assert_snapshot!(explain("sg-open-to-wrold").unwrap_err(), @r#"
    there is no rule `sg-open-to-wrold`
      help: did you mean `sg-open-to-world`?
    "#);
}
