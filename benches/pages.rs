//! From a deviation to the page that a receiver has, beside the disk's own sync in the same run.
//!
//! `cargo bench --bench pages -- [SECONDS]`. An estate is scanned once; then a hundred times a second a
//! resource is changed by a notification of AWS Config, and the page about it goes to a sink on this
//! machine, a named pipe. What is told: how long after the event's arrival the sink had its page, and
//! what a bare write and sync took between the same events. Two records lie between: the finding, and
//! the message.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench ends on the first surprise, prints, and reads the clock"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use driftwarden::cli::wire;
use driftwarden::engine::service::{Cycle, Halt, Hearing, Mailbox};
use driftwarden::ports::Message;
use jiff::Timestamp;

/// The one of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EVERY: Duration = Duration::from_millis(10);

fn main() {
    let mut args = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"));
    let seconds: u64 = args.next().map_or(10, |arg| arg.parse().unwrap());
    let place = tempfile::tempdir().unwrap();
    let size = seconds * 100;
    estate(place.path(), size);
    let sink = sink(place.path());
    let mailbox = Arc::new(Mailbox::default());
    let cycle = begin(place.path(), &mailbox);
    pages(place.path(), size, &mailbox, cycle, &sink);
}

fn arn(number: u64) -> String {
    format!("arn:aws:sns:eu-west-1:111122223333:topic-{number:07}")
}

fn item(number: u64, at: Timestamp, said: &str) -> String {
    let arn = arn(number);
    format!(
        r#"{{"configurationItemVersion":"1.3","configurationItemCaptureTime":"{at}","configurationItemStatus":"OK","resourceType":"AWS::SNS::Topic","resourceId":"{arn}","resourceName":"topic-{number:07}","ARN":"{arn}","awsAccountId":"111122223333","awsRegion":"eu-west-1","tags":{{"Owner":"payments"}},"configuration":{{"TopicArn":"{arn}","DisplayName":"{said}"}},"supplementaryConfiguration":{{}}}}"#
    )
}

fn estate(dir: &Path, size: u64) {
    fs::create_dir(dir.join("live")).unwrap();
    let began: Timestamp = "2026-01-06T08:00:00Z".parse().unwrap();
    let (mut changes, mut items) = (Vec::new(), Vec::new());
    for number in 0..size {
        let arn = arn(number);
        let values = format!(
            r#"{{"id":"{arn}","arn":"{arn}","name":"topic-{number:07}","display_name":"approved","tags_all":{{"Owner":"payments"}}}}"#
        );
        changes.push(format!(r#"{{"address":"aws_sns_topic.topic[{number}]","mode":"managed","type":"aws_sns_topic","name":"topic","index":{number},"provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["no-op"],"before":{values},"after":{values},"after_unknown":{{}}}}}}"#));
        items.push(item(number, began, "approved"));
    }
    let plan = format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","timestamp":"2026-01-05T08:00:00Z","complete":true,"errored":false,"planned_values":{{}},"resource_changes":[{}]}}"#,
        changes.join(",")
    );
    fs::write(dir.join("plan.json"), plan).unwrap();
    let live = format!(
        r#"{{"fileVersion":"1.0","configSnapshotId":"b","configurationItems":[{}]}}"#,
        items.join(",")
    );
    fs::write(dir.join("live/snapshot.json"), live).unwrap();
    let config = r#"
evidence {
  dir    = "evidence"
  keys   = "keys"
  origin = "example.org/bench"
}
baseline "payments" {
  plan     = "plan.json"
  approval = "assumed"
}
live "aws_config_snapshot" "prod" { files = ["live/*.json"] }
channel "file" "sink" { path = "sink" }
route "all" { to = ["sink"] }
paging {
  pages_per_group = 1000
  group_window    = "1s"
  storm_threshold = 1000
  storm_window    = "1s"
}
"#;
    fs::write(dir.join("driftwarden.hcl"), config).unwrap();
}

/// A named pipe; what comes out of it has its time.
fn sink(dir: &Path) -> Receiver<(String, Instant)> {
    let path = dir.join("sink");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        // Open for both, so that it does not end between two writers.
        let both = File::options().read(true).write(true).open(&path).unwrap();
        for line in BufReader::new(both).lines() {
            if sender.send((line.unwrap(), Instant::now())).is_err() {
                return;
            }
        }
    });
    receiver
}

