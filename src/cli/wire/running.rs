//! The parts of a running engine, put together.

mod asked;
mod carrying;
mod hearing;
mod site;
mod telling;
mod watching;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::{explain, keys, load_config, message, no_key, opened_after, shelf};
use crate::adapters::evidence::YearlyEvidence;
use crate::adapters::http;
use crate::adapters::inbox::InboxFolder;
use crate::adapters::journal::{Form, Journal};
use crate::adapters::signing::{people_key, redaction_key};
use crate::adapters::supervisor::Systemd;
use crate::config::{Config, LogForm};
use crate::engine::Failure;
use crate::engine::service::{
    self, Changes, Clock, Cycle, Ears, End, Ended, Halt, Health, Hearing, Mailbox, Paging, Parts,
    Sealed, Signal, Surroundings,
};
use crate::ports::{Listener, Pages, ReadsAgain};
use asked::Asked;
use site::{ConfiguredSite, Keys};
use watching::ConfiguredWatch;

/// How a service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Stopped,
    AtOnce,
    Failed,
}

/// A record takes milliseconds; a disk that takes longer is broken, and the next start repairs the log.
const SEALED_WITHIN: Duration = Duration::from_secs(1);

/// So long the end waits until the last records are passed on, if they are.
const CARRIED_WITHIN: Duration = Duration::from_secs(3);
/// A little less than what an end may take.
const ENDED_WITHIN: Duration = Duration::from_millis(9500);

/// The times of scans that are told apart, in seconds.
const BUCKETS: [f64; 11] = [
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0,
];

/// Runs until told to stop.
///
/// # Errors
/// It could not start.
pub fn run_service(path: &Path, threads: usize, clock: Clock) -> anyhow::Result<Ending> {
    let path = std::path::absolute(path).map_err(|error| trouble("find the folder", &error))?;
    let config = load_config(&path)?;
    install_log(&config, clock)?;
    let metrics = install_metrics()?;
    // Before anything is recorded: who cannot be asked does not begin.
    let listener = config.run.listen.map(listen).transpose()?;
    let ears = hearing::ears(&config)?;
    let mailbox = Arc::new(Mailbox::default());
    let hearing = (!ears.is_empty()).then(|| Hearing::new(Arc::clone(&mailbox), None));
    let halt = Arc::new(Halt::default());
    let carried = carrying::carried(&config)?;
    let mut cycle = begin_hearing(&path, &config, threads, clock, &halt, hearing)?;
    if let Some(carried) = &carried {
        cycle.carry_with(Arc::clone(carried));
        carrying::begin(&config, carried, &halt, clock)?;
    }
    let sealing = Arc::clone(&halt);
    let heard = Heard {
        ears,
        mailbox,
        clock,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // One piece of work at a time, always by the same thread: what it keeps for later, it finds.
        .max_blocking_threads(1)
        .thread_keep_alive(Duration::from_secs(24 * 3600))
        .enable_all()
        .build()
        .map_err(|error| trouble("get threads", &error))?;
    let ended = runtime.block_on(serve(
        cycle,
        &path,
        &config,
        halt,
        listener.zip(Some(metrics)),
        heard,
    ));
    // A thread that still reads a large file is left behind: it has changed nothing, and will not.
    let sealed = sealing.seal(SEALED_WITHIN);
    if let (Ok(End::Stopped), true, Some(carried)) = (&ended, sealed, &carried) {
        let left = ENDED_WITHIN.saturating_sub(sealing.stopping_for());
        carried.farewell(left.min(CARRIED_WITHIN));
    }
    runtime.shutdown_background();
    Ok(match ended? {
        End::Stopped => Ending::Stopped,
        End::AtOnce => Ending::AtOnce,
        End::Failed(failure) => {
            last_words(&config, &failure, clock);
            tell(failure);
            Ending::Failed
        }
    })
}

/// What is listened to, and where what is heard lies.
struct Heard {
    ears: Ears,
    mailbox: Arc<Mailbox>,
    clock: Clock,
}

/// Says to people that nothing can be recorded any more, once and without a record.
fn last_words(config: &Config, failure: &Failure, clock: Clock) {
    let why = match failure {
        Failure::Evidence(error) => &error.what,
        Failure::Internal(what) => what,
        Failure::Inputs(_) => return,
    };
    for error in super::notifying::last_words(config, why, clock()) {
        Ended {
            why: &error,
            help: Some("nobody was told of the end through this channel"),
        }
        .emit();
    }
}

fn tell(failure: Failure) {
    let ended = |why: &str, help| Ended { why, help }.emit();
    match failure {
        Failure::Inputs(errors) => errors
            .iter()
            .for_each(|error| ended(&error.what, error.help.as_deref())),
        Failure::Evidence(error) => ended(&error.what, error.help.as_deref()),
        Failure::Internal(what) => ended(&what, Some("driftwarden is at fault: please report it")),
    }
}

/// A cycle over the files that a configuration names; it holds the log until it is dropped.
///
/// # Errors
/// Something that people wrote is wrong, or the log cannot be had.
pub fn begin_cycle(
    path: &Path,
    config: &Config,
    threads: usize,
    clock: Clock,
    halt: &Arc<Halt>,
) -> anyhow::Result<Cycle> {
    begin_hearing(path, config, threads, clock, halt, None)
}

/// As [`begin_cycle`], and it hears of events.
///
/// # Errors
/// As [`begin_cycle`].
pub fn begin_hearing(
    path: &Path,
    config: &Config,
    threads: usize,
    clock: Clock,
    halt: &Arc<Halt>,
    hearing: Option<Hearing>,
) -> anyhow::Result<Cycle> {
    let folder = keys::keys_dir(config);
    let mut look = |shard: &_| carrying::look(config, shard, clock);
    let evidence = opened_after(config, &*keys::signers(config)?, clock(), &mut look)?;
    let evidence = YearlyEvidence::new(shelf(config), keys::signers(config)?, evidence);
    let own = Keys {
        redaction: redaction_key(&folder).map_err(no_key)?,
        people: people_key(&folder).map_err(no_key)?,
    };
    let inbox = InboxFolder::new(config.inbox());
    let made = inbox.make();
    made.map_err(|error| anyhow::anyhow!(message(&error)))?;
    let asked = Arc::new(Asked::default());
    let mut hearing = hearing;
    if let Some(hearing) = hearing.as_mut().filter(|_| !config.live_aws.is_empty()) {
        let all: Arc<dyn ReadsAgain> = Arc::<Asked>::clone(&asked);
        hearing.reads_again.get_or_insert(all);
    }
    let parts = Parts {
        evidence: Box::new(Sealed::new(evidence, Arc::clone(halt))),
        installation: Box::new(ConfiguredSite::new(path, config, own, threads, asked)),
        inbox: Box::new(inbox),
        clock,
        halt: Arc::clone(halt),
        version: env!("CARGO_PKG_VERSION"),
        hearing,
        paging: Paging::new(chance),
    };
    Cycle::begin(parts).map_err(explain)
}

fn install_log(config: &Config, clock: Clock) -> anyhow::Result<()> {
    let journal = Journal {
        form: match config.run.log {
            LogForm::Logfmt => Form::Logfmt,
            LogForm::Json => Form::Json,
        },
        is_journal: std::env::var_os("JOURNAL_STREAM").is_some(),
        clock,
    };
    journal.install().map_err(anyhow::Error::msg)
}

fn install_metrics() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS)?;
    let handle = builder.install_recorder()?;
    service::describe();
    Ok(handle)
}

