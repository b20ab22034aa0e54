//! Address ranges in one form: host bits cleared, IPv6 as RFC 5952 writes it.

use std::net::IpAddr;

/// The canonical form, or the text as it was if it is no range.
pub fn canonical(text: &str) -> String {
    parse(text).unwrap_or_else(|| text.to_owned())
}

fn parse(text: &str) -> Option<String> {
    let (address, prefix) = text.trim().split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    match address.parse().ok()? {
        IpAddr::V4(address) if prefix <= 32 => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            let masked = std::net::Ipv4Addr::from(u32::from(address) & mask);
            Some(format!("{masked}/{prefix}"))
        }
        IpAddr::V6(address) if prefix <= 128 => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            let masked = std::net::Ipv6Addr::from(u128::from(address) & mask);
            Some(format!("{masked}/{prefix}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn equal_pairs_and_near_misses() {
        assert_eq!(canonical("10.1.2.3/16"), "10.1.0.0/16");
        assert_eq!(canonical("0.0.0.0/0"), "0.0.0.0/0");
        assert_eq!(canonical("2001:DB8:0:0::/32"), canonical("2001:db8::1/32"));
        assert_ne!(canonical("10.1.0.0/16"), canonical("10.1.0.0/17"));
        assert_ne!(canonical("10.1.0.0/24"), canonical("10.1.1.0/24"));
        assert_eq!(canonical("10.0.0.0/33"), "10.0.0.0/33");
        assert_eq!(canonical("10.0.0.1"), "10.0.0.1");
    }
}
