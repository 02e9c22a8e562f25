//! What rustls asks about a server's certificate.

use super::certificate_names::misnamed;
use super::chain::{Presented, check};
use super::failure::Failure;
use super::trust::Trust;
use super::x509::Certificate;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use std::sync::Arc;

/// Checks against `trust`; without it, every certificate is good as long as the server has its key.
#[derive(Debug)]
pub struct Verifier {
    pub trust: Option<Trust>,
    pub algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = read(leaf)?;
        if let Some(trust) = &self.trust {
            let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
            let presented = Presented { leaf: &certificate, others, now, algorithms: self.algorithms.all };
            check(&presented, trust).and_then(|()| is_for(leaf, &certificate, host)).map_err(as_error)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(read(leaf)?.key);
        let key = webpki::RawPublicKeyEntity::try_from(&key).map_err(|_| unreadable())?;
        let known = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let mut algorithms = known.flat_map(|(_, algorithms)| algorithms.iter());
        match algorithms.any(|algorithm| key.verify_signature(*algorithm, message, signed.signature()).is_ok()) {
            true => Ok(HandshakeSignatureValid::assertion()),
            false => Err(CertificateError::BadSignature.into()),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(read(leaf)?.key);
        verify_tls13_signature_with_raw_key(message, &key, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn read<'a>(der: &'a CertificateDer<'_>) -> Result<Certificate<'a>, Error> {
    Certificate::read(der).ok_or_else(unreadable)
}

fn is_for(der: &CertificateDer, certificate: &Certificate, host: &ServerName) -> Result<(), Failure> {
    let is_named =
        webpki::EndEntityCert::try_from(der).is_ok_and(|leaf| leaf.verify_is_valid_for_subject_name(host).is_ok());
    if is_named { Ok(()) } else { Err(misnamed(certificate, &host.to_str())) }
}

fn unreadable() -> Error {
    as_error(Failure::new("EPROTO", "the server's certificate cannot be read"))
}

fn as_error(failure: Failure) -> Error {
    CertificateError::Other(OtherError(Arc::new(failure))).into()
}
