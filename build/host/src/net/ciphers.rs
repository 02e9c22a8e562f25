//! Cipher suites by IANA's names, which Go has too.

use super::failure::Failure;
use rustls::SupportedCipherSuite;
use rustls::crypto::{CryptoProvider, ring};

/// The cryptography of TLS, with the suites of these names, or with all; fails with the first name that is not available.
pub fn provider(names: Option<&[String]>) -> Result<CryptoProvider, Failure> {
    let mut provider = ring::default_provider();
    if let Some(names) = names {
        provider.cipher_suites = named(names, &provider.cipher_suites)?;
    }
    Ok(provider)
}

fn named(names: &[String], all: &[SupportedCipherSuite]) -> Result<Vec<SupportedCipherSuite>, Failure> {
    names.iter().map(|name| one(name, all)).collect()
}

fn one(name: &str, all: &[SupportedCipherSuite]) -> Result<SupportedCipherSuite, Failure> {
    all.iter()
        .find(|suite| name_of(suite).as_deref() == Some(name))
        .copied()
        .ok_or_else(|| Failure::new("BAD_CIPHER", format!("the cipher suite {name} is not available")))
}

/// rustls marks those of TLS 1.3.
fn name_of(suite: &SupportedCipherSuite) -> Option<String> {
    Some(suite.suite().as_str()?.replacen("TLS13_", "TLS_", 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::CipherSuite;
    use rustls::crypto::ring::ALL_CIPHER_SUITES;

    fn suites(names: &[&str]) -> Result<Vec<CipherSuite>, String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let found = named(&names, ALL_CIPHER_SUITES).map_err(|failure| failure.to_string())?;
        Ok(found.iter().map(SupportedCipherSuite::suite).collect())
    }

    #[test]
    fn knows_every_suite_there_is() {
        let (names, known): (Vec<_>, Vec<_>) = [
            ("TLS_AES_256_GCM_SHA384", CipherSuite::TLS13_AES_256_GCM_SHA384),
            ("TLS_AES_128_GCM_SHA256", CipherSuite::TLS13_AES_128_GCM_SHA256),
            ("TLS_CHACHA20_POLY1305_SHA256", CipherSuite::TLS13_CHACHA20_POLY1305_SHA256),
            ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
            ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
            (
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            ),
            ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
            ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
        ]
        .into_iter()
        .unzip();
        assert_eq!(known.len(), ALL_CIPHER_SUITES.len());
        assert_eq!(suites(&names), Ok(known));
    }

    #[test]
    fn refuses_by_name_what_is_not_available() {
        for name in [
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "AES256-GCM-SHA384",
            "TLS13_AES_128_GCM_SHA256",
            "",
            "NULL",
        ] {
            let wanted = format!("BAD_CIPHER: the cipher suite {name} is not available");
            assert_eq!(suites(&["TLS_AES_128_GCM_SHA256", name]), Err(wanted));
        }
    }
}
