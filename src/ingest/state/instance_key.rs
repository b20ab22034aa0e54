//! The key of an instance, as `count` and `for_each` give it, in the writing of addresses.

use crate::ingest::json::{Fault, decode_string};

/// The key of an instance as it stands in addresses: a number, or text quoted by Terraform's rules.
///
/// # Errors
/// Neither of both.
pub fn instance_key(raw: &str) -> Result<String, Fault> {
    if !raw.starts_with('"') {
        let is_number = !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_digit());
        return match is_number {
            true => Ok(raw.to_owned()),
            false => Err("`index_key` must be a text or a whole number".into()),
        };
    }
    let key = decode_string(raw)?;
    let mut quoted = String::with_capacity(key.len() + 2);
    quoted.push('"');
    let mut rest = key.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // `${` and `%{` would begin a template.
            '$' | '%' if rest.peek() == Some(&'{') => quoted.extend([c, c]),
            c if !is_printable(c) && u32::from(c) < 0x1_0000 => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c if !is_printable(c) => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    Ok(quoted)
}

/// Terraform's notion, nearly: marks that combine with a letter are printable, spaces other than
/// the plain one are not.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // Behind a letter, so that combining marks are not escaped for standing alone.
    !c.is_whitespace() && !format!("a{c}").escape_debug().to_string().contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_keys_are_written_as_terraform_writes_them() {
        for (raw, key) in [
            ("0", "0"),
            (r#""a""#, r#""a""#),
            (r#""a\u0026b""#, r#""a&b""#),
            (r#""a\"b\\c""#, r#""a\"b\\c""#),
            (r#""${x} %{y} $z""#, r#""$${x} %%{y} $z""#),
            (r#""\u0000\u00e9\u200b""#, r#""\u0000é\u200b""#),
            ("\"e\u{301}\"", "\"e\u{301}\""),
        ] {
            assert_eq!(instance_key(raw).unwrap(), key);
        }
        assert!(instance_key("{}").is_err());
        assert!(instance_key("-1").is_err());
    }
}
