//! How TLS is to be spoken: the settings of scripts as those of rustls.

use super::ciphers;
use super::failure::Failure;
use super::trust::Trust;
use super::verifier::Verifier;
use super::x509::Certificate;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, version};
use std::sync::Arc;

/// Settings as scripts give them; certificates and keys are PEM.
#[derive(Default)]
pub struct TlsSettings {
    pub protocols: Vec<String>,
    pub verify: bool,
    pub server_name: String,
    pub ca: Option<String>,
    pub cert: Option<String>,
    pub key: Option<String>,
    pub only_13: bool,
    pub ciphers: Option<Vec<String>>,
}

/// A connection that has not said anything yet; fails when a setting cannot be used.
pub fn client(settings: &TlsSettings) -> Result<ClientConnection, Failure> {
    let provider = ciphers::provider(settings.ciphers.as_deref())?;
    let trust = match (&settings.ca, settings.verify) {
        (Some(pem), _) => Some(Trust::read(pem)?),
        (None, true) => Some(Trust::default()),
        (None, false) => None,
    };
    let trust = trust.filter(|_| settings.verify);
    let pair = client_pair(settings, &provider)?;
    let versions: &[_] = if settings.only_13 { &[&version::TLS13] } else { &[&version::TLS13, &version::TLS12] };
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .map_err(|_| Failure::new("BAD_CIPHER", "none of the cipher suites is for a TLS version that is allowed"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier { trust, algorithms }));
    let mut config = match pair {
        None => builder.with_no_client_auth(),
        Some(pair) => builder.with_client_cert_resolver(Arc::new(pair)),
    };
    config.alpn_protocols = settings.protocols.iter().map(|name| name.clone().into_bytes()).collect();
    config.resumption = Resumption::disabled();
    let mut client = ClientConnection::new(Arc::new(config), name_of(&settings.server_name)?)
        .map_err(|error| Failure::new("EPROTO", format!("TLS cannot be started: {error}")))?;
    client.set_buffer_limit(None);
    Ok(client)
}

/// A name with a final dot is the same host; the dot is not sent (RFC 6066, section 3).
fn name_of(host: &str) -> Result<ServerName<'static>, Failure> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let host = host.split('%').next().unwrap_or(host);
    ServerName::try_from(host.to_owned())
        .map_err(|_| Failure::new("BAD_SERVER_NAME", format!("{host:?} is not the name or address of a server")))
}

fn client_pair(settings: &TlsSettings, provider: &CryptoProvider) -> Result<Option<OurCertificate>, Failure> {
    let (Some(cert), Some(key)) = (&settings.cert, &settings.key) else { return Ok(None) };
    let bad_cert =
        || Failure::new("BAD_CERTIFICATE", "the client certificate's PEM holds no certificate that can be read");
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(cert.as_bytes()).collect::<Result<_, _>>().map_err(|_| bad_cert())?;
    let leaf_key = chain.first().and_then(|der| Certificate::read(der)).ok_or_else(bad_cert)?.key.to_vec();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .ok()
        .and_then(|der| provider.key_provider.load_private_key(der).ok())
        .ok_or_else(|| Failure::new("BAD_KEY", why_not(key)))?;
    if key.public_key().is_some_and(|public| public.as_ref() != leaf_key) {
        return Err(Failure::new("KEY_MISMATCH", "the client's private key does not belong to its certificate"));
    }
    Ok(Some(OurCertificate(Arc::new(CertifiedKey::new(chain, key)))))
}

fn why_not(key: &str) -> &'static str {
    if key.contains("ENCRYPTED") {
        return "the client's private key is encrypted: it must be stored without a password";
    }
    match key.contains("PRIVATE KEY-----") {
        true => {
            "the client's private key cannot be read, or is of a kind that is not supported: RSA from 2048 bits, ECDSA on P-256 or P-384, and Ed25519 are"
        }
        false => "the client key's PEM holds no private key",
    }
}

/// Gives the server our certificate whatever authorities it names: like Go's with one configured pair, but even when the
/// server would not accept it, so that the server says why.
#[derive(Debug)]
struct OurCertificate(Arc<CertifiedKey>);

impl rustls::client::ResolvesClientCert for OurCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
