//! Cipher suites by the names that people give them.

use super::failure::Failure;
use rustls::{CipherSuite, SupportedCipherSuite};

/// The suites that can be had with TLS 1.2: by IANA (and Go), and by OpenSSL.
const NAMES: [(&str, &str, CipherSuite); 6] = [
    (
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    ),
    (
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    ),
    (
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
    (
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ),
    (
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ),
    (
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        "ECDHE-RSA-CHACHA20-POLY1305",
        CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ),
];

/// Those of TLS 1.3 have one name everywhere.
const NAMES_13: [(&str, CipherSuite); 3] = [
    ("TLS_AES_256_GCM_SHA384", CipherSuite::TLS13_AES_256_GCM_SHA384),
    ("TLS_AES_128_GCM_SHA256", CipherSuite::TLS13_AES_128_GCM_SHA256),
    ("TLS_CHACHA20_POLY1305_SHA256", CipherSuite::TLS13_CHACHA20_POLY1305_SHA256),
];

/// The suites of these names; fails with the name of the first that cannot be had.
pub fn named(names: &[String], all: &[SupportedCipherSuite]) -> Result<Vec<SupportedCipherSuite>, Failure> {
    names.iter().map(|name| one(name, all)).collect()
}

fn one(name: &str, all: &[SupportedCipherSuite]) -> Result<SupportedCipherSuite, Failure> {
    // Go's older names leave out the hash.
    let longer = format!("{name}_SHA256");
    let in_12 = NAMES.iter().find(|(iana, openssl, _)| [name, &longer].contains(iana) || *openssl == name);
    let in_13 = NAMES_13.iter().find(|(iana, _)| *iana == name).map(|(_, suite)| *suite);
    let wanted = in_12.map(|(_, _, suite)| *suite).or(in_13);
    all.iter()
        .find(|suite| Some(suite.suite()) == wanted)
        .copied()
        .ok_or_else(|| Failure::new("BAD_CIPHER", format!("the cipher suite {name} is not available")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::crypto::ring::ALL_CIPHER_SUITES;

    fn suites(names: &[&str]) -> Result<Vec<CipherSuite>, String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let found = named(&names, ALL_CIPHER_SUITES).map_err(|failure| failure.to_string())?;
        Ok(found.iter().map(SupportedCipherSuite::suite).collect())
    }

    #[test]
    fn knows_every_suite_there_is() {
        for suite in ALL_CIPHER_SUITES {
            let name = format!("{:?}", suite.suite()).replace("TLS13", "TLS");
            assert_eq!(suites(&[&name]), Ok(vec![suite.suite()]), "{name}");
        }
        for (_, openssl, suite) in NAMES {
            assert_eq!(suites(&[openssl]), Ok(vec![suite]));
        }
        let old = "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305";
        assert_eq!(suites(&[old]), Ok(vec![CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]));
    }

    #[test]
    fn refuses_by_name_what_cannot_be_had() {
        for name in
            ["TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "AES256-GCM-SHA384", "", "NULL"]
        {
            let wanted = format!("BAD_CIPHER: the cipher suite {name} is not available");
            assert_eq!(suites(&["TLS_AES_128_GCM_SHA256", name]), Err(wanted));
        }
    }
}
