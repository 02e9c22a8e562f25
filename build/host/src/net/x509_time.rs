//! The dates of certificates.

use super::der::Value;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Seconds since 1970 of a UTCTime or GeneralizedTime; None for anything else.
pub fn seconds_of(value: Value) -> Option<i64> {
    let text = value.content.strip_suffix(b"Z")?;
    let (year, rest) = match value.tag {
        UTC_TIME => {
            let short = number(text.get(..2)?)?;
            (if short < 50 { 2000 + short } else { 1900 + short }, &text[2..])
        }
        GENERALIZED_TIME => (number(text.get(..4)?)?, &text[4..]),
        _ => return None,
    };
    let field = |at: usize| number(rest.get(at..at + 2)?);
    let (month, day, hour, minute) = (field(0)?, field(2)?, field(4)?, field(6)?);
    let second = if rest.len() == 8 { 0 } else { field(8)? };
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && rest.len() <= 10;
    if !is_date || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(((days_before(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(tag: u8, text: &str) -> Option<i64> {
        seconds_of(Value { tag, content: text.as_bytes(), whole: &[] })
    }

    #[test]
    fn reads_both_kinds() {
        for (tag, text, wanted) in [
            (UTC_TIME, "700101000000Z", 0),
            (UTC_TIME, "691231235959Z", -1),
            (UTC_TIME, "491231235959Z", 2_524_607_999),
            (UTC_TIME, "2401010000Z", 1_704_067_200),
            (GENERALIZED_TIME, "20240229120000Z", 1_709_208_000),
            (GENERALIZED_TIME, "99991231235959Z", 253_402_300_799),
            (GENERALIZED_TIME, "00010101000000Z", -62_135_596_800),
        ] {
            assert_eq!(seconds(tag, text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "Z",
            "7001010000",
            "70010100000Z",
            "701301000000Z",
            "700132000000Z",
            "700101240000Z",
            "7001010000000Z",
            "70-101000000Z",
        ] {
            assert_eq!(seconds(UTC_TIME, text), None, "{text}");
        }
        assert_eq!(seconds(0x13, "700101000000Z"), None);
    }
}
