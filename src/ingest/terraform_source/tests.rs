use proptest::prelude::*;

use super::*;

fn files(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

fn clean(list: &[(&str, &str)]) -> SourceMap {
    let (map, problems) = SourceMap::parse(&files(list));
    assert_eq!(problems, []);
    map
}

fn place(map: &SourceMap, address: &str) -> Option<String> {
    map.locate(&Address::from(address))
        .map(|at| format!("{}:{}:{}", at.file, at.line, at.column))
}

fn lifecycle(map: &SourceMap, address: &str) -> Option<Lifecycle> {
    map.lifecycle(&Address::from(address))
}

const ROOT: &str = r#"# One bucket per name.
module "bucket" {
  for_each = toset(["a", "b"])
  source   = "./modules/bucket"
}

/* é */ resource "aws_sns_topic" "alerts" {}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
}
"#;
const BUCKET: &str = "\nresource \"aws_s3_bucket\" \"this\" {\n  lifecycle { prevent_destroy = true }\n}\nmodule \"log\" { source = \"../log\" }\n";
const LOG: &str =
    "resource \"aws_s3_bucket_logging\" \"this\" {}\r\nresource \"aws_s3_bucket\" \"this\" {}\r\n";

#[test]
fn addresses_lead_through_modules_to_their_blocks() {
    let map = clean(&[
        ("main.tf", ROOT),
        ("modules/bucket/main.tf", BUCKET),
        ("modules/log/main.tf", LOG),
        ("terraform.tfvars", "not read {"),
    ]);
    assert_eq!(
        place(&map, "aws_sns_topic.alerts").as_deref(),
        Some("main.tf:7:9")
    );
    let bucket = r#"module.bucket["a"].aws_s3_bucket.this"#;
    assert_eq!(
        place(&map, bucket).as_deref(),
        Some("modules/bucket/main.tf:2:1")
    );
    let log = r#"module.bucket["a.b"].module.log.aws_s3_bucket.this[0]"#;
    assert_eq!(place(&map, log).as_deref(), Some("modules/log/main.tf:2:1"));
    assert!(lifecycle(&map, bucket).is_some_and(|l| l.prevent_destroy));
    assert_eq!(lifecycle(&map, log), Some(Lifecycle::default()));
}

#[test]
fn what_comes_from_elsewhere_is_placed_at_its_module_call() {
    let map = clean(&[("main.tf", ROOT)]);
    let inside = r#"module.vpc.module.endpoints["s3"].aws_vpc_endpoint.this"#;
    assert_eq!(place(&map, inside).as_deref(), Some("main.tf:9:1"));
    assert_eq!(lifecycle(&map, inside), None, "unknown, not empty");
    assert_eq!(
        place(&map, "module.bucket[\"a\"].aws_s3_bucket.this").as_deref(),
        Some("main.tf:2:1")
    );
    assert_eq!(place(&map, "module.other.aws_s3_bucket.this"), None);
    assert_eq!(place(&map, "aws_sns_topic.other"), None);
    assert_eq!(lifecycle(&map, "aws_sns_topic.other"), None);
}

#[test]
fn ignored_attributes_become_pointers() {
    let map = clean(&[(
        "main.tf",
        r#"
resource "a" "paths" {
  lifecycle {
    ignore_changes = [tags["Own/er"], ingress[0].cidr_blocks, "engine_version", disk.0.size]
  }
}
resource "a" "all" {
  lifecycle { ignore_changes = all }
}
resource "a" "none" {
  lifecycle { create_before_destroy = true }
}
"#,
    )]);
    let Some(Lifecycle {
        ignore_changes: Ignore::Paths(paths),
        ..
    }) = lifecycle(&map, "a.paths")
    else {
        panic!("expected paths");
    };
    let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
    assert_eq!(
        paths,
        [
            "/disk/0/size",
            "/engine_version",
            "/ingress/0/cidr_blocks",
            "/tags/Own~1er"
        ]
    );
    assert_eq!(
        lifecycle(&map, "a.all").map(|l| l.ignore_changes),
        Some(Ignore::All)
    );
    assert_eq!(lifecycle(&map, "a.none"), Some(Lifecycle::default()));
}

