//! What the command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;

use driftwarden::evidence::cosignature::WitnessKey;
use driftwarden::evidence::export_key::ExportKey;
use driftwarden::evidence::key::LogKey;
use driftwarden::evidence::pack::{self, first_instant};
use driftwarden::evidence::verify::{BlobsRead, ExportPin, LogsTrust, Trust};
use driftwarden::model::Sha256Digest;
use jiff::SignedDuration;

use super::shelf;
use super::worm::Listing;

pub const USAGE: &str = "\
Verifies driftwarden evidence, offline: a whole log or several, an exported pack, or one entry.

Usage: driftwarden-verify DIR [--vkey KEY] [--since CHECKPOINT] [--max-age DURATION]
                          [--mirror DIR] [--witness KEY]... [--tsa-ca FILE]
                          [--worm-listing FILE --worm-until DATE [--worm-prefix PREFIX]]
       driftwarden-verify LOGS [--vkey KEY] [--max-age DURATION] [--witness KEY]... [--tsa-ca FILE]
       driftwarden-verify PACK [--vkey KEY] [--export-key KEY] [--witness KEY]... [--tsa-ca FILE]
       driftwarden-verify --proof FILE --entry FILE --vkey KEY [--witness KEY]...

  DIR                 the folder that holds `checkpoint` and `log.vkey`
  LOGS                a folder that holds such folders: yearly shards, or a log beside the one that it
                      goes on from; each is verified, and that they fit together
  PACK                a folder that `driftwarden evidence export` made of a part of a log
  --vkey KEY          the log's verifier key, or a file that holds it, got from elsewhere than DIR
  --since CHECKPOINT  a checkpoint file kept from earlier: proves that the log only grew since
  --max-age DURATION  fail if the newest record is older, as `36h` or `7d`
  --mirror DIR        another copy of the log: proves that this one goes on from it
  --witness KEY       a witness's key (type 04), or a file that holds it: it must have cosigned; of
                      several logs one
  --tsa-ca FILE       certificates of a time-stamp authority, for the command that checks its tokens
  --worm-listing FILE object versions of a bucket, as JSON lines: proves what is locked there
  --worm-until DATE   the day or time until which everything must be locked
  --worm-prefix TEXT  what stands before the log's paths in the bucket's keys
  --export-key KEY    the key that signs packs, got from elsewhere than PACK: its SHA-256, or a file
  --proof FILE        what `driftwarden evidence prove INDEX` prints
  --entry FILE        what `driftwarden evidence show INDEX --raw` prints

Exit status: 0 it is whole, or proven; 1 it is not; 2 the command line is wrong.
";

pub enum Command {
    Help,
    Log(LogArguments),
    Logs(LogsArguments),
    Pack(PackArguments),
    Proof(ProofArguments),
}

pub struct LogArguments {
    pub dir: PathBuf,
    pub trust: Trust,
    pub max_age: Option<SignedDuration>,
    pub mirror: Option<PathBuf>,
    pub tsa_ca: Option<PathBuf>,
    pub worm: Option<Listing>,
}

/// Several logs in one folder.
pub struct LogsArguments {
    pub dir: PathBuf,
    /// The names of their folders.
    pub names: Vec<String>,
    pub trust: LogsTrust,
    pub max_age: Option<SignedDuration>,
    pub tsa_ca: Option<PathBuf>,
}

pub struct PackArguments {
    pub dir: PathBuf,
    pub trust: Trust,
    pub export_key: Option<ExportPin>,
    pub tsa_ca: Option<PathBuf>,
}

pub struct ProofArguments {
    pub proof: Vec<u8>,
    pub entry: Vec<u8>,
    pub key: LogKey,
    pub trust: Trust,
}

/// The options as they were written.
#[derive(Default)]
struct Options {
    given: Vec<(String, OsString)>,
}

impl Options {
    /// Every value of an option, which is then done with.
    fn take_all(&mut self, name: &str) -> Vec<OsString> {
        let taken = self.given.extract_if(.., |(given, _)| given == name);
        taken.map(|(_, value)| value).collect()
    }

