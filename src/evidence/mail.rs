//! E-mail addresses in text. They name people whether anybody's map knows them or not.

/// The text with what `stand_in` gives for each address in it; nothing leaves the address as it is.
pub fn replace(text: &str, stand_in: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        let local = before.rfind(|c| !is_local(c));
        let local = match local.and_then(|at| before.get(at..)) {
            None => before,
            Some(tail) => {
                let mut tail = tail.chars();
                tail.next();
                tail.as_str()
            }
        };
        let end = after.find(|c| !is_domain(c)).unwrap_or(after.len());
        let domain = after.get(..end).unwrap_or_default();
        let domain = domain.trim_end_matches(['.', '-']);
        let kept = before.len() - local.len();
        out.push_str(before.get(..kept).unwrap_or_default());
        let is_address = !local.is_empty() && domain.contains('.') && local != "git";
        if !is_address {
            out.push_str(local);
            out.push('@');
            rest = after;
            continue;
        }
        let address = format!("{local}@{domain}");
        out.push_str(&stand_in(&address).unwrap_or(address));
        rest = after.get(domain.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'')
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_wherever_they_stand_and_nothing_else() {
        let hidden = |text: &str| replace(text, |_| Some("X".to_owned()));
        for (text, expected) in [
            ("ben.o'neil+x@bank.example.", "X."),
            ("{\"owner\":\"ben@bank.example\"}", "{\"owner\":\"X\"}"),
            (
                "role/Admin/ben@bank.example, eva@b.example",
                "role/Admin/X, X",
            ),
            ("größe zoë@bänk.example ü", "größe X ü"),
            ("git@github.com:org/repo", "git@github.com:org/repo"),
            ("a @ b, @x.y, a@b, user@, @", "a @ b, @x.y, a@b, user@, @"),
            ("a@b@c.example", "a@X"),
            ("", ""),
        ] {
            assert_eq!(hidden(text), expected, "{text}");
        }
    }

    #[test]
    fn what_has_no_stand_in_stays() {
        let text = "bot@bank.example and ben@bank.example";
        let only_ben = |mail: &str| mail.starts_with("ben").then(|| "p1".to_owned());
        assert_eq!(replace(text, only_ben), "bot@bank.example and p1");
    }
}
