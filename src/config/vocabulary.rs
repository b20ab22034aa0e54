//! Every block and attribute of the configuration, as data: the parser checks against it and
//! docs/configuration.md is tested against it.

/// One kind of block.
#[derive(Debug)]
pub struct BlockSpec {
    pub name: &'static str,
    /// The first label, where the block comes in kinds.
    pub kind: Option<&'static str>,
    /// Whether a name of the user's own choice follows as the last label.
    pub named: bool,
    pub required: bool,
    /// The block that it stands in; `None` at the top of the file.
    pub within: Option<&'static str>,
    pub attributes: &'static [AttributeSpec],
}

#[derive(Debug)]
pub struct AttributeSpec {
    pub name: &'static str,
    pub shape: Shape,
    pub required: bool,
    /// What holds without it, in words, for the documentation.
    pub default: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Texts,
    /// A whole number, without quotes.
    Number,
}

pub(super) const fn required(name: &'static str, shape: Shape) -> AttributeSpec {
    AttributeSpec {
        name,
        shape,
        required: true,
        default: "required",
    }
}

pub(super) const fn optional(
    name: &'static str,
    shape: Shape,
    default: &'static str,
) -> AttributeSpec {
    AttributeSpec {
        name,
        shape,
        required: false,
        default,
    }
}

use Shape::{Number, Text, Texts};

use super::channels;
pub(super) use super::config_remediation::words::CONFIG_REMEDIATION;
pub(super) use super::fixes::words::{FREEZE, HANDOVER, REMEDIATION};
pub(super) use super::paging::words::{HEARTBEAT, PAGING, ROUTE};
pub(super) use super::providers::words::PROVIDERS;
pub(super) use super::refresh::words::LIVE_REFRESH;

pub(super) static EVIDENCE: BlockSpec = BlockSpec {
    name: "evidence",
    kind: None,
    named: false,
    required: true,
    within: None,
    attributes: &[
        required("dir", Text),
        optional("keys", Text, "`dir` with `.keys` appended"),
        optional("origin", Text, "`driftwarden.local/evidence`"),
        optional("shard", Text, "one log"),
        optional("retention", Text, "`7y`"),
        optional("inception", Text, "any day"),
    ],
};

pub(super) static DURABILITY: BlockSpec = BlockSpec {
    name: "durability",
    kind: None,
    named: false,
    required: false,
    within: Some("evidence"),
    attributes: &[
        optional("default", Text, "`durable`"),
        optional("scan", Text, "as `default` says"),
        optional("fix", Text, "as `default` says"),
        optional("witnesses", Number, "`1`"),
        optional("wait", Text, "`60s`"),
    ],
};

pub(super) static SIGNER_KMS: BlockSpec = BlockSpec {
    name: "signer",
    kind: Some("kms"),
    named: false,
    required: false,
    within: Some("evidence"),
    attributes: &[
        required("key", Text),
        required("region", Text),
        optional("endpoint", Text, "that of the Region"),
    ],
};

pub(super) static MIRROR_S3: BlockSpec = BlockSpec {
    name: "mirror",
    kind: Some("s3"),
    named: false,
    required: false,
    within: Some("evidence"),
    attributes: &[
        required("bucket", Text),
        required("region", Text),
        optional("endpoint", Text, "that of the Region"),
        optional("prefix", Text, "none"),
        optional("retention", Text, "`7y`"),
    ],
};

pub(super) static WITNESS: BlockSpec = BlockSpec {
    name: "witness",
    kind: None,
    named: true,
    required: false,
    within: Some("evidence"),
    attributes: &[required("url", Text), required("key", Text)],
};

pub(super) static TIMESTAMPS: BlockSpec = BlockSpec {
    name: "timestamps",
    kind: None,
    named: true,
    required: false,
    within: Some("evidence"),
    attributes: &[required("url", Text)],
};

pub(super) static BASELINE: BlockSpec = BlockSpec {
    name: "baseline",
    kind: None,
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("plan", Text),
        optional("state", Text, "none"),
        optional("schema", Text, "none"),
        optional("source", Text, "none"),
        optional("approval", Text, "by change record"),
    ],
};

pub(super) static LIVE_SNAPSHOT: BlockSpec = BlockSpec {
    name: "live",
    kind: Some("aws_config_snapshot"),
    named: true,
    required: false,
    within: None,
    attributes: &[required("files", Texts)],
};

pub(super) static LIVE_CONFIG: BlockSpec = BlockSpec {
    name: "live",
    kind: Some("aws_config"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        optional("accounts", Texts, "those of the aggregator"),
        optional("regions", Texts, "those of the aggregator"),
        optional("aggregator", Text, "none"),
        optional("aggregator_account", Text, "none"),
        optional("aggregator_region", Text, "none"),
        optional("role", Text, "none"),
        optional("external_id", Text, "none"),
        optional("endpoint", Text, "that of the Region"),
        optional("calls_per_minute", Number, "`60`"),
        optional("calls_per_scan", Number, "`10000`"),
    ],
};

pub(super) static CHANGES_FILES: BlockSpec = BlockSpec {
    name: "changes",
    kind: Some("files"),
    named: false,
    required: false,
    within: None,
    attributes: &[required("dir", Text)],
};

pub(super) static ACTIVITY_CLOUDTRAIL: BlockSpec = BlockSpec {
    name: "activity",
    kind: Some("cloudtrail_files"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("files", Texts),
        optional("pipelines", Texts, "none"),
        optional("networks", Texts, "none"),
    ],
};

