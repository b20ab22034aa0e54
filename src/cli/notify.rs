//! `driftwarden notify`: what people are told, and of what they are not.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use jiff::{SignedDuration, Timestamp};

use super::{scan, wire};
use crate::engine::{SilenceEnd, SilenceRequest};
use crate::model::{Severity, SilenceMatch};
use crate::report::notify::{Format as Form, NotifyView, render};

/// Try a channel, list what is told, keep messages back for a while
#[derive(clap::Args)]
pub struct NotifyArgs {
    #[command(subcommand)]
    command: NotifyCommand,
}

#[derive(clap::Subcommand)]
enum NotifyCommand {
    /// Send one message to a channel, which says that it is a test.
    ///
    /// Exit status: 0 the receiver took it; 1 it did not.
    Test {
        /// The name of its `channel` block.
        #[arg(value_name = "CHANNEL")]
        channel: String,
    },
    /// List open alerts, messages that have not arrived, findings held back, and silences.
    ///
    /// Exit status: 0 every message arrived; 2 some have not; 1 the log could not be read.
    List {
        /// How to print them.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Tell nobody of some findings until a time.
    ///
    /// They are detected and recorded all the same, and what is still open is told when it ends.
    /// Where a running engine holds the log, it is asked through its inbox.
    Silence(SilenceArgs),
    /// End a silence before its time.
    EndSilence {
        /// Its id, or the first letters of it.
        #[arg(value_name = "ID")]
        id: String,
        /// Who ends it: an id or an alias of an active human in the identity map.
        #[arg(long, value_name = "PERSON")]
        by: String,
    },
}

#[derive(clap::Args)]
struct SilenceArgs {
    /// Who answers for it: an id or an alias of an active human in the identity map.
    #[arg(long, value_name = "PERSON")]
    owner: String,
    /// Why. Names of people become pseudonyms in the log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// For how long: `30m`, `4h`, `2d`; at most `30d`.
    #[arg(long = "for", value_name = "TIME", required_unless_present = "until")]
    lasts: Option<String>,
    /// Until when, such as `2026-12-01T06:00:00Z`.
    #[arg(long, value_name = "WHEN", conflicts_with = "lasts")]
    until: Option<Timestamp>,
    /// The key of a finding, or its first digits; a `*` at the end of the others stands for anything.
    #[arg(long, value_name = "KEY")]
    finding: Option<String>,
    /// A workspace.
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// An account of the cloud.
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The address of a resource.
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// The rule that gave the finding its severity.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// The owner that a rule names.
    #[arg(long, value_name = "OWNER")]
    of_owner: Option<String>,
    /// What is more severe is told all the same.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    up_to: Option<Severity>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| "one of info, low, medium, high, critical".to_owned())
}

pub fn run(args: NotifyArgs, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let config_path = config;
    let said = match args.command {
        NotifyCommand::Test { channel } => {
            let answer =
                wire::test_channel(&wire::load_config(config_path)?, &channel, scan::now())?;
            format!("`{channel}` took it: {answer}")
        }
        NotifyCommand::List { format } => return list(format, config_path, out),
        NotifyCommand::Silence(args) => {
            let now = scan::now();
            let request = request(args, now)?;
            wire::silence(&wire::load_config(config_path)?, &request, now)?
        }
        NotifyCommand::EndSilence { id, by } => {
            let request = SilenceEnd {
                end_silence: id,
                by,
            };
            wire::end_silence(&wire::load_config(config_path)?, &request, scan::now())?
        }
    };
    writeln!(out, "{}", crate::report::escape::escape(&said))?;
    Ok(ExitCode::SUCCESS)
}

fn request(args: SilenceArgs, now: Timestamp) -> anyhow::Result<SilenceRequest> {
    let SilenceArgs {
        owner,
        reason,
        lasts,
        until,
        finding,
        workspace,
        account,
        address,
        rule,
        of_owner,
        up_to,
    } = args;
    let expires = match (lasts, until) {
        (_, Some(until)) => until,
        (Some(lasts), None) => now.checked_add(time(&lasts)?)?,
        (None, None) => bail!("a silence has no end\n  help: add `--for` or `--until`"),
    };
    Ok(SilenceRequest {
        matches: SilenceMatch {
            finding: finding.map(whole),
            workspace,
            account,
            address,
            rule,
            owner: of_owner,
            up_to,
        },
        owner,
        reason,
        expires,
    })
}

/// The first digits of a key are enough, as they are elsewhere.
fn whole(finding: String) -> String {
    const KEY: usize = 32;
    match finding.len() < KEY && !finding.ends_with('*') {
        true => format!("{finding}*"),
        false => finding,
    }
}

fn time(text: &str) -> anyhow::Result<SignedDuration> {
    match crate::config::parse_duration(text) {
        Ok(time) => Ok(time),
        Err(what) => {
            bail!("{what}\n  help: write a whole number with its unit, such as `30m`, `4h` or `2d`")
        }
    }
}

fn list(format: Format, config: &Path, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let ledger = wire::ledger(&wire::evidence_dir(config)?)?;
    let view = NotifyView::of(ledger.told(), scan::now());
    let format = match format {
        Format::Text => Form::Text,
        Format::Json => Form::Json,
    };
    render(&view, format, out)?;
    Ok(match view.waiting.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    })
}
