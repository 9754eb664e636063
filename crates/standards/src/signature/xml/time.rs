//! xs:dateTime of XAdES and of trusted lists.

use verify::package::asn1_time;
use verify::package::der::{self, GENERALIZED_TIME, Reader};

/// Seconds since 1970 UTC. Without an offset it is refused: nobody knows which hour was meant (T16). A fraction is cut off.
pub fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let (local, offset) = match text.strip_suffix('Z') {
        Some(local) => (local, 0i64),
        None => {
            let (local, zone) = text.split_at_checked(text.len().checked_sub(6)?)?;
            let (sign, zone) = zone.split_at_checked(1)?;
            let (hours, minutes) = zone.split_once(':')?;
            let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
            let offset = (hours <= 14 && minutes < 60).then_some(hours * 3600 + minutes * 60)?;
            (local, if sign == "-" { -offset } else { (sign == "+").then_some(offset)? })
        }
    };
    let (local, fraction) = local.split_once('.').unwrap_or((local, "0"));
    (!fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit())).then_some(())?;
    let shape: String = local.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    (shape == "0000-00-00T00:00:00").then_some(())?;
    let digits: String = local.chars().filter(char::is_ascii_digit).chain(['Z']).collect();
    let stated = asn1_time::read(&mut Reader::new(&der::element(GENERALIZED_TIME, &[digits.as_bytes()])))?;
    stated.checked_add_signed(-offset)
}

fn two_digits(text: &str) -> Option<i64> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_an_offset() {
        assert_eq!(seconds("2026-08-18T12:00:00Z"), Some(1_787_054_400));
        assert_eq!(seconds("2026-08-18T14:00:00+02:00"), Some(1_787_054_400));
        assert_eq!(seconds("2026-08-18T06:30:00.123-05:30"), Some(1_787_054_400));
        for wrong in
            ["2026-08-18T12:00:00", "2026-08-18", "2026-02-30T00:00:00Z", "2026-08-18T12:00:00+2:00", "", "é", "2026-08-18T12:00:00.Z"]
        {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
