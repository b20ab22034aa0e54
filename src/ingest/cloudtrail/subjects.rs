//! What a call acted on: every ARN, typed id and name in its parameters and its answer. All other
//! values are passed over unread, because parameters hold secrets.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys whose text names a resource, in lower case and sorted. Trails write them with either case.
const NAME_KEYS: &[&str] = &[
    "alarmname",
    "aliasname",
    "allocationid",
    "autoscalinggroupname",
    "bucketname",
    "cacheclusterid",
    "clustername",
    "dbclusteridentifier",
    "dbclusterparametergroupname",
    "dbinstanceidentifier",
    "dbparametergroupname",
    "dbsnapshotidentifier",
    "dbsubnetgroupname",
    "detectorid",
    "distributionid",
    "filesystemid",
    "functionname",
    "groupid",
    "groupname",
    "groupnames",
    "hostedzoneid",
    "imageid",
    "instanceid",
    "instanceprofilename",
    "internetgatewayid",
    "keyid",
    "keyname",
    "launchtemplatename",
    "layername",
    "loadbalancername",
    "loggroupname",
    "natgatewayid",
    "networkaclid",
    "networkinterfaceid",
    "policyname",
    "queuename",
    "queueurl",
    "replicationgroupid",
    "repositoryname",
    "resourceid",
    "restapiid",
    "rolename",
    "routetableid",
    "rulename",
    "secretid",
    "securitygroupruleid",
    "servicename",
    "snapshotid",
    "streamname",
    "subnetid",
    "tablename",
    "targetgroupname",
    "targetkeyid",
    "topicname",
    "trailname",
    "username",
    "volumeid",
    "vpcendpointid",
    "vpcid",
    "webaclid",
];

/// Keys whose text names a resource only directly in the parameters: deeper down they name fields,
/// variables and filters.
const TOP_NAME_KEYS: &[&str] = &["id", "name", "resource"];

/// Prefixes of the ids that EC2 and its relatives give out.
const ID_PREFIXES: &[&str] = &[
    "acl",
    "ami",
    "cgw",
    "dopt",
    "eigw",
    "eipalloc",
    "eipassoc",
    "eni",
    "fl",
    "fs",
    "fsap",
    "fsmt",
    "i",
    "igw",
    "lt",
    "nat",
    "pcx",
    "pl",
    "rtb",
    "rtbassoc",
    "sg",
    "sgr",
    "snap",
    "subnet",
    "tgw",
    "tgw-attach",
    "tgw-rtb",
    "vgw",
    "vol",
    "vpc",
    "vpce",
    "vpce-svc",
    "vpn",
];

/// No AWS name or ARN is longer.
const LONGEST: usize = 2048;

/// Names found in one part of a record, unsorted.
#[derive(Debug, Default)]
pub(super) struct Named(pub Vec<String>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut found = Vec::new();
        let walk = Walk {
            found: &mut found,
            look: Look::Plain,
            depth: 0,
        };
        walk.deserialize(deserializer)?;
        Ok(Self(found))
    }
}

/// What a value can be, by the key above it.
#[derive(Clone, Copy)]
enum Look {
    /// Nothing is known: only what is an ARN or a typed id by its form is taken.
    Plain,
    /// Text here is a name.
    Name,
    /// A policy: as an object it mentions resources and principals that the call did not act on.
    Document,
}

struct Walk<'w> {
    found: &'w mut Vec<String>,
    look: Look,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let taken = match self.look {
            Look::Plain => is_arn(text) || is_typed_id(text),
            Look::Name => is_name(text),
            Look::Document => is_arn(text),
        };
        if taken {
            self.found.push(text.to_owned());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { found, look, depth } = self;
        while seq
            .next_element_seed(Walk {
                found: &mut *found,
                look,
                depth,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if let Look::Document = self.look {
            while map.next_entry::<Key<'de>, IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            map.next_value_seed(Walk {
                found: &mut *self.found,
                look: look(&key, self.depth),
                depth: self.depth + 1,
            })?;
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'r>(#[serde(borrow)] Cow<'r, str>);

fn look(key: &str, depth: usize) -> Look {
    let key = key.to_ascii_lowercase();
    let known = |keys: &[&str]| keys.binary_search(&key.as_str()).is_ok();
    if key.ends_with("policy") || key.ends_with("policydocument") || key == "condition" {
        Look::Document
    } else if known(NAME_KEYS) || (depth == 0 && known(TOP_NAME_KEYS)) {
        Look::Name
    } else {
        Look::Plain
    }
}

/// Six parts at least, and no pattern.
fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').count() >= 6 && is_name(text) && !text.contains('*')
}

/// `sg-0123456789abcdef0`: a known prefix, then lower-case hex.
pub(super) fn is_typed_id(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(prefix, hex)| {
        let digits = (1..=17).contains(&hex.len())
            && hex
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        digits && ID_PREFIXES.binary_search(&prefix).is_ok()
    })
}

fn is_name(text: &str) -> bool {
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    plain && (1..=LONGEST).contains(&text.len()) && !text.starts_with("HIDDEN_DUE_TO_SECURITY")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(json: &str) -> Vec<String> {
        sonic_rs::from_str::<Named>(json).unwrap().0
    }

    #[test]
    fn the_tables_are_sorted_for_the_search() {
        assert!(NAME_KEYS.is_sorted() && TOP_NAME_KEYS.is_sorted() && ID_PREFIXES.is_sorted());
    }

    #[test]
    fn arns_ids_and_names_are_taken_at_any_depth() {
        let json = r#"{"groupId": "sg-0a1", "BucketName": "ledger", "functionName": "fn",
            "items": [{"instanceId": "i-0abc"}, {"x": {"roleArn": "arn:aws:iam::1:role/a"}}],
            "groupNames": ["g1", "g2"], "name": "/top", "deep": {"name": "a-field"}}"#;
        let expected = [
            "sg-0a1",
            "ledger",
            "fn",
            "i-0abc",
            "arn:aws:iam::1:role/a",
            "g1",
            "g2",
            "/top",
        ];
        assert_eq!(subjects(json), expected);
    }

    #[test]
    fn values_and_mentions_are_not_taken() {
        let json = r#"{"masterUserPassword": "hunter2", "accessKeyId": "AKIAEXAMPLE", "value": "s3cr3t",
            "environment": {"variables": {"name": "TOKEN", "PASSWORD": "hunter2"}},
            "bucketPolicy": {"Statement": [{"Principal": {"AWS": "arn:aws:iam::1:role/a"}}]},
            "policyDocument": "{\"Resource\":\"arn:aws:s3:::b\"}", "userName": "HIDDEN_DUE_TO_SECURITY_REASONS",
            "n": 1, "f": 1.5, "m": -1, "b": true, "z": null, "any": "arn:aws:s3:::*", "w": "sg-open"}"#;
        assert_eq!(subjects(json), Vec::<String>::new());
    }

    #[test]
    fn typed_ids_have_a_known_prefix_and_hex() {
        for id in [
            "i-0abc",
            "sgr-1",
            "tgw-attach-0814a77755bf02f0e",
            "vpce-1a2b3c4d",
        ] {
            assert!(is_typed_id(id), "{id}");
        }
        for other in [
            "i-",
            "web-0abc",
            "i-0ABC",
            "sg-0123456789abcdef01",
            "AKIA-0",
            "i0abc",
        ] {
            assert!(!is_typed_id(other), "{other}");
        }
    }
}
