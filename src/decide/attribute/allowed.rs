//! Which roles, from which networks, are pipelines.

use std::collections::BTreeSet;
use std::net::IpAddr;

use thiserror::Error;

use crate::model::{Actor, Means};

/// The allow-list of pipelines. A call is a pipeline's if the role behind its session stands here
/// and it came from one of the networks; what the caller says of itself counts for nothing, and
/// without a network nobody is a pipeline.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    groups: Vec<Group>,
}

/// Roles, each of which may act from each of the networks.
#[derive(Clone, Debug)]
struct Group {
    pipelines: BTreeSet<String>,
    networks: Vec<Network>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Network {
    Addresses {
        first: IpAddr,
        bits: u8,
    },
    /// `vpce-…`: addresses behind an endpoint are private, and anybody can have the same.
    Endpoint(String),
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum AllowedError {
    #[error("`{0}` is no ARN of a role")]
    NotARole(String),
    #[error("`{0}` is no network")]
    NotANetwork(String),
}

impl AllowedError {
    /// What to write instead.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotARole(_) => "write `arn:aws:iam::111122223333:role/deploy`",
            Self::NotANetwork(_) => {
                "write `203.0.113.0/24`, `2001:db8::/32` or the id of a VPC endpoint"
            }
        }
    }
}

impl Allowed {
    /// Admits these roles from these networks, beside what is admitted already. Role ARNs; networks
    /// as CIDR blocks, single addresses or ids of VPC endpoints.
    ///
    /// # Errors
    /// Names the first entry that is not of its kind.
    pub fn with(mut self, pipelines: &[String], networks: &[String]) -> Result<Self, AllowedError> {
        let role = |arn: &String| {
            let known = arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":role/");
            known
                .then(|| arn.clone())
                .ok_or_else(|| AllowedError::NotARole(arn.clone()))
        };
        let network = |text: &String| {
            Network::parse(text).ok_or_else(|| AllowedError::NotANetwork(text.clone()))
        };
        self.groups.push(Group {
            pipelines: pipelines.iter().map(role).collect::<Result<_, _>>()?,
            networks: networks.iter().map(network).collect::<Result<_, _>>()?,
        });
        Ok(self)
    }

    /// The means of an actor, the allow-list considered.
    pub(super) fn means(&self, actor: &Actor) -> Means {
        match actor.means {
            Means::Key | Means::Unknown if self.is_pipeline(actor) => Means::Pipeline,
            // Only this list makes a pipeline.
            Means::Pipeline if !self.is_pipeline(actor) => Means::Key,
            told => told,
        }
    }

    fn is_pipeline(&self, actor: &Actor) -> bool {
        self.groups.iter().any(|group| group.admits(actor))
    }
}

impl Group {
    /// No session can have a name that is an ARN, so an alias that equals a role's ARN is that role.
    fn admits(&self, actor: &Actor) -> bool {
        let mut aliases = actor.aliases.iter();
        aliases.any(|alias| self.pipelines.contains(alias))
            && self.networks.iter().any(|network| network.holds(actor))
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        if text.strip_prefix("vpce-").is_some_and(|id| !id.is_empty()) {
            return Some(Self::Endpoint(text.to_owned()));
        }
        let (first, bits) = match text.split_once('/') {
            Some((first, bits)) => (
                first.parse::<IpAddr>().ok()?,
                Some(bits.parse::<u8>().ok()?),
            ),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let most = match first {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self::Addresses { first, bits })
    }

    fn holds(&self, actor: &Actor) -> bool {
        let endpoint = actor
            .source_host
            .as_ref()
            .filter(|host| host.starts_with("vpce-"));
        match (self, endpoint, actor.source_ip) {
            (Self::Endpoint(id), Some(endpoint), _) => id == endpoint,
            (Self::Addresses { first, bits }, None, Some(address)) => {
                same_network(*first, address.to_canonical(), *bits)
            }
            (Self::Endpoint(_), None, _) | (Self::Addresses { .. }, _, _) => false,
        }
    }
}

fn same_network(first: IpAddr, address: IpAddr, bits: u8) -> bool {
    let (first, address, width) = match (first, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128_u32),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let shift = width.saturating_sub(u32::from(bits));
    // A shift by the whole width is no shift at all to the processor: `/0` holds everything.
    (first ^ address).checked_shr(shift).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        let actor = Actor {
            identity: String::new(),
            aliases: Vec::new(),
            means: Means::Key,
            source_ip: address.parse().ok(),
            source_host: None,
            user_agent: None,
        };
        Network::parse(network).unwrap().holds(&actor)
    }

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        assert!(holds("203.0.113.0/24", "203.0.113.255"));
        assert!(!holds("203.0.113.0/24", "203.0.114.0"));
        assert!(holds("203.0.113.9", "203.0.113.9"));
        assert!(!holds("203.0.113.9", "203.0.113.8"));
        assert!(holds("0.0.0.0/0", "198.51.100.1"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("203.0.113.0/24", "::ffff:203.0.113.7"));
    }

    #[test]
    fn entries_of_another_kind_are_refused() {
        let refuse = |roles: &[&str], networks: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
            let error = Allowed::default()
                .with(&owned(roles), &owned(networks))
                .unwrap_err();
            format!("{error}; {}", error.help())
        };
        insta::assert_snapshot!(refuse(&["deploy"], &[]), @"`deploy` is no ARN of a role; write `arn:aws:iam::111122223333:role/deploy`");
        insta::assert_snapshot!(refuse(&[], &["10.0.0.0/33"]), @"`10.0.0.0/33` is no network; write `203.0.113.0/24`, `2001:db8::/32` or the id of a VPC endpoint");
        refuse(&[], &["everywhere"]);
        refuse(&[], &["vpce-"]);
        refuse(&["arn:aws:iam::1:user/ben"], &[]);
    }
}
