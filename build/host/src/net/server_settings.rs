//! How a server speaks TLS: the settings of scripts as those of rustls.

use std::sync::Arc;

use super::ciphers;
use super::failure::Failure;
use super::settings::{refusal, text, texts};
use super::trust::Trust;
use super::x509::Certificate;
use crate::js::{Call, Outcome, Value};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};

/// Settings as scripts give them; certificates and keys are PEM.
struct ServerSettings {
    protocols: Vec<String>,
    cert: String,
    key: String,
    /// Whose certificates clients show; without it none are asked for.
    client_ca: Option<String>,
    /// Whether a client may also show none.
    client_optional: bool,
    min: Option<String>,
    max: Option<String>,
    ciphers: Option<Vec<String>>,
}

/// The second argument of `listen`; None without TLS. Throws when a setting cannot be used.
pub fn server(call: &Call) -> Outcome<Option<Arc<ServerConfig>>> {
    let given = call.value(1);
    if given.is_undefined() {
        return Ok(None);
    }
    let wrong = || call.wrong(1, "the settings of a TLS server");
    if !given.is_object() {
        return Err(wrong());
    }
    let settings = read(&given)?.ok_or_else(wrong)?;
    Ok(Some(Arc::new(config(&settings).map_err(refusal)?)))
}

fn read(given: &Value) -> Outcome<Option<ServerSettings>> {
    let (Some(cert), Some(key)) = (text(given, c"cert")?, text(given, c"key")?) else { return Ok(None) };
    let optional = given.get(c"clientOptional")?;
    Ok(Some(ServerSettings {
        protocols: texts(given, c"protocols")?.unwrap_or_default(),
        cert,
        key,
        client_ca: text(given, c"clientCa")?,
        client_optional: optional.as_boolean().unwrap_or(false),
        min: text(given, c"minVersion")?,
        max: text(given, c"maxVersion")?,
        ciphers: texts(given, c"ciphers")?,
    }))
}

fn config(settings: &ServerSettings) -> Result<ServerConfig, Failure> {
    let provider = Arc::new(ciphers::provider(settings.ciphers.as_deref())?);
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions(settings)?)
        .map_err(|_| Failure::new("BAD_CIPHER", "none of the cipher suites is for a TLS version that is allowed"))?;
    let builder = match verifier(settings, &provider)? {
        None => builder.with_no_client_auth(),
        Some(verifier) => builder.with_client_cert_verifier(verifier),
    };
    let (chain, key) = pair(settings, &provider)?;
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|_| Failure::new("KEY_MISMATCH", "the server's private key does not belong to its certificate"))?;
    config.alpn_protocols = settings.protocols.iter().map(|name| name.clone().into_bytes()).collect();
    // Nothing is kept for clients that may come again.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

fn versions(settings: &ServerSettings) -> Result<Vec<&'static SupportedProtocolVersion>, Failure> {
    let known = [("TLSv1.2", &version::TLS12), ("TLSv1.3", &version::TLS13)];
    let place = |name: &Option<String>, otherwise| match name {
        None => Ok(otherwise),
        Some(name) => known
            .iter()
            .position(|(known, _)| known == name)
            .ok_or_else(|| Failure::new("BAD_VERSION", format!("{name} is no TLS version that is spoken here"))),
    };
    let (from, to) = (place(&settings.min, 0)?, place(&settings.max, 1)?);
    if from > to {
        return Err(Failure::new("BAD_VERSION", "the lowest TLS version is above the highest"));
    }
    Ok(known[from..=to].iter().map(|(_, version)| *version).collect())
}

fn verifier(
    settings: &ServerSettings,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, Failure> {
    let Some(pem) = &settings.client_ca else { return Ok(None) };
    let roots = RootCertStore { roots: Trust::read(pem)?.anchors };
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let builder = if settings.client_optional { builder.allow_unauthenticated() } else { builder };
    let bad_ca = |_| Failure::new("BAD_CA", "the CA's PEM holds no authority that may sign certificates");
    builder.build().map(Some).map_err(bad_ca)
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn pair(settings: &ServerSettings, provider: &CryptoProvider) -> Result<Pair, Failure> {
    let bad_cert =
        || Failure::new("BAD_CERTIFICATE", "the server certificate's PEM holds no certificate that can be read");
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(settings.cert.as_bytes()).collect::<Result<_, _>>().map_err(|_| bad_cert())?;
    chain.first().and_then(|der| Certificate::read(der)).ok_or_else(bad_cert)?;
    let bad_key = || {
        let why = "the server's private key cannot be read, or is of a kind that is not supported: RSA from 2048 bits, ECDSA on P-256 or P-384, and Ed25519 are";
        Failure::new("BAD_KEY", why)
    };
    let key = PrivateKeyDer::from_pem_slice(settings.key.as_bytes()).map_err(|_| bad_key())?;
    provider.key_provider.load_private_key(key.clone_key()).map_err(|_| bad_key())?;
    Ok((chain, key))
}
