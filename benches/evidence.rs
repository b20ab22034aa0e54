//! The evidence log beside its floors, in the same run and on the same disk.
//!
//! `cargo bench --bench evidence -- [append|verify] [DIR] [SECONDS] [CALLERS]`. Durable appends stand beside raw
//! group commit: the same callers, the same bytes, one write and one sync for each group into a file
//! that has its place already. Callers are threads, and then tasks of one async thread: what so many threads cost that
//! fall asleep and wake up is no cost of a log. Verification stands beside nothing but hashing the same entries into
//! the same tree. Floor and log take turns, and the median of the ratios is what counts: the
//! machine's speed cancels out.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench ends on the first surprise, prints, and reads the clock"
)]

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use driftwarden::adapters::store::{Appender, EvidenceLog, EvidenceReader, Folder, Threads};
use driftwarden::evidence::statement;
use driftwarden::evidence::tree::RightEdge;
use driftwarden::evidence::verify::{Trust, verify_on};
use jiff::Timestamp;
use tlog_tiles::record_hash;
use tokio::sync::oneshot;

const ORIGIN: &str = "example.org/bench";
const ENTRY: usize = 512;
const ROUNDS: usize = 7;
/// What both write into, again and again.
const SEGMENT: u64 = 8 << 20;

fn main() {
    let mut args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    let part = match args.first().map(String::as_str) {
        Some("append" | "verify") => args.remove(0),
        _ => String::new(),
    };
    let dir = args.first().map_or_else(std::env::temp_dir, PathBuf::from);
    let seconds: f64 = args.get(1).map_or(1.0, |seconds| seconds.parse().unwrap());
    let place = dir.join(format!("driftwarden-bench-{}", std::process::id()));
    fs::create_dir_all(&place).unwrap();
    let callers = args.get(2).map(|callers| callers.parse().unwrap());
    if part != "verify" {
        let time = Duration::from_secs_f64(seconds);
        for callers in callers.map_or(vec![1, 16, 64, 256], |callers| vec![callers]) {
            appends(&place, Callers::Threads(callers), time);
            appends(&place, Callers::Tasks(callers), time);
        }
    }
    if part != "append" {
        verification(&place, 100_000);
        verification(&place, 1_000_000);
    }
    fs::remove_dir_all(&place).unwrap();
}

fn entry(number: u64) -> Vec<u8> {
    let of = |padding: usize| {
        let said = std::collections::BTreeMap::from([
            ("number", format!("{number:020}")),
            ("padding", "x".repeat(padding)),
        ]);
        statement::encode("https://example.org/bench/v1", &[], &said).unwrap()
    };
    let short = of(0).len();
    of(ENTRY - short)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Processor time of this process so far, in seconds: user and system, all threads.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

struct Run {
    rate: f64,
    cpu_us: f64,
}

#[derive(Clone, Copy)]
enum Callers {
    Threads(usize),
    Tasks(usize),
}

impl Callers {
    fn name(self) -> String {
        match self {
            Self::Threads(count) => format!("{count:>3} threads"),
            Self::Tasks(count) => format!("{count:>3} tasks  "),
        }
    }
}

/// What is appended to: the log, or the floor.
trait Appends: Send + Sync + 'static {
    fn append(&self, entry: Vec<u8>);
    fn append_as_task(&self, entry: Vec<u8>) -> impl Future<Output = ()>;
}

