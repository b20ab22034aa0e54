//! The parts as HTML that any mail program shows: tables and little style.

use std::fmt::Write;

use super::parts::Parts;

/// Text that can end no element and no attribute.
pub(super) fn escape_html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A whole document. `body` is the user's own HTML, values in it escaped already.
pub(super) fn document(parts: &Parts, body: Option<&str>) -> String {
    let mut out = String::from("<!DOCTYPE html>\n<html><body style=\"font-family: sans-serif\">\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<h2 style=\"font-size: 1.1em\">{}</h2>",
        escape_html(&parts.headline)
    );
    match (body, &parts.body) {
        (Some(html), _) => {
            out.push_str(html);
            out.push('\n');
        }
        (None, Some(text)) => pre(text, &mut out),
        (None, None) => ours(parts, &mut out),
    }
    let mut last = vec![escape_html(&parts.record)];
    for (url, text) in [(&parts.runbook, "Runbook"), (&parts.evidence, "Evidence")] {
        if let Some(url) = url {
            last.push(format!("<a href=\"{}\">{text}</a>", escape_html(url)));
        }
    }
    let _ = writeln!(out, "<p>Evidence: {}</p>", last.join(" · "));
    if parts.is_short {
        out.push_str("<p>Shortened: the evidence has all of it.</p>\n");
    }
    out.push_str("</body></html>\n");
    out
}

fn ours(parts: &Parts, out: &mut String) {
    if !parts.facts.is_empty() {
        out.push_str("<table>\n");
        for fact in &parts.facts {
            let (label, text) = (fact.label, escape_html(&fact.text));
            let _ = writeln!(
                out,
                "<tr><th align=\"left\" valign=\"top\">{label}</th><td>{text}</td></tr>"
            );
        }
        out.push_str("</table>\n");
    }
    for lines in [&parts.difference, &parts.members] {
        if !lines.is_empty() {
            pre(&lines.join("\n"), out);
        }
    }
}

fn pre(text: &str, out: &mut String) {
    let _ = writeln!(
        out,
        "<pre style=\"white-space: pre-wrap\">{}</pre>",
        escape_html(text)
    );
}
