//! From an event to durable evidence, beside the disk's own sync in the same run.
//!
//! `cargo bench --bench events -- [SECONDS] [RESOURCES...]`. For each number of known resources an estate
//! is made, scanned once, and then changed and put right a hundred times a second by notifications of
//! AWS Config. What is told: how long after its arrival the evidence of an event was on the disk, what a
//! bare write and sync of as many bytes took between the same events, the processor time of an event,
//! that of the last number of resources over that of the first, what the engine takes of a core while
//! nothing comes, and how long a start and a start after a stop take beside a full compare. Messages go to a file.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench ends on the first surprise, prints, and reads the clock"
)]

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use driftwarden::cli::wire;
use driftwarden::engine::service::{Cycle, Halt, Hearing, Mailbox, Scanned};
use driftwarden::ports::Message;
use jiff::Timestamp;

/// The one of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EVERY: Duration = Duration::from_millis(10);
const IDLE: Duration = Duration::from_secs(120);
const QUEUE: &str = "events";

fn main() {
    let args: Vec<u64> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .map(|arg| arg.parse().unwrap())
        .collect();
    let seconds = args.first().copied().unwrap_or(10);
    let sizes = match args.get(1..) {
        Some(sizes) if !sizes.is_empty() => sizes.to_vec(),
        _ => vec![10_000, 1_000_000],
    };
    let mut cpus = Vec::new();
    for size in sizes {
        cpus.push(events(size, seconds));
    }
    if let [first, .., last] = cpus[..] {
        println!(
            "processor of an event, last over first: {:.2}",
            last / first
        );
    }
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

fn notification(number: u64, at: Timestamp, said: &str) -> String {
    let item = item(number, at, said);
    format!(
        r#"{{"detail-type":"Config Configuration Item Change","source":"aws.config","detail":{{"messageType":"ConfigurationItemChangeNotification","configurationItem":{item}}}}}"#
    )
}

fn estate(dir: &Path, size: u64) {
    fs::create_dir(dir.join("live")).unwrap();
    let mut plan = BufWriter::new(File::create(dir.join("plan.json")).unwrap());
    let head = r#"{"format_version":"1.2","terraform_version":"1.11.4","timestamp":"2026-01-05T08:00:00Z","complete":true,"errored":false,"planned_values":{},"resource_changes":["#;
    write!(plan, "{head}").unwrap();
    let began: Timestamp = "2026-01-06T08:00:00Z".parse().unwrap();
    let mut live = BufWriter::new(File::create(dir.join("live/snapshot.json")).unwrap());
    write!(
        live,
        r#"{{"fileVersion":"1.0","configSnapshotId":"b","configurationItems":["#
    )
    .unwrap();
    for number in 0..size {
        let comma = if number == 0 { "" } else { "," };
        let arn = arn(number);
        let values = format!(
            r#"{{"id":"{arn}","arn":"{arn}","name":"topic-{number:07}","display_name":"approved","tags_all":{{"Owner":"payments"}}}}"#
        );
        write!(plan, r#"{comma}{{"address":"aws_sns_topic.topic[{number}]","mode":"managed","type":"aws_sns_topic","name":"topic","index":{number},"provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["no-op"],"before":{values},"after":{values},"after_unknown":{{}}}}}}"#).unwrap();
        write!(live, "{comma}{}", item(number, began, "approved")).unwrap();
    }
    write!(plan, "]}}").unwrap();
    write!(live, "]}}").unwrap();
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
"#;
    fs::write(dir.join("driftwarden.hcl"), config).unwrap();
}

fn begin(dir: &Path, mailbox: &Arc<Mailbox>) -> (Cycle, Duration) {
    let path = dir.join("driftwarden.hcl");
    let config = wire::load_config(&path).unwrap();
    let hearing = Hearing::new(Arc::clone(mailbox), None);
    let halt = Arc::new(Halt::default());
    let began = Instant::now();
    let clock = Timestamp::now;
    let cycle = wire::begin_hearing(&path, &config, 2, clock, &halt, Some(hearing)).unwrap();
    (cycle, began.elapsed())
}

fn scan(cycle: &mut Cycle) -> Duration {
    let began = Instant::now();
    let scanned = cycle.scan().unwrap();
    assert!(matches!(scanned, Scanned::Done(_)), "the scan is done");
    began.elapsed()
}

/// Started, stopped after a scan, and started again.
fn started(dir: &Path, mailbox: &Arc<Mailbox>) -> Cycle {
    let (mut cycle, first) = begin(dir, mailbox);
    let compare = scan(&mut cycle);
    drop(cycle);
    let (mut cycle, again) = begin(dir, mailbox);
    println!(
        "start    ready after {:.2} s, a full compare took {:.2} s; started again, ready after {:.2} s, {:.3} of the compare",
        first.as_secs_f64(),
        compare.as_secs_f64(),
        again.as_secs_f64(),
        again.as_secs_f64() / compare.as_secs_f64()
    );
    scan(&mut cycle);
    cycle
}

/// Processor time of this process so far, in seconds: user and system, all threads.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part) as usize]
}

/// The processor time of one event, in seconds.
fn events(size: u64, seconds: u64) -> f64 {
    let place = tempfile::tempdir().unwrap();
    estate(place.path(), size);
    println!("{size} resources");
    let mailbox = Arc::new(Mailbox::default());
    let mut cycle = started(place.path(), &mailbox);
    let bare = File::create(place.path().join("bare")).unwrap();
    bare.write_all_at(&[0xa5; 4096], 0).unwrap();
    bare.sync_all().unwrap();
    let (mut took, mut syncs, mut events) = (Vec::new(), Vec::new(), 0.0);
    let queue: Arc<str> = Arc::from(QUEUE);
    let began = Instant::now();
    let mut due = began;
    for number in 0..seconds * 100 {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        // Changed, and put right by the next.
        let said = if number % 2 == 0 {
            "by hand"
        } else {
            "approved"
        };
        let resource = (number / 2).wrapping_mul(7919) % size;
        let at = Timestamp::now();
        let message = Message {
            id: format!("m-{number}"),
            receipt: format!("r-{number}"),
            body: notification(resource, at, said),
            sent_at: Some(at),
        };
        let cpu_before = cpu();
        mailbox.deliver(&queue, vec![message]);
        cycle.take_events().unwrap();
        took.push(due.elapsed().as_secs_f64() * 1e3);
        // What the engine does at the end of each piece of work: telling, and letting readers see it.
        cycle.tell().unwrap();
        events += cpu() - cpu_before;
        let recorded = mailbox.to_delete(&queue, Duration::ZERO).len();
        assert_eq!(recorded, 1, "the evidence of the event lasts");
        let before = Instant::now();
        bare.write_all_at(&[0x5a; 4096], 0).unwrap();
        bare.sync_data().unwrap();
        syncs.push(before.elapsed().as_secs_f64() * 1e3);
        due += EVERY;
    }
    let count = took.len() as f64;
    println!(
        "events   {:.0}/s: on the disk after p50 {:.2} ms, p99 {:.2} ms; a bare sync p50 {:.2} ms, p99 {:.2} ms; processor {:.0} us an event",
        count / began.elapsed().as_secs_f64(),
        percentile(&mut took, 0.5),
        percentile(&mut took, 0.99),
        percentile(&mut syncs, 0.5),
        percentile(&mut syncs, 0.99),
        events / count * 1e6,
    );
    idle(&mut cycle);
    events / count
}

/// What the loop does while nothing comes.
fn idle(cycle: &mut Cycle) {
    let (began, cpu_before) = (Instant::now(), cpu());
    while began.elapsed() < IDLE {
        let rest = cycle.rest().unwrap_or(IDLE);
        std::thread::sleep(rest.min(IDLE.saturating_sub(began.elapsed())));
        cycle.take_events().unwrap();
        cycle.tell().unwrap();
    }
    println!(
        "idle     {:.3} % of a core, over {} s",
        (cpu() - cpu_before) / began.elapsed().as_secs_f64() * 100.0,
        IDLE.as_secs()
    );
}
