//! Which files of a configuration are watched, and the watch that follows it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use glob::Pattern;

use crate::adapters::files::read_text;
use crate::adapters::watch::{FileWatch, Files, Interest, Own};
use crate::config::{self, Config};
use crate::ports::{Listener, Touched, Watching};

/// A watch that is made anew when the configuration names other files.
pub struct ConfiguredWatch {
    path: PathBuf,
    text: String,
    watch: FileWatch,
    listener: Arc<dyn Listener>,
}

impl ConfiguredWatch {
    /// # Errors
    /// The operating system gives no watch.
    pub fn new(
        path: PathBuf,
        config: &Config,
        listener: Arc<dyn Listener>,
    ) -> Result<Self, String> {
        let watch = FileWatch::new(interests(&path, config), own(config), Arc::clone(&listener));
        Ok(Self {
            text: read_text(&path, config::MAX_BYTES as u64).unwrap_or_default(),
            watch: watch.map_err(|error| format!("files cannot be watched: {error}"))?,
            path,
            listener,
        })
    }

    /// The watch for the configuration as it is now, if it is another and good.
    fn renewed(&mut self) -> Option<FileWatch> {
        let text = read_text(&self.path, config::MAX_BYTES as u64).ok()?;
        if text == self.text {
            return None;
        }
        let config = config::parse(&self.path.display().to_string(), &text).ok()?;
        self.text = text;
        let interests = interests(&self.path, &config);
        FileWatch::new(interests, own(&config), Arc::clone(&self.listener)).ok()
    }
}

impl Watching for ConfiguredWatch {
    fn again(&mut self) {
        match self.renewed() {
            Some(watch) => self.watch = watch,
            None => self.watch.again(),
        }
    }
}

/// Every file that a configuration names, itself included.
fn interests(path: &Path, config: &Config) -> Vec<Interest> {
    let mut all = vec![interest(Touched::Written, Files::One(path.to_owned()))];
    let mut written = |path: &Path| {
        let path = config.resolve(path);
        all.extend(named(&path).map(|files| interest(Touched::Written, files)));
    };
    for baseline in &config.baselines {
        written(&baseline.plan);
        let others = [&baseline.state, &baseline.schema, &baseline.source];
        others.into_iter().flatten().for_each(|path| written(path));
    }
    if let Some(changes) = &config.changes {
        written(&changes.dir);
    }
    if let Some(identity) = &config.identity {
        written(&identity.file);
    }
    if let Some(waivers) = &config.waivers {
        written(&waivers.dir);
    }
    let rules = config.rules.iter().flat_map(|rules| &rules.dirs);
    rules.for_each(|dir| written(dir));
    let live = config.live.iter().flat_map(|live| &live.files);
    let trails = config.activity.iter().flat_map(|trail| &trail.files);
    let base = Pattern::escape(&config.base_dir.display().to_string());
    for pattern in live.chain(trails) {
        let absolute = match Path::new(pattern).is_absolute() {
            true => pattern.clone(),
            false => format!("{base}/{pattern}"),
        };
        let pattern = Pattern::new(&absolute).ok();
        let files = pattern.map(Files::Matching);
        all.extend(files.map(|files| interest(Touched::Observed, files)));
    }
    all.push(interest(Touched::Inbox, Files::Folder(config.inbox())));
    all
}

fn interest(what: Touched, files: Files) -> Interest {
    Interest { what, files }
}

/// A file, a folder, or a pattern whose `*` stands for a workspace.
fn named(path: &Path) -> Option<Files> {
    let text = path.display().to_string();
    if text.contains('*') {
        return Pattern::new(&text).ok().map(Files::Matching);
    }
    Some(match path.is_dir() {
        true => Files::Folder(path.to_owned()),
        false => Files::One(path.to_owned()),
    })
}

/// What the engine writes itself, under every name that it may be told by.
fn own(config: &Config) -> Own {
    let dirs = [&config.evidence.dir, &config.evidence.keys];
    let dirs = dirs.into_iter().map(|dir| config.resolve(dir));
    let own = dirs.flat_map(|dir| {
        let real = dir.canonicalize().ok();
        std::iter::once(dir).chain(real)
    });
    Own(own.collect())
}
