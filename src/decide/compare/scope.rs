//! What the search for unmanaged resources covers.

/// Empty lists mean "all that was observed".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    /// Terraform types; `*` stands for any text.
    pub types: Vec<String>,
}

impl Scope {
    pub fn covers_account(&self, account: &str) -> bool {
        self.accounts.is_empty() || account.is_empty() || self.accounts.iter().any(|a| a == account)
    }

    pub fn covers_region(&self, region: &str) -> bool {
        self.regions.is_empty()
            || region.is_empty()
            || region == "global"
            || self.regions.iter().any(|r| r == region)
    }

    pub fn covers_type(&self, type_name: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|pattern| matches(pattern, type_name))
    }
}

/// Whether `pattern`, in which `*` stands for any text, matches the whole of `text`.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs() {
        assert!(matches("aws_s3_*", "aws_s3_bucket"));
        assert!(matches("aws_*_policy", "aws_s3_bucket_policy"));
        assert!(matches("*", ""));
        assert!(!matches("aws_s3_*", "aws_sns_topic"));
        assert!(!matches("aws_s3_bucket", "aws_s3_bucket_policy"));
        assert!(!matches("a*ab*b", "ab"));
    }
}
