//! One command of Terraform: started in a process group of its own, which ends as a whole.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::Settings;

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Well,
    /// In words.
    Badly(String),
    TooLate,
    TooMuch,
    Stopped,
}

pub(super) struct Running {
    child: Child,
    group: Pid,
    stderr: Arc<Mutex<Stderr>>,
}

#[derive(Default)]
struct Stderr {
    kept: Vec<u8>,
    is_over: bool,
}

/// Of what it says, so much is kept; the rest is read and thrown away.
const MAX_STDERR: usize = 64 * 1024;
const POLL: Duration = Duration::from_millis(20);
/// Between asking a group to end and making it.
const GRACE: Duration = Duration::from_secs(5);
/// What an ended process said is there at once, unless somebody else holds on to its pipe.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Without these no provider finds its tools and its caches.
const PASSED_ON: [&str; 2] = ["PATH", "HOME"];

impl Running {
    pub fn start(
        settings: &Settings,
        words: &[&str],
        output: Option<&File>,
        scratch: &Path,
    ) -> io::Result<Self> {
        let stdout = match output {
            Some(file) => Stdio::from(file.try_clone()?),
            None => Stdio::null(),
        };
        let passed_on = PASSED_ON.iter();
        let passed_on = passed_on.filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut child = Command::new(&settings.binary)
            .args(words)
            .env_clear()
            .envs(passed_on)
            .envs(
                settings
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("CHECKPOINT_DISABLE", "1")
            .env("TMPDIR", scratch)
            .current_dir(&settings.folder)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let stderr = Arc::<Mutex<Stderr>>::default();
        if let Some(pipe) = child.stderr.take() {
            let kept = Arc::clone(&stderr);
            std::thread::spawn(move || keep(pipe, &kept));
        }
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let Some(group) = group else {
            // No system gives such a number, and without it nobody could end the group.
            let _ = child.kill();
            let _ = child.wait();
            return Err(io::Error::other("it has no process number"));
        };
        Ok(Self {
            child,
            group,
            stderr,
        })
    }

    /// Waits for its end, or for a reason to end it. Gives what it said as an error.
    pub fn wait(mut self, enough: &dyn Fn() -> Option<Ended>) -> (Ended, String) {
        let ended = loop {
            if self.has_ended() {
                break None;
            }
            if let Some(why) = enough() {
                self.ask_to_end();
                break Some(why);
            }
            std::thread::sleep(POLL);
        };
        // The first process is not waited for yet, so that the number is its group's; whatever is left
        // of it has no more to say.
        let _ = kill_process_group(self.group, Signal::KILL);
        let status = self.child.wait();
        let ended = ended.unwrap_or_else(|| match status {
            Ok(status) if status.success() => Ended::Well,
            Ok(status) => Ended::Badly(how(status)),
            Err(_) => Ended::Badly("in a way that is not known".to_owned()),
        });
        (ended, self.last_words())
    }

    fn ask_to_end(&self) {
        let _ = kill_process_group(self.group, Signal::TERM);
        let end = Instant::now() + GRACE;
        while !self.has_ended() && Instant::now() < end {
            std::thread::sleep(POLL);
        }
    }

    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(self.group), options) {
            Ok(status) => status.is_some(),
            Err(error) => error != rustix::io::Errno::INTR,
        }
    }

    fn last_words(&self) -> String {
        let end = Instant::now() + LAST_WORDS;
        loop {
            let mut stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
            if stderr.is_over || Instant::now() >= end {
                let kept = std::mem::take(&mut stderr.kept);
                return String::from_utf8_lossy(&kept).into_owned();
            }
            drop(stderr);
            std::thread::sleep(POLL);
        }
    }
}

fn keep(mut pipe: ChildStderr, stderr: &Mutex<Stderr>) {
    let mut buffer = [0; 4096];
    loop {
        let read = match pipe.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        let mut stderr = stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_STDERR.saturating_sub(stderr.kept.len());
        let new = buffer.get(..read.min(room)).unwrap_or_default();
        stderr.kept.extend_from_slice(new);
        if read == 0 {
            stderr.is_over = true;
            return;
        }
    }
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "in a way that is not known".to_owned(),
    }
}

/// The binary as it would be started.
pub(super) fn find(binary: &Path) -> Option<PathBuf> {
    let is_runnable = |path: &PathBuf| {
        let found = path.metadata();
        found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    if binary.components().count() > 1 {
        return Some(binary.to_owned()).filter(is_runnable);
    }
    let path = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&path).map(|folder| folder.join(binary));
    folders.find(is_runnable)
}
