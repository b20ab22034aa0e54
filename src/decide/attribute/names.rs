//! The forms that one resource's name takes in trails and in live items.

use crate::model::Deviation;

/// One name of the deviating resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub text: String,
    pub reach: Reach,
}

/// Within what a name is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// An ARN, an id that AWS gave out: there is no second one.
    Everywhere,
    /// What the provider calls it: one per account and Region, for its type.
    Account,
    /// A further name that may be another resource's too.
    Unsure,
}

/// Every name of the resource in every form, sorted by text, the widest reach kept.
pub(super) fn of(deviation: &Deviation) -> Vec<Name> {
    let provider_id = deviation.provider_id.as_ref().map(|id| id.as_str());
    let type_name = deviation.type_name.as_str();
    // No two buckets in the world have one name.
    let is_bucket = type_name.starts_with("aws_s3_bucket");
    let own = if is_bucket {
        Reach::Everywhere
    } else {
        Reach::Account
    };
    let parts = provider_id
        .map(|id| parts(type_name, id))
        .unwrap_or_default();
    let subjects = deviation.subjects.iter().map(String::as_str);
    let mut names = Vec::new();
    for text in provider_id.into_iter().chain(parts).chain(subjects) {
        let text = text.trim_end_matches(":*");
        let reach = if is_unique(text) {
            Reach::Everywhere
        } else if Some(text) == provider_id {
            own
        } else {
            Reach::Unsure
        };
        let forms = forms(text)
            .into_iter()
            .map(|form| (form, Reach::Everywhere));
        let tail = arn_tail(text).map(|tail| (tail.to_owned(), Reach::Unsure));
        let all = std::iter::once((text.to_owned(), reach))
            .chain(forms)
            .chain(tail);
        names.extend(all.map(|(text, reach)| Name { text, reach }));
    }
    names.retain(|name| !name.text.is_empty());
    names.sort();
    names.dedup_by(|later, first| later.text == first.text);
    names
}

/// The two things that a resource ties together, where its id names both: `role/arn:…` of an
/// attachment, `role:policy` of an inline policy.
fn parts<'t>(type_name: &str, id: &'t str) -> Vec<&'t str> {
    if let Some(at) = id.find("/arn:") {
        let (role, policy) = id.split_at_checked(at).unwrap_or((id, ""));
        return vec![role, policy.trim_start_matches('/')];
    }
    let inline = matches!(
        type_name,
        "aws_iam_role_policy" | "aws_iam_user_policy" | "aws_iam_group_policy"
    );
    if inline {
        id.split(':').collect()
    } else {
        Vec::new()
    }
}

/// Other texts that mean the same single resource: the ARN of a queue's URL, the id in an ARN.
pub(super) fn forms(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    if let Some(arn) = queue_arn(text) {
        forms.push(arn);
    }
    if let Some(bucket) = text
        .strip_prefix("arn:aws:s3:::")
        .filter(|rest| !rest.contains('/'))
    {
        forms.push(bucket.to_owned());
    }
    if let Some((function, _)) = text.split_once(":function:").filter(|_| is_arn(text)) {
        let mut parts = text.split(':').skip(function.split(':').count() + 1);
        if let (Some(name), Some(_)) = (parts.next(), parts.next()) {
            forms.push(format!("{function}:function:{name}"));
        }
    }
    if let Some(tail) = arn_tail(text).filter(|tail| is_unique(tail)) {
        forms.push(tail.to_owned());
    }
    forms
}

fn is_unique(text: &str) -> bool {
    is_arn(text) || is_typed_id(text) || is_uuid(text)
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').count() >= 6
}

/// What stands after the last `/` or `:` of an ARN.
fn arn_tail(text: &str) -> Option<&str> {
    let tail = text.rsplit(['/', ':']).next()?;
    (is_arn(text) && !tail.is_empty()).then_some(tail)
}

/// `vol-0abc…`: letters, then 8 or 17 digits of hex.
pub fn is_typed_id(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(prefix, hex)| {
        let hex_digits = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let letters = prefix
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        letters && hex_digits && matches!(hex.len(), 8 | 17)
    })
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    let hex = text
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    hex && lengths.eq([8, 4, 4, 4, 12])
}

/// `https://sqs.eu-west-1.amazonaws.com/111122223333/name`
pub(in crate::decide) fn queue_arn(url: &str) -> Option<String> {
    let (host, path) = url.strip_prefix("https://")?.split_once('/')?;
    let (account, name) = path.split_once('/')?;
    let named = host.strip_suffix(".amazonaws.com")?;
    let region = named
        .strip_prefix("sqs.")
        .or_else(|| named.strip_suffix(".queue"))?;
    Some(format!("arn:aws:sqs:{region}:{account}:{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_mean_the_same_resource() {
        let url = "https://sqs.eu-west-1.amazonaws.com/111122223333/captures";
        assert_eq!(forms(url), ["arn:aws:sqs:eu-west-1:111122223333:captures"]);
        assert_eq!(forms("arn:aws:s3:::ledger"), ["ledger"]);
        assert!(forms("arn:aws:s3:::ledger/key").is_empty());
        let function = "arn:aws:lambda:eu-west-1:1:function:pay";
        assert_eq!(forms(&format!("{function}:7")), [function]);
        assert!(forms(function).is_empty());
        let group = "arn:aws:ec2:eu-west-1:1:security-group/sg-0123456789abcdef0";
        assert_eq!(forms(group), ["sg-0123456789abcdef0"]);
        let key = "arn:aws:kms:eu-west-1:1:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(forms(key), ["1234abcd-12ab-34cd-56ef-1234567890ab"]);
        assert!(
            forms("arn:aws:iam::1:role/ben").is_empty(),
            "a user may be called ben as well"
        );
        assert!(forms("ledger").is_empty());
    }

    #[test]
    fn ids_and_names_are_told_apart() {
        for unique in [
            "sg-0abcdef1",
            "arn:aws:iam::1:role/a",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert!(is_unique(unique), "{unique}");
        }
        for name in ["payments", "pay-db", "pay-2024", "arn:aws:x"] {
            assert!(!is_unique(name), "{name}");
        }
    }
}
