//! The blocks of a running engine: its timing, the life of findings, what was accepted on purpose.

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::SignedDuration;

use super::blocks::checked;
use super::error::Problems;
use super::sections::Section;
use super::values;

/// How `driftwarden run` goes about its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunConfig {
    /// Time between two scans. Default 15 min, from 1 s to 24 h.
    pub every: SignedDuration,
    /// By so many per cent the time between two scans varies, so that many installations do not
    /// scan at once. Default 10, at most 50.
    pub jitter_percent: u32,
    /// Files must be left alone for so long before they are read again. Default 2 s, at most 5 min.
    /// Danger: shorter than a slow writer's pauses, half-written files are read and refused.
    pub debounce: SignedDuration,
    /// Where metrics and health are served. Absent: nowhere. Danger: whoever reaches it reads how
    /// many findings are open.
    pub listen: Option<SocketAddr>,
    pub log: LogForm,
    /// Folder through which commands hand acknowledgements to the running process. Default: `dir` of
    /// `evidence` with `.inbox` appended. Danger: whoever can write there can acknowledge findings.
    pub inbox: Option<PathBuf>,
    /// A source without a new live file for so long is stale. Absent: never.
    pub live_stale_after: Option<SignedDuration>,
    /// As `live_stale_after`, for the files of a trail.
    pub trail_stale_after: Option<SignedDuration>,
    /// The evidence log is too old when nothing was recorded for so long. Absent: four times
    /// `every`.
    pub evidence_stale_after: Option<SignedDuration>,
    /// So long an event waits for an observation of its resource that is newer. Default 15 min, at
    /// most 24 h. Danger: shorter than AWS Config takes to record, events become gaps.
    pub event_patience: SignedDuration,
    /// Messages that are older when they come mean that the queue lags. Default 5 min.
    pub queue_lag_after: SignedDuration,
    /// A queue without a message for so long is stale. Absent: only one that gives no answer is.
    pub queue_stale_after: Option<SignedDuration>,
    /// A mirror, a witness or a time stamp that lacks a record of the log for longer lags. Default
    /// 15 min, from 30 s to 30 days. Danger: for so long the newest evidence is on this machine alone
    /// before anybody is told.
    pub outside_lag_after: SignedDuration,
    /// One that lacks more records than this lags, too, but for those of the last minute. Default 10,000.
    pub outside_lag_records: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogForm {
    Logfmt,
    Json,
}

/// The life of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingsConfig {
    /// A running engine announces a finding when it was seen in so many scans. Default 1, at most
    /// 100. Danger: what is there for fewer scans is recorded and never announced.
    pub confirm_after: u32,
    /// A finding that opened more often than this within `flap_window` is flapping. Default 3.
    pub flap_count: u32,
    /// Default 24 h, at most 30 days.
    pub flap_window: SignedDuration,
}

/// A folder whose `.hcl` files hold waivers. Danger: whoever can write to it can, together with the
/// two people named, have findings accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiversConfig {
    pub dir: PathBuf,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            every: SignedDuration::from_mins(15),
            jitter_percent: 10,
            debounce: SignedDuration::from_secs(2),
            listen: None,
            log: LogForm::Logfmt,
            inbox: None,
            live_stale_after: None,
            trail_stale_after: None,
            evidence_stale_after: None,
            event_patience: SignedDuration::from_mins(15),
            queue_lag_after: SignedDuration::from_mins(5),
            queue_stale_after: None,
            outside_lag_after: SignedDuration::from_mins(15),
            outside_lag_records: 10_000,
        }
    }
}

impl Default for FindingsConfig {
    fn default() -> Self {
        Self {
            confirm_after: 1,
            flap_count: 3,
            flap_window: SignedDuration::from_hours(24),
        }
    }
}

const DURATION_HELP: &str =
    "write a whole number with its unit, such as `90s`, `15m`, `24h` or `3d`";

