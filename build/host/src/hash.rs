//! Hashes.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use sha3::Sha3_256;

use crate::functions;
use crate::js::{Call, Functions, Outcome};

pub static FUNCTIONS: Functions = functions![c"hash" 2 hash];

fn hash(call: &Call) -> Outcome {
    let algorithm = call.string(0)?;
    let bytes = call.bytes(1)?;
    let digest = match algorithm.as_str() {
        "sha1" => Sha1::digest(bytes).to_vec(),
        "sha256" => Sha256::digest(bytes).to_vec(),
        "sha512" => Sha512::digest(bytes).to_vec(),
        "sha3-256" => Sha3_256::digest(bytes).to_vec(),
        _ => return Err(call.wrong(0, "sha1, sha256, sha512 or sha3-256")),
    };
    call.ctx.bytes(&digest)
}
