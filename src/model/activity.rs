//! What the cloud's own trail says was done, and what follows for a deviation.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{AccountId, Region};

/// One call that changed something, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    pub event_id: String,
    pub at: Timestamp,
    /// The call as the provider names it, with its service: `ec2:AuthorizeSecurityGroupIngress`.
    pub call: String,
    pub actor: Actor,
    pub account: Option<AccountId>,
    pub region: Option<Region>,
    /// Every id, name and ARN that the event names; resources are joined on these.
    pub subjects: Vec<String>,
    /// A failed call changed nothing and accuses nobody.
    pub succeeded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The identity that acted, as the trail names it (an ARN).
    pub identity: String,
    /// The role behind a session, the session's name, a federated user: further names to look up.
    pub aliases: Vec<String>,
    pub means: Means,
    pub source_ip: Option<IpAddr>,
    /// Where the call came from if that was not an address (a service's host name).
    pub source_host: Option<String>,
    pub user_agent: Option<String>,
}

/// By what means the change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    Console,
    Pipeline,
    Service,
    Key,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// Who, when, from where, by what means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// The identity as the trail names it.
    pub actor: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The person's id in the identity map, where the actor is mapped.
    pub person: Option<String>,
    pub at: Timestamp,
    pub from: Option<String>,
    pub means: Means,
    pub call: String,
    pub event_id: String,
    pub confidence: Confidence,
}
