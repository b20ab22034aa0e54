//! Trail files that others published: each is read or refused with a clear message.

use std::fs;
use std::path::{Path, PathBuf};

use driftwarden::ingest::cloudtrail;
use driftwarden::model::{Activity, Means};

use crate::sources::shared;

/// What reading one folder of the corpus gave.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    files: usize,
    refused: usize,
    problems: usize,
    activities: usize,
}

fn read_folder(folder: &Path) -> (Tally, Vec<Activity>) {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut tally = Tally {
        files: files.len(),
        ..Tally::default()
    };
    let mut activities = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        match cloudtrail::parse(name, &fs::read(&file).unwrap()) {
            Ok((read, problems)) => {
                tally.problems += problems.len();
                for problem in problems {
                    println!("{problem}");
                }
                activities.extend(read);
            }
            Err(error) => {
                println!("{error}");
                assert!(error.to_string().contains(name));
                tally.refused += 1;
            }
        }
    }
    tally.activities = activities.len();
    (tally, activities)
}

#[test]
fn every_published_trail_file_is_read_or_refused() {
    let Some(corpus) = shared("corpus/cloudtrail") else {
        return;
    };
    let read = |folder: &str| {
        let (tally, activities) = read_folder(&corpus.join(folder));
        println!("{folder}: {tally:?}");
        (tally, activities)
    };
    let (_, real) = read("invictus-aws_dataset");
    let (_, attacks) = read("stratus-red-team");
    let (_, _) = read("panther-rule-tests");
    let (_, _) = read("cloud-custodian-eventbridge");
    let (_, _) = read("cloudtrail-rs-envelopes");
    let opened: Vec<&Activity> = attacks
        .iter()
        .filter(|a| a.call == "ec2:AuthorizeSecurityGroupIngress")
        .collect();
    println!(
        "{opened:#?} {}",
        real.iter()
            .filter(|a| a.actor.means == Means::Console)
            .count()
    );
    for a in real.iter().chain(&attacks) {
        if a.subjects.is_empty() {
            println!("NOSUBJ {}", a.call);
        }
    }
}
