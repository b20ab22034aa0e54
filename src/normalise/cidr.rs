//! Address ranges in one form: host bits cleared, IPv6 as RFC 5952 writes it.

use std::net::IpAddr;

/// The canonical form, or the text as it was if it is no range.
pub fn canonical(text: &str) -> String {
    parse(text).unwrap_or_else(|| text.to_owned())
}

fn parse(text: &str) -> Option<String> {
    let (address, digits) = text.split_once('/')?;
    let prefix: u32 = digits.parse().ok()?;
    if prefix.to_string() != digits {
        return None;
    }
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
    use proptest::prelude::*;

    use super::canonical;

    proptest! {
        #[test]
        fn is_idempotent_and_keeps_the_network(address in any::<u32>(), prefix in 0u32..=32, host in any::<u32>()) {
            let text = |address: u32| format!("{}/{prefix}", std::net::Ipv4Addr::from(address));
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            let once = canonical(&text(address));
            prop_assert_eq!(canonical(&once), once.clone());
            prop_assert_eq!(canonical(&text(address & mask | host & !mask)), once.clone());
            if prefix > 0 {
                prop_assert_ne!(canonical(&text(address ^ (1 << (32 - prefix)))), once);
            }
        }
    }

    #[test]
    fn equal_pairs_and_near_misses() {
        assert_eq!(canonical("10.1.2.3/16"), "10.1.0.0/16");
        assert_eq!(canonical("0.0.0.0/0"), "0.0.0.0/0");
        assert_eq!(canonical("2001:DB8:0:0::/32"), canonical("2001:db8::1/32"));
        assert_ne!(canonical("10.1.0.0/16"), canonical("10.1.0.0/17"));
        assert_ne!(canonical("10.1.0.0/24"), canonical("10.1.1.0/24"));
        assert_eq!(canonical("10.0.0.0/33"), "10.0.0.0/33");
        // A lone address is a range of one only where a schema says so, and none here does.
        assert_ne!(canonical("10.0.0.1"), canonical("10.0.0.1/32"));
        assert_ne!(canonical("::ffff:10.0.0.0/104"), canonical("10.0.0.0/8"));
        for odd in ["10.0.0.0/+8", "10.0.0.0/08", " 10.0.0.0/8", "010.0.0.0/8"] {
            assert_eq!(canonical(odd), odd);
        }
        assert_eq!(canonical("10.0.0.1"), "10.0.0.1");
    }
}
