//! A store in memory that fails where it is told to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use driftwarden::ports::{
    Http, HttpAnswer, HttpRequest, Object, RemoteError, RemoteStore, Replaced, Stored, Version,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub bytes: Vec<u8>,
    pub locked: bool,
    version: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Inner {
    pub objects: BTreeMap<String, Kept>,
    versions: u64,
    /// Steps until the store fails once, and whether that step takes effect all the same.
    pub fuse: Option<u32>,
    pub takes_effect: bool,
    /// Nobody answers.
    pub down: bool,
}

/// Clones are the same store.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(pub Rc<RefCell<Inner>>);

impl MemoryStore {
    /// Another store with the same objects.
    pub fn copy(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    pub fn names(&self) -> Vec<String> {
        self.0.borrow().objects.keys().cloned().collect()
    }

    /// Whether this step fails, before or after it takes effect.
    fn step(&self, work: impl FnOnce(&mut Inner)) -> Result<(), RemoteError> {
        let mut inner = self.0.borrow_mut();
        let burnt = inner.fuse == Some(0) || inner.down;
        inner.fuse = inner.fuse.and_then(|left| left.checked_sub(1));
        if !burnt || inner.takes_effect {
            work(&mut inner);
        }
        match burnt {
            true => Err(RemoteError::Unreachable {
                place: "memory".to_owned(),
                what: "the fuse burnt".to_owned(),
            }),
            false => Ok(()),
        }
    }
}

impl Inner {
    fn put(&mut self, object: &Object, locked: bool) {
        self.versions += 1;
        let kept = Kept {
            bytes: object.bytes.clone(),
            locked,
            version: self.versions,
        };
        let before = self.objects.insert(object.name.clone(), kept);
        assert!(
            before.is_none_or(|before| !before.locked),
            "{} is locked",
            object.name
        );
    }
}

impl RemoteStore for MemoryStore {
    fn place(&self) -> &str {
        "memory"
    }

    fn keep(&self, objects: &[Object]) -> Result<(), RemoteError> {
        for object in objects {
            let there = self.0.borrow().objects.get(&object.name).cloned();
            match there {
                None => self.step(|inner| inner.put(object, true))?,
                Some(kept) if kept.bytes == object.bytes => {}
                Some(_) => {
                    return Err(RemoteError::Differs {
                        place: "memory".to_owned(),
                        name: object.name.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    fn set(&self, objects: &[Object]) -> Result<(), RemoteError> {
        objects
            .iter()
            .try_for_each(|object| self.step(|inner| inner.put(object, false)))
    }

    fn get(&self, name: &str, _: u64) -> Result<Option<Stored>, RemoteError> {
        self.step(|_| {})?;
        Ok(self.0.borrow().objects.get(name).map(|kept| Stored {
            bytes: kept.bytes.clone(),
            version: Version(kept.version.to_string()),
        }))
    }

    fn get_all(&self, names: &[String], limit: u64) -> Result<Vec<Option<Vec<u8>>>, RemoteError> {
        let all = names.iter().map(|name| self.get(name, limit));
        let all: Result<Vec<_>, _> = all.collect();
        Ok(all?
            .into_iter()
            .map(|one| one.map(|stored| stored.bytes))
            .collect())
    }

    fn replace(&self, object: &Object, over: Option<&Version>) -> Result<Replaced, RemoteError> {
        let there = self
            .get(&object.name, u64::MAX)?
            .map(|stored| stored.version);
        if there.as_ref() != over {
            return Ok(Replaced::Conflict);
        }
        self.step(|inner| inner.put(object, false))?;
        Ok(Replaced::Done)
    }

    fn remove(&self, names: &[String]) -> Result<(), RemoteError> {
        names.iter().try_for_each(|name| {
            self.step(|inner| {
                let removed = inner.objects.remove(name);
                assert!(removed.is_none_or(|kept| !kept.locked), "{name} is locked");
            })
        })
    }

    fn list(&self, prefix: &str) -> Result<Vec<String>, RemoteError> {
        self.step(|_| {})?;
        let mut names = self.names();
        names.retain(|name| name.starts_with(prefix));
        Ok(names)
    }
}

/// Nobody answers.
pub struct NoHttp;

impl Http for NoHttp {
    fn post(&self, request: &HttpRequest<'_>, _: u64) -> Result<HttpAnswer, RemoteError> {
        Err(RemoteError::Unreachable {
            place: request.url.to_owned(),
            what: "nobody is there".to_owned(),
        })
    }
}
