//! Users, their contacts and their addresses.

use super::{Reassigned, Shape};
use crate::chance::Chance;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub account: String,
    pub phone: Option<String>,
    /// From when on the number is this person's, and until when.
    pub phone_from: u64,
    pub phone_until: u64,
    /// Messages a day, before the rhythm. 0: never sends.
    pub rate: f64,
    home: String,
    /// One address for many (CGNAT): useless without the port.
    mobile: String,
    on_vpn: bool,
}

impl Person {
    /// Whom a row of this person is kept under at that time.
    pub fn subjects(&self, at: u64) -> Vec<String> {
        let mut subjects = vec![self.account.clone()];
        if let Some(phone) = self.phone.as_ref().filter(|_| self.phone_from <= at && at < self.phone_until) {
            subjects.push(phone.clone());
        }
        subjects
    }

    pub fn address(&self, chance: &mut Chance) -> (String, Option<u16>, &'static str) {
        let (high, port) = (chance.unit(), 1_024 + chance.below(60_000) as u16);
        match high {
            x if x < 0.45 => (self.home.clone(), None, "peer"),
            x if x < 0.85 => (self.mobile.clone(), Some(port), "translated"),
            x if x < 0.95 && self.on_vpn => ("198.51.100.7".to_owned(), None, "peer"),
            // A header that the client wrote itself.
            _ => ("203.0.113.78".to_owned(), None, "forwarded-header"),
        }
    }
}

pub(super) struct People {
    pub list: Vec<Person>,
    pub reassigned: Vec<Reassigned>,
    /// Ordered: `contacts[a]` are those whom a writes to, the first one most.
    contacts: Vec<Vec<usize>>,
    weights: Vec<Vec<f64>>,
}

/// The share of those who never send (CollegeMsg: 549 of 1,899).
const NEVER: f64 = 0.29;
/// A pair that writes in one direction writes in the other, too.
pub(super) const RECIPROCITY: f64 = 0.636;

impl People {
    pub fn make(shape: Shape, chance: &mut Chance) -> People {
        let count = shape.persons.max(4) as usize;
        let days = (shape.until - shape.from) as f64 / 86_400.0;
        let mut list: Vec<Person> = (0..count).map(|number| person(number, chance)).collect();
        let shares = activity(count, chance);
        for (person, share) in list.iter_mut().zip(shares) {
            person.rate = share * shape.messages as f64 / days;
        }
        let reassigned = hand_over(&mut list, shape);
        let contacts = contacts(count, chance);
        let weights = contacts.iter().map(|list| (0..list.len()).map(|rank| (1.0 + rank as f64).powf(-1.6)).collect()).collect();
        People { list, reassigned, contacts, weights }
    }

    /// One recipient, seldom a group.
    pub fn recipients(&self, sender: usize, chance: &mut Chance) -> Vec<usize> {
        let known = &self.contacts[sender];
        let count = if chance.one_in(1, 12) { chance.between(2, 6) } else { 1 };
        let mut chosen = BTreeSet::new();
        for _ in 0..count {
            chosen.insert(known[chance.weighted(&self.weights[sender])]);
        }
        chosen.into_iter().collect()
    }
}

fn person(number: usize, chance: &mut Chance) -> Person {
    // Namesakes: neighbours differ in one sign only.
    let account = match number {
        0 => "account:@jan:example.org".to_owned(),
        1 => "account:@jan.:example.org".to_owned(),
        2 => "account:@jan1:example.org".to_owned(),
        number => format!("account:@u{number}:example.org"),
    };
    Person {
        account,
        phone: (number < 3 || chance.one_in(1, 2)).then(|| format!("phone:+316{:08}", 10_000_000 + number)),
        phone_from: 0,
        phone_until: u64::MAX,
        rate: 0.0,
        home: format!("192.0.2.{}", number % 200),
        mobile: format!("198.51.100.{}", 10 + number % 3),
        on_vpn: chance.one_in(1, 5),
    }
}

/// Log-normal shares of all messages, a quarter of them zero: the top hundredth sends about a fifth.
fn activity(count: usize, chance: &mut Chance) -> Vec<f64> {
    let mut shares: Vec<f64> = (0..count)
        .map(|number| match number > 2 && chance.unit() < NEVER {
            true => 0.0,
            false => (1.55 * normal(chance)).exp(),
        })
        .collect();
    let sum: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|share| *share /= sum);
    shares
}

fn normal(chance: &mut Chance) -> f64 {
    let (radius, turn) = ((-2.0 * (1.0 - chance.unit()).ln()).sqrt(), chance.unit() * std::f64::consts::TAU);
    radius * turn.cos()
}

/// Person 1's number is person 2's from the middle midnight on.
fn hand_over(list: &mut [Person], shape: Shape) -> Vec<Reassigned> {
    let middle = (shape.from + shape.until) / 2;
    let midnight = middle - middle % 86_400;
    if midnight <= shape.from {
        return Vec::new();
    }
    let number = list[1].phone.clone();
    list[1].phone_until = midnight;
    list[2].phone = number.clone();
    list[2].phone_from = midnight;
    number.map(|selector| Reassigned { selector, from: midnight }).into_iter().collect()
}

/// Preferential choice with triadic closure and reciprocity; everybody has somebody.
fn contacts(count: usize, chance: &mut Chance) -> Vec<Vec<usize>> {
    let mut contacts: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut popular: Vec<usize> = (0..count).collect();
    for person in 0..count {
        let wanted = (1.0 + (1.35 * normal(chance) + 1.2).exp()).min(count as f64 / 2.0) as usize;
        for _ in 0..wanted {
            let friends = &contacts[person];
            let friend_of_friend = || {
                let friend = *friends.first()?;
                contacts[friend].get(person % contacts[friend].len().max(1)).copied()
            };
            let other = match chance.one_in(1, 3) {
                true => friend_of_friend().unwrap_or_else(|| *chance.pick(&popular)),
                false => *chance.pick(&popular),
            };
            if other == person || contacts[person].contains(&other) {
                continue;
            }
            contacts[person].push(other);
            popular.push(other);
            // Half of a pair's two chances: whichever side came first.
            if chance.unit() < RECIPROCITY / (2.0 - RECIPROCITY) && !contacts[other].contains(&person) {
                contacts[other].push(person);
            }
        }
        if contacts[person].is_empty() {
            contacts[person].push((person + 1) % count);
        }
    }
    contacts
}
