//! Base64 as Node.js reads and writes it.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// With padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

/// Both alphabets; ends at the first `=`, and skips whatever is no digit.
pub fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for digit in text.bytes().take_while(|byte| *byte != b'=').filter_map(digit) {
        bits = bits << 6 | digit;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

fn digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn what_was_encoded_is_decoded() {
        for length in 0..100u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            assert_eq!(decode(&encode(&bytes)), bytes);
        }
    }

    #[test]
    fn it_is_padded() {
        assert_eq!([encode(b"a"), encode(b"ab"), encode(b"abc")], ["YQ==", "YWI=", "YWJj"]);
    }

    #[test]
    fn odd_texts_decode_as_in_node() {
        let cases: [(&str, &[u8]); 8] = [
            ("YWI=YWI=", b"ab"),
            ("YW=I", b"a"),
            ("Y", b""),
            ("YWJj\nZGVm", b"abcdef"),
            ("YW-_", b"ao\xBF"),
            ("=YWJj", b""),
            ("éYWJj", b"abc"),
            ("YWJjZ", b"abc"),
        ];
        for (text, bytes) in cases {
            assert_eq!(decode(text), bytes);
        }
    }
}
