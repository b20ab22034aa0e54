//! Whatever the text, the parser answers, and an answer is a configuration or places of mistakes.

use proptest::prelude::*;

use super::{BLOCKS, Config, ConfigErrors, parse};

const VALID: &str = r#"
evidence {
  dir    = "evidence"
  origin = "bank.example/log"
}
baseline "*" {
  plan     = "plans/é-*.json"
  approval = "assumed"
}
live "aws_config_snapshot" "prod" { files = ["live/*.json"] }
activity "cloudtrail_files" "trail" {
  files     = ["trail/*.gz"]
  pipelines = ["arn:aws:iam::111122223333:role/deploy"]
  networks  = ["10.0.0.0/8", "::/0"]
}
scope { types = ["aws_*"] }
approvals { clock_tolerance = "60s" }
"#;

fn check(text: &str, answer: Result<Config, ConfigErrors>) {
    let Err(errors) = answer else { return };
    assert!(
        !errors.errors.is_empty(),
        "refused without a reason: {text}"
    );
    let lines: Vec<_> = text.split('\n').collect();
    let mut last = (0, 0);
    for error in &errors.errors {
        let (line, column) = (error.at.line, error.at.column);
        assert!(last <= (line, column), "out of order: {errors}");
        last = (line, column);
        let width = lines[line as usize - 1].chars().count();
        assert!((1..=width + 1).contains(&(column as usize)), "{error}");
        assert!(!error.what.contains('\n'), "{error}");
    }
}

/// Pieces that a configuration is made of, right and wrong.
fn piece() -> impl Strategy<Value = String> {
    let mut words: Vec<String> = [
        "{", "}", "=", "\"", "[", "]", ",", "\n", " ", "${", "<<E\n", "*",
    ]
    .map(str::to_owned)
    .into();
    for block in BLOCKS {
        words.push(block.form());
        words.extend(
            block
                .attributes
                .iter()
                .map(|one| format!("{} = \"1s\"\n", one.name)),
        );
        words.extend(
            block
                .attributes
                .iter()
                .map(|one| format!("{} = [\"a\"]\n", one.name)),
        );
    }
    prop_oneof![proptest::sample::select(words), "\\PC{0,3}"]
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        check(&text, parse("x.hcl", &text));
    }

    #[test]
    fn any_pieces_are_answered(pieces in proptest::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        check(&text, parse("x.hcl", &text));
    }

    #[test]
    fn a_valid_text_with_a_wound_is_answered(
        at in 0..VALID.len(),
        taken in 0..20_usize,
        put in prop_oneof![Just(String::new()), piece()],
    ) {
        let mut text: Vec<char> = VALID.chars().collect();
        let at = at.min(text.len());
        let end = (at + taken).min(text.len());
        text.splice(at..end, put.chars());
        let text: String = text.into_iter().collect();
        check(&text, parse("x.hcl", &text));
    }

    #[test]
    fn an_attribute_given_again_is_told_and_hides_nothing(
        name in "[a-z]{1,3}",
        again in 1..10_usize,
    ) {
        let line = format!("  {name} = \"x\"\n");
        let text = format!("evidence {{\n{}}}\nlast {{}}\n", line.repeat(again + 1));
        let told = parse("x.hcl", &text).unwrap_err().to_string();
        prop_assert!(told.contains("unknown block `last`"), "{told}");
        prop_assert_eq!(told.matches(&format!("`{name}`")).count() > again, true);
    }
}

#[test]
fn the_valid_text_is_valid() {
    parse("x.hcl", VALID).unwrap();
}
