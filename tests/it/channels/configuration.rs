//! `channel` blocks that are not as they should be, and what their writer is told.

use super::made;

fn told(block: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let told = made(dir.path(), block).map(|_| ()).unwrap_err();
    told.replace(dir.path().to_str().unwrap(), "")
}

#[test]
fn a_secret_has_a_place_and_never_stands_in_the_configuration() {
    insta::assert_snapshot!(told("channel \"pagerduty\" \"a\" { }"), @"
    /driftwarden.hcl:2:1: `channel` has neither `routing_key_file` nor `routing_key_env`
      help: say where the secret lies: `routing_key_file = \"PATH\"`, or `routing_key_env = \"VARIABLE\"`; it is never written here
    ");
    let inline = told("channel \"pagerduty\" \"a\" { routing_key = \"s3cr3t\" }");
    assert!(
        inline.contains("unknown attribute `routing_key`") && !inline.contains("s3cr3t"),
        "{inline}"
    );
    let as_name =
        told("channel \"slack\" \"a\" {\n  token_env = \"xoxb-s3cr3t\"\n  channel = \"C1\"\n}");
    assert!(
        as_name.contains("does not hold the name of a variable"),
        "{as_name}"
    );
    assert!(!as_name.contains("s3cr3t"), "{as_name}");
    let both = told("channel \"teams\" \"a\" {\n  url_env = \"A\"\n  url_file = \"b\"\n}");
    assert!(
        both.contains("`url_file` and `url_env` are both given"),
        "{both}"
    );
}

#[test]
fn what_cannot_be_sent_to_is_refused_with_its_place() {
    for (block, said) in [
        (
            "channel \"alertmanager\" \"a\" { url = \"http://am.bank.example:9093\" }",
            "2:36: `http://am.bank.example:9093` would be reached in the clear",
        ),
        (
            "channel \"alertmanager\" \"a\" {\n  url = \"https://am.bank.example\"\n  username = \"a\"\n}",
            "`username` has no password",
        ),
        (
            "channel \"alertmanager\" \"a\" {\n  url = \"https://am.bank.example\"\n  lasts = \"5s\"\n}",
            "`lasts` is `5s`, which is too short",
        ),
        (
            "channel \"slack\" \"a\" {\n  token_env = \"T\"\n  channel = \"#ops\"\n}",
            "`#ops` is no id of a channel",
        ),
        (
            "channel \"email\" \"a\" {\n  server = \"smtp.bank.example\"\n  from = \"A <a@b.example>\"\n  to = [\"c@d.example\"]\n}",
            "`A <a@b.example>` is no address of mail",
        ),
        (
            "channel \"email\" \"a\" {\n  server = \"s.example\"\n  tls = \"none\"\n  from = \"a@b.example\"\n  to = [\"c@d.example\"]\n}",
            "unknown way of TLS `none`",
        ),
        (
            "channel \"splunk_hec\" \"a\" {\n  url = \"https://s.example\"\n  token_env = \"T\"\n  acknowledgement = \"yes\"\n}",
            "unknown acknowledgement `yes`",
        ),
        (
            "channel \"security_hub\" \"a\" {\n  account = \"1\"\n  region = \"eu-west-1\"\n}",
            "`1` is no",
        ),
        (
            "channel \"pagerdooty\" \"a\" { }",
            "did you mean `pagerduty`?",
        ),
        (
            "channel \"webhook\" \"a\" {\n  url = \"https://h.example/?key=1\"\n  secret_env = \"S\"\n}",
            "holds more than host, port and path",
        ),
    ] {
        let told = told(block);
        assert!(told.contains(said), "{block}: {told}");
    }
}

#[test]
fn a_file_of_certificates_that_holds_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ca.pem"), "no certificate\n").unwrap();
    let block = "channel \"alertmanager\" \"a\" {\n  url = \"https://am.bank.example\"\n  ca_file = \"ca.pem\"\n}";
    let told = made(dir.path(), block).map(|_| ()).unwrap_err();
    assert!(told.contains("it holds no certificate"), "{told}");
}
