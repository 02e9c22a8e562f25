//! Hashes.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use sha3::Sha3_256;

use crate::functions;
use crate::js::{Call, Functions, Outcome, Thrown};
use crate::system_call::repeat;

pub static FUNCTIONS: Functions = functions![
    c"hash" 2 hash,
    c"hashFile" 2 hash_file,
    c"passwordMatches" 2 password_matches,
];

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

const CHUNK: usize = 256 << 10;

/// The digest of what is left to read from a descriptor.
fn hash_file(call: &Call) -> Outcome {
    if call.string(0)?.as_str() != "sha256" {
        return Err(call.wrong(0, "sha256"));
    }
    let fd = call.int(1)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0u8; CHUNK];
    loop {
        let (start, length) = (buffer.as_mut_ptr(), buffer.len());
        let count = repeat("read", || unsafe { libc::read(fd, start.cast(), length) })? as usize;
        if count == 0 {
            return call.ctx.bytes(&digest.finalize());
        }
        digest.update(&buffer[..count]);
    }
}

/// Whether a password is the one of a bcrypt hash. Throws for a text that is no such hash.
fn password_matches(call: &Call) -> Outcome {
    let (password, hash) = (call.string(0)?, call.string(1)?);
    let matches = bcrypt::verify(password.as_bytes(), &hash)
        .map_err(|_| Thrown::Coded { code: "BAD_HASH", message: "the text is no bcrypt hash".into() })?;
    Ok(call.ctx.boolean(matches))
}
