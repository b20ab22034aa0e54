//! A resource instance address taken apart: which module calls lead to which block.

/// The parts of an address that stand in the source; instance keys do not.
#[derive(Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    pub modules: Vec<&'a str>,
    pub type_name: &'a str,
    pub name: &'a str,
}

/// Splits `module.m["k"].type.name[0]`. `None` for data sources and for what is no address.
pub fn split(address: &str) -> Option<Parts<'_>> {
    let mut steps = steps(address)?.into_iter();
    let mut modules = Vec::new();
    loop {
        match steps.next()? {
            "module" => modules.push(steps.next()?),
            "data" | "ephemeral" => return None,
            type_name => {
                let name = steps.next()?;
                let parts = Parts {
                    modules,
                    type_name,
                    name,
                };
                return steps.next().is_none().then_some(parts);
            }
        }
    }
}

/// The names between the dots, instance keys left out. A key in quotes may hold anything, dots,
/// brackets and escaped quotes among them.
fn steps(address: &str) -> Option<Vec<&str>> {
    let mut steps = Vec::new();
    let mut rest = address;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (step, after) = rest.split_at_checked(end)?;
        if step.is_empty() {
            return None;
        }
        steps.push(step);
        rest = match after.strip_prefix('[') {
            Some(key) => after_key(key)?,
            None => after,
        };
        if rest.is_empty() {
            return Some(steps);
        }
        rest = rest.strip_prefix('.')?;
    }
}

fn after_key(text: &str) -> Option<&str> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (number, rest) = text.split_once(']')?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        return digits.then_some(rest);
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return quoted.split_at_checked(at)?.1.strip_prefix("\"]"),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(address: &str) -> Option<String> {
        let parts = split(address)?;
        Some(format!(
            "{:?} {} {}",
            parts.modules, parts.type_name, parts.name
        ))
    }

    #[test]
    fn keys_of_every_kind_are_left_out() {
        let plain = Some(r#"["x", "y"] aws_s3_bucket this"#.to_owned());
        assert_eq!(show("module.x.module.y.aws_s3_bucket.this"), plain);
        assert_eq!(
            show(r#"module.x["k"].module.y[0].aws_s3_bucket.this["a"]"#),
            plain
        );
        assert_eq!(
            show(r#"module.x["a.b[c]\"]."].module.y.aws_s3_bucket.this[12]"#),
            plain
        );
        assert_eq!(show("aws_vpc.a"), Some("[] aws_vpc a".to_owned()));
    }

    #[test]
    fn what_is_no_managed_resource_is_refused() {
        for address in [
            "",
            "aws_vpc",
            "data.aws_vpc.a",
            "module.x",
            "module.x.aws_vpc",
            "aws_vpc.a.b",
            "aws_vpc.a[",
            "aws_vpc.a[x]",
            r#"aws_vpc.a["x]"#,
            "aws_vpc..a",
            "aws_vpc.a[0]b",
        ] {
            assert_eq!(show(address), None, "{address}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_split_or_refused(text in r#"[a-z\.\[\]"\\é0-9]{0,40}"#) {
            let _ = split(&text);
        }

        #[test]
        fn any_key_is_left_out(key in any::<String>()) {
            let quoted = serde_json::to_string(&key).unwrap();
            let address = format!("module.m[{quoted}].aws_vpc.a[{quoted}]");
            prop_assert_eq!(show(&address), Some(r#"["m"] aws_vpc a"#.to_owned()));
        }
    }
}
