//! The errors of rustls with the codes that scripts know.

use super::failure::Failure;
use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

/// What a TLS error stands for.
pub fn failure_of(error: &Error) -> Failure {
    match error {
        Error::InvalidCertificate(CertificateError::Other(other)) => match other.0.downcast_ref::<Failure>() {
            Some(failure) => failure.clone(),
            None => broken(error),
        },
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            let why =
                "its key is not that of its certificate, or is of a kind that is not supported (RSA below 2048 bits)";
            Failure::new("CERT_SIGNATURE_FAILURE", format!("the server's signature cannot be verified: {why}"))
        }
        Error::AlertReceived(alert) => alerted(*alert),
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            Failure::new("EPROTO", "the server does not speak TLS")
        }
        _ => broken(error),
    }
}

fn broken(error: &Error) -> Failure {
    let why = match error {
        Error::PeerIncompatible(_) => {
            "the server has no TLS version, cipher suite or key exchange in common with this program"
        }
        Error::NoApplicationProtocol => "the server chose an application protocol that was not offered",
        Error::DecryptError => "what the server sent cannot be decrypted",
        Error::InvalidCertificate(_) => "the server's certificate cannot be read",
        Error::General(_) | Error::FailedToGetRandomBytes | Error::FailedToGetCurrentTime => "TLS does not work here",
        _ => "the server breaks the rules of TLS",
    };
    Failure::new("EPROTO", why)
}

fn alerted(alert: AlertDescription) -> Failure {
    let number = u8::from(alert);
    let words = WORDS.iter().find(|(of, _)| *of == number).map_or("unknown", |(_, words)| words);
    Failure::new(format!("ERR_SSL_ALERT_{number}"), format!("the server ended TLS: {words} (alert {number})"))
}

/// The alerts of TLS 1.2 and 1.3 (RFC 8446, section 6).
const WORDS: [(u8, &str); 30] = [
    (10, "unexpected message"),
    (20, "bad record mac"),
    (21, "decryption failed"),
    (22, "record overflow"),
    (30, "decompression failure"),
    (40, "handshake failure"),
    (41, "no certificate"),
    (42, "bad certificate"),
    (43, "unsupported certificate"),
    (44, "certificate revoked"),
    (45, "certificate expired"),
    (46, "certificate unknown"),
    (47, "illegal parameter"),
    (48, "unknown certificate authority"),
    (49, "access denied"),
    (50, "decode error"),
    (51, "decrypt error"),
    (60, "export restriction"),
    (70, "protocol version not supported"),
    (71, "insufficient security"),
    (80, "internal error"),
    (86, "inappropriate fallback"),
    (90, "user canceled"),
    (100, "no renegotiation"),
    (109, "missing extension"),
    (110, "unsupported extension"),
    (112, "unrecognized name"),
    (113, "bad certificate status response"),
    (116, "certificate required"),
    (120, "no application protocol"),
];
