//! JSON as values of the engine: integers that a number cannot hold are bigint, in both directions.

mod leave_out;
mod read;
mod token;
mod write;

use crate::functions;
use crate::js::{Call, Functions, Outcome};
use leave_out::LeaveOut;

pub static FUNCTIONS: Functions = functions![c"parseJson" 2 parse, c"stringifyJson" 1 stringify];

/// Lists and objects within each other; deeper ones are refused.
const DEEPEST: usize = 1_000;

fn parse(call: &Call) -> Outcome {
    let text = call.wtf8(0)?;
    let leave_out = call.value(1);
    let leave_out = if leave_out.is_undefined() { LeaveOut::default() } else { LeaveOut::from(&leave_out)? };
    read::read(call.ctx, &text, &leave_out)
}

fn stringify(call: &Call) -> Outcome {
    write::write(call.ctx, &call.value(0))
}
