//! The terms of one ceremony: what everybody at the table must see alike before anything secret is made.

use std::collections::BTreeMap;
use std::ops::Bound;

use seal::ceremony::{Kind, Terms};
use verify::committee_record::CommitteeRecord;
use verify::document::Writer;
use verify::policy::CommitteeName;
use verify::spelling::{base64, hex};

use super::card::ReadCard;
use crate::signing::file_hash;

/// Why these cards and numbers make no ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermsRefusal {
    /// No cards on the table.
    NoCards,
    /// A card of the other committee lies among them.
    OtherCommittee { member: u8 },
    /// The numbers must run from 1 without a gap, each once.
    Missing { member: u8 },
    /// Two cards have the same number.
    TwoCards { member: u8 },
    /// Two members have one key: one person would hold two shares.
    SharedKey { first: u8, second: u8 },
    /// SEA-10: the threshold must be more than half, at least 2, and not above the number of members.
    Threshold { need: u8, of: u8 },
    /// The record from which shares are carried on is of another committee or provider.
    OtherRecord,
}

/// One ceremony: cards, threshold, provider, and the record whose key is carried on, if any.
///
/// Its hash stands in every later file. A box key is made for one ceremony, so the hash of another evening is never the
/// same and a replayed file is refused.
pub struct CeremonyTerms {
    /// Which committee is made.
    pub committee: CommitteeName,
    /// The provider whose records the key will guard.
    pub provider: [u8; 16],
    /// The members, by number.
    pub cards: BTreeMap<u8, ReadCard>,
    /// The record whose key is carried on to these members (SEA-17); `None` when a new key is made.
    pub from: Option<CommitteeRecord>,
    /// Threshold, size and hash, as the mathematics takes them.
    pub terms: Terms,
}

impl CeremonyTerms {
    /// Checks cards and numbers against each other.
    pub fn new(cards: Vec<ReadCard>, need: u8, provider: [u8; 16], from: Option<CommitteeRecord>) -> Result<CeremonyTerms, TermsRefusal> {
        let committee = cards.first().ok_or(TermsRefusal::NoCards)?.card.member.committee;
        let mut by_number: BTreeMap<u8, ReadCard> = BTreeMap::new();
        for read in cards {
            let member = read.card.member.index;
            if read.card.member.committee != committee {
                return Err(TermsRefusal::OtherCommittee { member });
            }
            if by_number.insert(member, read).is_some() {
                return Err(TermsRefusal::TwoCards { member });
            }
        }
        let of = u8::try_from(by_number.len()).map_err(|_| TermsRefusal::Threshold { need, of: u8::MAX })?;
        if let Some(member) = (1..=of).find(|n| !by_number.contains_key(n)) {
            return Err(TermsRefusal::Missing { member });
        }
        no_shared_key(&by_number)?;
        if from.as_ref().is_some_and(|f| f.committee != committee || f.provider != provider) {
            return Err(TermsRefusal::OtherRecord);
        }
        let context = file_hash(&describe(committee, provider, need, of, &by_number, from.as_ref()));
        let terms = Terms::new(need, of, context).map_err(|_| TermsRefusal::Threshold { need, of })?;
        Ok(CeremonyTerms { committee, provider, cards: by_number, from, terms })
    }

    /// The text whose hash binds every file of this ceremony.
    pub fn text(&self) -> Vec<u8> {
        describe(self.committee, self.provider, self.terms.need(), self.terms.of(), &self.cards, self.from.as_ref())
    }

    /// New key, or the same key dealt again.
    pub fn kind(&self) -> Kind {
        match &self.from {
            None => Kind::New,
            Some(record) => Kind::Again { old_need: record.key.need },
        }
    }

    /// The generation that this ceremony makes: 0 for a new key, one more for each time its shares are made anew.
    pub fn generation(&self) -> u32 {
        self.from.as_ref().map_or(0, |record| record.generation.saturating_add(1))
    }
}

fn no_shared_key(cards: &BTreeMap<u8, ReadCard>) -> Result<(), TermsRefusal> {
    for (first, one) in cards {
        for (second, two) in cards.range((Bound::Excluded(*first), Bound::Unbounded)) {
            let (one, two) = (&one.card, &two.card);
            if one.receipt_key.key() == two.receipt_key.key() || one.box_key == two.box_key {
                return Err(TermsRefusal::SharedKey { first: *first, second: *second });
            }
        }
    }
    Ok(())
}

fn describe(
    committee: CommitteeName,
    provider: [u8; 16],
    need: u8,
    of: u8,
    cards: &BTreeMap<u8, ReadCard>,
    from: Option<&CommitteeRecord>,
) -> Vec<u8> {
    let mut writer = Writer::new("waarborg-ceremony/v1");
    writer.line("committee", committee.as_str()).line("provider", hex(&provider)).line("need", need).line("of", of);
    if let Some(record) = from {
        writer.bytes("from", &file_hash(&record.to_bytes()));
    }
    for (member, read) in cards {
        writer.line("card", format_args!("{member} {}", base64(&read.hash)));
    }
    writer.finish()
}
