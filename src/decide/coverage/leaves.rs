//! The values within an attribute, and what becomes of the whole where its parts differ.

use std::collections::BTreeSet;

use super::Told;
use crate::model::{AttributePath, Value, Watching};

/// The pointers of all that is set in a value. What holds nothing is set as it stands.
pub(super) fn collect(value: &Value, pointer: &AttributePath, leaves: &mut Vec<AttributePath>) {
    match value {
        Value::Null => {}
        Value::Map(map) if map.values().any(|value| !value.is_null()) => {
            for (name, value) in map {
                collect(value, &pointer.child(name), leaves);
            }
        }
        Value::List(list) if !list.is_empty() => {
            for (index, value) in list.iter().enumerate() {
                collect(value, &pointer.child(&index.to_string()), leaves);
            }
        }
        Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sensitive(_)
        | Value::List(_)
        | Value::Map(_) => leaves.push(pointer.clone()),
    }
}

/// What became of an attribute, from what became of each value in it.
pub(super) fn whole(told: &[(Told, &AttributePath)]) -> Told {
    let Some(((first, why), _)) = told.first() else {
        return (Watching::Computed, String::new());
    };
    let is_watched = |told: &&(Told, &AttributePath)| told.0.0.is_watched();
    if told.iter().all(|((watching, _), _)| watching == first) {
        let mut whys = told.iter().map(|((_, own), _)| own);
        // Parts that are set aside for different reasons: the first stands for them.
        return (
            *first,
            whys.find(|own| !own.is_empty()).unwrap_or(why).clone(),
        );
    }
    if told.iter().all(|told| is_watched(&told)) {
        return (Watching::Compared, String::new());
    }
    if told.iter().any(|told| is_watched(&told)) {
        let rest = told.iter().filter(|told| !is_watched(told));
        let names: BTreeSet<String> = rest.map(|(_, leaf)| without_places(leaf)).collect();
        let names: Vec<String> = names.into_iter().collect();
        let rest = told.iter().filter(|told| !is_watched(told));
        let whys: BTreeSet<&str> = rest.map(|((_, why), _)| why.as_str()).collect();
        let mut whys = whys.into_iter();
        let why = match (whys.next(), whys.next()) {
            (Some(only), None) if !only.is_empty() => format!(" ({only})"),
            _ => String::new(),
        };
        return (
            Watching::InPart,
            format!("without {}{why}", names.join(", ")),
        );
    }
    // Nothing of it is watched, for more than one reason: the weightiest stands for them.
    let worst = told.iter().map(|(told, _)| told).max();
    worst.cloned().unwrap_or((*first, why.clone()))
}

/// The tokens of a pointer without places in lists.
pub(super) fn names(pointer: &AttributePath) -> Vec<String> {
    let is_name = |token: &String| token.parse::<usize>().is_err();
    pointer.tokens().filter(is_name).collect()
}

/// The pointer as people name it below its attribute: `rule.status` for `/x/0/rule/0/status`.
fn without_places(pointer: &AttributePath) -> String {
    let names = names(pointer);
    names.get(1..).unwrap_or_default().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::parse;

    fn leaves(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let root = AttributePath::from("/a");
        collect(&parse(text).unwrap(), &root, &mut found);
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_that_is_set_is_found() {
        assert_eq!(leaves("5"), ["/a"]);
        assert_eq!(leaves("[]"), ["/a"]);
        assert_eq!(leaves(r#"{"b":null}"#), ["/a"]);
        assert_eq!(
            leaves(r#"[{"b":1,"c":null,"d":[]},{"b":2}]"#),
            ["/a/0/b", "/a/0/d", "/a/1/b"]
        );
    }

    #[test]
    fn an_attribute_is_compared_where_all_of_it_is() {
        let parts = |parts: &[(Watching, &str)]| {
            let paths: Vec<AttributePath> = ["/a/0/b", "/a/0/c", "/a/1/c"].map(Into::into).into();
            let told = parts.iter().zip(&paths);
            let told: Vec<(Told, &AttributePath)> = told
                .map(|((watching, why), path)| ((*watching, (*why).to_owned()), path))
                .collect();
            whole(&told)
        };
        let (watched, aside) = ((Watching::Compared, ""), (Watching::SetAside, "because"));
        let lost = (Watching::NotCarried, "");
        assert_eq!(parts(&[watched, watched]).0, Watching::Compared);
        assert_eq!(parts(&[watched, (Watching::Key, "")]).0, Watching::Compared);
        assert_eq!(
            parts(&[watched, aside, lost]),
            (Watching::InPart, "without c".to_owned())
        );
        assert_eq!(
            parts(&[aside, aside]),
            (Watching::SetAside, "because".to_owned())
        );
        assert_eq!(parts(&[aside, lost]).0, Watching::NotCarried);
        assert_eq!(
            parts(&[]).0,
            Watching::Computed,
            "nothing is left that anybody sets"
        );
    }
}
