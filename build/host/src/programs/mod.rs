//! Other programs.

mod apart;
mod outcome;
mod pipes;
mod run;
mod spawn;
mod start;

use crate::js::Functions;

/// The tables of this folder.
pub const FUNCTIONS: &[&Functions] = &[&apart::FUNCTIONS, &run::FUNCTIONS, &start::FUNCTIONS];
