//! Files.

use crate::js::Functions;

/// The tables of this folder.
pub const FUNCTIONS: &[&Functions] = &[];
