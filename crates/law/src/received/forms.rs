//! Forms 3, 5 and 6, and withdrawal.

use super::words::word_list;
use super::{Contact, EnforcingAuthority, Marked, Moment, NatureOfConflict, Office, Order, OrderKind, Party};

word_list! {
    /// Form 3 D, in its order. The number is part of the statistics: never renumber.
    Reason {
        Incomplete = "INCOMPLETE";
        ManifestErrors = "MANIFEST_ERRORS";
        InsufficientInformation = "INSUFFICIENT_INFORMATION";
        /// Not stored by or for the provider at receipt.
        NotStored = "NOT_STORED";
        /// De facto impossibility, not attributable to the provider.
        Impossible = "DE_FACTO_IMPOSSIBILITY";
        /// Not issued or validated by an authority of Art 4.
        NotCompetent = "NOT_ISSUED_OR_VALIDATED_BY_COMPETENT_AUTHORITY";
        /// Traffic or content data for an offence outside Art 5(4).
        OffenceNotCovered = "OFFENCE_NOT_COVERED";
        ServiceNotCovered = "SERVICE_NOT_COVERED";
        /// Immunity, privilege, press or expression rules of the enforcing State.
        ImmunityOrPress = "IMMUNITY_PRIVILEGE_OR_PRESS";
        /// Third-country conflict: then section E.
        ThirdCountryConflict = "THIRD_COUNTRY_CONFLICT";
    }
}

impl Reason {
    /// 1 to 10, as section D counts them.
    pub fn number(self) -> u8 {
        1 + Reason::ALL.iter().position(|reason| *reason == self).unwrap_or(0) as u8
    }
}

/// Form 3: impossibility, refusal, clarification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonExecution {
    /// A. [`OrderKind::Epoc`] or [`OrderKind::EpocPr`].
    pub certificate: Option<Marked<OrderKind>>,
    /// B
    pub issuing: Party,
    pub validating: Option<Party>,
    pub issued_on: Option<Marked<Moment>>,
    pub received_on: Option<Marked<Moment>>,
    pub enforcing: Option<EnforcingAuthority>,
    /// C
    pub addressee: Option<Marked<String>>,
    pub addressee_file_number: Option<Marked<String>>,
    /// D
    pub reasons: Vec<ReasonGiven>,
    /// E
    pub conflict: Option<Conflict>,
    /// F
    pub clarification: Option<Marked<String>>,
    /// G
    pub preservation: Vec<PreservationState>,
    /// H
    pub provider: Contact,
    pub authorised_person: Option<Marked<String>>,
    pub signed_on: Option<Marked<Moment>>,
    pub signature_text: Option<Marked<String>>,
}

/// D. One for each identifier; without an id it is about the whole certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonGiven {
    pub identifier: Option<Marked<String>>,
    pub reasons: Vec<Marked<Reason>>,
    pub explanation: Option<Marked<String>>,
}

/// E
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conflict {
    pub law_title: Option<Marked<String>>,
    /// Provision and its text.
    pub provision: Option<Marked<String>>,
    pub nature: Vec<Marked<NatureOfConflict>>,
    pub nature_other: Option<Marked<String>>,
    pub why_applicable: Option<Marked<String>>,
    pub why_conflicting: Option<Marked<String>>,
    pub link_to_third_country: Option<Marked<String>>,
    pub consequences: Option<Marked<String>>,
    pub other: Option<Marked<String>>,
}

/// G
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreservationState {
    pub identifier: Option<Marked<String>>,
    /// False is the exception and needs its explanation.
    pub is_preserved: Marked<bool>,
    pub explanation: Option<Marked<String>>,
}

/// Form 5 or Form 6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FollowUpKind {
    /// Form 5: a production request follows; preserve as long as it needs.
    SubsequentProduction,
    /// Form 6: 30 days on the existing expiry.
    Extension,
}

/// Forms 5 and 6. They name no identifiers: they act on all of the stored EPOC-PR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    pub kind: Marked<FollowUpKind>,
    pub issuing: Party,
    pub validating: Option<Party>,
    pub addressee: Option<Marked<String>>,
    pub addressee_office: Option<Marked<Office>>,
    pub addressee_file_number: Option<Marked<String>>,
    /// Reference of the EPOC-PR.
    pub preservation_reference: Option<Marked<String>>,
    pub preservation_date: Option<Marked<Moment>>,
    /// Form 5: who asked for production, and when.
    pub production_authority: Option<Marked<String>>,
    pub production_date: Option<Marked<Moment>>,
    /// Form 6 as converters send it: an expiry. The law counts from the stored one; a later one here is a person's matter.
    pub requested_expiry: Option<Marked<Moment>>,
    pub contact: Contact,
    pub signed_on: Option<Marked<Moment>>,
    pub signature_text: Option<Marked<String>>,
}

/// The authority takes an order back, at any point of its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Which order: its file number or the id of the authorisation.
    pub reference: Marked<String>,
    pub issuing: Party,
    pub reason: Option<Marked<String>>,
    pub at: Option<Marked<Moment>>,
}

impl FollowUp {
    /// A form in which nothing is said yet.
    pub fn empty(kind: Marked<FollowUpKind>) -> FollowUp {
        FollowUp {
            kind,
            issuing: Party::default(),
            validating: None,
            addressee: None,
            addressee_office: None,
            addressee_file_number: None,
            preservation_reference: None,
            preservation_date: None,
            production_authority: None,
            production_date: None,
            requested_expiry: None,
            contact: Contact::default(),
            signed_on: None,
            signature_text: None,
        }
    }
}

impl NonExecution {
    /// A form in which nothing is said yet.
    pub fn empty() -> NonExecution {
        NonExecution {
            certificate: None,
            issuing: Party::default(),
            validating: None,
            issued_on: None,
            received_on: None,
            enforcing: None,
            addressee: None,
            addressee_file_number: None,
            reasons: Vec::new(),
            conflict: None,
            clarification: None,
            preservation: Vec::new(),
            provider: Contact::default(),
            authorised_person: None,
            signed_on: None,
            signature_text: None,
        }
    }

    /// Head of an answer to an order: sections A to C from the order itself.
    pub fn answering(order: &Order) -> NonExecution {
        NonExecution {
            certificate: Some(order.kind.clone()),
            issuing: order.issuing.clone(),
            validating: order.validating.clone(),
            issued_on: order.issuing.signed_on.clone(),
            enforcing: order.enforcing.clone(),
            addressee: order.addressee.name.clone(),
            addressee_file_number: order.addressee.file_number.clone(),
            ..NonExecution::empty()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_numbered_as_section_d_counts() {
        assert_eq!(Reason::Incomplete.number(), 1);
        assert_eq!(Reason::ThirdCountryConflict.number(), 10);
    }
}
