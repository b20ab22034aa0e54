//! The demo as a newcomer meets it, and the bundled estate held against what it is said to show.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and its files need not outlive it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use driftwarden::cli::demo::{FILES, NOW, demo};
use driftwarden::engine::Outcome;
use driftwarden::ingest::identity;
use driftwarden::model::{DeviationKind, Judged, PersonKind, Verdict};
use memchr::memmem;
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/demo");

/// What plan and state mark as secret, and what is live in its place.
const SECRETS: [&str; 3] = [
    "partner-token-2f9c1e-old",
    "partner-token-8d41aa-new",
    "ledger-owner-Vq7-9xM2",
];
/// An approver whom the identity map does not know: no name may stay for want of a pseudonym.
const UNMAPPED: &str = "frida.lund@bank.example";

fn run(dir: &Path) -> (Outcome, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let outcome = demo(dir, &mut out, &mut err).unwrap();
    assert_eq!(String::from_utf8(err).unwrap(), "");
    (outcome, String::from_utf8(out).unwrap())
}

fn refused(dir: &Path) -> String {
    let error = demo(dir, &mut Vec::new(), &mut Vec::new()).err().unwrap();
    format!("{error:#}").replace(&dir.display().to_string(), "DIR")
}

/// A folder that does not exist yet, in one that goes away with the test.
fn place() -> (TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("demo");
    (temp, dir)
}

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// One deviation as fixtures/demo/expected.json has it.
fn row(judged: &Judged) -> String {
    let deviation = &judged.deviation;
    let address = deviation.address.as_ref().map(ToString::to_string);
    let id = deviation.provider_id.as_ref().map(ToString::to_string);
    let value = serde_json::json!({
        "kind": deviation.kind.as_str(),
        "type": deviation.type_name.as_str(),
        "resource": address.or(id),
        "attribute": deviation.attribute.as_ref().map(|path| path.as_str()),
        "verdict": judged.judgement.verdict.as_str(),
        "severity": judged.ruling.severity.as_str(),
        "rule": judged.ruling.rule.as_ref().map(|rule| rule.as_str()),
        "change": judged.judgement.change.as_ref().map(|change| change.as_str()),
        "who": judged.attribution.as_ref().map(|who| who.person.clone()),
    });
    value.to_string()
}

fn rows<'j>(judged: impl IntoIterator<Item = &'j Judged>) -> Vec<String> {
    judged.into_iter().map(row).collect()
}

fn verify(dir: &Path) -> Output {
    let verifier = env!("CARGO_BIN_EXE_driftwarden-verify");
    Command::new(verifier).arg(dir).output().unwrap()
}

#[test]
fn every_kind_and_every_verdict_occurs_and_most_is_clean() {
    let (_temp, dir) = place();
    let (outcome, _) = run(&dir);
    let deviations = &outcome.assessment.deviations;
    let kinds: BTreeSet<_> = deviations.iter().map(|d| d.deviation.kind).collect();
    assert_eq!(kinds, BTreeSet::from(DeviationKind::ALL));
    let verdicts = deviations.iter().map(|d| d.judgement.verdict.as_str());
    let all = Verdict::ALL.into_iter().map(Verdict::as_str);
    assert_eq!(verdicts.collect::<BTreeSet<_>>(), all.collect());
    assert!(!outcome.assessment.gaps.is_empty());
    let approved = outcome.assessment.coverage.approved;
    assert!(approved >= 60, "{approved}");
    assert!(deviations.len() as u64 * 2 < approved);
}

#[test]
fn the_deviations_are_the_expected_ones() {
    let (_temp, dir) = place();
    let (outcome, _) = run(&dir);
    let found = rows(&outcome.assessment.deviations).join(",\n");
    let found = format!("[\n{found}\n]\n");
    let expected = fs::read_to_string(format!("{FIXTURES}/expected.json")).unwrap();
    assert!(
        found == expected,
        "if this is what the stories should give, it is the new expected.json:\n{found}"
    );
}

