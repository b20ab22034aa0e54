//! The names that stand for an ARN where a provider keeps a name of it.

/// What a provider makes of the ARN of a role that AWS keeps for a service, by version: its first part, or
/// its whole path.
const OF_A_SERVICE: &str = "aws-service-role";

pub(super) fn is_arn_of(name: &str, arn: &str) -> bool {
    names(arn).any(|own| own == name)
}

/// The names that stand for an ARN: its last part, of a role with a path also `/path/name`.
pub(super) fn names(arn: &str) -> impl Iterator<Item = &str> {
    let resource = arn.splitn(6, ':').nth(5);
    let resource = resource.filter(|_| arn.starts_with("arn:"));
    // `family:revision` is a name, too.
    let last = resource
        .and_then(|own| own.rsplit_once('/'))
        .map(|(_, last)| last);
    let path = resource.and_then(|own| own.strip_prefix("role"));
    let path = path.filter(|path| path.starts_with('/') && path.matches('/').count() > 1);
    let service = path.and_then(|path| path.strip_prefix('/')?.split_once('/'));
    let service = service
        .map(|(first, _)| first)
        .filter(|first| *first == OF_A_SERVICE);
    let names = [last, path, service].into_iter().flatten();
    names.filter(|name| !name.is_empty())
}
