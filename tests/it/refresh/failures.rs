use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::support::{Shown, Workspace, both, deviations, gaps};

/// The workspace's own gap, in words, of a scan in which nothing is missing.
fn told(own: &Workspace) -> String {
    let scan = own.scan(2);
    assert_eq!(deviations(&scan), [""; 0]);
    assert_eq!(scan["coverage"]["observed"], 0, "{}", scan["coverage"]);
    assert_eq!(gaps(&scan).len(), 4, "{}", scan["gaps"]);
    let all = scan["gaps"].as_array().unwrap();
    let wide = all
        .iter()
        .find(|gap| gap["address"] == Value::Null)
        .unwrap();
    assert_eq!(wide["workspace"], "files");
    for gap in all {
        let detail = gap["detail"].as_str().unwrap();
        assert!(
            detail.contains(wide["detail"].as_str().unwrap()),
            "{detail}"
        );
    }
    format!(
        "{}: {}",
        wide["reason"].as_str().unwrap(),
        wide["detail"].as_str().unwrap()
    )
    .replace(
        &own.place
            .dir()
            .canonicalize()
            .unwrap()
            .display()
            .to_string(),
        "DIR",
    )
    .replace(&own.place.dir().display().to_string(), "DIR")
}

#[test]
fn a_failure_is_a_gap_with_its_first_line_and_no_secret() {
    let own = Workspace::new("");
    own.place.write(
        "root/fail-plan",
        "\n╷\n│ Error: cannot log in with geheim-geheim\n│ \n│ more of hunter2hunter2\n╵\n",
    );
    insta::assert_snapshot!(told(&own), @"source_unreachable: `refresh` tells nothing of `files`: `DIR/root/terraform plan` failed (exit status 1): cannot log in with (sensitive value)");
    own.place
        .write("root/fail-state", "Error: AccessDenied: not you");
    insta::assert_snapshot!(told(&own), @"source_refused: `refresh` tells nothing of `files`: `DIR/root/terraform state` failed (exit status 1): AccessDenied: not you");
}

#[test]
fn what_makes_no_sense_is_a_gap() {
    let own = Workspace::new("");
    own.place.write("root/shown", "hunter2hunter2");
    insta::assert_snapshot!(told(&own), @"source_unreadable: `refresh` tells nothing of `files`: what it found cannot be read: line 1, column 1: this is no plan");
    let whole = json!({"format_version": "1.2", "planned_values": {}, "prior_state": {"values":
        {"root_module": {"resources": [{"address": "local_file.a", "type": "local_file",
            "values": {"content": "hunter2hunter2"}}]}}}});
    let whole = whole.to_string();
    own.place.write("root/shown", whole.trim_end_matches('}'));
    assert!(told(&own).starts_with("source_unreadable: "));
    own.shown(&Shown::default());
    own.place.write("root/pulled", "{\"lineage\":");
    assert!(told(&own).contains("the state that it pulled cannot be read"));
}

#[test]
fn a_folder_of_another_workspace_is_a_gap() {
    let own = Workspace::new("");
    own.pulled("other", 9);
    insta::assert_snapshot!(told(&own), @"source_unreadable: `refresh` tells nothing of `files`: its state has the lineage `other`, and the one that is given for `files` has `ab`: the folder is of another workspace");
    own.pulled("ab", 6);
    insta::assert_snapshot!(told(&own), @"source_unreadable: `refresh` tells nothing of `files`: its state has the serial 6, and the one that is given for `files` already 7: the folder sees an older state");
    own.pulled("ab", 8);
    let other = json!({"format_version": "1.2", "planned_values": {}, "prior_state": {"values":
        {"root_module": {"resources": [{"address": "null_resource.x", "type": "null_resource",
            "values": {"id": "1"}}]}}}});
    own.place.write("root/shown", other.to_string());
    insta::assert_snapshot!(told(&own), @"source_unreadable: `refresh` tells nothing of `files`: nothing in its state is in the plans of `files`: the folder is of another workspace");
    own.shown(&Shown::default());
    own.scan(0);
    let plan = json!({"format_version": "1.2", "planned_values": {}, "resource_changes": [
        {"address": "local_file.a", "change": {"actions": ["delete"]}}]});
    own.place.write("root/shown", plan.to_string());
    assert!(told(&own).contains("the plan would delete `local_file.a`"));
}

#[test]
fn what_the_state_does_not_hold_is_a_gap() {
    let own = Workspace::new("");
    let shown = own.place.read("root/shown");
    let mut shown: Value = serde_json::from_str(&shown).unwrap();
    let resources = &mut shown["prior_state"]["values"]["root_module"]["resources"];
    resources
        .as_array_mut()
        .unwrap()
        .retain(|one| one["type"] != "local_file");
    own.place.write("root/shown", shown.to_string());
    let scan = own.scan(2);
    assert_eq!(deviations(&scan), [""; 0]);
    assert_eq!(gaps(&scan), ["type_not_mapped local_file.a -"]);
    let detail = scan["gaps"][0]["detail"].as_str().unwrap();
    assert!(
        detail.ends_with("the state that `refresh` refreshed does not hold it"),
        "{detail}"
    );
}

/// The child of a command that does not end.
fn child(own: &Workspace) -> String {
    own.place.read("root/child").trim().to_owned()
}

fn is_alive(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

#[test]
fn who_takes_too_long_is_ended_with_everything_it_began() {
    let own = Workspace::new("");
    own.place.write("root/hang-plan", "");
    let begun = Instant::now();
    insta::assert_snapshot!(told(&own), @"source_unreachable: `refresh` tells nothing of `files`: `DIR/root/terraform plan` was ended: together, the commands had 2 s");
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(!is_alive(&child(&own)), "a process was left behind");
}

#[cfg(feature = "daemon")]
#[test]
fn a_service_that_stops_does_not_wait_for_it() {
    let own = Workspace::new("run { listen = \"127.0.0.1:0\" }\n");
    own.place
        .edit("driftwarden.hcl", "timeout = \"2s\"", "timeout = \"1h\"");
    own.place.write("root/hang-plan", "");
    let mut command = own.driftwarden(&["run"]);
    let service = command.stdout(std::process::Stdio::piped());
    let service = service
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let until = |is_so: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !is_so() {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "it takes too long"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until(&|| own.place.path("root/child").exists() && is_alive(&child(&own)));
    let mut kill = std::process::Command::new("kill");
    kill.args(["-TERM", &service.id().to_string()])
        .status()
        .unwrap();
    let output = service.wait_with_output().unwrap();
    assert!(!is_alive(&child(&own)), "a process was left behind");
    assert_eq!(output.status.code(), Some(0), "{}", both(&output));
    own.holds_no_secret(&output);
}