/// A verdict is as good as its reasons.
#[test]
fn the_reasons_tell_the_stories() {
    let (_temp, dir) = place();
    let (outcome, _) = run(&dir);
    let reasons = |address: &str| {
        let mut deviations = outcome.assessment.deviations.iter();
        let wanted = |judged: &&Judged| {
            let found = judged.deviation.address.as_ref();
            found.is_some_and(|found| found.as_str() == address)
        };
        deviations
            .find(wanted)
            .unwrap()
            .judgement
            .reasons
            .join("\n")
    };
    insta::assert_snapshot!(reasons("aws_db_instance.ledger"), @"reverted: /backup_retention_period is what it was before CHG0031007, which was seen applied");
    insta::assert_snapshot!(reasons("aws_instance.gateway[\"a\"]"), @r"
    CHG0031042 covers /instance_type
    b-01 made the change at 2026-11-02T20:14:05Z, in its window, after its approvals
    ");
    insta::assert_snapshot!(reasons("module.bucket[\"ledger\"].aws_s3_bucket.this"), @r"
    CHG0031042 covers /tags_all/Retention
    the change was made at 2026-11-02T22:41:33Z, after the window of CHG0031042 ended at 2026-11-02T22:00:00Z
    ");
    insta::assert_snapshot!(reasons("aws_kms_key.scheme"), @r"
    CHG0031061 covers /enable_key_rotation
    CHG0031061 is an emergency change that p-04 answers for; its full approval is due by 2026-11-06T22:41:26Z
    ");
    insta::assert_snapshot!(reasons("aws_security_group.partner"), @r"
    CHG0031055 covers /ingress
    CHG0031055 was approved at 2026-11-01T10:50:00Z, after the change at 2026-10-31T23:10:44Z, as an emergency, and before 2026-11-03T23:10:44Z
    ");
    insta::assert_snapshot!(reasons("aws_sqs_queue.inbox"), @r"
    CHG0031058 covers /message_retention_seconds
    whoever decided on CHG0031058 at 2026-11-03T11:00:00Z is not in the identity map
    ");
    insta::assert_snapshot!(reasons("aws_sqs_queue.captures"), @r"
    CHG0031046 covers /max_message_size
    who made the change, and when, is not known
    ");
}

#[test]
fn every_deviation_of_an_address_names_its_block() {
    let (_temp, dir) = place();
    let (outcome, _) = run(&dir);
    let mut named = 0;
    for judged in &outcome.assessment.deviations {
        let Some(address) = &judged.deviation.address else {
            continue;
        };
        named += 1;
        let source = judged.deviation.source.as_ref().unwrap();
        let text = fs::read_to_string(dir.join("estate").join(&source.file)).unwrap();
        let line = text.lines().nth(source.line as usize - 1).unwrap();
        let type_name = judged.deviation.type_name.as_str();
        let name = address.as_str().rsplit_once(&format!("{type_name}."));
        let name = name.unwrap().1.split('[').next().unwrap();
        let block = format!("resource \"{type_name}\" \"{name}\" {{");
        let (file, number) = (&source.file, source.line);
        assert!(
            line.starts_with(&block),
            "{address}: {file}:{number} is `{line}`"
        );
    }
    assert!(named > 5, "{named}");
}

#[test]
fn the_evidence_is_whole_and_the_verifier_sees_a_flipped_byte() {
    let (_temp, dir) = place();
    let (outcome, _) = run(&dir);
    let output = verify(&dir.join("evidence"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("{} entries", outcome.evidence.tree_size)));

    let mut files = files_below(&dir.join("evidence"));
    files.retain(|path| path.to_string_lossy().contains("/blobs/"));
    let mut bytes = fs::read(&files[0]).unwrap();
    bytes[0] ^= 1;
    fs::write(&files[0], bytes).unwrap();
    assert!(!verify(&dir.join("evidence")).status.success());
}

#[test]
fn no_secret_and_no_name_reaches_the_evidence() {
    let (_temp, dir) = place();
    let (_, text) = run(&dir);
    let people = fs::read(format!("{FIXTURES}/estate/people.json")).unwrap();
    let people = identity::parse("people.json", &people).unwrap();
    let humans = people.people().iter();
    let humans = humans.filter(|person| person.kind != PersonKind::Bot);
    let aliases = humans.flat_map(|person| person.aliases.clone());
    let mut names: Vec<String> = aliases.chain([UNMAPPED.to_owned()]).collect();
    // `maria.keller` alone tells as much as her address.
    let short: Vec<String> = names
        .iter()
        .filter_map(|name| name.split_once('@'))
        .map(|(name, _)| name.to_owned())
        .collect();
    names.extend(short);
    assert!(names.len() > 18);
    for word in SECRETS.into_iter().chain([UNMAPPED]) {
        let mut bundled = FILES.iter();
        let is_there = bundled.any(|(_, bytes)| memmem::find(bytes, word.as_bytes()).is_some());
        assert!(is_there, "`{word}` is not in the estate, so nothing shows");
    }
    let evidence = files_below(&dir.join("evidence"));
    assert!(evidence.len() > 10);
    for path in evidence {
        let bytes = fs::read(&path).unwrap();
        for word in names.iter().map(String::as_str).chain(SECRETS) {
            let found = memmem::find(&bytes, word.as_bytes());
            assert_eq!(found, None, "`{word}` is in {}", path.display());
        }
    }
    for secret in SECRETS {
        assert!(!text.contains(secret));
    }
}

/// What was authorised, or late, becomes the baseline; after that nothing moves any more.
#[test]
fn scanning_again_records_what_became_the_baseline_and_then_only_the_scan() {
    let (_temp, dir) = place();
    let (first, _) = run(&dir);
    let (second, said) = run(&dir);
    assert!(said.contains("is scanned once more\n"), "{said}");
    let stays = |judged: &&Judged| match judged.judgement.verdict {
        Verdict::Authorised | Verdict::Late => false,
        Verdict::AwaitingApply
        | Verdict::NotApplied
        | Verdict::OutOfWindow
        | Verdict::EmergencyPending
        | Verdict::Unauthorised
        | Verdict::Indeterminate => true,
    };
    let left = rows(first.assessment.deviations.iter().filter(stays));
    assert_eq!(rows(&second.assessment.deviations), left);
    let gone = (first.assessment.deviations.len() - left.len()) as u64;
    assert_eq!(gone, 2);
    let recorded = second.evidence.tree_size - first.evidence.tree_size;
    assert_eq!(recorded, gone + 1);

    let (third, _) = run(&dir);
    assert_eq!(rows(&third.assessment.deviations), left);
    assert_eq!(third.evidence.tree_size, second.evidence.tree_size + 1);
    assert!(verify(&dir.join("evidence")).status.success());
}

#[test]
fn it_says_where_the_clock_stands_and_what_to_do_next() {
    let (_temp, dir) = place();
    let (outcome, text) = run(&dir);
    assert_eq!((outcome.started_at, outcome.finished_at), (NOW, NOW));
    let text = text.replace(&dir.display().to_string(), "DIR");
    let first: Vec<&str> = text.lines().take(2).collect();
    insta::assert_snapshot!(first.join("\n"), @r"
    demo: an invented bank; the clock stands at 2026-11-04T09:30:00Z, so that every run says the same
    demo: the estate lies in DIR/estate
    ");
    let (_, next) = text.split_once("\ndemo: it worked.").unwrap();
    insta::assert_snapshot!(next, @"
     As a scan of your own, this would have ended with status 2: there are deviations, gaps or open questions.

    Prove the evidence whole, with the verifier alone:
      driftwarden-verify DIR/evidence
      cargo run --release --no-default-features --bin driftwarden-verify -- DIR/evidence

    Look further (in a clone, `driftwarden` is target/release/driftwarden):
      driftwarden findings --config DIR/estate/driftwarden.hcl
      driftwarden explain bd0bb7c75c89 --config DIR/estate/driftwarden.hcl
      driftwarden evidence show --finding bd0bb7c75c89 --config DIR/estate/driftwarden.hcl
      driftwarden rules explain iam-privileged-policy-attached --config DIR/estate/driftwarden.hcl
      driftwarden scan --format json --config DIR/estate/driftwarden.hcl
    The last one takes today's clock: windows and deadlines that are over by now count as over.
    ");
}

/// The first page of the project shows real output.
#[test]
fn the_readme_shows_what_the_demo_prints() {
    let (_temp, dir) = place();
    let (_, text) = run(&dir);
    // Where lines break depends on the width of the terminal.
    let packed = |text: &str| text.split_whitespace().collect::<String>();
    let printed = packed(&text.replace(&dir.display().to_string(), "driftwarden-demo"));
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, screen) = readme.split_once("```text\n").unwrap();
    let (screen, _) = screen.split_once("```").unwrap();
    let parts: Vec<&str> = screen.split('…').collect();
    assert_eq!(parts.len(), 4);
    for part in parts {
        assert!(printed.contains(&packed(part)), "{part}");
    }
}

#[test]
fn the_commands_that_it_names_work() {
    let (_temp, dir) = place();
    let (_, text) = run(&dir);
    let config = dir.join("estate/driftwarden.hcl").display().to_string();
    let commands: BTreeSet<&str> = text
        .lines()
        .map(|line| line.trim_start().trim_start_matches("next").trim_start())
        .filter_map(|line| line.strip_prefix("driftwarden "))
        .collect();
    // Of each finding and of each rule one, and the general ones.
    assert!(commands.len() > 30, "{commands:?}");
    for line in commands {
        assert!(line.contains(&format!("--config {config}")), "{line}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        let output = command.args(line.split_whitespace()).output().unwrap();
        // 2 is what `findings` and `scan` say where something is open.
        let status = output.status.code();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(status, Some(0 | 2)), "{line}: {status:?} {said}");
    }
}

#[test]
fn edits_stay_and_are_told() {
    let (_temp, dir) = place();
    run(&dir);
    let change = dir.join("estate/changes/CHG0031055.json");
    let text = fs::read_to_string(&change).unwrap();
    let edited = text.replace("\"state\": \"review\"", "\"state\": \"canceled\"");
    assert_ne!(text, edited);
    fs::write(&change, &edited).unwrap();
    let (_, said) = run(&dir);
    assert!(said.contains("; 1 file is not as bundled\n"), "{said}");
    assert_eq!(fs::read_to_string(&change).unwrap(), edited);
}

#[test]
fn a_folder_that_is_something_else_is_not_touched() {
    let (_temp, dir) = place();
    let file = dir.join("estate/driftwarden.hcl");
    fs::create_dir_all(dir.join("estate")).unwrap();
    fs::write(&file, "evidence { dir = \"e\" }\n").unwrap();
    insta::assert_snapshot!(refused(&dir), @r"
    `DIR` exists and holds something else than a demo; nothing in it was touched
      help: name another folder with `--out DIR`
    ");
    insta::assert_snapshot!(refused(&file), @r"
    `DIR` cannot be read as a folder (Not a directory (os error 20)); nothing in it was touched
      help: name another folder with `--out DIR`
    ");
    assert_eq!(files_below(&dir), std::slice::from_ref(&file));
    assert_eq!(fs::read(&file).unwrap(), b"evidence { dir = \"e\" }\n");
}

#[test]
fn an_interrupted_beginning_is_begun_again() {
    let (_temp, dir) = place();
    fs::create_dir_all(dir.join("estate.partial/plans")).unwrap();
    fs::write(dir.join("estate.partial/people.json"), "{").unwrap();
    let (outcome, _) = run(&dir);
    assert!(!outcome.assessment.deviations.is_empty());
    assert!(!dir.join("estate.partial").exists());
}

#[test]
fn the_binary_carries_every_file_of_the_estate() {
    let root = PathBuf::from(format!("{FIXTURES}/estate"));
    let on_disk: BTreeSet<String> = files_below(&root)
        .iter()
        .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    let bundled: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(bundled, on_disk, "src/cli/demo/estate.rs lists the files");
    let size: usize = FILES.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(size < 1_000_000, "{size} bytes");
}

/// Where Python is at hand; it is needed neither to build nor to test the rest.
#[test]
fn the_estate_is_what_its_maker_writes() {
    let make = format!("{FIXTURES}/make.py");
    let Ok(output) = Command::new("python3").args([&make, "--check"]).output() else {
        println!("skipped: there is no `python3` here");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
