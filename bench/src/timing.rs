//! Timing reports in the manner of dudect (TSE-62): whether what a secret is shows in how long it takes. A report, never a verdict:
//! on a shared machine a large statistic may be a neighbour's (SEA-84).
//!
//! Two classes of inputs, one fixed and one random, are drawn in random order; Welch's t compares their times. By custom |t| above 4.5 wants
//! a second look, and above 10, again and again on a quiet machine, is a leak. The greatest tenth of all times is left out of both classes: it is the scheduler's.

use std::hint::black_box;
use std::time::Instant;

use seal::encapsulate::{EpochSecret, PublicPairing};
use seal::identity::Identity;
use seal::points::Scalar;
use seal::secret::Secret;

use crate::Size;
use crate::figure::{Bar, Figure};
use crate::world::{Dice, START, World, slot};

/// Objects of each class: both come from as many places in memory.
const EACH: usize = 16;

pub fn report(size: Size) -> Vec<Figure> {
    let world = World::default();
    let identity = world.identity(1, slot(START));
    vec![power_in_the_target_group(&world, &identity, size), product_with_a_share(&identity, size), comparison(size)]
}

fn octets(dice: &mut Dice) -> [u8; 32] {
    std::array::from_fn(|_| dice.below(256) as u8)
}

/// The scalar with which a class begins: one bit set, or drawn.
fn scalars(dice: &mut Dice) -> [Vec<Scalar>; 2] {
    let random = (0..EACH).map(|_| Scalar::key_gen(&octets(dice), b"timing report"));
    [(0..EACH).map(|_| Scalar::from_u64(1)).collect(), random.collect()]
}

fn power_in_the_target_group(world: &World, identity: &Identity, size: Size) -> Figure {
    let public = PublicPairing::compute(identity, &world.public).expect("an identity's point is never the neutral one");
    let secrets = scalars(&mut Dice(1)).map(|class| {
        let secret = |r| EpochSecret::new(r, &world.public).expect("a scalar that is not zero").0;
        class.into_iter().map(secret).collect::<Vec<_>>()
    });
    let t = welch(size.pick(200, 40_000), 1, |class, number| drop(black_box(secrets[class][number].raise(&public))));
    figure("timing/power", "power of a public pairing by an epoch's secret: 1, against random", t)
}

fn product_with_a_share(identity: &Identity, size: Size) -> Figure {
    let shares = scalars(&mut Dice(2));
    let t = welch(size.pick(200, 40_000), 1, |class, number| {
        let _ = black_box(identity.point().multiply(&shares[class][number]));
    });
    figure("timing/share", "product of an identity's point with a share: 1, against random", t)
}

/// Equal but for the last octet, against random: a comparison that stops early is quicker for the second.
fn comparison(size: Size) -> Figure {
    let mut dice = Dice(3);
    let reference: [u8; 32] = octets(&mut dice);
    let mut near = reference;
    near[31] ^= 1;
    let classes = [(0..EACH).map(|_| Secret::new(near)).collect::<Vec<_>>(), (0..EACH).map(|_| Secret::new(octets(&mut dice))).collect()];
    let reference = Secret::new(reference);
    let t = welch(size.pick(200, 40_000), 500, |class, number| {
        black_box(black_box(&reference).equals(black_box(&classes[class][number])));
    });
    figure("timing/compare", "comparison of 32 secret octets: the last one differs, against random", t)
}

fn figure(name: &'static str, what: &str, t: f64) -> Figure {
    Figure::new(name, format!("{what}; report only"), t.abs(), "|t|", Bar::Beside)
}

/// `times` runs of each class in drawn order, each of `inner` calls.
fn welch(times: usize, inner: usize, work: impl Fn(usize, usize)) -> f64 {
    let mut dice = Dice(4);
    let mut taken: Vec<(usize, f64)> = Vec::with_capacity(2 * times);
    for _ in 0..2 * times {
        let [class, number] = [2, EACH as u64].map(|bound| dice.below(bound) as usize);
        let began = Instant::now();
        (0..inner).for_each(|_| work(class, number));
        taken.push((class, began.elapsed().as_nanos() as f64));
    }
    statistic(&taken)
}

/// Welch's t of the two classes without the greatest tenth of all times.
fn statistic(taken: &[(usize, f64)]) -> f64 {
    let mut all: Vec<f64> = taken.iter().map(|(_, time)| *time).collect();
    all.sort_by(f64::total_cmp);
    let longest = all[all.len() * 9 / 10];
    let [a, b] =
        [0, 1].map(|wanted| moments(taken.iter().filter(|(class, time)| *class == wanted && *time <= longest).map(|(_, time)| *time)));
    (a.mean - b.mean) / (a.variance / a.count + b.variance / b.count).sqrt()
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

fn moments(times: impl Iterator<Item = f64>) -> Moments {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for time in times {
        count += 1.0;
        let step = time - mean;
        mean += step / count;
        squares += step * (time - mean);
    }
    Moments { count, mean, variance: squares / (count - 1.0_f64).max(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The method itself, on times that nobody measured.
    #[test]
    fn classes_that_differ_are_told_apart_and_classes_that_do_not_are_not() {
        let mut dice = Dice(5);
        let mut times = |shift: f64| -> Vec<(usize, f64)> {
            (0..4_000).map(|number| (number % 2, dice.below(1_000) as f64 + shift * (number % 2) as f64)).collect()
        };
        assert!(10.0 < statistic(&times(200.0)).abs());
        assert!(statistic(&times(0.0)).abs() < 4.5);
    }
}