#[test]
fn an_element_that_names_nothing_makes_the_lifecycle_unknown() {
    let text =
        "resource \"a\" \"b\" {\n  lifecycle {\n    ignore_changes = [tags, \"*\"]\n  }\n}\n";
    let (map, problems) = SourceMap::parse(&files(&[("main.tf", text)]));
    insta::assert_snapshot!(problems[0].to_string(), @"main.tf:3:29: `ignore_changes` holds something that names no attribute");
    assert_eq!(lifecycle(&map, "a.b"), None);
    assert!(place(&map, "a.b").is_some());
}

#[test]
fn a_broken_file_is_named_and_the_others_count() {
    let broken = "resource \"a\" \"x\" {\n  password = \"hunter2\n}\n";
    let (map, problems) = SourceMap::parse(&files(&[
        ("z.tf", "resource \"a\" \"z\" {}"),
        ("broken.tf", broken),
        ("extra.tf.json", "{}"),
        ("again.tf", "\n  resource \"a\" \"z\" {}"),
    ]));
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let shown = shown.join("\n");
    insta::assert_snapshot!(shown, @r"
    broken.tf:2:3: invalid block body; expected `}`, newline or identifier
    extra.tf.json:1:1: source in JSON is not read; its resources have no location
    z.tf:1:1: resource `a.z` stands here a second time, first in `again.tf` at line 2
    ");
    assert!(!shown.contains("hunter2"));
    assert!(place(&map, "a.z").is_some());
}

#[test]
fn override_files_change_arguments_but_not_the_place() {
    let main = "resource \"a\" \"b\" {\n lifecycle {\n ignore_changes = [x]\n prevent_destroy = true\n }\n}";
    let over = "resource \"a\" \"b\" {\n lifecycle {\n ignore_changes = [y]\n }\n}";
    let map = clean(&[("a_override.tf", over), ("main.tf", main)]);
    assert_eq!(place(&map, "a.b").as_deref(), Some("main.tf:1:1"));
    let expected = Lifecycle {
        ignore_changes: Ignore::Paths(vec!["/y".into()]),
        ignored_at: Some(SourceLocation {
            file: "a_override.tf".to_owned(),
            line: 3,
            column: 2,
        }),
        prevent_destroy: true,
    };
    assert_eq!(lifecycle(&map, "a.b"), Some(expected));
    let (map, _) = SourceMap::parse(&files(&[("a_override.tf", "{{"), ("main.tf", main)]));
    assert_eq!(
        lifecycle(&map, "a.b"),
        None,
        "the override might have said anything"
    );
    let (map, _) = SourceMap::parse(&files(&[("override.tf.json", "{}"), ("main.tf", main)]));
    assert_eq!(lifecycle(&map, "a.b"), None, "nor is one in JSON read");
}

#[test]
fn the_root_is_the_folder_that_nobody_calls() {
    let call = "module \"m\" { source = \"../../modules/m\" }";
    let set = [
        ("envs/prod/main.tf", call),
        ("modules/m/main.tf", "resource \"a\" \"b\" {}"),
    ];
    assert_eq!(
        place(&clean(&set), "module.m.a.b").as_deref(),
        Some("modules/m/main.tf:1:1")
    );
    let two = [set[0], set[1], ("envs/test/main.tf", call)];
    let (map, problems) = SourceMap::parse(&files(&two));
    insta::assert_snapshot!(problems[0].to_string(), @"cannot tell which folder of the source is the root module");
    assert_eq!(place(&map, "module.m.a.b"), None);
    let (map, problems) = SourceMap::parse_in(&files(&two), "./envs/test");
    assert!(problems.is_empty() && place(&map, "module.m.a.b").is_some());
}

#[test]
fn a_module_that_calls_itself_ends_where_the_address_ends() {
    let map = clean(&[(
        "main.tf",
        "module \"m\" { source = \"./\" }\nresource \"a\" \"b\" {}",
    )]);
    assert_eq!(
        place(&map, "module.m.module.m.module.m.a.b").as_deref(),
        Some("main.tf:2:1")
    );
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>(), name in "[a-z./]{0,12}") {
        let set = [(format!("{name}.tf"), text), ("main.tf".to_owned(), ROOT.to_owned())];
        let (map, _) = SourceMap::parse(&set);
        let _ = map.locate(&Address::from("module.bucket.a.b"));
    }

    #[test]
    fn cut_source_never_panics(cut in 0..BUCKET.len()) {
        let (map, _) = SourceMap::parse(&files(&[("main.tf", BUCKET.get(..cut).unwrap_or_default())]));
        let _ = map.lifecycle(&Address::from("aws_s3_bucket.this"));
    }
}
