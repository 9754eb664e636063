//! When people write: the Self-Feeding Process (arXiv 1403.4997), thinned by the hour and the weekday of the provider's local
//! zone, which has a summer time.

use super::Shape;
use super::people::Person;
use crate::chance::Chance;

/// Share of each local hour (CollegeMsg: 05-08 h below one per cent each, the peak from 23 to 01 h).
const HOURS: [f64; 24] = [
    0.089, 0.062, 0.045, 0.025, 0.014, 0.008, 0.005, 0.003, 0.008, 0.015, 0.024, 0.032, 0.038, 0.042, 0.045, 0.048, 0.050, 0.052, 0.054,
    0.058, 0.062, 0.068, 0.073, 0.090,
];
/// Monday first.
const WEEKDAYS: [f64; 7] = [0.165, 0.170, 0.176, 0.150, 0.124, 0.105, 0.110];

/// Central European time: seconds ahead of UTC. Summer from the last Sunday of March, 01:00 UTC, to the last Sunday of October,
/// 01:00 UTC. The years that worlds play in.
pub fn local_offset(unix: u64) -> u64 {
    const SUMMERS: [(u64, u64); 2] = [(1_774_746_000, 1_792_890_000), (1_806_195_600, 1_824_944_400)];
    if SUMMERS.iter().any(|(from, until)| *from <= unix && unix < *until) { 7_200 } else { 3_600 }
}

/// 0 to 1: how many of the moments at that time are kept.
fn rhythm(unix: u64) -> f64 {
    let local = unix + local_offset(unix);
    let hour = (local % 86_400 / 3_600) as usize;
    // 1 January 1970 was a Thursday.
    let weekday = ((local / 86_400 + 3) % 7) as usize;
    HOURS[hour] / 0.090 * WEEKDAYS[weekday] / 0.176
}

/// The moments at which one person writes, milliseconds, ascending.
pub(super) fn of(person: &Person, shape: Shape, chance: &mut Chance) -> Vec<u64> {
    let mut moments = Vec::new();
    if person.rate <= 0.0 {
        return moments;
    }
    let expected = person.rate * (shape.until - shape.from) as f64 / 86_400.0;
    let count = expected.floor() as u64 + u64::from(chance.unit() < expected.fract());
    // Each burst starts at a moment of its own; inside it each gap feeds on the one before.
    while (moments.len() as u64) < count {
        let mut at = (shape.from + chance.below(shape.until - shape.from)) as f64;
        if rhythm(at as u64) < chance.unit() {
            continue;
        }
        let mut gap = 12.0;
        for _ in 0..1 + (-6.0 * (1.0 - chance.unit()).ln()) as u64 {
            if shape.until as f64 <= at || count <= moments.len() as u64 {
                break;
            }
            moments.push((at * 1_000.0) as u64 + chance.below(1_000));
            // Exponential with a mean of the gap before and a constant: quick answers breed quick answers.
            gap = -(gap + 12.0 / std::f64::consts::E) * (1.0 - chance.unit()).ln();
            at += gap.clamp(1.0, 40_000.0);
        }
    }
    moments.retain(|at| *at < shape.until * 1_000);
    moments.sort_unstable();
    moments
}

#[cfg(test)]
mod tests {
    use super::local_offset;

    #[test]
    fn summer_time_begins_and_ends_at_one_utc() {
        // 29 March and 25 October 2026.
        assert_eq!([1_774_745_999, 1_774_746_000].map(local_offset), [3_600, 7_200]);
        assert_eq!([1_792_889_999, 1_792_890_000].map(local_offset), [7_200, 3_600]);
    }
}
