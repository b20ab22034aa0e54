//! HCL that ends in the midst of itself. The parser tries such text in every way there is: with each
//! bracket that is still open where it ends, it takes twice as long.

/// So many open brackets cost the parser little, and its own words are better.
const FEW: usize = 8;

/// Brackets are still open where the text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclosed {
    pub count: usize,
    /// Where the outermost of them opens: from 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In bytes, from 0.
    pub offset: usize,
}

impl Unclosed {
    /// What to do about it.
    pub const HELP: &str = "the file is cut off, or a bracket lacks its pair";

    /// What is wrong, in words.
    pub fn what(&self) -> String {
        format!("{} brackets are still open where the text ends", self.count)
    }
}

/// Whether many brackets of a text are never closed. Says nothing of text that is wrong otherwise.
pub(super) fn unclosed(text: &str) -> Option<Unclosed> {
    let mut reader = Reader {
        rest: text,
        open: Vec::new(),
        length: text.len(),
    };
    while reader.step() {}
    let open = reader.open.iter().filter(|own| own.is_bracket());
    let mut at = open.map(|own| own.at);
    let first = at.next()?;
    let count = at.count() + 1;
    let before = text.get(..first)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (count > FEW).then(|| Unclosed {
        count,
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or("").chars().count() + 1,
        offset: first,
    })
}

struct Open<'t> {
    at: usize,
    what: What<'t>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What<'t> {
    /// With what closes it. That of a template within a text looks the same.
    Bracket(char),
    Quoted,
    /// With the word that ends it.
    Heredoc(&'t str),
}

impl Open<'_> {
    fn is_bracket(&self) -> bool {
        matches!(self.what, What::Bracket(_))
    }
}

struct Reader<'t> {
    rest: &'t str,
    open: Vec<Open<'t>>,
    length: usize,
}

impl<'t> Reader<'t> {
    /// Goes on by a word, a quote or a bracket. Whether there is more to see.
    fn step(&mut self) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        match self.open.last().map(|open| open.what) {
            Some(What::Quoted) => self.quoted(),
            Some(What::Heredoc(word)) => self.heredoc(word),
            Some(What::Bracket(_)) | None => self.code(),
        }
    }

    fn push(&mut self, what: What<'t>, length: usize) {
        let at = self.length - self.rest.len();
        self.open.push(Open { at, what });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or("");
    }

    fn skip_past(&mut self, end: &str) {
        let at = self.rest.find(end);
        self.skip(at.map_or(self.rest.len(), |at| at + end.len()));
    }

    fn code(&mut self) -> bool {
        let next = self
            .rest
            .find(['#', '/', '"', '<', '(', '[', '{', ')', ']', '}']);
        self.skip(next.unwrap_or(self.rest.len()));
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        match first {
            '#' => self.skip_past("\n"),
            '/' if self.rest.starts_with("//") => self.skip_past("\n"),
            '/' if self.rest.starts_with("/*") => self.skip_past("*/"),
            '"' => self.push(What::Quoted, 1),
            '<' if self.rest.starts_with("<<") => self.begin_heredoc(),
            '(' => self.push(What::Bracket(')'), 1),
            '[' => self.push(What::Bracket(']'), 1),
            '{' => self.push(What::Bracket('}'), 1),
            ')' | ']' | '}' => match self.open.pop() {
                Some(open) if open.what == What::Bracket(first) => self.skip(1),
                // It ends before what is open does, and there the parser stops.
                Some(_) | None => {
                    self.open.clear();
                    return false;
                }
            },
            _ => self.skip(1),
        }
        true
    }

    fn begin_heredoc(&mut self) {
        let (line, _) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        let word = line.trim_start_matches('<').trim_start_matches('-').trim();
        let is_word = word
            .chars()
            .all(|c| c.is_alphanumeric() || "_-".contains(c));
        match is_word && !word.is_empty() {
            true => self.push(What::Heredoc(word), line.len()),
            false => self.skip(2),
        }
    }

    fn quoted(&mut self) -> bool {
        let next = self.rest.find(['\\', '"', '$', '%']);
        self.skip(next.unwrap_or(self.rest.len()));
        match self.rest.chars().next() {
            None => return false,
            Some('"') => {
                self.open.pop();
                self.skip(1);
            }
            Some('\\') => {
                self.skip(1);
                let escaped = self.rest.chars().next();
                self.skip(escaped.map_or(0, char::len_utf8));
            }
            Some(_) => self.template(),
        }
        true
    }

    /// At a `$` or `%` within text.
    fn template(&mut self) {
        let is_escaped = self.rest.starts_with("$${") || self.rest.starts_with("%%{");
        let is_template = self.rest.starts_with("${") || self.rest.starts_with("%{");
        match (is_escaped, is_template) {
            (true, _) => self.skip(3),
            (false, true) => self.push(What::Bracket('}'), 2),
            (false, false) => self.skip(1),
        }
    }

    fn heredoc(&mut self, word: &str) -> bool {
        let next = self.rest.find(['\n', '$', '%']);
        self.skip(next.unwrap_or(self.rest.len()));
        let Some(line) = self.rest.strip_prefix('\n') else {
            let is_more = !self.rest.is_empty();
            self.template();
            return is_more;
        };
        let (first, _) = line.split_once('\n').unwrap_or((line, ""));
        if first.trim() == word {
            self.open.pop();
            self.skip(1 + first.len());
        } else {
            self.skip(1);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEEP: &str = "z = [[[[[[[[[[1]]]]]]]]]]\n";

    #[test]
    fn what_ends_in_its_midst_is_told_with_where_it_opens() {
        let texts = [
            format!("b = 1\n  a = {}", "8>8>8[".repeat(9)),
            format!("b = 1\n  a = {}", "8>8>\"${".repeat(9)),
            format!(
                "b = 1\n  a = {}8{} # {}",
                "8>[".repeat(9),
                "",
                "]".repeat(9)
            ),
            format!(
                "b = 1\n  a = {}<<X\n${{{}\nX\n",
                "(".repeat(3),
                "{".repeat(9)
            ),
            format!("b = 1\n  a = {}/* {}", "(".repeat(9), ")".repeat(9)),
        ];
        for text in texts {
            let found = unclosed(&text).unwrap();
            assert!(found.count >= 9 && found.line == 2, "{text}: {found:?}");
            let opens = text.get(found.offset..).unwrap();
            assert!(opens.starts_with(['[', '(', '$']), "{text}: {found:?}");
        }
    }

    #[test]
    fn brackets_in_texts_and_comments_are_none() {
        let none = "[({".repeat(9);
        for text in [
            format!("a = \"{none}\"\n"),
            format!("a = \"\\\"{none}$${{{none}\"\n"),
            format!("# {none}\n// {none}\n/* {none}\n */ {DEEP}"),
            format!("a = <<EOT\n{none}\n  $${{{none}\n  XEOT\n  EOT\n{DEEP}"),
            format!("a = <<-EOT\n  ${{f(\"}}\")}}{none}\n  EOT\n"),
            format!("a = \"${{b[\"{none}\"]}}{none}\"\n{DEEP}"),
            (0..20)
                .map(|number| DEEP.replace('z', &format!("z{number}")))
                .collect(),
        ] {
            assert_eq!(unclosed(&text), None, "{text}");
            assert!(crate::ingest::hcl::body(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn few_are_left_to_the_parser_and_so_is_what_ends_too_early() {
        assert_eq!(unclosed("a = [[[[[[[["), None);
        assert_eq!(unclosed(&format!("a = {}}}", "[".repeat(20))), None);
        assert_eq!(unclosed(""), None);
    }
}
