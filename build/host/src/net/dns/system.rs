//! What the resolver takes from the system.

use super::resolv_conf::{self, Configuration};
use crate::process::host_name;
use crate::random::fill;

pub fn hosts_file() -> Vec<u8> {
    std::fs::read("/etc/hosts").unwrap_or_default()
}

/// Read for each question, as it may change while a process stays.
pub fn configuration() -> Configuration {
    let text = std::fs::read("/etc/resolv.conf").unwrap_or_default();
    resolv_conf::read(&String::from_utf8_lossy(&text), &host_name().unwrap_or_default())
}

/// A number that cannot be guessed.
pub fn random() -> u16 {
    let mut bytes = [0; 2];
    // Without them the port, which is random too, must do.
    let _ = fill(&mut bytes);
    u16::from_ne_bytes(bytes)
}
