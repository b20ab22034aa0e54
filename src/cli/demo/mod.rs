//! `driftwarden demo`: the whole way on a bundled estate.

mod estate;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

pub use self::estate::FILES;
use super::{progress, scan, wire};
use crate::adapters::files::write_atomically;
use crate::engine::Outcome;
use crate::model::RuleId;
use crate::report::escape;

/// Scan a bundled estate: an invented bank in which every kind of trouble and every verdict occurs
///
/// Needs no cloud account and no network. Writes the estate and the evidence into DIR; run again, it
/// scans the same estate once more into the same evidence log. Exit status: 0 the demo worked,
/// whatever the scan found; 1 it did not.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Folder to write into: one that does not exist yet, an empty one, or an earlier demo's.
    #[arg(long, value_name = "DIR", default_value = "driftwarden-demo")]
    pub out: PathBuf,
}

/// Where the demo's clock stands: 2026-11-04T09:30:00Z. Windows and deadlines depend on the time,
/// and the demo is to say the same on any day.
pub const NOW: Timestamp = Timestamp::constant(1_793_784_600, 0);

const ESTATE: &str = "estate";
/// What the estate is called until it is whole.
const PARTIAL: &str = "estate.partial";
const CONFIG: &str = "driftwarden.hcl";

/// Runs the demo and says what to do next.
///
/// # Errors
/// The folder is something else or cannot be written, or the scan could not do its job.
pub fn run(args: &DemoArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<ExitCode> {
    demo(&args.out, out, err)?;
    Ok(ExitCode::SUCCESS)
}

/// As [`run`], with what the scan found.
///
/// # Errors
/// As [`run`].
pub fn demo(dir: &Path, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Outcome> {
    let again = match look_at(dir)? {
        Found::Nothing => {
            write_estate(dir)?;
            None
        }
        Found::Demo => Some(edited(dir)),
    };
    let config_path = dir.join(ESTATE).join(CONFIG);
    introduce(dir, again, out)?;
    let config = wire::load_config(&config_path)?;
    let bar = progress::Bar::new();
    let outcome = wire::run_scan(&config, scan::cores(), &|| NOW, &bar);
    bar.clear();
    let outcome = outcome?;
    for warning in &outcome.warnings {
        writeln!(err, "warning: {}", escape::escape(warning))?;
    }
    let evidence = match config.evidence.dir == Path::new("../evidence") {
        true => dir.join("evidence"),
        false => config.resolve(&config.evidence.dir),
    };
    let evidence = evidence.display().to_string();
    let config = config_path.display().to_string();
    let recorded = scan::Recorded {
        dir: &evidence,
        outside: None,
    };
    scan::print(&outcome, scan::Format::Text, &config, recorded, out)?;
    what_next(&outcome, &config, &evidence, out)?;
    Ok(outcome)
}

enum Found {
    /// Nothing, or the beginnings of a demo that was interrupted.
    Nothing,
    Demo,
}

/// What lies in the folder; an error if it is not for the demo to touch.
fn look_at(dir: &Path) -> anyhow::Result<Found> {
    let refused = |what: &str| {
        format!(
            "`{}` {what}; nothing in it was touched\n  help: name another folder with `--out DIR`",
            dir.display()
        )
    };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => bail!(refused(&format!("cannot be read as a folder ({error})"))),
    };
    if is_demo(dir) {
        return Ok(Found::Demo);
    }
    for entry in entries {
        let name = entry
            .with_context(|| refused("cannot be read"))?
            .file_name();
        if name != PARTIAL {
            bail!(refused("exists and holds something else than a demo"));
        }
    }
    Ok(Found::Nothing)
}

/// A demo's folder has the estate's configuration, which one may edit below its first line.
fn is_demo(dir: &Path) -> bool {
    let first_line = |text: &[u8]| text.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec);
    let bundled = FILES.iter().find(|(name, _)| *name == CONFIG);
    let found = fs::read(dir.join(ESTATE).join(CONFIG)).ok();
    match (bundled, found) {
        (Some((_, bundled)), Some(found)) => first_line(bundled) == first_line(&found),
        (Some(_) | None, _) => false,
    }
}

fn write_estate(dir: &Path) -> anyhow::Result<()> {
    let partial = dir.join(PARTIAL);
    for (name, bytes) in FILES {
        let path = partial.join(name);
        if let Some(folder) = path.parent() {
            let made = fs::create_dir_all(folder);
            made.with_context(|| format!("cannot make `{}`", folder.display()))?;
        }
        write_atomically(&path, bytes)?;
    }
    let estate = dir.join(ESTATE);
    fs::rename(&partial, &estate).with_context(|| format!("cannot make `{}`", estate.display()))
}

/// How many files of the estate are not as bundled.
fn edited(dir: &Path) -> usize {
    let same = |name: &str, bytes: &[u8]| {
        fs::read(dir.join(ESTATE).join(name)).is_ok_and(|found| found == bytes)
    };
    FILES
        .iter()
        .filter(|(name, bytes)| !same(name, bytes))
        .count()
}

fn introduce(dir: &Path, again: Option<usize>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "demo: an invented bank; the clock stands at {NOW}, so that every run says the same"
    )?;
    let estate = dir.join(ESTATE);
    match again {
        None => writeln!(out, "demo: the estate lies in {}", estate.display())?,
        Some(edited) => {
            let estate = estate.display();
            write!(out, "demo: the estate in {estate} is scanned once more")?;
            match edited {
                0 => writeln!(out)?,
                1 => writeln!(out, "; 1 file is not as bundled")?,
                many => writeln!(out, "; {many} files are not as bundled")?,
            }
            writeln!(
                out,
                "demo: what an earlier run found authorised or late is part of the baseline by now"
            )?;
        }
    }
    writeln!(out)
}

/// The commands to go on with.
fn what_next(
    outcome: &Outcome,
    config: &str,
    evidence: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (config, evidence) = (escape::shell_word(config), escape::shell_word(evidence));
    let status = match outcome.assessment.is_clean() {
        true => "0: everything was seen, and nothing is to be acted on",
        false => "2: there are deviations, gaps or open questions",
    };
    writeln!(
        out,
        "\ndemo: it worked. As a scan of your own, this would have ended with status {status}."
    )?;
    writeln!(
        out,
        "\nProve the evidence whole, with the verifier alone:\n  \
         driftwarden-verify {evidence}\n  \
         cargo run --release --no-default-features --bin driftwarden-verify -- {evidence}"
    )?;
    writeln!(
        out,
        "\nLook further (in a clone, `driftwarden` is target/release/driftwarden):\n  \
         driftwarden findings --config {config}"
    )?;
    if let Some(first) = outcome.assessment.deviations.first() {
        let key = first.deviation.finding_key();
        let key = key.short();
        writeln!(
            out,
            "  driftwarden explain {key} --config {config}\n  \
               driftwarden evidence show --finding {key} --config {config}"
        )?;
        if let Some(rule) = first.ruling.rule.as_ref().map(RuleId::as_str) {
            writeln!(out, "  driftwarden rules explain {rule} --config {config}")?;
        }
    }
    writeln!(
        out,
        "  driftwarden scan --format json --config {config}\n\
         The last one takes today's clock: windows and deadlines that are over by now count as over."
    )
}
