//! JSON with exact integers: those beyond 2^53 are bigints, where `JSON.parse` rounds them.

mod reader;
mod scalars;
mod strings;
mod writer;

use crate::functions;
use crate::js::{Call, Functions, Outcome, Thrown};

pub static FUNCTIONS: Functions = functions![
    c"parseJson" 1 parse_json,
    c"stringifyJson" 1 stringify_json,
];

/// As many brackets may be open as in Go.
const DEEPEST: usize = 10_000;

fn parse_json(call: &Call) -> Outcome {
    reader::Reader::new(call.ctx, &call.string(0)?).whole()
}

fn stringify_json(call: &Call) -> Outcome {
    call.ctx.string(&writer::Writer::new().whole(call.value(0))?)
}

fn too_deep() -> Thrown {
    Thrown::Type("nested too deeply".into())
}

fn fault() -> Thrown {
    Thrown::Type("this is not JSON".into())
}
