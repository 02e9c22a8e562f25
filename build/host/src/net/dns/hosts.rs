//! The hosts file.

use std::net::IpAddr;

/// The addresses of a name in the text of a hosts file, in its order.
pub fn addresses(text: &[u8], host: &str) -> Vec<IpAddr> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut found = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let address = words.next();
        if words.any(|name| name.eq_ignore_ascii_case(host.as_bytes())) {
            let ip = address.and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
            found.extend(ip.filter(|ip| !found.contains(ip)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_and_aliases_without_regard_to_case() {
        let text =
            b"127.0.0.1 localhost\n10.0.0.1\tEtcd-0.example etcd-0 # etcd-1\r\n#10.0.0.9 etcd-0\nfd00::1 etcd-0\n\
            10.0.0.1 etcd-0\nnonsense etcd-0\n\xff\xfe etcd-0\n10.0.0.2";
        let found = |host| addresses(text, host).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found("ETCD-0."), ["10.0.0.1", "fd00::1"]);
        assert_eq!(found("etcd-0.example"), ["10.0.0.1"]);
        for other in ["etcd-1", "10.0.0.1", "", "etcd"] {
            assert!(found(other).is_empty(), "{other}");
        }
    }
}
