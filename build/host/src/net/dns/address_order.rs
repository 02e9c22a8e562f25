//! In which order addresses are to be tried: that of getaddrinfo (RFC 6724, section 6), as far as a host without own policies has one.

use crate::net::socket::{Address, Socket};
use std::cmp::Reverse;
use std::net::{IpAddr, Ipv6Addr};

/// Puts them in order; asks the kernel for routes only if there is a choice.
pub fn in_order(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    if addresses.len() > 1 {
        addresses.sort_by_cached_key(|ip| rank(*ip, source_for(*ip)));
    }
    addresses
}

/// The address that this host would have in a connection to that one; None without a route.
fn source_for(ip: IpAddr) -> Option<IpAddr> {
    Socket::to(&Address::new(ip, 53), libc::SOCK_DGRAM).ok()?.own_ip().ok()
}

/// Smaller is better; equal ones keep the order of the answer.
fn rank(ip: IpAddr, source: Option<IpAddr>) -> impl Ord {
    let (precedence, label) = policy(ip);
    let same_scope = source.is_some_and(|source| scope(source) == scope(ip));
    let same_label = source.is_some_and(|source| policy(source).1 == label);
    (source.is_none(), !same_scope, !same_label, Reverse(precedence), scope(ip))
}

fn mapped(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

/// Precedence and label (section 2.1).
fn policy(ip: IpAddr) -> (u8, u8) {
    let ip = mapped(ip);
    match ip.segments() {
        _ if ip == Ipv6Addr::LOCALHOST => (50, 0),
        [0, 0, 0, 0, 0, 0xffff, ..] => (35, 4),
        [0, 0, 0, 0, 0, 0, ..] => (1, 3),
        [0x2002, ..] => (30, 2),
        [0x2001, 0, ..] => (5, 5),
        [0xfc00..=0xfdff, ..] => (3, 13),
        [0xfec0..=0xfeff, ..] => (1, 11),
        [0x3ffe, ..] => (1, 12),
        _ => (40, 1),
    }
}

/// Scopes as in multicast addresses (section 3.1): 2 on the link, 5 in the site, 14 everywhere.
fn scope(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_link_local() => 2,
        IpAddr::V4(_) => 14,
        IpAddr::V6(ip) if ip.is_multicast() => (ip.segments()[0] & 0xf) as u8,
        IpAddr::V6(ip) if ip.is_loopback() => 2,
        IpAddr::V6(ip) => match ip.segments()[0] {
            0xfe80..=0xfebf => 2,
            0xfec0..=0xfeff => 5,
            _ => 14,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(pairs: &[(&str, &str)]) -> Vec<String> {
        let ip = |text: &str| text.parse::<IpAddr>().ok();
        let mut pairs: Vec<_> = pairs.iter().map(|(to, from)| (ip(to).unwrap(), ip(from))).collect();
        pairs.sort_by_key(|(to, from)| rank(*to, *from));
        pairs.iter().map(|(to, _)| to.to_string()).collect()
    }

    /// The examples of RFC 6724, section 10.2, as far as they are decided by the rules here, and what clusters have.
    #[test]
    fn orders_as_the_rfc_wants_it() {
        for pairs in [
            [("2001:db8:1::1", "2001:db8:1::2"), ("198.51.100.121", "169.254.13.78")],
            [("198.51.100.121", "198.51.100.117"), ("2001:db8:1::1", "fe80::1")],
            [("2001:db8:1::1", "2001:db8:1::2"), ("10.1.2.3", "10.1.2.4")],
            [("10.0.0.1", "10.0.0.2"), ("2001:db8::1", "")],
            [("10.0.0.1", "10.0.0.2"), ("fd00::1", "fd00::2")],
            [("::1", "::1"), ("127.0.0.1", "127.0.0.1")],
            [("2001:db8:1::1", "2001:db8:1::2"), ("2002:c633:6401::1", "2002:c633:6401::2")],
        ] {
            let wanted: Vec<_> = pairs.iter().map(|(to, _)| (*to).to_owned()).collect();
            assert_eq!(sorted(&pairs), wanted);
            assert_eq!(sorted(&[pairs[1], pairs[0]]), wanted);
        }
        let same = [("10.0.0.2", "10.0.0.9"), ("10.0.0.1", "10.0.0.9")];
        assert_eq!(sorted(&same), ["10.0.0.2", "10.0.0.1"]);
    }
}
