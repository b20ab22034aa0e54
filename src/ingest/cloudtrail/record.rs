//! The envelope of one trail record, borrowed. Fields that later minor versions add are skipped.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::subjects::Named;

type Text<'r> = Option<Cow<'r, str>>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'r> {
    #[serde(borrow, default)]
    pub event_version: Text<'r>,
    #[serde(borrow, default)]
    pub event_time: Text<'r>,
    #[serde(borrow, default)]
    pub event_source: Text<'r>,
    #[serde(borrow, default)]
    pub event_name: Text<'r>,
    #[serde(borrow, default, rename = "eventID")]
    pub event_id: Text<'r>,
    #[serde(borrow, default)]
    pub event_type: Text<'r>,
    #[serde(borrow, default)]
    pub event_category: Text<'r>,
    #[serde(borrow, default)]
    pub aws_region: Text<'r>,
    #[serde(borrow, default)]
    pub recipient_account_id: Text<'r>,
    #[serde(borrow, default, rename = "sourceIPAddress")]
    pub source_ip_address: Text<'r>,
    #[serde(borrow, default)]
    pub vpc_endpoint_id: Text<'r>,
    #[serde(borrow, default)]
    pub user_agent: Text<'r>,
    #[serde(borrow, default)]
    pub error_code: Text<'r>,
    #[serde(default)]
    pub read_only: Flag,
    #[serde(default)]
    pub management_event: Flag,
    #[serde(default)]
    pub session_credential_from_console: Flag,
    #[serde(borrow, default)]
    pub user_identity: Option<UserIdentity<'r>>,
    #[serde(default)]
    pub request_parameters: Named,
    #[serde(default)]
    pub response_elements: Named,
    #[serde(default)]
    pub resources: Named,
    /// Where services put the resource of what they did by themselves.
    #[serde(default)]
    pub additional_event_data: Named,
    #[serde(default)]
    pub service_event_details: Named,
}

/// Access keys and credentials are not among the fields, so they are never held.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserIdentity<'r> {
    #[serde(borrow, default, rename = "type")]
    pub kind: Text<'r>,
    #[serde(borrow, default)]
    pub arn: Text<'r>,
    #[serde(borrow, default)]
    pub principal_id: Text<'r>,
    #[serde(borrow, default)]
    pub account_id: Text<'r>,
    #[serde(borrow, default)]
    pub user_name: Text<'r>,
    #[serde(borrow, default)]
    pub invoked_by: Text<'r>,
    #[serde(borrow, default)]
    pub session_context: Option<SessionContext<'r>>,
    #[serde(borrow, default)]
    pub on_behalf_of: Option<OnBehalfOf<'r>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionContext<'r> {
    #[serde(borrow, default)]
    pub session_issuer: Option<SessionIssuer<'r>>,
    #[serde(borrow, default)]
    pub source_identity: Text<'r>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionIssuer<'r> {
    #[serde(borrow, default)]
    pub arn: Text<'r>,
    #[serde(borrow, default)]
    pub user_name: Text<'r>,
}

/// The user of Identity Center for whom a service acts.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct OnBehalfOf<'r> {
    #[serde(borrow, default)]
    pub user_id: Text<'r>,
}

/// A flag that tools write as a boolean or as text, in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Flag {
    #[default]
    Unsaid,
    Yes,
    No,
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FlagVisitor)
    }
}

struct FlagVisitor;

impl<'de> Visitor<'de> for FlagVisitor {
    type Value = Flag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a flag")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Flag, E> {
        Ok(if flag { Flag::Yes } else { Flag::No })
    }

    fn visit_str<E>(self, text: &str) -> Result<Flag, E> {
        Ok(if text.eq_ignore_ascii_case("true") {
            Flag::Yes
        } else if text.eq_ignore_ascii_case("false") {
            Flag::No
        } else {
            Flag::Unsaid
        })
    }

    fn visit_unit<E>(self) -> Result<Flag, E> {
        Ok(Flag::Unsaid)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Flag, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Flag::Unsaid)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flag, A::Error> {
        while map.next_entry::<Cow<'de, str>, IgnoredAny>()?.is_some() {}
        Ok(Flag::Unsaid)
    }
}
