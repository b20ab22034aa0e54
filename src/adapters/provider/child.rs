//! Starting a provider's process, and what it says before it serves.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::folder::PrivateFolder;
use super::stderr::ErrorRecords;
use super::supply::VerifiedProvider;
use crate::adapters::reason::reason;
use crate::provider::handshake::{self, Handshake, HandshakeError};

/// Terraform's word to its providers, without which they refuse to serve.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);
const MAX_HANDSHAKE: u64 = 64 * 1024;

/// What is started, and with what.
#[derive(Clone)]
pub struct Launch {
    /// Only one that the lock file knows is ever started.
    pub provider: VerifiedProvider,
    /// All of its environment but for what the protocol needs.
    pub environment: Vec<(OsString, OsString)>,
    /// Where it works: relative paths in its configuration start there. A private folder if absent.
    pub work_dir: Option<PathBuf>,
    /// Where the private folder for its socket is made.
    pub runtime_dir: PathBuf,
    /// This program, which then ends the provider with us however we end (see `become_provider`): with
    /// the thread that started it, to be exact.
    pub launcher: Option<PathBuf>,
    /// The Terraform that a provider is told it serves.
    pub terraform_version: String,
}

/// A provider that has said where it serves. Ended when dropped.
#[derive(Debug)]
pub(super) struct ChildProcess {
    child: Child,
    pub handshake: Handshake,
    pub records: ErrorRecords,
    /// Goes after the process.
    _folder: PrivateFolder,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error("no private folder for its socket: {}", reason(.0))]
    Folder(io::Error),
    #[error("`{}`: {}", .0.display(), reason(.1))]
    Spawn(PathBuf, io::Error),
    #[error("it said nothing within {} s", .0.as_secs())]
    Silent(Duration),
    #[error("it ended ({0}) before it served")]
    Ended(String),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error("its socket does not lie in the folder that it was given")]
    Socket,
}

impl ChildProcess {
    pub fn start(launch: &Launch, limit: Duration) -> Result<Self, StartError> {
        let folder = PrivateFolder::make(&launch.runtime_dir).map_err(StartError::Folder)?;
        let mut command = command(launch, folder.path());
        let spawned = command.spawn();
        let mut child = spawned
            .map_err(|error| StartError::Spawn(launch.provider.binary().to_owned(), error))?;
        let records = ErrorRecords::default();
        if let Some(stderr) = child.stderr.take() {
            records.drain(stderr);
        }
        let line = child.stdout.take().map(|stdout| first_line(stdout, limit));
        // From here on it is ended whatever goes wrong.
        let mut process = Self {
            child,
            handshake: Handshake {
                protocol: handshake::Protocol::V6,
                socket: String::new(),
            },
            records,
            _folder: folder,
        };
        let line = match line {
            Some(Line::Said(line)) => line,
            Some(Line::Nothing) => return Err(StartError::Silent(limit)),
            Some(Line::Ended) | None => return Err(process.ended_early()),
        };
        process.handshake = handshake::parse(&line)?;
        process.check_socket()?;
        Ok(process)
    }

    fn ended_early(&mut self) -> StartError {
        match self.wait(Duration::from_secs(2)) {
            Some(status) => StartError::Ended(how(status)),
            None => StartError::Handshake(HandshakeError::NoHandshake),
        }
    }

    fn check_socket(&self) -> Result<(), StartError> {
        let path = Path::new(&self.handshake.socket).canonicalize();
        let path = path.map_err(|_| StartError::Socket)?;
        let is_socket = path
            .metadata()
            .is_ok_and(|found| found.file_type().is_socket());
        match is_socket && path.starts_with(self._folder.path()) {
            true => Ok(()),
            false => Err(StartError::Socket),
        }
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<String> {
        self.child.try_wait().ok()?.map(how)
    }

    /// Waits for its end.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + limit;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < end => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Ok(None) | Err(_) => return None,
            }
        }
    }

    pub fn kill(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(launch: &Launch, folder: &Path) -> Command {
    let mut command = match &launch.launcher {
        None => Command::new(launch.provider.binary()),
        Some(launcher) => {
            let mut command = Command::new(launcher);
            command.arg("provider-child");
            command.arg(std::process::id().to_string());
            command.arg(launch.provider.binary());
            command
        }
    };
    command
        .env_clear()
        .envs(launch.environment.iter().map(|(name, value)| (name, value)))
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_UNIX_SOCKET_DIR", folder)
        // For those of an older go-plugin, which take the folder for temporary files.
        .env("TMPDIR", folder)
        .env("CHECKPOINT_DISABLE", "1")
        .current_dir(launch.work_dir.as_deref().unwrap_or(folder))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

enum Line {
    Said(String),
    Nothing,
    Ended,
}

/// The first line; whatever follows is read and thrown away.
fn first_line(stdout: ChildStdout, limit: Duration) -> Line {
    let (said, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        let read = reader
            .by_ref()
            .take(MAX_HANDSHAKE)
            .read_until(b'\n', &mut line);
        let line = match read {
            Ok(1..) => Some(String::from_utf8_lossy(&line).into_owned()),
            Ok(0) | Err(_) => None,
        };
        // Nobody listens if it came too late.
        let _ = said.send(line);
        let _ = io::copy(&mut reader, &mut io::sink());
    });
    match heard.recv_timeout(limit) {
        Ok(Some(line)) => Line::Said(line),
        Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => Line::Ended,
        Err(mpsc::RecvTimeoutError::Timeout) => Line::Nothing,
    }
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "in a way that is not known".to_owned(),
    }
}
