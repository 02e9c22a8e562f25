//! Random bytes.

use crate::functions;
use crate::js::{Call, Functions, Outcome, system_error};

pub static FUNCTIONS: Functions = functions![c"random" 1 random];

const MOST: usize = 1 << 20;

fn random(call: &Call) -> Outcome {
    let length = call.size(0)?;
    if length > MOST {
        return Err(call.wrong(0, "a length of at most one megabyte"));
    }
    let mut bytes = vec![0; length];
    fill(&mut bytes)?;
    call.ctx.bytes(&bytes)
}

/// Fills all of it.
pub fn fill(mut bytes: &mut [u8]) -> Outcome<()> {
    while !bytes.is_empty() {
        let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
        match usize::try_from(got) {
            Ok(count) => bytes = &mut bytes[count..],
            Err(_) if crate::errno::last() == libc::EINTR => {}
            Err(_) => return Err(system_error("getrandom")),
        }
    }
    Ok(())
}