fn begin(dir: &Path, mailbox: &Arc<Mailbox>) -> Cycle {
    let path = dir.join("driftwarden.hcl");
    let config = wire::load_config(&path).unwrap();
    let hearing = Hearing::new(Arc::clone(mailbox), None);
    let halt = Arc::new(Halt::default());
    let clock = Timestamp::now;
    let mut cycle = wire::begin_hearing(&path, &config, 2, clock, &halt, Some(hearing)).unwrap();
    cycle.scan().unwrap();
    cycle.tell().unwrap();
    cycle
}

/// What the loop does while nothing is heard: a channel answered, or what waited is due.
fn turn(cycle: &mut Cycle, rung: &Mutex<bool>, rested: &mut Option<Instant>) {
    let is_due = rested.is_some_and(|rested| rested <= Instant::now());
    if std::mem::take(&mut *rung.lock().unwrap()) || is_due {
        cycle.take_events().unwrap();
        cycle.tell().unwrap();
        *rested = cycle.rest().map(|rest| Instant::now() + rest);
    }
}

fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part) as usize]
}

fn pages(
    dir: &Path,
    size: u64,
    mailbox: &Arc<Mailbox>,
    mut cycle: Cycle,
    sink: &Receiver<(String, Instant)>,
) {
    // Rung when a channel answered, as the loop is.
    let rung = Arc::new(Mutex::new(false));
    let bell = Arc::clone(&rung);
    cycle.ring_with(Arc::new(move || *bell.lock().unwrap() = true));
    let bare = File::create(dir.join("bare")).unwrap();
    bare.write_all_at(&[0xa5; 4096], 0).unwrap();
    bare.sync_all().unwrap();
    let queue: Arc<str> = Arc::from("events");
    let (mut arrived, mut syncs) = (BTreeMap::new(), Vec::new());
    let mut due = Instant::now();
    let mut rested = None;
    for number in 0..size {
        while Instant::now() < due {
            turn(&mut cycle, &rung, &mut rested);
            std::thread::sleep(Duration::from_micros(200));
        }
        let at = Timestamp::now();
        let body = format!(
            r#"{{"detail-type":"Config Configuration Item Change","source":"aws.config","detail":{{"messageType":"ConfigurationItemChangeNotification","configurationItem":{}}}}}"#,
            item(number, at, "by hand")
        );
        let message = Message {
            id: format!("m-{number}"),
            receipt: format!("r-{number}"),
            body,
            sent_at: Some(at),
        };
        arrived.insert(format!("topic[{number}] "), due);
        mailbox.deliver(&queue, vec![message]);
        cycle.take_events().unwrap();
        cycle.tell().unwrap();
        rested = cycle.rest().map(|rest| Instant::now() + rest);
        let before = Instant::now();
        bare.write_all_at(&[0x5a; 4096], 0).unwrap();
        bare.sync_data().unwrap();
        syncs.push(before.elapsed().as_secs_f64() * 1e3);
        due += EVERY;
    }
    let mut took = Vec::new();
    let last = Instant::now();
    while took.len() < arrived.len() {
        turn(&mut cycle, &rung, &mut rested);
        let Ok((line, at)) = sink.recv_timeout(Duration::from_millis(1)) else {
            assert!(last.elapsed() < Duration::from_secs(20), "a page is lost");
            continue;
        };
        let own = arrived
            .iter()
            .find(|(name, _)| line.contains(name.as_str()));
        let (_, since) = own.unwrap();
        took.push(at.duration_since(*since).as_secs_f64() * 1e3);
    }
    println!(
        "{size} pages at 100/s: at the sink after p50 {:.2} ms, p99 {:.2} ms; a bare sync p50 {:.2} ms, p99 {:.2} ms",
        percentile(&mut took, 0.5),
        percentile(&mut took, 0.99),
        percentile(&mut syncs, 0.5),
        percentile(&mut syncs, 0.99),
    );
}
