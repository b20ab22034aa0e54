//! Works an evidence log hard, for the scripts beside this file: it is not shipped.
//!
//!     loghammer grow DIR SIZE            makes the log so many entries long
//!     loghammer few DIR LEDGER           appends a few batches, one after the other, and ends
//!     loghammer work DIR LEDGER SEED     appends from many threads until it is killed
//!     loghammer settle DIR LEDGER        recovers, then holds the log against the ledger
//!
//! The ledger is what a client knows: a line for every receipt, written after it came. The key folder
//! is DIR with `.keys` appended.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test program ends on the first surprise, prints, and reads the clock"
)]

use std::collections::{HashMap, VecDeque};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use driftwarden::adapters::store::{Appender, EvidenceLog, EvidenceReader, Folder, StoreError};
use driftwarden::evidence::statement::{self, Previous, Subject};
use driftwarden::evidence::verify::{Trust, verify};
use driftwarden::model::Sha256Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const ORIGIN: &str = "example.org/hammer";
const TYPE: &str = "https://example.org/hammer/v1";
const WORKERS: u64 = 16;

/// What an entry says of itself, so that half a batch would show.
#[derive(Serialize, Deserialize)]
struct Said {
    batch: String,
    position: usize,
    count: usize,
    padding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Previous>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["grow", dir, size] => grow(Path::new(dir), size.parse().unwrap()),
        ["few", dir, ledger] => few(Path::new(dir), Path::new(ledger)),
        ["work", dir, ledger, seed] => {
            work(Path::new(dir), Path::new(ledger), seed.parse().unwrap())
        }
        ["settle", dir, ledger] => settle(Path::new(dir), Path::new(ledger)),
        _ => panic!("grow DIR SIZE | few DIR LEDGER | work DIR LEDGER SEED | settle DIR LEDGER"),
    }
}

fn open(dir: &Path) -> Result<EvidenceLog, StoreError> {
    EvidenceLog::open(
        dir,
        &PathBuf::from(format!("{}.keys", dir.display())),
        ORIGIN,
    )
}

fn complain(error: &StoreError) -> ExitCode {
    eprintln!("error: {error}\n  help: {}", error.help());
    ExitCode::FAILURE
}

fn grow(dir: &Path, size: u64) -> ExitCode {
    let mut log = open(dir).unwrap();
    let mut from = log.checkpoint().head().size;
    while from < size {
        let to = size.min(from + 50_000);
        let name = format!("grow-{from}");
        let count = usize::try_from(to - from).unwrap();
        log.append(batch(&name, count, |_| 16, None, &[]), Timestamp::now())
            .unwrap();
        from = to;
    }
    ExitCode::SUCCESS
}

fn batch(
    name: &str,
    count: usize,
    mut padding: impl FnMut(usize) -> usize,
    previous: Option<Previous>,
    blobs: &[Sha256Digest],
) -> Vec<Vec<u8>> {
    let subjects: Vec<Subject> = blobs.iter().copied().map(Subject::blob).collect();
    let entry = |position| {
        let said = Said {
            batch: name.to_owned(),
            position,
            count,
            padding: "x".repeat(padding(position)),
            previous: previous.clone(),
        };
        statement::encode(TYPE, &subjects, &said).unwrap()
    };
    (0..count).map(entry).collect()
}

fn digest(entries: &[Vec<u8>]) -> String {
    let mut hash = Sha256::new();
    for entry in entries {
        hash.update((entry.len() as u64).to_be_bytes());
        hash.update(entry);
    }
    hex::encode(hash.finalize())
}

/// One line, in one call: what the kernel has taken outlives the process.
fn note(ledger: &mut File, first: u64, entries: &[Vec<u8>]) {
    let line = format!("{first} {} {}\n", entries.len(), digest(entries));
    ledger.write_all(line.as_bytes()).unwrap();
}

fn few(dir: &Path, ledger: &Path) -> ExitCode {
    let mut ledger = File::options()
        .create(true)
        .append(true)
        .open(ledger)
        .unwrap();
    let mut log = match open(dir) {
        Ok(log) => log,
        Err(error) => return complain(&error),
    };
    let size = log.checkpoint().head().size;
    for number in 0..3 {
        let put = match number {
            1 => log
                .put_blob(format!("a blob at {size}").as_bytes())
                .map(Some),
            _ => Ok(None),
        };
        let name = format!("few-{size}-{number}");
        let appended = put.and_then(|blob| {
            let blobs: Vec<_> = blob.into_iter().collect();
            let entries = batch(&name, number + 1, |_| 200, None, &blobs);
            let receipt = log.append(entries.clone(), Timestamp::now())?;
            Ok((receipt, entries))
        });
        match appended {
            Ok((receipt, entries)) => note(&mut ledger, receipt.first_index(), &entries),
            Err(error) => return complain(&error),
        }
    }
    ExitCode::SUCCESS
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn work(dir: &Path, ledger: &Path, seed: u64) -> ExitCode {
    let appender = match open(dir).and_then(Appender::start) {
        Ok(appender) => appender,
        Err(error) => return complain(&error),
    };
    fs::create_dir_all(ledger).unwrap();
    let failed = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let (appender, ledger) =
                    (appender.clone(), ledger.join(format!("{seed}-{worker}")));
                scope.spawn(move || one_worker(&appender, &ledger, seed, worker))
            })
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join().unwrap());
        ended.collect::<Vec<StoreError>>()
    });
    complain(&failed[0])
}

