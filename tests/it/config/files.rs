//! Files as the configuration names them: globs, workspaces, folders of source.

use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::adapters::files::{
    FileError, WorkspaceFiles, collect_rules, collect_terraform_source, expand, read_bounded,
    workspaces, write_atomically,
};
use driftwarden::config;
use insta::assert_snapshot;
use tempfile::TempDir;

/// A folder with these files, each holding its own name.
pub(super) fn folder(files: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files {
        put(dir.path(), file, file);
    }
    dir
}

pub(super) fn put(dir: &Path, file: &str, text: &str) {
    let path = dir.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    write_atomically(&path, text.as_bytes()).unwrap();
}

/// A message without the name of the temporary folder.
pub(super) fn plain(dir: &Path, message: impl ToString) -> String {
    message.to_string().replace(dir.to_str().unwrap(), "DIR")
}

fn names(dir: &Path, paths: &[PathBuf]) -> Vec<String> {
    let relative = paths.iter().map(|path| path.strip_prefix(dir).unwrap());
    relative.map(|path| path.display().to_string()).collect()
}

fn resolved(dir: &Path, text: &str) -> Result<Vec<WorkspaceFiles>, String> {
    let file = dir.join("driftwarden.hcl");
    let text = format!("evidence {{ dir = \"evidence\" }}\n{text}");
    let config = config::parse(file.to_str().unwrap(), &text).unwrap();
    workspaces(&config).map_err(|errors| plain(dir, errors))
}

#[test]
fn patterns_find_each_file_once_in_order() {
    let dir = folder(&[
        "live/b.json",
        "live/a.json",
        "live/deep/er/c.json",
        "live/.hidden.json",
    ]);
    let found = expand(&["live/b*", "live/*.json", "live/**/*.json"], dir.path()).unwrap();
    let expected = ["live/a.json", "live/b.json", "live/deep/er/c.json"];
    assert_eq!(names(dir.path(), &found), expected);
}

#[test]
fn a_base_folder_may_hold_pattern_characters_and_patterns_may_climb() {
    let dir = folder(&["run [1]/conf/x", "run [1]/live/a.json"]);
    let base = dir.path().join("run [1]/conf");
    let found = expand(&["../live/*.json"], &base).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(fs::read(&found[0]).unwrap(), b"run [1]/live/a.json");
}

