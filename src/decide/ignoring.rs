//! What authors told Terraform to leave alone (`ignore_changes`). Plans do not hold it; the source
//! does, where it is known.

use crate::ingest::terraform_source::{Ignore, Lifecycle};
use crate::model::{Address, AttributePath, SourceLocation, Value, WorkspaceName};

/// What every deviation says of itself where nothing is known.
pub const UNKNOWN: &str = "it is not known whether ignore_changes sets this aside: the Terraform \
    source of the resource is not known";

/// Finds the `lifecycle` block of an address.
pub trait Authors: Sync {
    /// Whether any source of the workspace is known.
    fn has_source(&self, workspace: &WorkspaceName) -> bool;

    /// `None` if it cannot be known: then nothing counts as ignored, and nothing as not ignored.
    fn lifecycle(&self, workspace: &WorkspaceName, address: &Address) -> Option<Lifecycle>;
}

/// No source at all.
pub struct NoSource;

impl Authors for NoSource {
    fn has_source(&self, _: &WorkspaceName) -> bool {
        false
    }

    fn lifecycle(&self, _: &WorkspaceName, _: &Address) -> Option<Lifecycle> {
        None
    }
}

/// How `ignore_changes` stands to one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignoring {
    /// All of it is ignored, as the source says here.
    Whole(SourceLocation),
    /// Only what lies within it at these paths is ignored.
    Within(Vec<AttributePath>, SourceLocation),
    Nothing,
    Unknown,
}

impl Ignoring {
    pub fn of(lifecycle: Option<&Lifecycle>, attribute: &AttributePath) -> Self {
        let Some(lifecycle) = lifecycle else {
            return Self::Unknown;
        };
        let Some(at) = &lifecycle.ignored_at else {
            return Self::Nothing;
        };
        let paths = match &lifecycle.ignore_changes {
            Ignore::All => return Self::Whole(at.clone()),
            Ignore::Paths(paths) => paths,
        };
        let attribute = as_tags(attribute);
        let mut within = Vec::new();
        for path in paths {
            let path = as_tags(path);
            if path.holds(&attribute) {
                return Self::Whole(at.clone());
            }
            if attribute.holds(&path) {
                within.push(path);
            }
        }
        match within.is_empty() {
            true => Self::Nothing,
            false => Self::Within(within, at.clone()),
        }
    }

    /// Where the source says that the attribute is ignored.
    pub fn whole(&self) -> Option<&SourceLocation> {
        match self {
            Self::Whole(at) => Some(at),
            Self::Within(..) | Self::Nothing | Self::Unknown => None,
        }
    }

    /// Whether two values of the attribute are the same but for what is ignored within.
    pub fn covers(&self, attribute: &AttributePath, approved: &Value, live: &Value) -> bool {
        let Self::Within(paths, _) = self else {
            return false;
        };
        let depth = as_tags(attribute).tokens().count();
        let (mut approved, mut live) = (approved.clone(), live.clone());
        for path in paths {
            let within: Vec<_> = path.tokens().skip(depth).collect();
            for side in [&mut approved, &mut live] {
                blank(side, &within);
            }
        }
        approved == live
    }

    /// What a deviation that stands says of it.
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Unknown => Some(UNKNOWN.to_owned()),
            Self::Within(paths, at) => {
                let paths: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
                Some(format!(
                    "{} ignores {} in it, and it differs elsewhere too",
                    place(at),
                    paths.join(", ")
                ))
            }
            Self::Whole(_) | Self::Nothing => None,
        }
    }
}

