//! Terraform or OpenTofu as somebody who refreshes states. Only reading commands are run: nothing is
//! initialised, locked, applied or written but files in a private folder, which goes afterwards.

mod command;
mod said;
mod scratch;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::command::{Ended, Running};
use self::said::Scrub;
use self::scratch::Scratch;
use super::reason::reason;
use crate::model::{WhyNotRead, WorkspaceName};
use crate::ports::{NotRefreshed, Refreshed, StateRefresh};

/// Which workspace, where, and by what.
#[derive(Clone, Debug)]
pub struct Settings {
    pub name: String,
    pub workspace: WorkspaceName,
    /// An initialised root module.
    pub folder: PathBuf,
    /// A name that is looked for in PATH, or an absolute path.
    pub binary: PathBuf,
    /// Our variables that it gets.
    pub environment: Vec<(OsString, OsString)>,
    /// Of all commands together.
    pub timeout: Duration,
    /// Where the private folder is made.
    pub scratch_dir: PathBuf,
}

pub struct TerraformRefresh {
    settings: Settings,
    scrub: Scrub,
}

/// Never passed on: they change what the commands do or say.
const WITHHELD: [&str; 5] = [
    "TF_CLI_ARGS",
    "TF_LOG",
    "TF_REATTACH_PROVIDERS",
    "TF_INPUT",
    "TF_IN_AUTOMATION",
];

impl TerraformRefresh {
    pub fn new(mut settings: Settings) -> Self {
        let is_withheld = |name: &OsString| {
            let name = name.to_string_lossy();
            WITHHELD.iter().any(|own| name.starts_with(own))
        };
        settings.environment.retain(|(name, _)| !is_withheld(name));
        let scrub = Scrub::of(&settings.environment);
        Self { settings, scrub }
    }

    /// Whether binary and folder are there. Nothing is run.
    ///
    /// # Errors
    /// What is not there, in words.
    pub fn ready(&self) -> Result<(), String> {
        let folder = &self.settings.folder;
        match folder.metadata() {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(format!("`{}` is no folder", folder.display())),
            Err(error) => return Err(format!("`{}`: {}", folder.display(), reason(&error))),
        }
        let binary = &self.settings.binary;
        match command::find(binary) {
            Some(_) => Ok(()),
            None => Err(format!("the binary `{}` is not there", binary.display())),
        }
    }

    /// Runs one command to its end; its output goes to a file, or nowhere.
    fn run(
        &self,
        words: &[&str],
        output: Option<&Path>,
        call: &Call<'_>,
    ) -> Result<(), NotRefreshed> {
        let shown = words.first().copied().unwrap_or_default();
        let binary = self.settings.binary.display();
        let what = format!("`{binary} {shown}`");
        let unable = |error: io::Error| NotRefreshed {
            why: WhyNotRead::Unreachable,
            detail: format!("{what} cannot be run: {}", reason(&error)),
        };
        let output = output.map(|path| call.scratch.file(path)).transpose();
        let output = output.map_err(unable)?;
        let running = Running::start(&self.settings, words, output.as_ref(), call.scratch.path());
        let (ended, stderr) = running.map_err(unable)?.wait(&|| {
            let too_large = || output.as_ref().is_some_and(is_too_large);
            match (call.is_stopped)() {
                true => Some(Ended::Stopped),
                false if Instant::now() >= call.end => Some(Ended::TooLate),
                false => too_large().then_some(Ended::TooMuch),
            }
        });
        let said = self.scrub.first_error(&stderr);
        let (why, detail) = match ended {
            Ended::Well => return Ok(()),
            Ended::Stopped => (
                WhyNotRead::Unreachable,
                format!("{what} was stopped with us"),
            ),
            Ended::TooLate => {
                let limit = self.settings.timeout.as_secs();
                let detail = format!("{what} was ended: together, the commands had {limit} s");
                (WhyNotRead::Unreachable, detail)
            }
            Ended::TooMuch => (WhyNotRead::Broken, format!("{what} says more than is read")),
            Ended::Badly(how) => {
                let said = said.map_or_else(String::new, |said| format!(": {said}"));
                (said::why(&stderr), format!("{what} failed ({how}){said}"))
            }
        };
        Err(NotRefreshed { why, detail })
    }
}

/// What all commands of one refresh share.
struct Call<'c> {
    scratch: &'c Scratch,
    end: Instant,
    is_stopped: &'c dyn Fn() -> bool,
}

impl StateRefresh for TerraformRefresh {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn workspace(&self) -> &WorkspaceName {
        &self.settings.workspace
    }

    fn refresh(&self, is_stopped: &dyn Fn() -> bool) -> Result<Refreshed, NotRefreshed> {
        let end = Instant::now() + self.settings.timeout;
        self.ready().map_err(|detail| NotRefreshed {
            why: WhyNotRead::Unreachable,
            detail,
        })?;
        let lost = |error: io::Error| NotRefreshed {
            why: WhyNotRead::Unreachable,
            detail: format!("no private folder for its output: {}", reason(&error)),
        };
        let scratch = Arc::new(Scratch::make(&self.settings.scratch_dir).map_err(lost)?);
        let call = Call {
            scratch: &scratch,
            end,
            is_stopped,
        };
        let (state, shown) = (Path::new("state"), Path::new("shown"));
        self.run(&["state", "pull"], Some(state), &call)?;
        let plan = scratch.path().join("plan");
        let plan_name = plan.to_string_lossy();
        let out = format!("-out={plan_name}");
        let plan_words = [
            "plan",
            "-refresh-only",
            "-lock=false",
            "-input=false",
            "-no-color",
            &out,
        ];
        self.run(&plan_words, None, &call)?;
        self.run(&["show", "-json", &plan_name], Some(shown), &call)?;
        let open = |name: &Path| -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(Kept {
                file: File::open(scratch.path().join(name))?,
                _scratch: Arc::clone(&scratch),
            }))
        };
        Ok(Refreshed {
            plan: open(shown).map_err(lost)?,
            state: open(state).map_err(lost)?,
        })
    }
}

/// A file whose folder goes when nobody reads in it any more.
struct Kept {
    file: File,
    _scratch: Arc<Scratch>,
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

/// A plan as JSON takes some kilobytes a resource.
const MAX_OUTPUT: u64 = 4 << 30;

fn is_too_large(file: &File) -> bool {
    file.metadata().is_ok_and(|found| found.len() > MAX_OUTPUT)
}
