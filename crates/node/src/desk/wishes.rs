//! What updates of one message ask of the orders that they name: each order for itself, and what nobody understands goes to a person
//! (DSK-20, DSK-21).

use std::collections::BTreeMap;

use law::received::{Body, Received};

use super::core::{Arrival, Document, NotTaken, Taken};
use super::hi1::tell;
use super::store;
use super::work::Work;
use crate::cases::{Digest32, Octets};

/// What one message asks of one order.
#[derive(Default)]
pub(super) struct Asked {
    /// Papers of the law, one of each kind.
    papers: Vec<Body>,
    /// Something was wished that is no paper of the law.
    is_unclear: bool,
}

impl Asked {
    /// `is_done`: an acknowledgement, which the desk has written down.
    pub fn take(&mut self, wish: Option<&Body>, is_done: bool) {
        match wish {
            Some(body) if !self.papers.iter().any(|known| is_same(known, body)) => self.papers.push(body.clone()),
            Some(_) => {}
            None => self.is_unclear |= !is_done,
        }
    }
}

/// A withdrawal of each task of an order is one withdrawal; an extension and a production are two papers.
fn is_same(one: &Body, other: &Body) -> bool {
    match (one, other) {
        (Body::FollowUp(one), Body::FollowUp(other)) => one.kind.value == other.kind.value,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// `said`: the message as an order, a paper, or nothing that reads. `first`: the number of the first paper in this message.
pub(super) fn act(
    work: &mut Work,
    now: u64,
    (owner, octets): (&str, &[u8]),
    said: Option<&Received>,
    (first, asked): (u32, BTreeMap<Option<u64>, Asked>),
) -> Result<(), NotTaken> {
    let (mut number_of_paper, is_alone) = (first, asked.len() == 1);
    for (about, asked) in asked {
        let arrival = Arrival { door: "etsi", sender: owner.to_owned(), original: octets.to_vec(), transcription: None, about };
        let mut is_open = asked.is_unclear;
        for paper in asked.papers {
            let Some(said) = said else {
                is_open = true;
                continue;
            };
            // A form inside says more than its index, where it can only mean this order.
            let body = if is_alone && is_same(&said.body, &paper) { said.body.clone() } else { paper };
            let received = Received { envelope: said.envelope.clone(), body };
            let key = key(octets, &mut number_of_paper);
            let taken = work.later_paper(now, &arrival, &received, key)?;
            if let (Taken::Paper { acted: false, .. }, Some(number)) = (taken, about)
                && let Some(head) = store::by_number(work.db, number)?
            {
                // It waits for a person; what stands is told.
                tell(work, &head, now)?;
            }
        }
        if is_open {
            let key = key(octets, &mut number_of_paper);
            let document = Document { original: Octets(octets.to_vec()), transcription: None };
            work.keep_paper(now, &arrival, key, about, false, &document)?;
        }
    }
    Ok(())
}

/// The first paper of a message goes by the hash of its octets, as every document does; each further one by one of its own.
fn key(octets: &[u8], number: &mut u32) -> Digest32 {
    let hash = Digest32::of(octets);
    let key = if *number == 0 { hash } else { Digest32(seal::digest::sha256(&[&hash.0[..], &number.to_be_bytes()])) };
    *number += 1;
    key
}
