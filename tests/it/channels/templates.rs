//! The user's own words: checked when they are loaded, escaped for the channel, and bounded.

use driftwarden::report::page::template::{FIELDS, Reading, Template};

use super::standin::{StandIn, reply};
use super::{folder, made, pages};

fn wrong(source: &str) -> String {
    Template::new("body.txt", source, Reading::Plain).unwrap_err()
}

#[test]
fn a_template_that_cannot_serve_is_refused_when_it_is_loaded() {
    insta::assert_snapshot!(wrong("{{ titel }}"), @"`body.txt` names the unknown field `titel`");
    insta::assert_snapshot!(wrong("a\n{{ title "), @"`body.txt`, line 2: syntax error: unexpected end of input, expected end of variable block");
    insta::assert_snapshot!(wrong("{% for r in reasons %}{{ r.name.x }}{% endfor %}"), @"`body.txt`, line 1: undefined value");
    insta::assert_snapshot!(wrong("{{ title | safe }}"), @"`body.txt`, line 1: unknown filter: filter safe is unknown");
    let endless = "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}";
    assert!(wrong(endless).contains("body.txt"), "{}", wrong(endless));
    let long = "{% for a in title %}{% for b in title %}{% for c in title %}{% for d in title %}{% for e in title %}\
                {% for f in title %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}";
    insta::assert_snapshot!(wrong(long), @"`body.txt`, line 1: engine ran out of fuel");
}

#[test]
fn values_are_escaped_for_the_channel_and_the_users_own_words_are_not() {
    let page = pages::hostile_page();
    let source = "*{{ workspace }}* <b>{% for r in reasons %}{{ r|upper }}{% endfor %}</b>";
    let render = |reading| {
        Template::new("t", source, reading)
            .unwrap()
            .render(&page)
            .unwrap()
    };
    let slack = render(Reading::Slack);
    assert!(slack.starts_with('*') && slack.contains("<b>"), "{slack}");
    assert!(
        slack.contains("&lt;!channel&gt;") && !slack.contains("<!channel>"),
        "{slack}"
    );
    let html = render(Reading::Html);
    assert!(
        !html.contains("<script>") && html.contains("&lt;script&gt;"),
        "{html}"
    );
    let markdown = render(Reading::Markdown);
    assert!(markdown.contains(r"\[x\]\(https"), "{markdown}");
    for text in [slack, html, markdown, render(Reading::Plain)] {
        assert!(
            !text.contains('\u{202e}') && !text.contains('\r') && !text.contains('\u{1b}'),
            "{text}"
        );
    }
}

#[test]
fn a_macro_is_not_escaped_twice_and_hides_nothing() {
    let source = "{% macro m(v) %}<i>{{ v }}</i>{% endmacro %}{{ m(workspace) }}";
    let template = Template::new("t", source, Reading::Html).unwrap();
    let text = template.render(&pages::hostile_page()).unwrap();
    assert!(text.starts_with("<i>x") && text.ends_with("</i>"), "{text}");
    assert!(
        text.contains("&lt;script&gt;") && !text.contains("&amp;lt;"),
        "{text}"
    );
}

#[test]
fn every_field_is_documented_and_no_other() {
    let page = include_str!("../../../docs/channels.md");
    let section = page
        .split("## Templates")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let documented: Vec<_> = rows
        .map(|(name, what)| (name, what.trim_end_matches(" |")))
        .collect();
    assert_eq!(documented, FIELDS.to_vec());
}

/// From the configuration to what the receiver gets.
#[test]
fn a_channel_speaks_the_users_words() {
    let server = StandIn::new(|_, _| reply(200, "ok"));
    let dir = folder(&format!("{}/hook", server.url()));
    std::fs::write(
        dir.path().join("title.txt"),
        "{{ severity|upper }} in {{ workspace }}\n",
    )
    .unwrap();
    std::fs::write(
        dir.path().join("body.txt"),
        "*{{ who }}* did `{{ call }}`\n",
    )
    .unwrap();
    let block = "channel \"slack_webhook\" \"ops\" {\n  url_file = \"secret\"\n  title_template = \"title.txt\"\n  \
                 body_template = \"body.txt\"\n}";
    let channel = made(dir.path(), block).unwrap();
    channel.send(&pages::of(pages::finding()), None).unwrap();
    let message = server.came()[0].json();
    assert_eq!(message["text"], "[critical] CRITICAL in payments");
    let section = &message["blocks"][1]["text"]["text"];
    assert_eq!(
        section,
        "*Maria Muster* did `ec2:AuthorizeSecurityGroupIngress`"
    );

    std::fs::write(dir.path().join("body.txt"), "{{ whoo }}").unwrap();
    let told = made(dir.path(), block).map(|_| ()).unwrap_err();
    assert!(
        told.contains("channel `ops`: `body.txt` names the unknown field `whoo`"),
        "{told}"
    );
    assert!(told.contains("driftwarden.hcl:2:1: "), "{told}");
    std::fs::remove_file(dir.path().join("body.txt")).unwrap();
    let told = made(dir.path(), block).map(|_| ()).unwrap_err();
    assert!(
        told.contains("`body.txt`: no such file or folder"),
        "{told}"
    );
}
