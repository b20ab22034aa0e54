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
    ");
    assert_snapshot!(with("root/terraform", "root/tofu"), @r"
    ");
    assert_snapshot!(with("root/terraform", "root/pulled"), @r"
    ");
}

#[test]
fn mistakes_are_told_with_their_place() {
    assert_snapshot!(with("workspace = \"files\"", "workspace = \"other\""), @r"
    ");
    assert_snapshot!(with("\"root/terraform\"", "\"pulumi\""), @r"
    ");
    assert_snapshot!(with("\"2s\"", "\"7h\""), @r"
    ");
    let own = Workspace::new(
        "live \"terraform_refresh\" \"again\" {\n  workspace = \"files\"\n  folder = \"root\"\n}\n",
    );
    assert_snapshot!(check(&own), @r"
    ");
}
