//! The rule set that is built into the binary.

/// Name below `rules/`, and text, of every shipped file.
pub const FILES: &[(&str, &str)] = &[
    (
        "aws/compute.hcl",
        include_str!("../../../rules/aws/compute.hcl"),
    ),
    (
        "aws/database.hcl",
        include_str!("../../../rules/aws/database.hcl"),
    ),
    ("aws/iam.hcl", include_str!("../../../rules/aws/iam.hcl")),
    ("aws/keys.hcl", include_str!("../../../rules/aws/keys.hcl")),
    (
        "aws/logging.hcl",
        include_str!("../../../rules/aws/logging.hcl"),
    ),
    (
        "aws/messaging.hcl",
        include_str!("../../../rules/aws/messaging.hcl"),
    ),
    (
        "aws/network.hcl",
        include_str!("../../../rules/aws/network.hcl"),
    ),
    (
        "aws/storage.hcl",
        include_str!("../../../rules/aws/storage.hcl"),
    ),
    ("process.hcl", include_str!("../../../rules/process.hcl")),
    ("tags.hcl", include_str!("../../../rules/tags.hcl")),
];