#[test]
fn every_pattern_without_a_file_is_told() {
    let dir = folder(&["live/a.json", "live/sub/b.txt"]);
    let patterns = ["live/*.json", "lvie/*.json", "live/c.json", "live/*"];
    let errors = expand(&patterns, dir.path()).unwrap_err();
    assert_snapshot!(plain(dir.path(), errors), @r"
    no file matches `lvie/*.json`
      help: relative patterns start at the configuration file's folder; a pattern that matches nothing is no empty estate
    no file matches `live/c.json`
      help: relative patterns start at the configuration file's folder; a pattern that matches nothing is no empty estate
    `DIR/live/sub` is a folder, not a file
      help: to read the files in it, end the pattern in `/*.json`
    ");
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_told_and_a_loop_ends() {
    use std::os::unix::fs::symlink;
    let dir = folder(&["live/a.json"]);
    symlink(".", dir.path().join("live/again")).unwrap();
    symlink("a.json", dir.path().join("live/same.json")).unwrap();
    let found = expand(&["live/**/*.json"], dir.path()).unwrap();
    assert_eq!(names(dir.path(), &found), ["live/a.json"]);
    symlink("nowhere", dir.path().join("live/lost.json")).unwrap();
    let errors = expand(&["live/*.json"], dir.path()).unwrap_err();
    assert_snapshot!(plain(dir.path(), errors), @r"
    cannot read `DIR/live/lost.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    ");
}

/// Whether the system keeps this process from files without permission; it does not for root.
#[cfg(unix)]
fn permissions_hold(locked: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(locked, fs::Permissions::from_mode(0o000)).unwrap();
    fs::File::open(locked).is_err()
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_among_many_is_told() {
    let dir = folder(&["live/a.json", "live/b.json", "live/c.json"]);
    if !permissions_hold(&dir.path().join("live/b.json")) {
        println!("skipped: this account reads everything");
        return;
    }
    let errors = expand(&["live/*.json"], dir.path()).unwrap_err();
    assert_snapshot!(plain(dir.path(), errors), @r"
    cannot read `DIR/live/b.json`: permission denied
      help: let the account that runs driftwarden read it
    ");
}

#[test]
fn reading_is_bounded() {
    let dir = folder(&["12345678"]);
    let path = dir.path().join("12345678");
    assert_eq!(read_bounded(&path, 8).unwrap(), b"12345678");
    let error = read_bounded(&path, 7).unwrap_err();
    assert_snapshot!(plain(dir.path(), error), @"`DIR/12345678` is larger than 7 bytes");
    let error = read_bounded(dir.path(), 7).unwrap_err();
    assert_snapshot!(plain(dir.path(), error), @"`DIR` is a folder, not a file");
    let error = read_bounded(&dir.path().join("none"), 7).unwrap_err();
    assert_snapshot!(plain(dir.path(), &error), @"cannot read `DIR/none`: no such file or folder");
    assert!(matches!(error, FileError::Read { .. }));
}

#[test]
fn a_baseline_takes_a_file_or_all_plans_of_a_folder() {
    let dir = folder(&[
        "plan.json",
        "plans/b.json",
        "plans/a.json",
        "plans/notes.txt",
        "tf/main.tf",
    ]);
    let found = resolved(
        dir.path(),
        "baseline \"one\" {\n  plan = \"plan.json\"\n  source = \"tf\"\n}\n\
         baseline \"many\" {\n  plan = \"plans\"\n  approval = \"assumed\"\n}",
    );
    let found = found.unwrap();
    assert_eq!(found[0].name.as_str(), "many");
    assert_eq!(
        names(dir.path(), &found[0].plans),
        ["plans/a.json", "plans/b.json"]
    );
    assert!(found[0].assumed);
    assert_eq!(found[0].at.line, 6);
    assert_eq!(found[1].name.as_str(), "one");
    assert_eq!(names(dir.path(), &found[1].plans), ["plan.json"]);
    assert_eq!(
        found[1].source.as_deref(),
        Some(dir.path().join("tf").as_path())
    );
    assert!(!found[1].assumed);
}

#[test]
fn a_star_makes_a_workspace_of_each_plan_and_stands_for_its_stem() {
    let dir = folder(&[
        "plans/stack-1.json",
        "plans/stack-2.json",
        "plans/other.json",
        "states/stack-1.json",
        "states/stack-2.json",
        "schema.json",
    ]);
    let found = resolved(
        dir.path(),
        "baseline \"*\" {\n  plan = \"plans/stack-*.json\"\n  state = \"states/*.json\"\n  schema = \"schema.json\"\n}",
    );
    let found = found.unwrap();
    let workspace_names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(workspace_names, ["stack-1", "stack-2"]);
    let second = &found[1];
    assert_eq!(names(dir.path(), &second.plans), ["plans/stack-2.json"]);
    assert_eq!(second.state, Some(dir.path().join("states/stack-2.json")));
    assert_eq!(second.schema, Some(dir.path().join("schema.json")));
}

#[test]
fn missing_files_of_workspaces_are_all_told() {
    let dir = folder(&[
        "plans/a.json",
        "plans/b.json",
        "states/a.json",
        "empty/notes.txt",
    ]);
    let told = resolved(
        dir.path(),
        "baseline \"*\" {\n  plan = \"plans/*.json\"\n  state = \"states/*.json\"\n  source = \"schema.json\"\n}\n\
         baseline \"gone\" { plan = \"gone.json\" }\nbaseline \"empty\" { plan = \"empty\" }",
    );
    assert_snapshot!(told.unwrap_err(), @r"
    cannot read `DIR/schema.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    cannot read `DIR/states/b.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    cannot read `DIR/gone.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    the folder `DIR/empty` holds no `.json` file
      help: put the file there, or name another folder
    ");
}

#[test]
fn one_plan_belongs_to_one_workspace() {
    let dir = folder(&["plans/a.json", "other/a.json"]);
    let told = resolved(
        dir.path(),
        "baseline \"b\" { plan = \"plans/a.json\" }\nbaseline \"*\" { plan = \"plans/*.json\" }\n\
         baseline \"*\" { plan = \"other/*.json\" }",
    );
    assert_snapshot!(told.unwrap_err(), @r"
    DIR/driftwarden.hcl:3:1: the plan `DIR/plans/a.json` belongs to two baselines
      help: the first is at DIR/driftwarden.hcl:2:1; each workspace has one baseline, each plan one workspace
    DIR/driftwarden.hcl:4:1: the workspace `a` comes from two baselines
      help: the first is at DIR/driftwarden.hcl:3:1; each workspace has one baseline, each plan one workspace
    ");
}

#[test]
fn terraform_source_is_collected_without_what_terraform_fetched() {
    let dir = folder(&[
        "main.tf",
        "net/vpc.tf",
        "net/notes.md",
        ".terraform/modules/x/main.tf",
    ]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("..", dir.path().join("net/up")).unwrap();
    let found = collect_terraform_source(dir.path()).unwrap();
    let pairs: Vec<_> = found
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [("main.tf", "main.tf"), ("net/vpc.tf", "net/vpc.tf")]
    );
}

#[test]
fn source_that_is_no_text_is_told_with_the_place() {
    let dir = folder(&["main.tf"]);
    write_atomically(&dir.path().join("bad.tf"), b"ab\xff").unwrap();
    let errors = collect_terraform_source(dir.path()).unwrap_err();
    assert_snapshot!(plain(dir.path(), errors), @"
    DIR/bad.tf:1:3: this is not UTF-8
      help: save it as UTF-8
    ");
}

#[test]
fn rules_are_named_as_configured_and_a_folder_without_any_is_told() {
    let dir = folder(&[
        "rules/aws/sg.hcl",
        "rules/base.hcl",
        "rules/README.md",
        "none/README.md",
    ]);
    let found = collect_rules(&["rules/".into()], dir.path()).unwrap();
    let rule_names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(rule_names, ["rules/aws/sg.hcl", "rules/base.hcl"]);
    let errors = collect_rules(&["rules".into(), "none".into()], dir.path()).unwrap_err();
    assert_snapshot!(plain(dir.path(), errors), @r"
    the folder `DIR/none` holds no `.hcl` file
      help: put the file there, or name another folder
    ");
}

#[test]
fn absolute_patterns_stay_where_they_point() {
    let dir = folder(&["a/x.json", "a/b/y.json"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let deep = format!("{}/**/*.json", dir.path().display());
    let found = expand(&[deep], elsewhere.path()).unwrap();
    assert_eq!(names(dir.path(), &found), ["a/b/y.json", "a/x.json"]);
    let flat = format!("{}/a/*.json", dir.path().display());
    let found = expand(&[flat], elsewhere.path()).unwrap();
    assert_eq!(names(dir.path(), &found), ["a/x.json"]);
}

#[cfg(unix)]
#[test]
fn a_folder_under_two_names_is_searched_under_both() {
    let dir = folder(&["live/prod/x.json"]);
    std::os::unix::fs::symlink("prod", dir.path().join("live/a")).unwrap();
    let found = expand(&["live/**/prod/*.json"], dir.path()).unwrap();
    assert_eq!(names(dir.path(), &found), ["live/prod/x.json"]);
}
