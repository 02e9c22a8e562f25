//! Text and bytes.

use crate::js::{Call, Functions, Outcome, Thrown};
use crate::{base64, functions};

pub static FUNCTIONS: Functions = functions![
    c"encodeUtf8" 1 encode_utf8,
    c"decodeUtf8" 2 decode_utf8,
    c"decodeLatin1" 1 decode_latin1,
    c"encodeBase64" 1 encode_base64,
    c"decodeBase64" 1 decode_base64,
    c"encodeHex" 1 encode_hex,
];

fn encode_utf8(call: &Call) -> Outcome {
    call.ctx.bytes(call.string(0)?.as_bytes())
}

fn decode_utf8(call: &Call) -> Outcome {
    let is_fatal = !call.value(1).is_undefined() && call.boolean(1)?;
    match std::str::from_utf8(call.bytes(0)?) {
        Ok(text) => call.ctx.string(text),
        Err(error) if is_fatal => {
            Err(Thrown::Type(format!("the bytes are not UTF-8: the first fault is at byte {}", error.valid_up_to())))
        }
        Err(_) => call.ctx.foreign_string(call.bytes(0)?),
    }
}

fn decode_latin1(call: &Call) -> Outcome {
    let bytes = call.bytes(0)?;
    if let Some(text) = bytes.is_ascii().then(|| std::str::from_utf8(bytes).ok()).flatten() {
        return call.ctx.string(text);
    }
    let text: String = bytes.iter().copied().map(char::from).collect();
    call.ctx.string(&text)
}

fn encode_base64(call: &Call) -> Outcome {
    call.ctx.string(&base64::encode(call.bytes(0)?))
}

fn decode_base64(call: &Call) -> Outcome {
    call.ctx.bytes(&base64::decode(&call.string(0)?))
}

fn encode_hex(call: &Call) -> Outcome {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let text: String = call.bytes(0)?.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    call.ctx.string(&text)
}
