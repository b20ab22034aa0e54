//! A full scan beside its floor: the same bytes read and passed over by a JSON parser.
//!
//! `cargo bench --bench scan -- ESTATE [ROUNDS]`, where ESTATE is a folder with a configuration and
//! its files, as the generator of large estates makes them. Floor and scan take turns on one thread
//! each; the ratio of each pair and their median are printed, so that the machine's speed cancels
//! out. The first scan, which also stores each plan's redacted form, is reported apart. At the end
//! stands where the time of a scan goes, with one thread and with two.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench ends on the first surprise, prints, and reads the clock"
)]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use driftwarden::cli::wire;
use driftwarden::engine::{Progress, Silent, Step};

/// The one of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut args = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"));
    let Some(estate) = args.next().map(PathBuf::from) else {
        println!("no estate given; usage: cargo bench --bench scan -- ESTATE [ROUNDS]");
        return;
    };
    let rounds: usize = args
        .next()
        .map_or(5, |rounds| rounds.parse().expect("a number of rounds"));
    let config = wire::load_config(&estate.join("driftwarden.hcl")).expect("a configuration");
    let files = inputs(&estate);
    let bytes: u64 = files
        .iter()
        .map(|file| file.metadata().expect("a file").len())
        .sum();

    let began = Instant::now();
    let first = wire::run_scan(&config, 1, &jiff::Timestamp::now, &Silent).expect("a scan");
    println!(
        "first scan: {:.2} s (plans and findings go into the log)",
        began.elapsed().as_secs_f64()
    );
    println!(
        "{} files, {} MB, {} approved, {} deviations",
        files.len(),
        bytes / 1_000_000,
        first.assessment.coverage.approved,
        first.assessment.deviations.len()
    );
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let (floor, scan) = if round % 2 == 0 {
            let floor = floor(&files);
            (floor, one(&config, 1))
        } else {
            let scan = one(&config, 1);
            (self::floor(&files), scan)
        };
        ratios.push(floor / scan);
        println!(
            "floor {floor:.3} s, scan {scan:.3} s, ratio {:.3}",
            floor / scan
        );
    }
    ratios.sort_by(f64::total_cmp);
    let quartile = |number: usize| ratios[(ratios.len() - 1) * number / 4];
    println!(
        "median ratio of the floor's time to the scan's: {:.3} (quartiles {:.3} and {:.3})",
        quartile(2),
        quartile(1),
        quartile(3)
    );
    let (one_thread, two) = (one(&config, 1), one(&config, 2));
    println!(
        "two threads are {:.2} times as fast as one",
        one_thread / two
    );
    for threads in [1, 2] {
        println!("with {threads}: {}", steps(&config, threads));
    }
    println!("peak resident memory: {}", peak());
}

/// How long each step of a scan takes.
fn steps(config: &driftwarden::config::Config, threads: usize) -> String {
    let watch = Watch(Mutex::new(vec![("opening the log", Instant::now())]));
    wire::run_scan(config, threads, &jiff::Timestamp::now, &watch).expect("a scan");
    let mut steps = watch.0.into_inner().expect("no panic");
    steps.push(("", Instant::now()));
    let lasted = steps.windows(2).map(|pair| {
        let seconds = (pair[1].1 - pair[0].1).as_secs_f64();
        format!("{} {seconds:.3} s", pair[0].0)
    });
    lasted.collect::<Vec<_>>().join(", ")
}

struct Watch(Mutex<Vec<(&'static str, Instant)>>);

impl Progress for Watch {
    fn step(&self, step: Step, _: usize) {
        let mut steps = self.0.lock().expect("no panic");
        steps.push((step.as_str(), Instant::now()));
    }

    fn advance(&self) {}
}

fn one(config: &driftwarden::config::Config, threads: usize) -> f64 {
    let began = Instant::now();
    wire::run_scan(config, threads, &jiff::Timestamp::now, &Silent).expect("a scan");
    began.elapsed().as_secs_f64()
}

/// Reads every file into one reused buffer and passes over the JSON, fully validated.
fn floor(files: &[PathBuf]) -> f64 {
    let began = Instant::now();
    let mut buffer = Vec::new();
    for file in files {
        buffer.clear();
        let mut file = std::fs::File::open(file).expect("a file");
        std::io::Read::read_to_end(&mut file, &mut buffer).expect("a readable file");
        sonic_rs::from_slice::<serde::de::IgnoredAny>(&buffer).expect("JSON");
    }
    began.elapsed().as_secs_f64()
}

fn inputs(estate: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["plans", "config"] {
        let entries = std::fs::read_dir(estate.join(folder)).expect("a folder of the estate");
        files.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    files.sort();
    files
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or("unknown".to_owned(), |line| {
        line.trim_start_matches("VmHWM:").trim().to_owned()
    })
}
