//! A key of KMS as the log's signer, as far as the configuration goes.

use driftwarden::config;
use insta::assert_snapshot;

fn told(signer: &str) -> String {
    let text =
        format!("evidence {{\n  dir = \"evidence\"\n  signer \"kms\" {{\n{signer}\n  }}\n}}\n");
    config::parse("driftwarden.hcl", &text)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_key_that_is_none_and_another_region_are_told() {
    assert_snapshot!(told("    key = \"my key\"\n    region = \"eu-central-1\""), @r"
    driftwarden.hcl:4:11: `my key` is no key of KMS
      help: write the key's ARN, `arn:aws:kms:REGION:ACCOUNT:key/ID`
    ");
    let arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d";
    assert_snapshot!(told(&format!("    key = \"{arn}\"\n    region = \"eu-central-1\"")), @r"
    driftwarden.hcl:5:14: the key is in `eu-west-1`, not in `eu-central-1`
      help: write the key's own Region
    ");
    assert_snapshot!(told("    key = \"alias/evidence\""), @r#"
    driftwarden.hcl:3:3: `signer` lacks the attribute `region`
      help: add `region = "…"`
    "#);
    let clear = "    key = \"alias/evidence\"\n    region = \"eu-west-1\"\n    endpoint = \"http://kms.example\"";
    assert_snapshot!(told(clear), @r"
    driftwarden.hcl:6:16: `http://kms.example` would be reached in the clear
      help: write `https://HOST/PATH`; plain `http://` goes to this machine alone
    ");
}

/// Whoever builds without the feature is told so before anything is begun.
#[cfg(not(feature = "aws"))]
#[test]
fn a_signer_that_is_not_built_in_is_refused() {
    use std::process::Command;

    let dir = tempfile::tempdir().unwrap();
    let text = "evidence {\n  dir = \"evidence\"\n  signer \"kms\" {\n    key = \"alias/evidence\"\n    \
                region = \"eu-west-1\"\n  }\n}\n";
    super::files::put(dir.path(), "driftwarden.hcl", text);
    for command in [
        &["scan"][..],
        &["check"],
        &["evidence", "key", "rotate"],
        &["run"],
    ] {
        let mut run = Command::new(env!("CARGO_BIN_EXE_driftwarden"));
        let output = run.args(command).current_dir(dir.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let has_log = command == ["evidence", "key", "rotate"];
        let word = if has_log {
            "there is no log yet"
        } else {
            "--features aws"
        };
        assert!(said.contains(word), "{command:?}: {said}");
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        assert!(!dir.path().join("evidence").exists(), "{command:?}");
    }
}
