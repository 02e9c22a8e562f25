//! Files.

mod alarm;
mod copy;
mod descriptors;
mod locks;
mod names;
mod status;

use crate::js::Functions;

/// The tables of this folder.
pub const FUNCTIONS: &[&Functions] =
    &[&descriptors::FUNCTIONS, &copy::FUNCTIONS, &names::FUNCTIONS, &status::FUNCTIONS, &locks::FUNCTIONS];