fn one_worker(appender: &Appender, ledger: &Path, seed: u64, worker: u64) -> StoreError {
    let mut ledger = File::options()
        .create(true)
        .append(true)
        .open(ledger)
        .unwrap();
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (worker + 1) << 32 | 1);
    // Every other worker has several batches on their way at once.
    let at_once = if worker.is_multiple_of(2) { 1 } else { 4 };
    let mut on_their_way = VecDeque::new();
    for number in 0_u64.. {
        let count = match dice.below(200) {
            0 => 300,
            1..50 => 2 + dice.below(20),
            _ => 1,
        };
        let count = usize::try_from(count).unwrap();
        let now = Timestamp::now();
        let blob = match dice.below(20) {
            0 => Some(appender.put_blob(format!("{seed} {worker} {number}").into_bytes(), now)),
            _ => None,
        };
        let previous = match dice.below(10) {
            0 => Some(appender.previous()),
            _ => None,
        };
        let (blob, previous) = match (blob.transpose(), previous.transpose()) {
            (Ok(blob), Ok(previous)) => (blob, previous),
            (Err(error), _) | (_, Err(error)) => return error,
        };
        let blobs: Vec<_> = blob.into_iter().collect();
        let name = format!("{seed}-{worker}-{number}");
        let long = dice.below(30) == 0;
        let padding = |_| {
            let limit = if long { 30_000 } else { 700 };
            usize::try_from(dice.below(limit)).unwrap()
        };
        let entries = batch(&name, count, padding, previous, &blobs);
        match appender.submit(entries.clone(), now) {
            Ok(appending) => on_their_way.push_back((appending, entries)),
            Err(error) => return error,
        }
        if on_their_way.len() >= at_once {
            let (appending, entries) = on_their_way.pop_front().unwrap();
            match appending.wait() {
                Ok(receipt) => note(&mut ledger, receipt.first_index(), &entries),
                Err(error) => return error,
            }
        }
        std::thread::sleep(Duration::from_millis(dice.below(120)));
    }
    StoreError::Stopped
}

/// Recovers, appends once more, and holds everything against the ledger.
fn settle(dir: &Path, ledger: &Path) -> ExitCode {
    let mut log = match open(dir) {
        Ok(log) => log,
        Err(error) => return complain(&error),
    };
    let size = log.checkpoint().head().size;
    let last = batch(&format!("settle-{size}"), 1, |_| 10, None, &[]);
    if let Err(error) = log.append(last, Timestamp::now()) {
        return complain(&error);
    }
    drop(log);
    let verification = verify(&Folder::new(dir), &Trust::default());
    for failure in &verification.failures {
        eprintln!("FAIL {failure}");
    }
    let wrong = verification.failures.len() + compare(dir, ledger);
    match wrong {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn compare(dir: &Path, ledger: &Path) -> usize {
    let reader = EvidenceReader::open(dir).unwrap();
    let mut acknowledged = HashMap::new();
    for line in lines(ledger) {
        let words: Vec<&str> = line.split(' ').collect();
        let [first, count, digest] = words[..] else {
            panic!("`{line}` is no line of a ledger");
        };
        let (first, count): (u64, usize) = (first.parse().unwrap(), count.parse().unwrap());
        acknowledged.insert(first, (count, digest.to_owned()));
    }
    let receipts = acknowledged.len();
    let (mut wrong, mut batches) = (0, 0_u64);
    let mut whole: Vec<Vec<u8>> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for entry in reader.entries() {
        let entry = entry.unwrap();
        let head = statement::read_head(&entry.bytes, entry.index).unwrap();
        if head.predicate_type != TYPE {
            continue;
        }
        let said: Said = statement::read_predicate(&entry.bytes).unwrap();
        if said.position != whole.len() {
            eprintln!(
                "FAIL entry {}: half of batch {} is there",
                entry.index, said.batch
            );
            wrong += 1;
            whole.clear();
        }
        whole.push(entry.bytes);
        if whole.len() < said.count {
            continue;
        }
        batches += 1;
        if !seen.insert(said.batch.clone()) {
            eprintln!(
                "FAIL entry {}: batch {} is there twice",
                entry.index, said.batch
            );
            wrong += 1;
        }
        let first = entry.index + 1 - whole.len() as u64;
        let found = (whole.len(), digest(&whole));
        if let Some(expected) = acknowledged.remove(&first)
            && expected != found
        {
            eprintln!("FAIL entry {first}: not what was acknowledged");
            wrong += 1;
        }
        whole.clear();
    }
    for first in acknowledged.keys() {
        eprintln!("FAIL entry {first}: acknowledged, and not in the log");
    }
    wrong += acknowledged.len() + usize::from(!whole.is_empty());
    println!(
        "{} entries in {batches} batches; {receipts} acknowledged, {} lost",
        reader.checkpoint().head().size,
        acknowledged.len()
    );
    wrong
}

/// The lines of a ledger, which is a file or a folder of files. The last line of one may be cut.
fn lines(ledger: &Path) -> Vec<String> {
    let files: Vec<PathBuf> = match ledger.is_dir() {
        true => fs::read_dir(ledger)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect(),
        false => ledger
            .is_file()
            .then(|| ledger.to_owned())
            .into_iter()
            .collect(),
    };
    let mut lines = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        lines.extend(whole.lines().map(str::to_owned));
    }
    lines
}
