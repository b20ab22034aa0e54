//! A channel for trials: one line of JSON for each message, in a file or on stdout.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::adapters::reason::reason;
use crate::model::Page;
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::line;

pub struct FileAlerts {
    name: String,
    /// `-`: stdout.
    path: PathBuf,
}

impl FileAlerts {
    pub fn new(name: String, path: PathBuf) -> Self {
        Self { name, path }
    }

    fn write(&self, line: &[u8]) -> io::Result<()> {
        if self.path == Path::new("-") {
            let mut out = io::stdout().lock();
            out.write_all(line)?;
            return out.flush();
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // It names people.
            options.mode(0o640);
        }
        // One write: lines of several processes do not mix.
        options.open(&self.path)?.write_all(line)
    }
}

impl Channel for FileAlerts {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    fn send(&self, page: &Page, thread: Option<&str>) -> Result<Delivered, ChannelError> {
        self.write(&line(page))
            .map_err(|error| ChannelError::Passing {
                channel: self.name.clone(),
                what: format!("`{}`: {}", self.path.display(), reason(&error)),
                wait: None,
            })?;
        Ok(Delivered {
            answer: "written".to_owned(),
            thread: Some(thread.unwrap_or(&page.key).to_owned()),
        })
    }
}