    fn take(&mut self, name: &str) -> Result<Option<OsString>, String> {
        let mut values = self.take_all(name).into_iter();
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(format!("`{name}` is given twice")),
            (value, None) => Ok(value),
        }
    }

    fn take_path(&mut self, name: &str) -> Result<Option<PathBuf>, String> {
        Ok(self.take(name)?.map(PathBuf::from))
    }

    fn take_file(&mut self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.take(name)?
            .map(|path| read_file(path.into()))
            .transpose()
    }

    /// An option that is left is one that does not belong here.
    fn none_left(&self, what: &str) -> Result<(), String> {
        match self.given.first() {
            None => Ok(()),
            Some((name, _)) => Err(format!("`{name}` does not go with {what}")),
        }
    }
}

const OPTIONS: [&str; 12] = [
    "--vkey",
    "--since",
    "--max-age",
    "--mirror",
    "--witness",
    "--tsa-ca",
    "--worm-listing",
    "--worm-until",
    "--worm-prefix",
    "--export-key",
    "--proof",
    "--entry",
];

pub fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut arguments = arguments.peekable();
    let mut dir = None;
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy().into_owned();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(OsString::from(value))),
            _ => (text.as_str(), None),
        };
        match name {
            "-h" | "--help" => return Ok(Command::Help),
            known if OPTIONS.contains(&known) => {
                let value = inline.or_else(|| arguments.next());
                let value = value.ok_or_else(|| format!("`{name}` needs a value"))?;
                options.given.push((name.to_owned(), value));
            }
            option if option.starts_with('-') => return Err(format!("unknown option `{option}`")),
            _ if dir.is_some() => return Err(format!("unexpected argument `{text}`")),
            _ => dir = Some(PathBuf::from(argument)),
        }
    }
    let trust = Trust {
        key: options.take("--vkey")?.map(read_key).transpose()?,
        since: None,
        destroyed: None,
        witnessed_elsewhere: false,
        witnesses: options
            .take_all("--witness")
            .into_iter()
            .map(read_witness)
            .collect::<Result<_, _>>()?,
        blobs: BlobsRead::All,
    };
    let proof = options.take_file("--proof")?;
    let entry = options.take_file("--entry")?;
    match (dir, proof, entry) {
        (None, Some(proof), Some(entry)) => {
            options.none_left("`--proof`")?;
            let key = trust.key.clone();
            let key =
                key.ok_or("`--proof` needs `--vkey`: a proof says nothing without the key")?;
            Ok(Command::Proof(ProofArguments {
                proof,
                entry,
                key,
                trust,
            }))
        }
        (None, Some(_), None) => Err("`--proof` needs `--entry`".to_owned()),
        (None, None, Some(_)) => Err("`--entry` needs `--proof`".to_owned()),
        (None, None, None) => Err("no folder is named".to_owned()),
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            Err("name either a folder or `--proof` and `--entry`".to_owned())
        }
        (Some(dir), None, None) => folder(dir, trust, options),
    }
}

fn folder(dir: PathBuf, trust: Trust, mut options: Options) -> Result<Command, String> {
    if !dir.is_dir() {
        return Err(format!("`{}` is no folder", dir.display()));
    }
    let tsa_ca = options.take_path("--tsa-ca")?;
    if dir.join(pack::PACK).is_file() {
        let export_key = options.take("--export-key")?.map(read_pin).transpose()?;
        options.none_left("a pack")?;
        return Ok(Command::Pack(PackArguments {
            dir,
            trust,
            export_key,
            tsa_ca,
        }));
    }
    if let Some(names) = shelf::logs_in(&dir) {
        return logs(dir, names, trust, options, tsa_ca);
    }
    let since = options.take_file("--since")?;
    let max_age = options.take("--max-age")?.map(read_age).transpose()?;
    let mirror = options.take_path("--mirror")?;
    if let Some(mirror) = mirror.as_ref().filter(|mirror| !mirror.is_dir()) {
        return Err(format!("`{}` is no folder", mirror.display()));
    }
    let worm = worm(&mut options)?;
    options.none_left("a whole log")?;
    Ok(Command::Log(LogArguments {
        dir,
        trust: Trust { since, ..trust },
        max_age,
        mirror,
        tsa_ca,
        worm,
    }))
}