pub(super) static ACTIVITY_QUEUE: BlockSpec = BlockSpec {
    name: "activity",
    kind: Some("aws_cloudtrail_queue"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("queue", Text),
        optional("region", Text, "that in `queue`"),
        optional("endpoint", Text, "that of the Region"),
        optional("role", Text, "that of the environment"),
        optional("visibility", Text, "`60s`"),
        optional("pipelines", Texts, "none"),
        optional("networks", Texts, "none"),
    ],
};

pub(super) static ACTIVITY_LOOKUP: BlockSpec = BlockSpec {
    name: "activity",
    kind: Some("aws_cloudtrail_lookup"),
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("region", Text),
        optional("endpoint", Text, "that of the Region"),
        optional("role", Text, "that of the environment"),
        optional("window", Text, "`24h`"),
        optional("calls", Number, "`200`"),
        optional("pipelines", Texts, "none"),
        optional("networks", Texts, "none"),
    ],
};

pub(super) static IDENTITY: BlockSpec = BlockSpec {
    name: "identity",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[required("file", Text)],
};

pub(super) static RULES: BlockSpec = BlockSpec {
    name: "rules",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[
        required("dirs", Texts),
        optional("approved_sha256", Text, "not watched"),
    ],
};

pub(super) static SCOPE: BlockSpec = BlockSpec {
    name: "scope",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[
        optional("accounts", Texts, "the accounts observed"),
        optional("regions", Texts, "the Regions observed"),
        optional("types", Texts, "every type"),
    ],
};

pub(super) static APPROVALS: BlockSpec = BlockSpec {
    name: "approvals",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[
        optional("clock_tolerance", Text, "`60s`"),
        optional("emergency_acknowledge", Text, "`24h`"),
        optional("emergency_complete", Text, "`72h`"),
    ],
};

pub(super) static WAIVERS: BlockSpec = BlockSpec {
    name: "waivers",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[required("dir", Text)],
};

pub(super) static FINDINGS: BlockSpec = BlockSpec {
    name: "findings",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[
        optional("confirm_after", Number, "`1`"),
        optional("flap_count", Number, "`3`"),
        optional("flap_window", Text, "`24h`"),
    ],
};

pub(super) static RUN: BlockSpec = BlockSpec {
    name: "run",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[
        optional("every", Text, "`15m`"),
        optional("jitter", Text, "`10%`"),
        optional("debounce", Text, "`2s`"),
        optional("listen", Text, "none"),
        optional("log", Text, "`logfmt`"),
        optional("inbox", Text, "`dir` of `evidence` with `.inbox` appended"),
        optional("live_stale_after", Text, "never"),
        optional("trail_stale_after", Text, "never"),
        optional("evidence_stale_after", Text, "four times `every`"),
        optional("event_patience", Text, "`15m`"),
        optional("queue_lag_after", Text, "`5m`"),
        optional("queue_stale_after", Text, "never"),
        optional("outside_lag_after", Text, "`15m`"),
        optional("outside_lag_records", Number, "`10000`"),
    ],
};

/// The one block of a waiver file.
pub static WAIVER: BlockSpec = BlockSpec {
    name: "waiver",
    kind: None,
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("finding", Text),
        optional("deviation", Text, "whatever the finding becomes"),
        required("owner", Text),
        required("reason", Text),
        required("expires", Text),
        required("change", Text),
        required("approved_by", Text),
    ],
};

/// All blocks, in the order in which the documentation shows them.
pub static BLOCKS: [&BlockSpec; 39] = [
    &EVIDENCE,
    &SIGNER_KMS,
    &DURABILITY,
    &MIRROR_S3,
    &WITNESS,
    &TIMESTAMPS,
    &BASELINE,
    &LIVE_SNAPSHOT,
    &LIVE_CONFIG,
    &LIVE_REFRESH,
    &CHANGES_FILES,
    &ACTIVITY_CLOUDTRAIL,
    &ACTIVITY_QUEUE,
    &ACTIVITY_LOOKUP,
    &IDENTITY,
    &RULES,
    &SCOPE,
    &APPROVALS,
    &WAIVERS,
    &FINDINGS,
    &channels::PAGERDUTY,
    &channels::EMAIL,
    &channels::SLACK,
    &channels::SLACK_WEBHOOK,
    &channels::TEAMS,
    &channels::ALERTMANAGER,
    &channels::WEBHOOK,
    &channels::SECURITY_HUB,
    &channels::SPLUNK,
    &channels::FILE,
    &ROUTE,
    &PAGING,
    &HEARTBEAT,
    &REMEDIATION,
    &FREEZE,
    &HANDOVER,
    &PROVIDERS,
    &CONFIG_REMEDIATION,
    &RUN,
];

impl BlockSpec {
    pub(super) fn attribute(&self, name: &str) -> Option<&'static AttributeSpec> {
        self.attributes.iter().find(|spec| spec.name == name)
    }

    /// The block's first words as the user writes them: `live "aws_config_snapshot" "NAME"`.
    pub fn form(&self) -> String {
        let mut form = self.name.to_owned();
        if let Some(kind) = self.kind {
            form.push_str(&format!(" \"{kind}\""));
        }
        if self.named {
            form.push_str(" \"NAME\"");
        }
        form
    }
}
