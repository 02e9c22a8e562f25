//! What the resolver takes from the system.

use super::resolv_conf::{self, Configuration};

pub fn hosts_file() -> Vec<u8> {
    std::fs::read("/etc/hosts").unwrap_or_default()
}

/// Read for each question, as it may change while a process stays.
pub fn configuration() -> Configuration {
    let text = std::fs::read("/etc/resolv.conf").unwrap_or_default();
    resolv_conf::read(&String::from_utf8_lossy(&text), &hostname())
}

fn hostname() -> String {
    let mut buffer = [0_u8; 65];
    if unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) } != 0 {
        return String::new();
    }
    let name = buffer.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(name).into_owned()
}

/// A number that nobody can guess.
pub fn random() -> u16 {
    let mut bytes = [0; 2];
    // So few bytes come at once and whole; without them the port, which is random too, must do.
    unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    u16::from_ne_bytes(bytes)
}