/// What is about one log cannot be asked of several.
fn logs(
    dir: PathBuf,
    names: Vec<String>,
    trust: Trust,
    mut options: Options,
    tsa_ca: Option<PathBuf>,
) -> Result<Command, String> {
    const SEVERAL: &str = "a folder of several logs: name the folder of one of them";
    let max_age = options.take("--max-age")?.map(read_age).transpose()?;
    options.none_left(SEVERAL)?;
    let Trust { key, witnesses, .. } = trust;
    Ok(Command::Logs(LogsArguments {
        dir,
        names,
        trust: LogsTrust { key, witnesses },
        max_age,
        tsa_ca,
    }))
}

fn worm(options: &mut Options) -> Result<Option<Listing>, String> {
    let listing = options.take_file("--worm-listing")?;
    let until = options.take("--worm-until")?;
    let prefix = options.take("--worm-prefix")?;
    let Some(listing) = listing else {
        return match until.or(prefix) {
            None => Ok(None),
            Some(_) => Err("`--worm-until` and `--worm-prefix` need `--worm-listing`".to_owned()),
        };
    };
    let until = until.ok_or("`--worm-listing` needs `--worm-until`: the date that was promised")?;
    let until = first_instant(&until.to_string_lossy()).map_err(|error| error.to_string())?;
    let prefix = prefix.unwrap_or_default().to_string_lossy().into_owned();
    Ok(Some(Listing {
        listing,
        prefix,
        until,
    }))
}

fn read_age(value: OsString) -> Result<SignedDuration, String> {
    let text = value.to_string_lossy();
    let split = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text
        .split_at_checked(split.unwrap_or(0))
        .unwrap_or_default();
    let seconds = match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let number: Option<i64> = number.parse().ok();
    let age = number
        .zip(seconds)
        .and_then(|(number, each)| number.checked_mul(each));
    let age = age.map(SignedDuration::from_secs);
    age.ok_or_else(|| format!("`{text}` is no duration; write one as `36h` or `7d`"))
}

/// A key on the command line, or in a file.
fn read_key(value: OsString) -> Result<LogKey, String> {
    let text = value.to_string_lossy().into_owned();
    if let Ok(key) = LogKey::parse(&text) {
        return Ok(key);
    }
    let content = content(value, "verifier key")?;
    let key = LogKey::parse(content.trim_end());
    key.map_err(|error| format!("`{text}` holds no verifier key: {error}"))
}

fn read_witness(value: OsString) -> Result<WitnessKey, String> {
    let text = value.to_string_lossy().into_owned();
    if let Ok(key) = WitnessKey::parse(&text) {
        return Ok(key);
    }
    let content = content(value, "witness key")?;
    let key = WitnessKey::parse(content.trim_end());
    key.map_err(|error| format!("`{text}` holds no witness key: {error}"))
}

fn read_pin(value: OsString) -> Result<ExportPin, String> {
    let text = value.to_string_lossy().into_owned();
    if let Some(fingerprint) = Sha256Digest::parse(&text) {
        return Ok(ExportPin::Fingerprint(fingerprint));
    }
    let content = content(value, "SHA-256 of a key")?;
    let key = ExportKey::parse_pem(&content);
    let key = key.map_err(|error| format!("`{text}` holds no export key: {error}"))?;
    Ok(ExportPin::Key(key))
}

/// What is in the file that somebody named instead of the thing itself.
fn content(value: OsString, thing: &str) -> Result<String, String> {
    let text = value.to_string_lossy().into_owned();
    let bytes = read_file(value.into())
        .map_err(|error| format!("`{text}` is no {thing}, and no file: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read_file(path: PathBuf) -> Result<Vec<u8>, String> {
    std::fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))
}
