//! Whether a call can have made a deviation, by the tables beside this file.

use std::sync::LazyLock;

use super::table::{Kind, Row, Table};
use crate::model::{Deviation, DeviationKind};

/// How a call stands to a deviation of a resource that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It makes just such a deviation.
    Exact,
    /// As `Exact`, if it names two of the resource's names.
    ExactIfBoth,
    /// It alters resources of this kind, one cannot say in what.
    Possible,
    /// It names the resource, but belongs to a service that may have nothing to do with it.
    Remote,
}

/// What changed, as the table's kinds and attributes see it.
pub(super) struct Target<'d> {
    type_name: &'d str,
    kind: Kind,
    attribute: Option<&'d str>,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::read(include_str!("calls.txt"), include_str!("services.txt")));

impl<'d> Target<'d> {
    /// `None` for findings about a plan, which no call to the cloud makes.
    pub(super) fn of(deviation: &'d Deviation) -> Option<Self> {
        let attribute = deviation.attribute.as_ref().map(|path| path.as_str());
        let kind = match deviation.kind {
            DeviationKind::Changed => Kind::Changed,
            DeviationKind::AppliedNotApproved if attribute.is_some() => Kind::Changed,
            DeviationKind::Missing => Kind::Missing,
            DeviationKind::Unmanaged => Kind::Unmanaged,
            DeviationKind::AppliedNotApproved
            | DeviationKind::UnapprovedPlan
            | DeviationKind::PlanTampered => return None,
        };
        Some(Self {
            type_name: deviation.type_name.as_str(),
            kind,
            attribute,
        })
    }

    /// How the call stands to it; `None` if it cannot have made it.
    pub(super) fn fit(&self, call: &str) -> Option<Fit> {
        let (service, operation) = call.split_once(':')?;
        let operation = unversioned(operation);
        let home = self.is_home(service);
        let named = TABLE.rows.get(format!("{service}:{operation}").as_str());
        let general = TABLE.rows.get(format!("*:{operation}").as_str());
        if named.is_none() && general.is_none() {
            return self.fit_by_name(operation, home);
        }
        // The tagging service tags everybody's resources.
        let own = home != Some(false) || service == "tagging";
        let rows = named.into_iter().chain(general).flatten();
        let mut fitting = rows.filter(|row| row.fits(self, own)).peekable();
        fitting.peek()?;
        Some(if fitting.all(|row| row.both) {
            Fit::ExactIfBoth
        } else {
            Fit::Exact
        })
    }

    /// For calls that no row speaks of: `DeleteTable` ends a `…_table` and nothing else.
    fn fit_by_name(&self, operation: &str, home: Option<bool>) -> Option<Fit> {
        let (verb, noun) = split_verb(operation);
        let (can, whole) = match verb {
            "Create" | "Run" | "Allocate" | "Import" | "Restore" | "Copy" | "Register" => {
                (self.kind == Kind::Unmanaged, true)
            }
            "Delete" | "Terminate" | "Release" | "Deregister" => (self.kind == Kind::Missing, true),
            "Add" | "Attach" | "Associate" | "Authorize" | "Put" => {
                (self.kind != Kind::Missing, false)
            }
            "Remove" | "Detach" | "Disassociate" | "Revoke" => {
                (self.kind != Kind::Unmanaged, false)
            }
            _ => (self.kind == Kind::Changed, false),
        };
        match (can, home) {
            (false, _) | (_, Some(false)) => None,
            (true, Some(true)) if whole && self.is_a(noun) => Some(Fit::Exact),
            (true, Some(true)) => Some(Fit::Possible),
            (true, None) => Some(Fit::Remote),
        }
    }

    /// Whether the service's calls act on this type; `None` if that is not known.
    fn is_home(&self, service: &str) -> Option<bool> {
        let known = TABLE
            .services
            .iter()
            .filter(|(prefix, _)| self.type_name.starts_with(*prefix));
        match known.max_by_key(|(prefix, _)| prefix.len()) {
            Some((_, services)) => Some(services.contains(&service)),
            None => {
                let mut words = self.type_name.split('_').skip(1);
                (words.next() == Some(service)).then_some(true)
            }
        }
    }

    /// Whether `DBCluster`, in the words of the API, is this type.
    fn is_a(&self, noun: &str) -> bool {
        let snake = snake(noun);
        let before = self.type_name.strip_suffix(snake.as_str());
        !snake.is_empty() && before.is_some_and(|before| before.ends_with('_'))
    }
}

impl Row {
    fn fits(&self, target: &Target<'_>, own_service: bool) -> bool {
        let of_type =
            self.types.contains(&target.type_name) || (own_service && self.types.contains(&"*"));
        let attribute = match (target.kind, target.attribute) {
            (Kind::Changed, Some(path)) => self.attributes.iter().any(|held| holds(held, path)),
            (Kind::Changed, None) => false,
            (Kind::Missing | Kind::Unmanaged, _) => true,
        };
        of_type && attribute && self.kinds.contains(&target.kind)
    }
}