pub(super) fn run_config(section: &Section, problems: &mut Problems<'_>) -> RunConfig {
    let default = RunConfig::default();
    let day = SignedDuration::from_hours(24);
    let second = SignedDuration::from_secs(1);
    let month = day * 30;
    let none = SignedDuration::ZERO;
    let mut time = |name, least, most| bounded(section, name, least, most, problems);
    let every = time("every", second, day).unwrap_or(default.every);
    let debounce = time("debounce", none, SignedDuration::from_mins(5));
    let live_stale_after = time("live_stale_after", second, month);
    let trail_stale_after = time("trail_stale_after", second, month);
    let evidence_stale_after = time("evidence_stale_after", second, month);
    let event_patience = time("event_patience", second, day).unwrap_or(default.event_patience);
    let queue_lag_after = time("queue_lag_after", second, day).unwrap_or(default.queue_lag_after);
    let queue_stale_after = time("queue_stale_after", second, month);
    let outside_lag_after = time("outside_lag_after", second * 30, month);
    if evidence_stale_after.is_some_and(|after| after <= every) {
        let what = "the log would count as too old before the next scan is due";
        let help = "make `evidence_stale_after` longer than `every`";
        problems.add_with_help(section.place_of("evidence_stale_after"), what, help);
    }
    RunConfig {
        every,
        jitter_percent: read(
            section,
            "jitter",
            |text| percent(text, 50),
            "write `0%` to `50%`",
            problems,
        )
        .unwrap_or(default.jitter_percent),
        debounce: debounce.unwrap_or(default.debounce),
        listen: read(section, "listen", address, LISTEN_HELP, problems),
        log: read(
            section,
            "log",
            log_form,
            "the words are `logfmt` and `json`",
            problems,
        )
        .unwrap_or(default.log),
        inbox: super::blocks::path(section, "inbox"),
        live_stale_after,
        trail_stale_after,
        evidence_stale_after,
        event_patience,
        queue_lag_after,
        queue_stale_after,
        outside_lag_after: outside_lag_after.unwrap_or(default.outside_lag_after),
        outside_lag_records: read(
            section,
            "outside_lag_records",
            |text| whole(text, 100_000_000),
            "write a whole number from 1 to 100000000",
            problems,
        )
        .unwrap_or(default.outside_lag_records),
    }
}

const LISTEN_HELP: &str =
    "write an address with its port, such as `127.0.0.1:9480` or `[::1]:9480`";

pub(super) fn findings_config(section: &Section, problems: &mut Problems<'_>) -> FindingsConfig {
    let default = FindingsConfig::default();
    let help = "write a whole number from 1 to 100";
    let mut count = |name: &str| read(section, name, |text| whole(text, 100), help, problems);
    let confirm_after = count("confirm_after").unwrap_or(default.confirm_after);
    let flap_count = count("flap_count").unwrap_or(default.flap_count);
    let least = SignedDuration::from_secs(1);
    let most = SignedDuration::from_hours(720);
    let window = bounded(section, "flap_window", least, most, problems);
    FindingsConfig {
        confirm_after,
        flap_count,
        flap_window: window.unwrap_or(default.flap_window),
    }
}

fn read<T>(
    section: &Section,
    name: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    help: &str,
    problems: &mut Problems<'_>,
) -> Option<T> {
    checked(section.text(name)?, parse, help, problems)
}

pub(super) fn bounded(
    section: &Section,
    name: &str,
    least: SignedDuration,
    most: SignedDuration,
    problems: &mut Problems<'_>,
) -> Option<SignedDuration> {
    let placed = section.text(name)?;
    let duration = checked(placed, values::duration, DURATION_HELP, problems)?;
    if (least..=most).contains(&duration) {
        return Some(duration);
    }
    let (what, help) = match duration < least {
        true => ("too short", format!("at least `{}s`", least.as_secs())),
        false => ("too long", format!("at most `{}s`", most.as_secs())),
    };
    let what = format!("`{name}` is `{}`, which is {what}", placed.text);
    problems.add_with_help(placed.offset, what, help);
    None
}

pub(super) fn percent(text: &str, most: u32) -> Result<u32, String> {
    let wrong = || format!("`{text}` is no share between `0%` and `{most}%`");
    let digits = text.strip_suffix('%').ok_or_else(wrong)?;
    digits
        .parse()
        .ok()
        .filter(|share| *share <= most && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .ok_or_else(wrong)
}

pub(super) fn whole(text: &str, most: u32) -> Result<u32, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=most).contains(number))
        .ok_or_else(|| format!("`{text}` is no whole number from 1 to {most}"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no address with a port"))
}

fn log_form(text: &str) -> Result<LogForm, String> {
    match text {
        "logfmt" => Ok(LogForm::Logfmt),
        "json" => Ok(LogForm::Json),
        _ => Err(format!("unknown form of log `{text}`")),
    }
}

/// Checks a digest in hex.
pub(super) fn digest(text: &str) -> Result<crate::model::Sha256Digest, String> {
    crate::model::Sha256Digest::parse(text)
        .ok_or_else(|| format!("`{text}` is no SHA-256 digest in 64 lower-case hex digits"))
}
