//! Every path that a source file names, whether in a `use` or in the midst of code.

use std::iter::Peekable;
use std::str::CharIndices;

/// One path, whole and without braces: `std::fs`, `crate::model::Address`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub line: usize,
    pub path: String,
}

/// The text without comments and without what is compiled only for tests, line by line as before.
pub fn code(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if line.trim_start().starts_with("#[cfg(test)]") {
            kept.push('\n');
            let end = format!("{indent}}}");
            let mut opened = false;
            // The item ends at its semicolon or comma, or where its brace is closed.
            for line in lines.by_ref() {
                kept.push('\n');
                opened |= line.ends_with('{');
                let ends = match opened {
                    true => line.starts_with(&end),
                    false => line.ends_with([';', ',', '}']),
                };
                if ends {
                    break;
                }
            }
            continue;
        }
        let code = match line.trim_start().starts_with("//") {
            true => "",
            false => line.split(" // ").next().unwrap(),
        };
        kept.push_str(code);
        kept.push('\n');
    }
    kept
}

/// Every path in the code of the module with that path (`decide::compare`), `super` and `self`
/// resolved from there. What begins neither with `crate` nor with those is given as it stands.
pub fn named(module: &str, code: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((at, next)) = chars.peek().copied() {
        if is_word(next) {
            let line = code[..at].matches('\n').count() + 1;
            let mut paths = Vec::new();
            path(&mut chars, &mut Vec::new(), &mut paths);
            let paths = paths.iter().filter(|path| path.len() > 1);
            found.extend(paths.map(|path| Named {
                line,
                path: resolved(module, path),
            }));
        } else {
            chars.next();
        }
    }
    found
}

type Chars<'c> = Peekable<CharIndices<'c>>;

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(chars: &mut Chars<'_>) -> String {
    let mut word = String::new();
    while let Some((_, c)) = chars.next_if(|(_, c)| is_word(*c)) {
        word.push(c);
    }
    word
}

fn skip_space(chars: &mut Chars<'_>) {
    while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
}

/// A path from its next word on, each branch of its braces apart.
fn path(chars: &mut Chars<'_>, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let depth = before.len();
    before.push(word(chars));
    loop {
        let mut ahead = chars.clone();
        let separated =
            ahead.next().map(|(_, c)| c) == Some(':') && ahead.next().map(|(_, c)| c) == Some(':');
        if !separated {
            found.push(before.clone());
            break;
        }
        match ahead.peek().map(|(_, c)| *c) {
            Some('{') => {
                ahead.next();
                *chars = ahead;
                braces(chars, before, found);
                break;
            }
            Some(c) if is_word(c) => {
                *chars = ahead;
                before.push(word(chars));
            }
            // A star or type parameters: the path so far is what counts.
            _ => {
                *chars = ahead;
                found.push(before.clone());
                break;
            }
        }
    }
    before.truncate(depth);
}

fn braces(chars: &mut Chars<'_>, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    loop {
        skip_space(chars);
        match chars.peek().map(|(_, c)| *c) {
            Some(c) if is_word(c) => {
                path(chars, before, found);
                // Another name (`as`) is no path.
                while chars.next_if(|(_, c)| !",}".contains(*c)).is_some() {}
            }
            Some('}') | None => {
                chars.next();
                break;
            }
            Some(_) => {
                chars.next();
            }
        }
    }
}

fn resolved(module: &str, path: &[String]) -> String {
    let mut from: Vec<&str> = module.split("::").collect();
    let mut rest = path.iter().map(String::as_str).peekable();
    match rest.peek().copied() {
        Some("crate") => {
            rest.next();
            from.clear();
        }
        Some("self") => {
            rest.next();
        }
        Some("super") => {
            while rest.next_if_eq(&"super").is_some() {
                from.pop();
            }
        }
        _ => return path.join("::"),
    }
    let whole = ["crate"].into_iter().chain(from).chain(rest);
    whole.collect::<Vec<_>>().join("::")
}

#[test]
fn paths_are_found_however_they_are_written() {
    let text = "\
use crate::{
    model::Address, // not crate::comments
    report::{self, text as words},
};
use super::super::cli::run;
use std::{fs, io::{Read, Write}};
#[cfg(test)]
mod tests;
/// See crate::engine.
fn f() -> crate::evidence::Log { self::g::<u8>(std::env::args()) }
#[cfg(test)]
mod tests {
    use crate::adapters::files;
}
fn g() { super::ports::open(); Vec::<u8>::new() }
";
    let found = named("decide::assess", &code(text));
    let found: Vec<String> = found
        .into_iter()
        .map(|named| format!("{} {}", named.line, named.path))
        .collect();
    assert_eq!(
        found,
        [
            "1 crate::model::Address",
            "1 crate::report::self",
            "1 crate::report::text",
            "5 crate::cli::run",
            "6 std::fs",
            "6 std::io::Read",
            "6 std::io::Write",
            "10 crate::evidence::Log",
            "10 crate::decide::assess::g",
            "10 std::env::args",
            "15 crate::decide::ports::open",
        ]
    );
}
