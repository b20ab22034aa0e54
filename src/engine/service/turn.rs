//! The loop: it waits for time, files, requests and signals, and has the cycle do one thing after the
//! other. It decides nothing, and it is the only part that waits.

mod away;
mod changes;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::super::inputs::Failure;
use super::cycle::Cycle;
use super::events;
use super::gathering::Way;
use super::halt::Halt;
use super::health::{Health, STALLED_AFTER, TURN};
use super::schedule;
use crate::ports::{Listener as _, Supervisor, Touched, Watching};
use away::{Away, Brought};
pub use changes::{Changes, Signal};
use work::{Came, Done, Work, perform};

/// So long a scan under way may take to end when the engine is told to stop.
const GRACE: Duration = Duration::from_secs(8);
/// Files that never come to rest are read after so many times the usual wait.
const PATIENCE: u32 = 10;

/// What the loop is given.
pub struct Surroundings {
    pub changes: Arc<Changes>,
    pub watching: Box<dyn Watching>,
    pub signals: mpsc::Receiver<Signal>,
    pub supervisor: Arc<dyn Supervisor>,
    pub health: Arc<Health>,
    pub halt: Arc<Halt>,
    /// A number by chance, for the jitter.
    pub chance: fn() -> u32,
}

/// How the loop ended.
#[derive(Debug)]
pub enum End {
    /// As it was told to; everything is recorded.
    Stopped,
    /// Told twice: at once, with nothing half done.
    AtOnce,
    /// It cannot go on.
    Failed(Failure),
}

/// Goes round until it is told to stop.
pub async fn run(cycle: Cycle, mut around: Surroundings) -> End {
    around.supervisor.ready();
    around.status("ready; the first scan is under way");
    let mut cycle = Box::new(cycle);
    let mut work = Work {
        requests: true,
        events: true,
        scan: true,
        ..Work::default()
    };
    let mut next = Instant::now();
    let mut away = Away::default();
    loop {
        if work.announced {
            around.supervisor.reloading();
            let first = Work {
                scan: false,
                ..work
            };
            let performed = around.perform(cycle, first, &mut away).await;
            // What is in force is settled; a scan that follows may take its time.
            if !around.halt.is_stopped() {
                around.supervisor.ready();
            }
            let changed;
            (cycle, changed) = match performed {
                Performed::Went(cycle, changed) => (cycle, changed),
                Performed::Told(cycle) => return around.end(cycle).await,
                Performed::Ended(end) => return end,
            };
            work = Work {
                scan: work.scan || (work.scan_if_changed && changed),
                ..Work::default()
            };
        }
        if work.scan {
            let timing = cycle.timing();
            let wait = schedule::wait(timing.every, timing.jitter_percent, (around.chance)());
            next = Instant::now() + wait;
            work.scan = match cycle.way_of_scan() {
                Way::Scan => true,
                Way::Waits => false,
                Way::Gather(to_gather) => {
                    away.send(to_gather);
                    false
                }
            };
        }
        cycle = match around.perform(cycle, work, &mut away).await {
            Performed::Went(cycle, _) => cycle,
            Performed::Told(cycle) => return around.end(cycle).await,
            Performed::Ended(end) => return end,
        };
        if cycle.asks_for_scan() {
            work = Work {
                scan: true,
                ..Work::default()
            };
            continue;
        }
        let rest = cycle.rest();
        let debounce = cycle.timing().debounce;
        work = match around.wait(next, rest, debounce, &mut away).await {
            Next::Work(work) => work,
            Next::Brought((errand, brought)) => Work {
                scan: cycle.take_gathered(&errand, brought),
                ..Work::default()
            },
            Next::Stop => return around.end(Some(cycle)).await,
        };
        around.watching.again();
    }
}

/// What there is to do after a wait.
enum Next {
    Work(Work),
    Brought(Brought),
    Stop,
}

enum Performed {
    /// Whether something else came into force.
    Went(Box<Cycle>, bool),
    /// Told to stop; without the cycle where it is still at work.
    Told(Option<Box<Cycle>>),
    Ended(End),
}

impl Surroundings {
    fn status(&self, text: &str) {
        self.health.say(text);
        self.supervisor.status(&self.health.status());
    }

    /// Does a piece of work beside the loop, and goes on to listen meanwhile.
    async fn perform(&mut self, cycle: Box<Cycle>, work: Work, away: &mut Away) -> Performed {
        let heart = cycle.heart();
        let mut task = tokio::task::spawn_blocking(move || perform(cycle, work));
        let mut pulse = pulse(&*self.supervisor, heart.every());
        let (mut beats, mut moved) = (self.halt.beats(), Instant::now());
        loop {
            tokio::select! {
                done = &mut task => return match done {
                    Ok(Done::Went { cycle, came, changed, aside }) => {
                        self.went(came, aside);
                        Performed::Went(cycle, changed)
                    }
                    Ok(Done::Broke(failure)) => Performed::Ended(End::Failed(failure)),
                    Err(broken) => {
                        let what = format!("a part of the engine broke: {broken}");
                        Performed::Ended(End::Failed(Failure::Internal(what)))
                    }
                },
                _ = pulse.tick() => {
                    if self.halt.beats() != beats {
                        (beats, moved) = (self.halt.beats(), Instant::now());
                    }
                    let is_stalled = moved.elapsed() > STALLED_AFTER || away.is_stalled();
                    self.pulse(is_stalled);
                    // Only for work that moves; what it comes to is the heart's to know.
                    if !is_stalled {
                        heart.pulse();
                    }
                }
                signal = self.signals.recv() => match signal {
                    Some(Signal::Reload) => self.changes.touched(Touched::Written),
                    Some(Signal::Stop(name)) => {
                        self.stop(name);
                        return match timeout(GRACE, self.finish(task)).await {
                            Ok(performed) => performed,
                            // It reads a very large file: until it records, nothing is changed.
                            Err(_) => Performed::Told(None),
                        };
                    }
                    None => return Performed::Told(None),
                },
            }
        }
    }

