//! Tries a channel, and asks for silences: of the log itself, or of the engine that holds it.

use jiff::Timestamp;

use super::asking::{leave, people, told};
use super::channels::channels;
use super::policy::policy;
use super::{keys, ledger, messages, newest_dir, no_key, open_evidence, shelf};
use crate::adapters::signing::people_key;
use crate::adapters::store::{Beginning, EvidenceLog, StoreError};
use crate::config::{Config, DEFAULT_FILE};
use crate::decide::paging::signs;
use crate::engine::{self, Refused, SilenceEnd, SilenceRequest};
use crate::evidence::ledger::Ledger;
use crate::evidence::record::{NotificationEvent, NotificationRecord};
#[cfg(feature = "daemon")]
use crate::model::Severity;
use crate::ports::{Channel, ChannelError, EvidenceSink};
use crate::report::escape::shell_word;

fn made(config: &Config) -> anyhow::Result<Vec<Box<dyn Channel>>> {
    channels(config).map_err(|errors| anyhow::anyhow!(messages(&errors)))
}

/// Whether every channel can be had, and the files that say how to tell can be used.
///
/// # Errors
/// One cannot.
pub fn check_telling(config: &Config) -> anyhow::Result<()> {
    made(config)?;
    policy(config)?;
    Ok(())
}

/// Sends one message to a channel, and gives its answer.
///
/// # Errors
/// There is no such channel, or it did not take the message.
pub fn test_channel(config: &Config, name: &str, now: Timestamp) -> anyhow::Result<String> {
    let channels = made(config)?;
    let Some(channel) = channels.iter().find(|own| own.name() == name) else {
        let known: Vec<String> = channels
            .iter()
            .map(|own| format!("`{}`", own.name()))
            .collect();
        let help = match known.is_empty() {
            true => "add a `channel` block to the configuration".to_owned(),
            false => format!("the channels are {}", known.join(", ")),
        };
        return Err(told(
            format!("no `channel` has the name `{name}`"),
            Some(help),
        ));
    };
    let mut page = signs::test_page(&config.evidence.origin, now);
    page.next.push_str(&named(config));
    match channel.send(&page, None) {
        Ok(delivered) => Ok(delivered.answer),
        Err(error @ ChannelError::Passing { .. }) => Err(told(
            error.to_string(),
            Some("a running engine would try it again".to_owned()),
        )),
        Err(error @ ChannelError::Refused { .. }) => Err(told(
            error.to_string(),
            Some("a running engine would not try it again: mend the channel's block".to_owned()),
        )),
    }
}

/// How a command in a message must end so that it goes by this configuration, wherever it is given.
pub fn named(config: &Config) -> String {
    let absolute = |name: &str| std::path::absolute(name).ok();
    let (own, default) = (absolute(&config.file_name), absolute(DEFAULT_FILE));
    match own {
        Some(own) if Some(&own) != default.as_ref() => {
            format!(" --config {}", shell_word(&own.display().to_string()))
        }
        Some(_) | None => String::new(),
    }
}

/// Tells those who are told of the detector that the engine has ended, and why; gives what went wrong
/// with that.
#[cfg(feature = "daemon")]
pub fn last_words(config: &Config, why: &str, now: Timestamp) -> Vec<String> {
    let (channels, policy) = match (made(config), policy(config)) {
        (Ok(channels), Ok(policy)) => (channels, policy),
        (Err(error), _) | (_, Err(error)) => return vec![format!("{error:#}")],
    };
    let Some(route) = policy.route_of_detector(Severity::Critical) else {
        return Vec::new();
    };
    let mut page = signs::last_words(&config.evidence.origin, now, why);
    page.next.push_str(&named(config));
    let named = route.to.iter().chain(&route.failover);
    let own = named.filter_map(|name| channels.iter().find(|own| own.name() == name));
    let sent = own.filter_map(|channel| channel.send(&page, None).err());
    sent.map(|error| error.to_string()).collect()
}

/// Records a silence, and says so.
///
/// # Errors
/// It is none that may be, or the log cannot be written.
pub fn silence(
    config: &Config,
    request: &SilenceRequest,
    now: Timestamp,
) -> anyhow::Result<String> {
    let people = people(config)?;
    let key = people_key(&keys::keys_dir(config)).map_err(no_key)?;
    let judge = |_: &Ledger, now| engine::silence(request, people.as_ref(), &key, now);
    match record(
        config,
        &serde_json::to_vec(request)?,
        "silence",
        &judge,
        now,
    )? {
        Some(record) => Ok(said(&record)),
        None => {
            let ledger = ledger(&newest_dir(config)?)?;
            let mut silences = ledger.told().silences();
            let own = silences
                .find(|own| own.matches == request.matches && own.expires == request.expires);
            let own = own.ok_or_else(refused_by_engine)?;
            Ok(format!("silence {} holds until {}", own.id, own.expires))
        }
    }
}

/// Records that a silence ends, and says so.
///
/// # Errors
/// There is no such silence, or the log cannot be written.
pub fn end_silence(
    config: &Config,
    request: &SilenceEnd,
    now: Timestamp,
) -> anyhow::Result<String> {
    let people = people(config)?;
    let judge = |ledger: &Ledger, now| engine::end_silence(request, ledger, people.as_ref(), now);
    match record(
        config,
        &serde_json::to_vec(request)?,
        "end-silence",
        &judge,
        now,
    )? {
        Some(record) => Ok(said(&record)),
        None => match judge(&ledger(&newest_dir(config)?)?, now) {
            Err(_) => Ok(format!("silence {} is over", request.end_silence)),
            Ok(_) => Err(refused_by_engine()),
        },
    }
}

type Judge<'j> = &'j dyn Fn(&Ledger, Timestamp) -> Result<NotificationRecord, Refused>;

/// Appends what is judged to be right; `None` where a running engine was asked instead.
fn record(
    config: &Config,
    request: &[u8],
    name: &str,
    judge: Judge<'_>,
    now: Timestamp,
) -> anyhow::Result<Option<NotificationRecord>> {
    let refused = |Refused { what, help }| told(what, Some(help));
    let newest = shelf(config).shards()?.pop();
    let newest = newest.ok_or_else(|| StoreError::NoLog(config.resolve(&config.evidence.dir)))?;
    judge(&ledger(&newest.dir)?, now).map_err(refused)?;
    let signers = keys::signers(config)?;
    match EvidenceLog::open_with(&newest.dir, &*signers, &newest.origin, Beginning::Anytime) {
        Err(StoreError::InUse(_)) => {
            leave(config, &format!("{name}-{}", now.as_nanosecond()), request)?;
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
        Ok(log) => drop(log),
    }
    let mut evidence = open_evidence(config, now)?;
    let now = evidence.read_clock(now);
    let record = judge(evidence.ledger(), now).map_err(refused)?;
    let entry = record.encode()?.entry;
    let appended = evidence.append(vec![entry], now);
    appended.map_err(|error| told(error.what, error.help))?;
    Ok(Some(record))
}

fn refused_by_engine() -> anyhow::Error {
    let help = Some("its log says why".to_owned());
    told("the running engine refused it".to_owned(), help)
}

fn said(record: &NotificationRecord) -> String {
    match &record.event {
        NotificationEvent::SilenceSet { silence } => {
            format!("silence {} holds until {}", silence.id, silence.expires)
        }
        NotificationEvent::SilenceEnded { id, .. } => format!("silence {id} is over"),
        NotificationEvent::Queued { .. }
        | NotificationEvent::Also { .. }
        | NotificationEvent::Arrival { .. }
        | NotificationEvent::Held { .. } => String::new(),
    }
}
