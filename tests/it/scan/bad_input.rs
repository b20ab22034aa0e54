//! Input that cannot be used: a message that names the file and the remedy, exit status 1, and
//! nothing half done. Each test begins with a log that holds a scan already.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;

use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;

use super::Place;

fn place() -> Place {
    Place::scanned("changed-scalar")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A live item within so many lists.
fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

#[test]
fn a_snapshot_that_was_cut_off() {
    let place = place();
    let whole = gzip(place.read("live/snapshot.json").as_bytes());
    place.write("live/more.json.gz", &whole[..whole.len() - 20]);
    assert_snapshot!(place.refuses(), @"
    error: `live/more.json.gz`: the file cannot be read: the gzip data ends in the middle
      help: the file is damaged or was cut off; fetch it again
    ");
    // Cut before its first byte of content.
    place.write("live/more.json.gz", &whole[..5]);
    assert_snapshot!(place.refuses(), @"
    error: `live/more.json.gz`: the file cannot be read: the gzip data ends in the middle
      help: the file is damaged or was cut off; fetch it again
    ");
    // Damaged on its way.
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0x10;
    place.write("live/more.json.gz", &damaged);
    assert!(place.refuses().contains("`live/more.json.gz`"));
}

#[test]
fn a_snapshot_whose_name_promises_gzip() {
    let place = place();
    place.write("live/more.json.gz", "no gzip");
    assert_snapshot!(place.refuses(), @"
    error: `live/more.json.gz`: the file cannot be read: it is no gzip data, though its name ends in `.gz`
      help: the file is damaged or was cut off; fetch it again
    ");
}

#[test]
fn a_snapshot_that_is_cut_off_as_text() {
    let place = place();
    let whole = place.read("live/snapshot.json");
    place.write("live/more.json", &whole[..whole.len() - 100]);
    assert_snapshot!(place.refuses(), @"
    error: `live/more.json`: the file ends in the middle, after 605 bytes
      help: the file was cut off, or is still being written; fetch it again
    ");
    place.write("live/more.json", "");
    assert_snapshot!(place.refuses(), @"
    error: `live/more.json`: the file is empty
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    ");
}

#[test]
fn text_that_is_no_utf_8() {
    let place = place();
    let mut bytes = place.read("live/snapshot.json").into_bytes();
    let at = bytes
        .windows(5)
        .position(|window| window == b"hello")
        .unwrap();
    bytes[at] = 0xff;
    place.write("live/more.json", &bytes);
    assert_snapshot!(place.refuses(), @"
    error: `live/more.json`: line 16, column 98: this is not UTF-8
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    ");
    let place = self::place();
    let mut bytes = place.read("plan.json").into_bytes();
    let at = bytes
        .windows(8)
        .position(|window| window == b"Payments")
        .unwrap();
    bytes[at] = 0xff;
    place.write("plan.json", &bytes);
    assert_snapshot!(place.refuses(), @"
    error: `plan.json`: line 21, column 28: this is not UTF-8
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    ");
}

#[test]
fn a_plan_of_the_future() {
    let place = place();
    place.edit(
        "plan.json",
        r#""format_version": "1.2""#,
        r#""format_version": "2.0""#,
    );
    assert_snapshot!(place.refuses(), @"
    error: `plan.json`: plan format version `2.0` is not known; versions 0.1 to 1.x are
      help: use a driftwarden that knows it
    ");
}

#[test]
fn five_thousand_levels() {
    let place = place();
    let deep = format!(r#""deep": {}, "name": "alerts","#, nested(5000));
    let plan = place
        .read("plan.json")
        .replace(r#""name": "alerts","#, &deep);
    place.write("plan.json", plan);
    assert_snapshot!(place.refuses(), @"
    error: `plan.json`: line 13, column 134: brackets are nested more than 120 deep
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    ");
    let place = self::place();
    place.edit(
        "live/snapshot.json",
        r#""configurationItems": ["#,
        &format!(r#""deep": {}, "configurationItems": ["#, nested(5000)),
    );
    assert_snapshot!(place.refuses(), @"
    error: `live/snapshot.json`: line 4, column 130: brackets are nested more than 120 deep
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    ");
    let place = self::place();
    place.edit(
        "live/snapshot.json",
        r#""DisplayName": "hello""#,
        &format!(r#""DisplayName": "hello", "Deep": {}"#, nested(5000)),
    );
    assert_snapshot!(place.refuses(), @"
    error: `live/snapshot.json`: line 16, column 230: brackets are nested more than 120 deep
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    ");
}

#[test]
fn an_address_that_stands_twice() {
    let place = place();
    let plan = place.read("plan.json");
    let (head, change) = plan.split_once(r#""resource_changes": ["#).unwrap();
    let (change, tail) = change.rsplit_once(']').unwrap();
    place.write(
        "plan.json",
        format!("{head}\"resource_changes\": [{change},{change}]{tail}"),
    );
    assert_snapshot!(place.refuses(), @"
    error: `plan.json`: the address `aws_sns_topic.alerts` stands twice in the plan
      help: Terraform writes no such plan: somebody changed it; plan again
    ");
}

#[test]
fn a_state_in_the_place_of_a_plan_and_the_other_way_round() {
    let place = Place::scanned("unknown-bound-from-state");
    let (plan, state) = (place.read("plan.json"), place.read("state.json"));
    place.write("plan.json", state);
    assert_snapshot!(place.refuses(), @"
    error: `plan.json`: this is a state, not a plan
      help: name it as `state`, and give the output of `terraform show -json PLANFILE` as `plan`
    ");
    place.write("plan.json", &plan);
    place.write("state.json", plan);
    assert_snapshot!(place.refuses(), @"
    error: `state.json`: this is a plan, not a state
      help: name it as `plan`; as `state`, give the output of `terraform show -json` after the apply, or the state file
    ");
}

#[test]
fn one_unreadable_file_among_many() {
    let place = place();
    for number in 0..20 {
        let one = r#"{"configurationItems": []}"#;
        place.write(&format!("live/{number:02}.json"), one);
    }
    symlink("nowhere.json", place.path("live/17.json.link.json")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: cannot read `live/17.json.link.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    ");
    fs::remove_file(place.path("live/17.json.link.json")).unwrap();
    fs::create_dir(place.path("live/x.json")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: `live/x.json` is a folder, not a file
      help: to read the files in it, end the pattern in `/*.json`
    ");
    fs::remove_dir(place.path("live/x.json")).unwrap();
    // Reading the memory of a process at its start fails in the middle of a read.
    symlink("/proc/self/mem", place.path("live/mem.json")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: `live/mem.json`: the file cannot be read: input/output error
      help: write or fetch the file again; a file that is none of yours does not belong where the configuration looks
    ");
    fs::remove_file(place.path("live/mem.json")).unwrap();
    // Two things are wrong: both are said.
    place.write("live/03.json", "{");
    place.write("live/07.json", r#"{"items": []}"#);
    assert_snapshot!(place.refuses(), @"
    error: `live/03.json`: the file ends in the middle, after 1 bytes
      help: the file was cut off, or is still being written; fetch it again
    error: `live/07.json`: no AWS Config items are in the file
      help: give a delivered snapshot, or the answer of `aws configservice batch-get-resource-config`
    ");
}

#[test]
fn a_device_or_a_pipe_is_no_file() {
    let place = place();
    symlink("/dev/zero", place.path("live/zero.json")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: `live/zero.json` is a device or pipe, not a file
      help: name something else, or take it out of the folder
    ");
}

#[test]
fn a_pattern_that_matches_nothing() {
    let place = place();
    fs::remove_file(place.path("live/snapshot.json")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: no file matches `live/*.json*`
      help: relative patterns start at the configuration file's folder; a pattern that matches nothing is no empty estate
    ");
}

#[test]
fn no_configuration() {
    let place = place();
    fs::remove_file(place.path("driftwarden.hcl")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: cannot read `driftwarden.hcl`: no such file or folder
      help: write one, or name it with `--config FILE`; docs/configuration.md says how
    ");
}

#[test]
fn an_unknown_word_in_the_configuration() {
    let place = place();
    place.edit("driftwarden.hcl", "approval", "aproval");
    assert_snapshot!(place.refuses(), @"
    error: driftwarden.hcl:4:3: unknown attribute `aproval` in `baseline`
      help: did you mean `approval`?
    ");
}

#[test]
fn a_folder_without_plans_as_plan() {
    let place = place();
    fs::remove_file(place.path("plan.json")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: cannot read `plan.json`: no such file or folder
      help: relative paths start at the configuration file's folder
    ");
    fs::create_dir(place.path("plan.json")).unwrap();
    assert_snapshot!(place.refuses(), @"
    error: the folder `plan.json` holds no `.json` file
      help: put the file there, or name another folder
    ");
}

#[test]
fn a_rule_with_an_unknown_word() {
    let place = place();
    let rules = "rule \"x\" {\n  description = \"x\"\n  match { kinds = [\"changed\"] }\n  severity = \"hihg\"\n  acton = \"alert\"\n}\n";
    place.write("rules/mine.hcl", rules);
    let config = place.read("driftwarden.hcl") + "rules { dirs = [\"rules\"] }\n";
    place.write("driftwarden.hcl", config);
    assert_snapshot!(place.refuses(), @"
    error: rules/mine.hcl:1:1: rule `x` has no `action`
      help: add `action = ...`, one of `ignore`, `record`, `alert`, `remediate`
    error: rules/mine.hcl:4:14: unknown severity `hihg`
      help: did you mean `high`?
    error: rules/mine.hcl:5:3: unknown attribute `acton` in rule `x`
      help: did you mean `action`?
    ");
}

#[test]
fn change_records_and_people_that_are_not_well_formed() {
    let place = Place::scanned("pending-authorised");
    place.edit(
        "changes/CHG0030002.json",
        r#""role": "technical""#,
        r#""roll": "technical""#,
    );
    assert_snapshot!(place.refuses(), @"
    error: changes/CHG0030002.json:14:12: unknown field `roll`
      help: did you mean `role`?
    ");
    let place = Place::scanned("pending-authorised");
    place.edit("people.json", r#""kind": "bot""#, r#""kind": "robot""#);
    assert_snapshot!(place.refuses(), @"
    error: people.json:26:21: unknown variant `robot`
      help: known here: `human`, `bot`, `shared`
    ");
    let place = Place::scanned("pending-authorised");
    place.write("trail/more.json", "{\"Records\": [{]}");
    assert_snapshot!(place.refuses(), @"
    error: `trail/more.json` is not valid JSON (line 1, column 15)
      help: fetch the file again from the trail's bucket; a compressed one is named `.gz`
    ");
}

#[test]
fn two_records_of_one_change_that_contradict_each_other() {
    let place = Place::scanned("pending-authorised");
    let other = place
        .read("changes/CHG0030002.json")
        .replace(r#""state": "implement""#, r#""state": "cancelled""#);
    place.write("changes/copy.json", other);
    assert_snapshot!(place.refuses(), @"
    error: change record `CHG0030002` is in changes/CHG0030002.json and in changes/copy.json, with different content
      help: keep the one that the ticket system holds; until then neither has standing
    ");
}