/// Takes the value at a path away.
fn blank<T: AsRef<str>>(value: &mut Value, path: &[T]) {
    let Some((name, rest)) = path.split_first() else {
        *value = Value::Null;
        return;
    };
    let below = match value {
        Value::Map(map) if rest.is_empty() => {
            map.remove(name.as_ref());
            return;
        }
        Value::Map(map) => map.get_mut(name.as_ref()),
        Value::List(list) => {
            let at = name.as_ref().parse::<usize>().ok();
            at.and_then(|at| list.get_mut(at))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sensitive(_) => None,
    };
    if let Some(below) = below {
        blank(below, rest);
    }
}

/// `ignore_changes at FILE:LINE`.
pub fn place(at: &SourceLocation) -> String {
    format!("ignore_changes at {}:{}", at.file, at.line)
}

/// The provider makes `tags_all` of `tags` and its own defaults, and `tags_all` is compared: who
/// ignores a tag in one ignores it in both.
fn as_tags(path: &AttributePath) -> AttributePath {
    let mut tokens = path.tokens();
    match tokens.next().as_deref() {
        Some("tags") => {
            let all = AttributePath::root().child("tags_all");
            tokens.fold(all, |path, token| path.child(&token))
        }
        Some(_) | None => path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle(ignore_changes: Ignore) -> Lifecycle {
        Lifecycle {
            ignore_changes,
            ignored_at: Some(SourceLocation {
                file: "main.tf".to_owned(),
                line: 7,
                column: 5,
            }),
            prevent_destroy: false,
        }
    }

    fn told(paths: &[&str], attribute: &str) -> String {
        let paths = paths.iter().map(|path| AttributePath::from(*path));
        let lifecycle = lifecycle(Ignore::Paths(paths.collect()));
        match Ignoring::of(Some(&lifecycle), &attribute.into()) {
            Ignoring::Whole(at) => place(&at),
            Ignoring::Within(paths, _) => {
                let paths: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
                format!("within {}", paths.join(" and "))
            }
            Ignoring::Nothing => "nothing".to_owned(),
            Ignoring::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn a_path_ignores_what_it_holds_and_no_more() {
        let whole = "ignore_changes at main.tf:7";
        assert_eq!(told(&["/a"], "/a"), whole);
        assert_eq!(told(&["/a"], "/a/0/b"), whole);
        assert_eq!(told(&["/b", "/a/0"], "/a/0/b"), whole);
        assert_eq!(told(&["/a"], "/ab"), "nothing");
        assert_eq!(told(&["/a/0/b"], "/a/0/c"), "nothing");
        assert_eq!(told(&["/a/0/b"], "/a"), "within /a/0/b");
        assert_eq!(told(&[], "/a"), "nothing");
    }

    #[test]
    fn a_tag_is_ignored_in_tags_all_too() {
        let whole = "ignore_changes at main.tf:7";
        assert_eq!(told(&["/tags"], "/tags_all/Owner"), whole);
        assert_eq!(told(&["/tags/Own~1er"], "/tags_all/Own~1er"), whole);
        assert_eq!(told(&["/tags_all"], "/tags_all/Owner"), whole);
        assert_eq!(told(&["/tags/Owner"], "/tags_all/Team"), "nothing");
        assert_eq!(
            told(&["/tags/Owner"], "/tags_all"),
            "within /tags_all/Owner"
        );
        assert_eq!(told(&["/tag"], "/tags_all/Owner"), "nothing");
    }

    #[test]
    fn what_differs_only_where_it_is_ignored_is_covered() {
        let covers = |paths: &[&str], approved: &str, live: &str| {
            let paths = paths.iter().map(|path| AttributePath::from(*path));
            let lifecycle = lifecycle(Ignore::Paths(paths.collect()));
            let read = |text: &str| crate::ingest::json::parse(text).unwrap();
            let ignoring = Ignoring::of(Some(&lifecycle), &"/a".into());
            ignoring.covers(&"/a".into(), &read(approved), &read(live))
        };
        let (approved, live) = (r#"[{"x":1,"y":2}]"#, r#"[{"x":3,"y":2}]"#);
        assert!(covers(&["/a/0/x"], approved, live));
        assert!(covers(&["/b", "/a/0/x"], approved, r#"[{"y":2}]"#));
        assert!(covers(
            &["/a/0/x", "/a/0/y"],
            approved,
            r#"[{"x":3,"y":4}]"#
        ));
        assert!(covers(&["/a/1"], "[1,2]", "[1,3]"));
        // Near misses: another place, another field too, another length.
        assert!(!covers(&["/a/1/x"], approved, live));
        assert!(!covers(&["/a/0/y"], approved, live));
        assert!(!covers(&["/a/0/x"], approved, r#"[{"x":3,"y":4}]"#));
        assert!(!covers(
            &["/a/0/x"],
            approved,
            r#"[{"x":3,"y":2},{"x":1,"y":2}]"#
        ));
        assert!(!covers(&["/a/0/x"], approved, "[]"));
    }

    #[test]
    fn all_ignores_everything_and_silence_nothing() {
        let of = |lifecycle: Option<&Lifecycle>| Ignoring::of(lifecycle, &"/a".into());
        assert!(of(Some(&lifecycle(Ignore::All))).whole().is_some());
        assert_eq!(of(Some(&Lifecycle::default())), Ignoring::Nothing);
        assert_eq!(of(None), Ignoring::Unknown);
        assert!(of(None).note().is_some_and(|note| note == UNKNOWN));
    }
}
