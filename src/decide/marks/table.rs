//! The table of marks as it is read from its text.

use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Table {
    ids: HashMap<&'static str, &'static str>,
    arns: HashMap<(&'static str, &'static str), &'static str>,
    calls: Vec<(&'static str, Vec<&'static str>)>,
    /// Lines that mean nothing; a test holds that there are none.
    pub(super) misread: Vec<&'static str>,
}

/// What a call acts on, by its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acts<'t> {
    /// Whatever its ids and ARNs tell.
    Whatever,
    On(&'t [&'static str]),
    Nothing,
    /// No line speaks of it.
    Unsaid,
}

impl Table {
    pub(super) fn read(text: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines() {
            let words: Vec<&'static str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                ["id", prefix, config_type] => {
                    table.ids.insert(prefix, config_type);
                }
                ["arn", service, kind, config_type] => {
                    table.arns.insert((service, kind), config_type);
                }
                ["call", call, types] => {
                    table.calls.push((call, types.split(',').collect()));
                }
                _ => table.misread.push(line),
            }
        }
        table
    }

    pub(super) fn of_id(&self, prefix: &str) -> Option<&'static str> {
        self.ids.get(prefix).copied()
    }

    pub(super) fn of_arn(&self, service: &str, kind: &str) -> Option<&'static str> {
        let kind = self.arns.get(&(service, kind));
        kind.or_else(|| self.arns.get(&(service, "-"))).copied()
    }

    pub(super) fn acts(&self, call: &str) -> Acts<'_> {
        let mut calls = self.calls.iter();
        let found = calls.find(|(pattern, _)| matches(pattern, call));
        match found.map(|(_, types)| types.as_slice()) {
            None => Acts::Unsaid,
            Some(["*"]) => Acts::Whatever,
            Some(["-"]) => Acts::Nothing,
            Some(types) => Acts::On(types),
        }
    }

    #[cfg(test)]
    pub(super) fn types(&self) -> impl Iterator<Item = &'static str> {
        let calls = self.calls.iter().flat_map(|(_, types)| types.iter());
        let all = self.ids.values().chain(self.arns.values()).chain(calls);
        all.copied().filter(|own| !matches!(*own, "*" | "-"))
    }
}

/// `*` stands for any text, also for none.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in middle {
        match rest.split_once(*part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(*last)
}

#[test]
fn a_star_stands_for_any_text() {
    for (pattern, text, is) in [
        ("ec2:*Tags", "ec2:CreateTags", true),
        ("ec2:*Tags", "ec2:CreateTagsNow", false),
        ("s3:*", "s3:PutBucketAcl", true),
        ("s3:*", "sns:Publish", false),
        ("iam:*Role*", "iam:PutRolePolicy", true),
        ("iam:*Role*", "iam:PutUserPolicy", false),
        ("iam:CreateRole", "iam:CreateRole", true),
        ("iam:CreateRole", "iam:CreateRoles", false),
        ("*:ConsoleLogin", "signin:ConsoleLogin", true),
    ] {
        assert_eq!(matches(pattern, text), is, "{pattern} {text}");
    }
}
