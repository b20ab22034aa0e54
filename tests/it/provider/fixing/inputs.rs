//! What the estate is made of: its approved plan and its configuration.

// Tells the lints that helpers here are test code as well.
#![cfg(test)]

use std::path::Path;

use serde_json::{Value as Json, json};

pub const TYPE: &str = "aws_s3_bucket_public_access_block";
pub const ADDRESS: &str = "aws_s3_bucket_public_access_block.ledger";
pub const BUCKET: &str = "ledger";

/// As it was approved and applied.
pub fn block() -> Json {
    json!({"id": BUCKET, "bucket": BUCKET, "block_public_acls": true, "block_public_policy": true,
        "ignore_public_acls": true, "restrict_public_buckets": true, "seen": null})
}

pub fn plan(store: &Path) -> Json {
    let mut after = block();
    after.as_object_mut().unwrap().remove("id");
    let constant = |value: &str| json!({"constant_value": value});
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-11-01T09:00:00Z",
        "complete": true, "errored": false, "planned_values": {"root_module": {}},
        "variables": {"token": {"value": super::SECRETS[0]}},
        "resource_changes": [{
            "address": ADDRESS, "mode": "managed", "type": TYPE, "name": "ledger",
            "provider_name": "registry.example.com/test/fault",
            "change": {"actions": ["create"], "before": null, "after": after,
                       "after_unknown": {"id": true}, "after_sensitive": {}},
        }],
        "configuration": {
            "provider_config": {"fault": {
                "name": "fault", "full_name": "registry.example.com/test/fault",
                "expressions": {"store": {"constant_value": store},
                                "token": {"references": ["var.token"]}}}},
            "root_module": {"resources": [{
                "address": ADDRESS, "mode": "managed", "type": TYPE, "name": "ledger",
                "provider_config_key": "fault",
                "expressions": {"bucket": constant(BUCKET),
                    "block_public_acls": {"constant_value": true},
                    "block_public_policy": {"constant_value": true},
                    "ignore_public_acls": {"constant_value": true},
                    "restrict_public_buckets": {"references": ["var.restrict"]}},
            }]},
        },
    })
}

pub fn config(more: &str) -> String {
    format!(
        "evidence {{ dir = \"evidence\" }}\n\
         baseline \"shop\" {{\n  plan = \"plan.json\"\n  state = \"state.json\"\n  \
         source = \"source\"\n  approval = \"assumed\"\n}}\n\
         live \"aws_config_snapshot\" \"prod\" {{ files = [\"live/*.json\"] }}\n\
         rules {{ dirs = [\"rules\"] }}\nscope {{ types = [\"{TYPE}\", \"aws_iam_role*\"] }}\n\
         remediation {{\n  mode = \"enforce\"\n  {more}\n}}\n\
         providers \"shop\" {{\n  lock = \"lock.hcl\"\n  from = [\"mirror\"]\n  \
         env = [\"FAULT\", \"PROTOCOL\", \"THEIR_SECRET\"]\n}}\n\
         identity {{ file = \"people.json\" }}\nrun {{ debounce = \"1s\" }}\n"
    )
}
