//! Who is told what, as configurations say it.

use driftwarden::config;

const CHANNELS: &str = "evidence { dir = \"e\" }\nchannel \"file\" \"a\" { path = \"a\" }\n\
    channel \"file\" \"b\" { path = \"b\" }\n";

fn refused(block: &str) -> String {
    let text = format!("{CHANNELS}{block}");
    let errors = config::parse("d.hcl", &text).unwrap_err();
    let told = errors
        .errors
        .iter()
        .map(|error| format!("{error}; {}", error.help.clone().unwrap_or_default()));
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_cannot_be_told_so_is_refused_with_its_place() {
    for (block, said) in [
        (
            "route \"x\" { to = [\"c\"] }",
            "d.hcl:4:19: no `channel` has the name `c`; did you mean `a`?",
        ),
        ("route \"x\" { to = [] }", "a route leads nowhere"),
        ("route \"x\" { }", "`to`"),
        (
            "route \"x\" {\n  to = [\"a\"]\n  failover = \"a\"\n}",
            "`a` is its own fail-over",
        ),
        (
            "route \"x\" {\n  to = [\"a\"]\n  escalate_after = \"5m\"\n}",
            "`escalate_after` has no effect without `escalate_to`",
        ),
        (
            "route \"x\" {\n  to = [\"a\"]\n  severities = [\"urgent\"]\n}",
            "unknown severity `urgent`",
        ),
        (
            "route \"x\" {\n  to = [\"a\"]\n  about = [\"weather\"]\n}",
            "nothing is called `weather`",
        ),
        (
            "route \"x\" {\n  to = [\"a\"]\n  as = \"export\"\n  digest = \"1h\"\n}",
            "an export has no `digest`",
        ),
        (
            "paging { pages_per_group = 0 }",
            "`0` is no whole number from 1 to 1000",
        ),
        (
            "paging { storm_window = \"2d\" }",
            "`storm_window` is `2d`, which is too long",
        ),
        ("paging { notes = \"loud\" }", "`notes` is `loud`"),
        (
            "paging { evidence_url = \"ftp://x\" }",
            "`ftp://x` is no web address",
        ),
        (
            "heartbeat { channel = \"c\" }",
            "no `channel` has the name `c`",
        ),
        (
            "channel \"file\" \"a\" { path = \"c\" }",
            "`channel` has the name `a` twice",
        ),
    ] {
        let told = refused(block);
        assert!(told.contains(said), "{block}: {told}");
    }
}

#[test]
fn documented_defaults_of_paging_are_the_ones_that_hold() {
    let text = format!("{CHANNELS}route \"x\" {{ to = [\"a\"] }}");
    let written = format!(
        "{text}\npaging {{\n  pages_per_group = 3\n  group_window = \"30m\"\n  critical_pages = 5\n  \
         storm_threshold = 20\n  storm_window = \"10m\"\n  update_every = \"5m\"\n  \
         failover_after = \"5m\"\n  notes = \"sent\"\n}}"
    );
    let (one, other) = (
        config::parse("d.hcl", &text).unwrap(),
        config::parse("d.hcl", &written).unwrap(),
    );
    assert_eq!(one, other);
}