async fn serve(
    mut cycle: Cycle,
    path: &Path,
    config: &Config,
    halt: Arc<Halt>,
    asked: Option<(TcpListener, PrometheusHandle)>,
    heard: Heard,
) -> anyhow::Result<End> {
    let health = Arc::new(Health::new(Instant::now()));
    if let Some((listener, metrics)) = asked {
        let listener = tokio::net::TcpListener::from_std(listener);
        let listener = listener.map_err(|error| trouble("listen", &error))?;
        let pages = Arc::new(ServicePages {
            health: Arc::clone(&health),
            metrics,
        });
        tokio::spawn(http::serve(listener, pages));
    }
    let changes = Arc::new(Changes::default());
    let bell = Arc::clone(&changes);
    let ring: Arc<dyn Fn() + Send + Sync> = Arc::new(move || bell.heard());
    service::open(&heard.ears, &heard.mailbox, heard.clock, &ring);
    cycle.ring_with(ring);
    let listener: Arc<dyn Listener> = Arc::<Changes>::clone(&changes);
    let watching = ConfiguredWatch::new(PathBuf::from(path), config, listener);
    let around = Surroundings {
        changes,
        watching: Box::new(watching.map_err(anyhow::Error::msg)?),
        signals: signals()?,
        supervisor: Arc::new(Systemd::from_environment()),
        health,
        halt,
        chance,
    };
    Ok(service::run(cycle, around).await)
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|error| {
        let what = format!("listen on `{address}`, which `listen` of `run` names");
        trouble(&what, &error)
    })
}

/// The system's reason in words: an error of its own kind would pass for one of stdout.
fn trouble(what: &str, error: &std::io::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot {what}: {}", error.kind())
}

fn chance() -> u32 {
    // Without chance scans come at fixed times, which is no harm.
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

/// The signals that mean something, from now on.
fn signals() -> anyhow::Result<mpsc::Receiver<Signal>> {
    let (sender, receiver) = mpsc::channel(8);
    for (kind, means) in [
        (SignalKind::terminate(), Signal::Stop("SIGTERM")),
        (SignalKind::interrupt(), Signal::Stop("SIGINT")),
        (SignalKind::hangup(), Signal::Reload),
    ] {
        let mut stream = signal(kind).map_err(|error| trouble("take signals", &error))?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                if sender.send(means).await.is_err() {
                    return;
                }
            }
        });
    }
    Ok(receiver)
}

struct ServicePages {
    health: Arc<Health>,
    metrics: PrometheusHandle,
}

const TEXT: &str = "text/plain; charset=utf-8";

impl Pages for ServicePages {
    fn page(&self, path: &str) -> Option<(u16, &'static str, String)> {
        let now = Instant::now();
        let status = |good: bool| if good { 200 } else { 503 };
        match path {
            "/healthz" => {
                let alive = self.health.is_alive(now);
                let word = if alive { "alive" } else { "stuck" };
                Some((status(alive), TEXT, format!("{word}\n")))
            }
            "/readyz" => {
                let ready = self.health.is_ready(now);
                let word = if ready { "ready" } else { "not ready" };
                let text = format!("{word}: {}\n", self.health.status());
                Some((status(ready), TEXT, text))
            }
            "/metrics" => {
                self.metrics.run_upkeep();
                let kind = "text/plain; version=0.0.4; charset=utf-8";
                Some((200, kind, self.metrics.render()))
            }
            _ => None,
        }
    }
}
