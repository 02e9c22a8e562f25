//! The network: connections, names, certificates.

use crate::js::Functions;

/// The tables of this folder.
pub const FUNCTIONS: &[&Functions] = &[];
