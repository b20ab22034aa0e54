//! The expressions of advanced queries, each within what AWS Config takes.

/// The longest expression, in characters.
pub const LONGEST: usize = 4_096;

const SELECT: &str = "SELECT resourceType, resourceId, resourceName, arn, accountId, awsRegion, \
    configurationItemCaptureTime, configurationItemStatus, configuration, \
    supplementaryConfiguration, tags WHERE ";

/// Text as an expression quotes it; `None` for what it could not hold with certainty.
fn quoted(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\'' | '"' | '\\' | '%');
    (!text.is_empty() && text.chars().all(is_plain)).then(|| format!("'{text}'"))
}

/// Which part of what can be asked a query is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Within {
    pub account: Option<String>,
    /// Empty for all.
    pub regions: Vec<String>,
}

impl Within {
    fn conditions(&self) -> String {
        let mut all = String::new();
        if let Some(account) = self.account.as_deref().and_then(quoted) {
            all.push_str(&format!("accountId = {account} AND "));
        }
        if !self.regions.is_empty() {
            let regions = self.regions.iter().filter_map(|region| quoted(region));
            all.push_str(&format!(
                "awsRegion IN ({}) AND ",
                regions.collect::<Vec<_>>().join(", ")
            ));
        }
        all
    }

    /// The expression for these types.
    pub fn of_types(&self, types: &[Box<str>]) -> String {
        let types = types.iter().filter_map(|own| quoted(own));
        let types = types.collect::<Vec<_>>().join(", ");
        format!("{SELECT}{}resourceType IN ({types})", self.conditions())
    }

    /// As few sets of the types as there can be in this order, each with an expression that is not
    /// too long.
    pub fn packed(&self, types: &[Box<str>]) -> Vec<Vec<Box<str>>> {
        let empty = self.of_types(&[]).len();
        let mut sets: Vec<Vec<Box<str>>> = Vec::new();
        let mut length = usize::MAX;
        for own in types {
            // Two quotes, a comma and a space.
            let more = own.len() + 4;
            match sets.last_mut() {
                Some(set) if length.saturating_add(more) <= LONGEST => {
                    set.push(own.clone());
                    length += more;
                }
                _ => {
                    sets.push(vec![own.clone()]);
                    length = empty + more;
                }
            }
        }
        sets
    }

    /// The expression for single resources of one type, by names that were given for them; `None`
    /// where none of the names can stand in an expression.
    pub fn of_resources(&self, config_type: &str, names: &Names<'_>) -> Option<String> {
        let lists = [
            ("resourceId", &names.ids),
            ("resourceName", &names.names),
            ("arn", &names.arns),
        ];
        let lists = lists.into_iter().filter_map(|(field, names)| {
            let names: Vec<String> = names.iter().filter_map(|name| quoted(name)).collect();
            (!names.is_empty()).then(|| format!("{field} IN ({})", names.join(", ")))
        });
        let lists: Vec<String> = lists.collect();
        let config_type = quoted(config_type)?;
        let expression = format!(
            "{SELECT}{}resourceType = {config_type} AND ({})",
            self.conditions(),
            lists.join(" OR ")
        );
        (!lists.is_empty() && expression.len() <= LONGEST).then_some(expression)
    }
}

/// What single resources are called.
#[derive(Clone, Debug, Default)]
pub struct Names<'n> {
    pub ids: Vec<&'n str>,
    pub names: Vec<&'n str>,
    pub arns: Vec<&'n str>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_expression_reads_as_config_takes_it() {
        let within = Within {
            account: Some("111122223333".to_owned()),
            regions: vec!["eu-west-1".to_owned(), "global".to_owned()],
        };
        let types = ["AWS::S3::Bucket".into(), "AWS::SNS::Topic".into()];
        let expression = within.of_types(&types);
        assert!(expression.starts_with("SELECT resourceType, resourceId, "));
        assert!(expression.ends_with(
            "tags WHERE accountId = '111122223333' AND awsRegion IN ('eu-west-1', 'global') AND \
             resourceType IN ('AWS::S3::Bucket', 'AWS::SNS::Topic')"
        ));
    }

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        let within = Within::default();
        let names = |id| Names {
            ids: vec![id],
            ..Names::default()
        };
        let good = within.of_resources("AWS::S3::Bucket", &names("a-bucket"));
        assert!(good.unwrap().ends_with("(resourceId IN ('a-bucket'))"));
        for wrong in ["a' OR 'a' = 'a", "a\\", "", "a b"] {
            assert_eq!(within.of_resources("AWS::S3::Bucket", &names(wrong)), None);
        }
    }

    proptest! {
        #[test]
        fn every_type_is_asked_for_once_and_no_expression_is_too_long(
            types in prop::collection::vec("AWS::[A-Za-z0-9]{2,40}::[A-Za-z0-9]{2,60}", 0..600),
            account in prop::option::of("[0-9]{12}"),
            regions in prop::collection::vec("[a-z]{2}-[a-z]{4,9}-[1-4]", 0..20),
        ) {
            let types: Vec<Box<str>> = types.into_iter().map(Box::from).collect();
            let within = Within { account, regions };
            let sets = within.packed(&types);
            for set in &sets {
                prop_assert!(!set.is_empty());
                prop_assert!(within.of_types(set).len() <= LONGEST);
            }
            prop_assert_eq!(sets.concat(), types);
        }
    }
}
