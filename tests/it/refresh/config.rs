use insta::assert_snapshot;

use super::support::{Workspace, both};

fn check(own: &Workspace) -> String {
    let output = own.driftwarden(&["check"]).output().unwrap();
    let said = both(&output);
    let dir = own.place.dir();
    let whole = dir.canonicalize().unwrap().display().to_string();
    let said = said
        .replace(&whole, "DIR")
        .replace(&dir.display().to_string(), "DIR");
    let wanted = |line: &&str| {
        line.starts_with("live") || line.starts_with("error") || line.starts_with("  help")
    };
    said.lines().filter(wanted).collect::<Vec<_>>().join("\n")
}

fn with(from: &str, to: &str) -> String {
    let own = Workspace::new("");
    own.place.edit("driftwarden.hcl", from, to);
    check(&own)
}

#[test]
fn check_says_whether_binary_and_folder_are_there() {
    assert_snapshot!(check(&Workspace::new("")), @"live           good  1 workspace to refresh");
    assert_snapshot!(with("folder = \"root\"", "folder = \"gone\""), @r"
    live           bad   1 problem
    error: driftwarden.hcl:7:1: `DIR/gone`: no such file or folder
      help: name an initialised root module as `folder`, and as `binary` what refreshes it
    ");
    assert_snapshot!(with("root/terraform", "root/tofu"), @r"
    live           bad   1 problem
    error: driftwarden.hcl:7:1: the binary `DIR/root/tofu` is not there
      help: name an initialised root module as `folder`, and as `binary` what refreshes it
    ");
    assert_snapshot!(with("root/terraform", "root/pulled"), @r"
    live           bad   1 problem
    error: driftwarden.hcl:7:1: the binary `DIR/root/pulled` is not there
      help: name an initialised root module as `folder`, and as `binary` what refreshes it
    ");
}

#[test]
fn mistakes_are_told_with_their_place() {
    assert_snapshot!(with("workspace = \"files\"", "workspace = \"other\""), @r"
    error: driftwarden.hcl:8:15: no `baseline` has the name `other`
      help: name the workspace whose state the folder has
    ");
    assert_snapshot!(with("\"root/terraform\"", "\"pulumi\""), @r"
    error: driftwarden.hcl:10:12: `pulumi` is no binary that is known
      help: write `terraform`, `tofu`, or the path of one of them
    ");
    assert_snapshot!(with("\"2s\"", "\"7h\""), @r"
    error: driftwarden.hcl:12:13: `7h` is too short or too long for a time limit
      help: write a whole number with its unit, from `1s` to `6h`
    ");
    let own = Workspace::new(
        "live \"terraform_refresh\" \"again\" {\n  workspace = \"files\"\n  folder = \"root\"\n}\n",
    );
    assert_snapshot!(check(&own), @r"
    error: driftwarden.hcl:15:15: the workspace `files` is refreshed by two sources
      help: a workspace has one state: make one of them
    ");
}
