//! For whom a certificate is, in words.

use super::failure::Failure;
use super::x509::{Certificate, Name};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const CODE: &str = "ERR_TLS_CERT_ALTNAME_INVALID";

/// The error for a certificate that is not for this host, in the words of Node.js.
pub fn misnamed(certificate: &Certificate, host: &str) -> Failure {
    let listed = |prefix: &str| {
        let all = names_of(certificate).into_iter();
        all.filter(|name| name.starts_with(prefix)).collect::<Vec<_>>()
    };
    let dns = listed("DNS:");
    let why = if host.parse::<IpAddr>().is_ok() {
        let addresses: Vec<_> = listed("IP:").iter().map(|name| name[3..].to_owned()).collect();
        format!("IP: {host} is not in the cert's list: {}", addresses.join(", "))
    } else if !dns.is_empty() {
        format!("Host: {host}. is not in the cert's altnames: {}", dns.join(", "))
    } else if certificate.common_name().eq_ignore_ascii_case(host) {
        let message =
            format!("the certificate has no subjectAltName for {host}: its Common Name is ignored; reissue it");
        return Failure::new(CODE, message);
    } else {
        format!("Host: {host}. is not cert's CN: {}", certificate.common_name())
    };
    Failure::new(CODE, format!("Hostname/IP does not match certificate's altnames: {why}"))
}

/// Its alternative names as `DNS:x` and `IP:y`; other kinds identify no host.
pub fn names_of(certificate: &Certificate) -> Vec<String> {
    certificate.names.iter().filter_map(text_of).collect()
}

fn text_of(name: &Name) -> Option<String> {
    match name {
        Name::Dns(bytes) => Some(format!("DNS:{}", String::from_utf8_lossy(bytes))),
        Name::Ip(bytes) => address_of(bytes).map(|address| format!("IP:{address}")),
        Name::Other => None,
    }
}

fn address_of(bytes: &[u8]) -> Option<IpAddr> {
    let short = <[u8; 4]>::try_from(bytes).map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)));
    short.or_else(|_| <[u8; 16]>::try_from(bytes).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)))).ok()
}