    /// Waits for work that was told to stop; a second signal ends it at once.
    async fn finish(&mut self, mut task: tokio::task::JoinHandle<Done>) -> Performed {
        loop {
            tokio::select! {
                done = &mut task => return match done {
                    Ok(Done::Went { cycle, .. }) => Performed::Told(Some(cycle)),
                    Ok(Done::Broke(failure)) => Performed::Ended(End::Failed(failure)),
                    Err(broken) => {
                        let what = format!("a part of the engine broke: {broken}");
                        Performed::Ended(End::Failed(Failure::Internal(what)))
                    }
                },
                signal = self.signals.recv() => match signal {
                    Some(Signal::Reload) => {}
                    Some(Signal::Stop(_)) | None => return Performed::Ended(End::AtOnce),
                },
            }
        }
    }

    fn went(&self, came: Option<Came>, aside: Option<String>) {
        let is_new = self.health.say_aside(aside);
        if let Some(Came { recorded, words }) = came {
            if recorded {
                self.health.scanned();
            }
            self.status(&words);
        } else if is_new {
            self.supervisor.status(&self.health.status());
        }
        self.pulse(false);
    }

    fn pulse(&self, stalled: bool) {
        self.health.turn(std::time::Instant::now(), stalled);
        if !stalled {
            self.supervisor.alive();
        }
    }

    fn stop(&self, signal: &'static str) {
        events::Signalled { signal }.emit();
        self.halt.stop();
        self.health.stopping();
        self.supervisor.stopping();
        self.status("stopping");
    }

    /// Waits for the next thing to do.
    async fn wait(
        &mut self,
        next: Instant,
        rest: Option<Duration>,
        debounce: jiff::SignedDuration,
        away: &mut Away,
    ) -> Next {
        let mut pulse = pulse(&*self.supervisor, None);
        let heard = Work {
            events: true,
            ..Work::default()
        };
        let rested = rest.map(|rest| Instant::now() + rest);
        loop {
            tokio::select! {
                () = sleep_until(next) => return Next::Work(Work {
                    requests: true,
                    reload: true,
                    scan: true,
                    ..Work::default()
                }),
                brought = away.back() => return Next::Brought(brought),
                () = self.changes.events.notified() => return Next::Work(heard),
                () = sleep_until(rested.unwrap_or(next)), if rested.is_some() => {
                    return Next::Work(heard);
                }
                _ = pulse.tick() => self.pulse(away.is_stalled()),
                signal = self.signals.recv() => match signal {
                    Some(Signal::Reload) => {
                        events::Signalled { signal: "SIGHUP" }.emit();
                        return Next::Work(Work {
                            reload: true,
                            scan: true,
                            announced: true,
                            ..Work::default()
                        });
                    }
                    Some(Signal::Stop(name)) => {
                        self.stop(name);
                        return Next::Stop;
                    }
                    None => return Next::Stop,
                },
                () = self.changes.bell.notified() => {
                    self.settle(debounce).await;
                    let work = Work {
                        requests: self.changes.take(Touched::Inbox),
                        scan_if_changed: self.changes.take(Touched::Written),
                        scan: self.changes.take(Touched::Observed),
                        ..Work::default()
                    };
                    let (reload, announced) = (work.scan_if_changed, work.scan_if_changed);
                    let work = Work { reload, announced, ..work };
                    if work.requests || work.reload || work.scan {
                        return Next::Work(work);
                    }
                }
            }
        }
    }

    /// Waits until the files were left alone for a while.
    async fn settle(&self, debounce: jiff::SignedDuration) {
        let quiet = debounce.unsigned_abs();
        let patience = Instant::now() + quiet * PATIENCE;
        while Instant::now() < patience {
            match timeout(quiet, self.changes.bell.notified()).await {
                Ok(()) => self.pulse(false),
                Err(_) => return,
            }
        }
    }

    /// Ends as it was told to, with the end recorded where the cycle is at hand.
    async fn end(mut self, cycle: Option<Box<Cycle>>) -> End {
        self.supervisor.stopping();
        let Some(cycle) = cycle else {
            return End::Stopped;
        };
        let task = tokio::task::spawn_blocking(move || cycle.end());
        tokio::select! {
            done = task => match done {
                Ok(Ok(())) => End::Stopped,
                Ok(Err(failure)) => End::Failed(failure),
                Err(broken) => End::Failed(Failure::Internal(broken.to_string())),
            },
            () = second(&mut self.signals) => End::AtOnce,
        }
    }
}

async fn second(signals: &mut mpsc::Receiver<Signal>) {
    while let Some(Signal::Reload) = signals.recv().await {}
}

/// Often enough for whoever watches, for the pages, and for the heartbeat.
fn pulse(supervisor: &dyn Supervisor, heart: Option<Duration>) -> tokio::time::Interval {
    let wanted = supervisor.interval().map(|interval| interval / 3);
    let every = wanted.into_iter().chain(heart).fold(TURN, Duration::min);
    let mut pulse = interval(every.max(Duration::from_millis(100)));
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pulse
}
