//! The small typed values that a configuration is made of.

use std::fmt;
use std::net::IpAddr;

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::model::TypeName;

/// A block of addresses in CIDR form, its host bits zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or one address.
    ///
    /// # Errors
    /// What is wrong, for a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = address
            .parse()
            .map_err(|_| format!("`{text}` is no network in CIDR form"))?;
        let widest = width(base);
        let prefix = match prefix {
            None => widest,
            Some(digits) => digits
                .parse()
                .ok()
                .filter(|bits| *bits <= widest && digits.bytes().all(|b| b.is_ascii_digit()))
                .ok_or_else(|| format!("`{text}` has no prefix length between 0 and {widest}"))?,
        };
        let network = Self {
            base: masked(base, prefix),
            prefix,
        };
        if network.base == base {
            Ok(network)
        } else {
            Err(format!(
                "`{text}` has bits set beyond its prefix; the network is `{network}`"
            ))
        }
    }

    /// Whether an address lies in the network. An IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.base.is_ipv4() && masked(address, self.prefix) == self.base
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let host_bits = u32::from(width(address).saturating_sub(prefix));
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// A pattern over Terraform resource types: `aws_iam_*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TypePattern(glob::Pattern);

impl TypePattern {
    /// Reads a type, or a glob over types.
    ///
    /// # Errors
    /// What is wrong, for a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_*?[]!-".contains(c);
        if !text.chars().all(allowed) {
            return Err(format!("`{text}` is no Terraform resource type"));
        }
        let pattern = glob::Pattern::new(text);
        let pattern = pattern.map_err(|error| format!("`{text}` is no pattern: {}", error.msg))?;
        Ok(Self(pattern))
    }

    pub fn matches(&self, type_name: &TypeName) -> bool {
        self.0.matches(type_name.as_str())
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Reads a whole number with its unit: `90s`, `15m`, `24h`, `3d`.
/// A day as `2026-11-28`.
pub(super) fn day(text: &str) -> Result<Date, String> {
    let day = text.parse::<Date>().ok();
    let day = day.filter(|day| day.to_string() == text);
    day.ok_or_else(|| format!("`{text}` is no day"))
}

pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("`{text}` is no duration");
    let split = text.len().saturating_sub(1);
    let (digits, unit) = text.split_at_checked(split).ok_or_else(wrong)?;
    let seconds_each: i64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: i64 = digits.parse().map_err(|_| wrong())?;
    let seconds = number.checked_mul(seconds_each).ok_or_else(wrong)?;
    Ok(SignedDuration::from_secs(seconds))
}

/// Checks the name of an evidence log: C2SP wants no white space and no plus sign in it.
pub(super) fn origin(text: &str) -> Result<String, String> {
    const LONGEST: usize = 255;
    if text.chars().any(|c| c.is_whitespace() || c == '+') {
        return Err(format!("the origin `{text}` holds white space or `+`"));
    }
    if text.len() > LONGEST {
        return Err(format!("the origin is longer than {LONGEST} bytes"));
    }
    Ok(text.to_owned())
}

/// Checks the ARN of an IAM role, as CloudTrail names the issuer of a session.
pub(super) fn role_arn(text: &str) -> Result<String, String> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let role = match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource]
            if partition.starts_with("aws") && is_aws_account(account) =>
        {
            resource.strip_prefix("role/")
        }
        _ => None,
    };
    match role {
        Some(name) if name.contains(['*', '?']) => {
            Err(format!("`{text}` holds a wildcard; a pipeline is one role"))
        }
        Some(name) if !name.is_empty() && !name.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        Some(_) | None => Err(format!("`{text}` is not the ARN of an IAM role")),
    }
}

/// Checks an AWS account number or an Azure subscription id.
pub(super) fn account(text: &str) -> Result<String, String> {
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let is_subscription = groups == [8, 4, 4, 4, 12] && is_hex;
    if is_aws_account(text) || is_subscription {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no account"))
    }
}

/// Checks an AWS account number.
pub(super) fn aws_account(text: &str) -> Result<String, String> {
    match is_aws_account(text) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no AWS account")),
    }
}

fn is_aws_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_holds_its_first_and_last_address_and_no_neighbour() {
        let net = network("10.20.0.0/16");
        assert!(net.contains(ip("10.20.0.0")));
        assert!(net.contains(ip("10.20.255.255")));
        assert!(!net.contains(ip("10.19.255.255")));
        assert!(!net.contains(ip("10.21.0.0")));
        assert!(network("0.0.0.0/0").contains(ip("203.0.113.9")));
        assert!(network("203.0.113.9").contains(ip("203.0.113.9")));
        assert!(!network("203.0.113.9/32").contains(ip("203.0.113.8")));
    }

    #[test]
    fn address_families_do_not_mix_but_mapped_addresses_count() {
        assert!(!network("0.0.0.0/0").contains(ip("2001:db8::1")));
        assert!(!network("::/0").contains(ip("203.0.113.9")));
        assert!(network("203.0.113.0/24").contains(ip("::ffff:203.0.113.9")));
        assert!(network("2001:db8::/32").contains(ip("2001:db8:ffff::1")));
        assert!(!network("2001:db8::/32").contains(ip("2001:db9::1")));
    }

    #[test]
    fn networks_that_are_none_say_why() {
        let wrong = |text: &str| Network::parse(text).unwrap_err();
        assert_eq!(wrong("10.0.0/8"), "`10.0.0/8` is no network in CIDR form");
        assert_eq!(
            wrong("10.0.0.0/33"),
            "`10.0.0.0/33` has no prefix length between 0 and 32"
        );
        assert_eq!(
            wrong("10.0.0.0/+8"),
            "`10.0.0.0/+8` has no prefix length between 0 and 32"
        );
        assert_eq!(
            wrong("10.0.0.1/8"),
            "`10.0.0.1/8` has bits set beyond its prefix; the network is `10.0.0.0/8`"
        );
    }

    #[test]
    fn durations_need_a_number_and_a_unit() {
        assert_eq!(duration("60s"), Ok(SignedDuration::from_secs(60)));
        assert_eq!(duration("24h"), duration("1d"));
        assert_eq!(duration("0s"), Ok(SignedDuration::ZERO));
        for wrong in [
            "",
            "s",
            "60",
            "-1s",
            "+1s",
            "1.5h",
            "1w",
            "1 h",
            "1é",
            "9223372036854775807d",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pipeline_is_one_role() {
        assert!(role_arn("arn:aws:iam::111122223333:role/path/deploy").is_ok());
        assert!(role_arn("arn:aws-cn:iam::111122223333:role/deploy").is_ok());
        for wrong in [
            "deploy",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:user/ben",
            "arn:aws:iam::1111:role/deploy",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:sts::111122223333:assumed-role/deploy/run",
        ] {
            assert!(role_arn(wrong).is_err(), "{wrong}");
        }
    }
}
