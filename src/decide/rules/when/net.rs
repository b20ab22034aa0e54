//! Whether one address range lies within another.

use std::net::IpAddr;

/// An address range, or a single address. Bits beyond the prefix are set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let widest: u8 = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        let length = match length {
            None => widest,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|length| *length <= widest)?
            }
            Some(_) => return None,
        };
        Some(Self { address, length })
    }

    /// Ranges of different families contain nothing of each other.
    pub(super) fn contains(self, other: Self) -> bool {
        if other.length < self.length {
            return false;
        }
        match (self.address, other.address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let host_bits = 32 - u32::from(self.length);
                let network = |ip: u32| ip.checked_shr(host_bits).unwrap_or(0);
                network(a.to_bits()) == network(b.to_bits())
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                let host_bits = 128 - u32::from(self.length);
                let network = |ip: u128| ip.checked_shr(host_bits).unwrap_or(0);
                network(a.to_bits()) == network(b.to_bits())
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(outer: &str, inner: &str, expected: bool) {
        let (a, b) = (Prefix::parse(outer).unwrap(), Prefix::parse(inner).unwrap());
        assert_eq!(a.contains(b), expected);
    }

    #[test]
    fn containment() {
        check("0.0.0.0/0", "203.0.113.9", true);
        check("10.0.0.0/8", "10.255.0.0/16", true);
        check("10.0.0.0/8", "11.0.0.0/16", false);
        check("10.1.0.0/16", "10.0.0.0/8", false);
        check("10.0.0.7/8", "10.0.0.0/8", true);
        check("::/0", "2001:db8::1", true);
        check("2001:db8::/32", "2001:db9::/48", false);
        check("0.0.0.0/0", "::1", false);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for bad in [
            "",
            "/0",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/+8",
            "any",
        ] {
            assert_eq!(Prefix::parse(bad), None, "{bad}");
        }
    }
}
