//! Whether a server's certificate can be trusted. Several faults at once are reported as OpenSSL does: those of time first,
//! then a missing issuer or the wrong purpose; the name comes last.

use super::failure::Failure;
use super::trust::{Trust, is_signed_by};
use super::x509::Certificate;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use std::time::Duration;
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage, VerifiedPath};

/// What a server presented, and when.
pub struct Presented<'a> {
    pub leaf: &'a Certificate<'a>,
    pub others: &'a [CertificateDer<'a>],
    /// Seconds since 1970.
    pub now: i64,
    pub algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
}

/// Fails unless a trusted authority has signed the certificate, directly or through others, for a server and for this time.
pub fn check(presented: &Presented, trust: &Trust) -> Result<(), Failure> {
    let leaf = presented.leaf;
    in_time(leaf, presented.now)?;
    let is_own_root = leaf.is_self_issued() && trust.holds(leaf.der);
    let found = if is_own_root { Ok(()) } else { has_path(presented, trust) };
    let is_worse = |fault: &Failure| COMES_BEFORE_PURPOSE.contains(&&*fault.code);
    match found {
        Err(fault) if is_worse(&fault) => Err(fault),
        _ if leaf.is_for_servers == Some(false) => Err(refused("INVALID_PURPOSE")),
        other => other,
    }
}

/// What OpenSSL still reports when the certificate is not for a server either.
const COMES_BEFORE_PURPOSE: [&str; 4] =
    ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "CERT_SIGNATURE_FAILURE", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"];

fn in_time(certificate: &Certificate, now: i64) -> Result<(), Failure> {
    if now > certificate.not_after {
        return Err(refused("CERT_HAS_EXPIRED"));
    }
    if now < certificate.not_before { Err(refused("CERT_NOT_YET_VALID")) } else { Ok(()) }
}

fn has_path(presented: &Presented, trust: &Trust) -> Result<(), Failure> {
    let leaf = presented.leaf;
    // webpki takes neither as a server's; Go and OpenSSL do.
    if leaf.version < 3 || leaf.is_ca {
        return directly_below(presented, trust);
    }
    match path(presented, trust, &Purposes::Servers) {
        Ok(()) => Ok(()),
        // A missing issuer is worse than a wrong purpose.
        Err(_) => match path(presented, trust, &Purposes::All) {
            Ok(()) => Err(refused("INVALID_PURPOSE")),
            Err(error) => Err(explained(error, presented, trust)),
        },
    }
}

enum Purposes {
    Servers,
    All,
}

impl ExtendedKeyUsageValidator for &Purposes {
    fn validate(&self, iter: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        match self {
            Purposes::Servers => KeyUsage::server_auth().validate(iter),
            Purposes::All => Ok(()),
        }
    }
}

fn path(presented: &Presented, trust: &Trust, purposes: &Purposes) -> Result<(), Error> {
    let der = CertificateDer::from(presented.leaf.der);
    let now = UnixTime::since_unix_epoch(Duration::from_secs(presented.now.max(0).unsigned_abs()));
    let is_root_in_time = |path: &VerifiedPath| {
        let subject = path.anchor().subject.as_ref();
        let is_key = |root: &Certificate| root.key.ends_with(path.anchor().subject_public_key_info.as_ref());
        // A renewed CA may have the key of the one before it.
        let mut faults = trust.named(subject).filter(is_key).map(|root| in_time(&root, presented.now).err());
        let first = faults.next().flatten();
        match first {
            Some(fault) if faults.all(|fault| fault.is_some()) => Err(time_error(&fault, now)),
            _ => Ok(()),
        }
    };
    EndEntityCert::try_from(&der)?
        .verify_for_usage(
            presented.algorithms,
            &trust.anchors,
            presented.others,
            now,
            purposes,
            None,
            Some(&is_root_in_time),
        )
        .map(|_| ())
}

fn time_error(fault: &Failure, time: UnixTime) -> Error {
    match &*fault.code {
        "CERT_NOT_YET_VALID" => Error::CertNotValidYet { time, not_before: time },
        _ => Error::CertExpired { time, not_after: time },
    }
}

