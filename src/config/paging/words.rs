//! The vocabulary of these blocks.

use super::super::vocabulary::Shape::{Number, Text, Texts};
use super::super::vocabulary::{BlockSpec, optional, required};

pub static ROUTE: BlockSpec = BlockSpec {
    name: "route",
    kind: None,
    named: true,
    required: false,
    within: None,
    attributes: &[
        required("to", Texts),
        optional("about", Texts, "everything"),
        optional("severities", Texts, "every severity"),
        optional("workspaces", Texts, "every workspace"),
        optional("accounts", Texts, "every account"),
        optional("owners", Texts, "every owner"),
        optional("rules", Texts, "every rule"),
        optional("controls", Texts, "every control"),
        optional("kinds", Texts, "every kind"),
        optional("failover", Text, "none"),
        optional("escalate_to", Texts, "nobody"),
        optional("escalate_after", Text, "the time that a rule allows"),
        optional("digest", Text, "at once"),
        optional("as", Text, "`pages`"),
    ],
};

pub static PAGING: BlockSpec = BlockSpec {
    name: "paging",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[
        optional("pages_per_group", Number, "`3`"),
        optional("group_window", Text, "`30m`"),
        optional("critical_pages", Number, "`5`"),
        optional("storm_threshold", Number, "`20`"),
        optional("storm_window", Text, "`10m`"),
        optional("update_every", Text, "`5m`"),
        optional("failover_after", Text, "`5m`"),
        optional("notes", Text, "`sent`"),
        optional("evidence_url", Text, "no link"),
        optional("criticality", Text, "none"),
        optional("criticality_tags", Texts, "none"),
        optional("vulnerabilities", Text, "none"),
    ],
};

pub static HEARTBEAT: BlockSpec = BlockSpec {
    name: "heartbeat",
    kind: None,
    named: false,
    required: false,
    within: None,
    attributes: &[required("channel", Text), optional("every", Text, "`1m`")],
};
