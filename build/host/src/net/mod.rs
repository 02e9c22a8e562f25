//! The network: connections, names, certificates.

mod certificate;
mod certificate_names;
mod chain;
mod ciphers;
mod connect;
mod connection;
mod der;
mod dns;
mod event;
mod failure;
mod link;
mod listen;
mod resolve;
mod sent;
mod server_settings;
mod settings;
mod socket;
mod tls_failure;
mod tls_session;
mod tls_settings;
mod trust;
mod verifier;
mod x509;
#[cfg(test)]
mod x509_test;
mod x509_time;

use crate::js::Functions;

/// The tables of this folder.
pub const FUNCTIONS: &[&Functions] =
    &[&connect::FUNCTIONS, &listen::FUNCTIONS, &resolve::FUNCTIONS, &certificate::FUNCTIONS];