/// Whether a pointer is at or below another.
fn holds(above: &str, path: &str) -> bool {
    above == "*"
        || path
            .strip_prefix(above)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// `UpdateFunctionConfiguration20150331v2` and `CreateDistribution2020_05_31` without their dates.
fn unversioned(operation: &str) -> &str {
    let dated = |c: char| c.is_ascii_digit() || c == '_' || c == 'v';
    let name = operation.trim_end_matches(dated);
    let tail = operation.strip_prefix(name).unwrap_or_default();
    let date = tail.split('v').next().unwrap_or_default();
    let digits = date.chars().filter(char::is_ascii_digit).count();
    if digits == 8 { name } else { operation }
}

/// `DeleteTable` in two; a call of one word is all verb.
fn split_verb(operation: &str) -> (&str, &str) {
    let second = operation
        .char_indices()
        .skip(1)
        .find(|(_, c)| c.is_ascii_uppercase());
    let end = second.map_or(operation.len(), |(at, _)| at);
    operation.split_at_checked(end).unwrap_or((operation, ""))
}

/// `DBInstance` becomes `db_instance`.
fn snake(noun: &str) -> String {
    let mut text = String::with_capacity(noun.len() + 4);
    let mut before = '_';
    let mut letters = noun.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_capitals = letters.peek().is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && ends_capitals))
        {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
        before = letter;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(call: &str, type_name: &str, attribute: Option<&str>, kind: Kind) -> Option<Fit> {
        Target {
            type_name,
            kind,
            attribute,
        }
        .fit(call)
    }

    #[test]
    fn every_line_of_the_tables_means_something() {
        assert_eq!(TABLE.misread, Vec::<&str>::new());
        for (call, rows) in &TABLE.rows {
            let (service, _) = call.split_once(':').unwrap();
            for row in rows {
                assert!(
                    row.types
                        .iter()
                        .all(|kind| *kind == "*" || kind.starts_with("aws_"))
                );
                let about_attributes = row.kinds.contains(&Kind::Changed);
                assert_eq!(about_attributes, row.attributes != ["-"], "{call}");
                let form = |path: &&str| path.starts_with('/') || **path == *"*" || **path == *"-";
                assert!(row.attributes.iter().all(form), "{call}");
                for type_name in row.types.iter().filter(|name| **name != "*") {
                    let target = Target {
                        type_name,
                        kind: Kind::Changed,
                        attribute: None,
                    };
                    assert_eq!(target.is_home(service), Some(true), "{call} {type_name}");
                }
            }
        }
    }

    #[test]
    fn a_call_fits_its_attribute_and_no_other() {
        let sg = |call, path| fit(call, "aws_security_group", Some(path), Kind::Changed);
        assert_eq!(
            sg("ec2:AuthorizeSecurityGroupIngress", "/ingress"),
            Some(Fit::Exact)
        );
        assert_eq!(
            sg(
                "ec2:AuthorizeSecurityGroupIngress",
                "/ingress/0/cidr_blocks"
            ),
            Some(Fit::Exact)
        );
        assert_eq!(sg("ec2:AuthorizeSecurityGroupIngress", "/egress"), None);
        assert_eq!(
            sg("ec2:AuthorizeSecurityGroupIngress", "/ingress_more"),
            None
        );
        assert_eq!(sg("ec2:CreateTags", "/tags_all/Owner"), Some(Fit::Exact));
        assert_eq!(sg("ec2:CreateTags", "/ingress"), None);
        assert_eq!(
            sg("ec2:RunInstances", "/ingress"),
            None,
            "it only mentions the group"
        );
        assert_eq!(sg("sqs:TagResource", "/tags_all/Owner"), None);
        assert_eq!(
            sg("tagging:TagResources", "/tags_all/Owner"),
            Some(Fit::Exact)
        );
    }

    #[test]
    fn versions_in_names_do_not_matter() {
        let timeout = |call| fit(call, "aws_lambda_function", Some("/timeout"), Kind::Changed);
        assert_eq!(
            timeout("lambda:UpdateFunctionConfiguration20150331v2"),
            Some(Fit::Exact)
        );
        assert_eq!(
            timeout("lambda:UpdateFunctionConfiguration"),
            Some(Fit::Exact)
        );
        assert_eq!(timeout("lambda:UpdateFunctionCode20150331v2"), None);
        assert_eq!(
            unversioned("CreateDistribution2020_05_31"),
            "CreateDistribution"
        );
        assert_eq!(unversioned("PutV4"), "PutV4");
        assert_eq!(unversioned(""), "");
    }

    #[test]
    fn whole_resources_are_made_and_ended_by_their_own_calls() {
        let missing = |call, kind| fit(call, kind, None, Kind::Missing);
        assert_eq!(
            missing("dynamodb:DeleteTable", "aws_dynamodb_table"),
            Some(Fit::Exact)
        );
        assert_eq!(missing("dynamodb:CreateTable", "aws_dynamodb_table"), None);
        assert_eq!(
            missing("dynamodb:DeleteBackup", "aws_dynamodb_table"),
            Some(Fit::Possible)
        );
        assert_eq!(missing("glue:DeleteJob", "aws_glue_job"), Some(Fit::Exact));
        assert_eq!(
            missing("ec2:TerminateInstances", "aws_instance"),
            Some(Fit::Exact)
        );
        assert_eq!(missing("s3:DeleteBucket", "aws_iam_role"), None);
        let unmanaged = |call, kind| fit(call, kind, None, Kind::Unmanaged);
        assert_eq!(
            unmanaged("iam:CreateRole", "aws_iam_role"),
            Some(Fit::Exact)
        );
        assert_eq!(unmanaged("ec2:RunInstances", "aws_subnet"), None);
    }

    #[test]
    fn calls_that_no_row_speaks_of_count_by_service() {
        let changed = |call, kind| fit(call, kind, Some("/x"), Kind::Changed);
        assert_eq!(
            changed("glue:UpdateJob", "aws_glue_job"),
            Some(Fit::Possible)
        );
        assert_eq!(changed("glue:UpdateJob", "aws_iam_role"), None);
        assert_eq!(
            changed("logs:UpdateSomething", "aws_oddity_thing"),
            Some(Fit::Remote)
        );
        assert_eq!(changed("no-colon", "aws_glue_job"), None);
        assert_eq!(snake("DBInstance"), "db_instance");
        assert_eq!(snake("VpcEndpoint"), "vpc_endpoint");
    }
}
