//! The certificates of the authorities that are trusted.

use super::failure::Failure;
use super::x509::Certificate;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, TrustAnchor};

/// Trusted certificates, read once for each connection.
#[derive(Debug, Default)]
pub struct Trust {
    given: Vec<CertificateDer<'static>>,
    pub anchors: Vec<TrustAnchor<'static>>,
}

impl Trust {
    /// Reads PEM. Like Go, it leaves out what is no certificate, and fails when nothing is left.
    pub fn read(pem: &str) -> Result<Self, Failure> {
        let given: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).filter_map(Result::ok).collect();
        let readable: Vec<_> = given.iter().filter_map(|der| Some((der, Certificate::read(der)?))).collect();
        if readable.is_empty() {
            return Err(Failure::new("BAD_CA", "the CA's PEM holds no certificate that can be read"));
        }
        // A certificate that may not sign others is trusted only as the server's own certificate.
        let issuing = readable.iter().filter(|(_, certificate)| certificate.may_issue());
        let anchors = issuing
            .filter_map(|(der, _)| webpki::anchor_from_trusted_cert(der).ok().map(|anchor| anchor.to_owned()))
            .collect();
        Ok(Trust { given, anchors })
    }

    /// Whether exactly this certificate is among them.
    pub fn holds(&self, der: &[u8]) -> bool {
        self.given.iter().any(|given| given.as_ref() == der)
    }

    /// Those that an issuer of this name may be.
    pub fn named<'a>(&'a self, subject: &'a [u8]) -> impl Iterator<Item = Certificate<'a>> {
        let read = self.given.iter().filter_map(|der| Certificate::read(der));
        read.filter(move |certificate| certificate.subject == subject && certificate.may_issue())
    }
}

/// Whether the key of `issuer` made the signature on `certificate`.
pub fn is_signed_by(
    certificate: &Certificate,
    issuer: &Certificate,
    algorithms: &[&dyn SignatureVerificationAlgorithm],
) -> bool {
    let key = SubjectPublicKeyInfoDer::from(issuer.key);
    let Ok(key) = webpki::RawPublicKeyEntity::try_from(&key) else { return false };
    algorithms
        .iter()
        .filter(|algorithm| algorithm.signature_alg_id().as_ref() == certificate.algorithm)
        .any(|algorithm| key.verify_signature(*algorithm, certificate.signed, certificate.signature).is_ok())
}