/// Lets so many callers wait in a loop for what they append.
fn run(callers: Callers, time: Duration, to: Arc<impl Appends>) -> Run {
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicU64::new(0));
    let entry = entry(0);
    let (began, cpu_before) = (Instant::now(), cpu());
    std::thread::scope(|scope| {
        match callers {
            Callers::Threads(count) => {
                for _ in 0..count {
                    scope.spawn(|| {
                        while !stop.load(Ordering::Relaxed) {
                            to.append(entry.clone());
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
            }
            Callers::Tasks(count) => {
                let (stop, done, entry, to) = (&stop, &done, &entry, &to);
                scope.spawn(move || tasks(count, stop, done, entry, to));
            }
        }
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
    });
    let done = done.load(Ordering::Relaxed) as f64;
    Run {
        rate: done / began.elapsed().as_secs_f64(),
        cpu_us: (cpu() - cpu_before) * 1e6 / done,
    }
}

/// All of them on one thread.
fn tasks<T: Appends>(
    count: usize,
    stop: &Arc<AtomicBool>,
    done: &Arc<AtomicU64>,
    entry: &[u8],
    to: &Arc<T>,
) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let local = tokio::task::LocalSet::new();
    for _ in 0..count {
        let (stop, done, to) = (Arc::clone(stop), Arc::clone(done), Arc::clone(to));
        let entry = entry.to_vec();
        local.spawn_local(async move {
            while !stop.load(Ordering::Relaxed) {
                to.append_as_task(entry.clone()).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    runtime.build().unwrap().block_on(local);
}

struct Log(Appender, Timestamp);

impl Appends for Log {
    fn append(&self, entry: Vec<u8>) {
        self.0.append(vec![entry], self.1).unwrap();
    }

    async fn append_as_task(&self, entry: Vec<u8>) {
        self.0.submit(vec![entry], self.1).unwrap().await.unwrap();
    }
}

fn appends(place: &Path, callers: Callers, time: Duration) {
    // Nothing is deleted before the end: a file system remembers for minutes what was, and looks at it
    // for each file that is made.
    let log = place.join(format!("evidence-{}", callers.name().replace(' ', "")));
    let keys = place.join("keys");
    let now = Timestamp::now();
    let (mut ratios, mut floors, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    let (mut cpus, mut floor_cpus) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let of_log = || {
            let appender = Appender::open(&log, &keys, ORIGIN).unwrap();
            let ran = run(callers, time, Arc::new(Log(appender.clone(), now)));
            appender.close().unwrap();
            ran
        };
        let of_floor = || {
            let floor = Floor::open(&place.join("floor"));
            run(callers, time, Arc::new(floor))
        };
        let (floor, ran) = match round % 2 {
            0 => {
                let floor = of_floor();
                (floor, of_log())
            }
            _ => {
                let ran = of_log();
                (of_floor(), ran)
            }
        };
        ratios.push(ran.rate / floor.rate);
        floors.push(floor.rate);
        rates.push(ran.rate);
        cpus.push(ran.cpu_us);
        floor_cpus.push(floor.cpu_us);
    }
    let (low, high) = ratios
        .iter()
        .fold((f64::MAX, 0.0_f64), |(low, high), ratio| {
            (low.min(*ratio), high.max(*ratio))
        });
    println!(
        "append   {}: {:>7.0}/s, raw group commit {:>7.0}/s, ratio {:.2} ({low:.2} to {high:.2}); processor {:.1} us an append, raw {:.1} us",
        callers.name(),
        median(rates),
        median(floors),
        median(ratios),
        median(cpus),
        median(floor_cpus)
    );
}

/// Raw group commit: one write and one sync for all that wait, and nothing else.
struct Floor(std::sync::mpsc::Sender<(Vec<u8>, Answer)>);

enum Answer {
    Thread(SyncSender<()>),
    Task(oneshot::Sender<()>),
}

impl Answer {
    fn give(self) {
        match self {
            Self::Thread(waiting) => waiting.send(()).unwrap(),
            Self::Task(waiting) => waiting.send(()).unwrap(),
        }
    }
}

impl Floor {
    fn open(path: &Path) -> Self {
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .unwrap();
        file.write_all_at(&vec![0xa5; SEGMENT as usize], 0).unwrap();
        file.sync_all().unwrap();
        let (sender, receiver) = channel();
        std::thread::spawn(move || Self::commit(&file, &receiver));
        Self(sender)
    }

    fn commit(file: &File, waiting: &Receiver<(Vec<u8>, Answer)>) {
        let mut at = 0;
        while let Ok((mut bytes, first)) = waiting.recv() {
            let mut callers = vec![first];
            while let Ok((more, caller)) = waiting.try_recv() {
                bytes.extend_from_slice(&more);
                callers.push(caller);
            }
            bytes.resize(bytes.len().next_multiple_of(4096), 0);
            if at + bytes.len() as u64 > SEGMENT {
                at = 0;
            }
            file.write_all_at(&bytes, at).unwrap();
            file.sync_data().unwrap();
            at += bytes.len() as u64;
            for caller in callers {
                caller.give();
            }
        }
    }
}

impl Appends for Floor {
    fn append(&self, bytes: Vec<u8>) {
        let (answer, answered) = sync_channel(1);
        self.0.send((bytes, Answer::Thread(answer))).unwrap();
        answered.recv().unwrap();
    }

    async fn append_as_task(&self, bytes: Vec<u8>) {
        let (answer, answered) = oneshot::channel();
        self.0.send((bytes, Answer::Task(answer))).unwrap();
        answered.await.unwrap();
    }
}

fn verification(place: &Path, size: u64) {
    let (dir, keys) = (place.join(format!("log-{size}")), place.join("keys"));
    let mut log = EvidenceLog::open(&dir, &keys, ORIGIN).unwrap();
    for from in (0..size).step_by(20_000) {
        log.append((from..from + 20_000).map(entry).collect(), Timestamp::now())
            .unwrap();
    }
    drop(log);
    let entries: Vec<Vec<u8>> = EvidenceReader::open(&dir)
        .unwrap()
        .entries()
        .map(|entry| entry.unwrap().bytes)
        .collect();
    let trust = Trust::default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for threads in [1, cores] {
        let (mut ratios, mut times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let mut edge = RightEdge::default();
            for entry in &entries {
                edge.push(record_hash(entry), |_, _| {});
            }
            let hashing = began.elapsed().as_secs_f64();
            let began = Instant::now();
            let verified = verify_on(&Folder::new(&dir), &trust, &Threads(threads));
            let verifying = began.elapsed().as_secs_f64();
            assert!(verified.is_whole() && verified.head == Some(edge.head()));
            ratios.push(hashing / verifying);
            times.push(verifying);
        }
        println!(
            "verify   {size} entries of {ENTRY} bytes on {threads} threads: {:.3} s, {:.2} of hashing alone on one",
            median(times),
            median(ratios)
        );
    }
}