/// A certificate that webpki does not take for a server's may be signed by a root itself.
fn directly_below(presented: &Presented, trust: &Trust) -> Result<(), Failure> {
    let leaf = presented.leaf;
    let der = CertificateDer::from(leaf.der);
    if let (3.., Err(error)) = (leaf.version, EndEntityCert::try_from(&der)) {
        return Err(explained(error, presented, trust));
    }
    match trust.named(leaf.issuer).find(|root| is_signed_by(leaf, root, presented.algorithms)) {
        // Which names they allow is webpki's knowledge.
        Some(root) if root.has_name_constraints => Err(refused("PERMITTED_VIOLATION")),
        Some(root) => in_time(&root, presented.now),
        None => Err(explained(Error::InvalidSignatureForPublicKey, presented, trust)),
    }
}

/// webpki's verdict in the codes of OpenSSL.
fn explained(error: Error, presented: &Presented, trust: &Trust) -> Failure {
    match error {
        Error::CertExpired { .. } => refused("CERT_HAS_EXPIRED"),
        Error::CertNotValidYet { .. } => refused("CERT_NOT_YET_VALID"),
        Error::EndEntityUsedAsCa | Error::CaUsedAsEndEntity => refused("INVALID_PURPOSE"),
        Error::PathLenConstraintViolated => refused("PATH_LENGTH_EXCEEDED"),
        Error::NameConstraintViolation => refused("PERMITTED_VIOLATION"),
        Error::UnsupportedCriticalExtension => refused("UNHANDLED_CRITICAL_EXTENSION"),
        Error::InvalidSignatureForPublicKey if has_issuer(presented, trust) => refused("CERT_SIGNATURE_FAILURE"),
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            Failure::new("CERT_SIGNATURE_FAILURE", "certificate signature of a kind that is not supported")
        }
        _ => without_issuer(presented),
    }
}

/// Whether one of the other certificates at hand is the issuer by name and, where both have one, key identifier.
fn has_issuer(presented: &Presented, trust: &Trust) -> bool {
    let leaf = presented.leaf;
    if is_self_signed(presented) {
        return false;
    }
    let is_it = |issuer: Certificate| {
        let differs = matches!((leaf.issuer_key_id, issuer.key_id), (Some(one), Some(other)) if one != other);
        issuer.subject == leaf.issuer && !differs
    };
    let others = presented.others.iter().filter_map(|der| Certificate::read(der));
    others.chain(trust.named(leaf.issuer)).any(is_it)
}

fn is_self_signed(presented: &Presented) -> bool {
    let leaf = presented.leaf;
    leaf.is_self_issued() && is_signed_by(leaf, leaf, presented.algorithms)
}

/// Which of the errors for an unknown issuer it is: they depend on how far up the presented certificates lead.
fn without_issuer(presented: &Presented) -> Failure {
    let leaf = presented.leaf;
    if is_self_signed(presented) {
        return refused("DEPTH_ZERO_SELF_SIGNED_CERT");
    }
    let others: Vec<_> = presented.others.iter().filter_map(|der| Certificate::read(der)).collect();
    let mut top = leaf;
    for _ in 0..others.len() {
        match others.iter().find(|other| other.subject == top.issuer) {
            Some(next) if !top.is_self_issued() => top = next,
            _ => break,
        }
    }
    if std::ptr::eq(top, leaf) {
        return refused("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    }
    refused(if top.is_self_issued() { "SELF_SIGNED_CERT_IN_CHAIN" } else { "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" })
}

/// OpenSSL's words for its codes.
fn refused(code: &'static str) -> Failure {
    let words = match code {
        "CERT_HAS_EXPIRED" => "certificate has expired",
        "CERT_NOT_YET_VALID" => "certificate is not yet valid",
        "INVALID_PURPOSE" => "unsupported certificate purpose",
        "PATH_LENGTH_EXCEEDED" => "path length constraint exceeded",
        "PERMITTED_VIOLATION" => "permitted subtree violation",
        "UNHANDLED_CRITICAL_EXTENSION" => "unhandled critical extension",
        "CERT_SIGNATURE_FAILURE" => "certificate signature failure",
        "DEPTH_ZERO_SELF_SIGNED_CERT" => "self signed certificate",
        "SELF_SIGNED_CERT_IN_CHAIN" => "self signed certificate in certificate chain",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" => "unable to get local issuer certificate",
        _ => "unable to verify the first certificate",
    };
    Failure::new(code, words)
}
