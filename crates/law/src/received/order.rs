//! Form 1, Form 2 and national orders: sections A to L.

use super::words::word_list;
use super::{
    AuthorityKind, Capacity, Contact, DataClass, DataOption, DataRole, DeadlineChoice, DelayGround, EarlierKind, EnforcingAuthority,
    Marked, Moment, Office, Party, Proceedings, Purpose, Threshold, TimeRange, TransferTo,
};

/// Which order it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderKind {
    /// Form 1, European Production Order Certificate.
    Epoc,
    /// Form 2, European Preservation Order Certificate.
    EpocPr,
    /// Under national law; the article is in [`National`].
    National,
}

/// An order as received. Form 2 has no deadlines, notice, enforcing authority or transfer; its fields are empty then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub kind: Marked<OrderKind>,
    /// Id of the form itself, if it has one.
    pub form_id: Option<Marked<String>>,
    /// A. ISO 3166 alpha-2, as written.
    pub issuing_state: Option<Marked<String>>,
    /// A, I (Form 2: F).
    pub issuing: Party,
    /// I: "emergency without prior validation" is ticked.
    pub without_validation: Option<Marked<bool>>,
    /// A, J (Form 2: G). Absent: nobody validated.
    pub validating: Option<Party>,
    /// B
    pub addressee: Addressee,
    /// C, in the order written.
    pub deadlines: Vec<Marked<DeadlineChoice>>,
    pub other_deadline: Option<Marked<String>>,
    pub deadline_remarks: Option<Marked<String>>,
    /// D
    pub earlier: Vec<EarlierRequest>,
    /// E (Form 2: C)
    pub identifiers: Vec<Identifier>,
    /// E: a range for all identifiers that have none of their own.
    pub time_range: Option<Marked<TimeRange>>,
    /// F (Form 2: D)
    pub requested: Vec<Requested>,
    /// ETSI AuthorisationTimespan: what the authorisation allows; ranges lie within (gate 10).
    pub authorised: Option<Marked<TimeRange>>,
    /// F: free text that may limit the range.
    pub other_information: Option<Marked<String>>,
    /// G (Form 2: E)
    pub conditions: Conditions,
    /// H. Empty: the person is told without delay.
    pub notice_delayed: Vec<Marked<DelayGround>>,
    /// K
    pub enforcing: Option<EnforcingAuthority>,
    /// L
    pub transfer: Transfer,
    /// For [`OrderKind::National`] only.
    pub national: Option<National>,
    /// For a native Waarborg order only: what its record says that the forms do not.
    pub own: Option<OwnOrder>,
}

impl Order {
    /// An order in which nothing is said yet; readers fill in what they find.
    pub fn empty(kind: Marked<OrderKind>) -> Order {
        Order {
            kind,
            form_id: None,
            issuing_state: None,
            issuing: Party::default(),
            without_validation: None,
            validating: None,
            addressee: Addressee::default(),
            deadlines: Vec::new(),
            other_deadline: None,
            deadline_remarks: None,
            earlier: Vec::new(),
            identifiers: Vec::new(),
            time_range: None,
            requested: Vec::new(),
            authorised: None,
            other_information: None,
            conditions: Conditions::default(),
            notice_delayed: Vec::new(),
            enforcing: None,
            transfer: Transfer::default(),
            national: None,
            own: None,
        }
    }

    /// The classes asked for, each once.
    pub fn classes(&self) -> Vec<DataClass> {
        let mut classes: Vec<_> = self.requested.iter().map(|requested| requested.class.value).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// Any 8-hour box, or the tick for an emergency without validation.
    pub fn is_emergency(&self) -> bool {
        self.deadlines.iter().any(|choice| choice.value.is_emergency()) || self.without_validation.as_ref().is_some_and(|m| m.value)
    }

    /// Ranges that hold for an identifier: its own, else that of the order.
    pub fn ranges_of<'a>(&'a self, identifier: &'a Identifier) -> Vec<&'a Marked<TimeRange>> {
        if identifier.ranges.is_empty() { self.time_range.iter().collect() } else { identifier.ranges.iter().collect() }
    }

    /// What the issuing authority is.
    pub fn issuer_kind(&self) -> Option<AuthorityKind> {
        self.issuing.kind.as_ref().map(|kind| kind.value)
    }
}

/// B
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressee {
    pub name: Option<Marked<String>>,
    pub capacity: Option<Marked<Capacity>>,
    /// AuthorityTechnicalIdentifier: country (the enforcing State's) and national id.
    pub office: Option<Marked<Office>>,
    pub contact: Contact,
    pub file_number: Option<Marked<String>>,
    pub provider_concerned: Option<Marked<String>>,
    pub provider_identifier: Option<Marked<String>>,
    pub other: Option<Marked<String>>,
}

/// D. One for each earlier request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierRequest {
    pub kind: Marked<EarlierKind>,
    pub authority: Option<Marked<String>>,
    pub file_number: Option<Marked<String>>,
    pub issued_on: Option<Marked<Moment>>,
    pub sent_on: Option<Marked<Moment>>,
    pub addressee: Option<Marked<String>>,
    pub addressee_file_number: Option<Marked<String>>,
    pub other: Option<Marked<String>>,
}

word_list! {
    /// E. The codes are those seen in EC form XML; what follows `USER_ID` is ours, for letters and ETSI messages.
    IdentifierKind {
        Ipv4 = "IPV_4";
        Ipv6 = "IPV_6";
        IpRange = "IP_ADDRESS_RANGE";
        IpBlocks = "IP_BLOCKS";
        Email = "EMAIL";
        Phone = "PHONE_NUMBER";
        Imei = "IMEI_NUMBER";
        Mac = "MAC_ADDRESS";
        UserId = "USER_ID";
        Imsi = "IMSI_NUMBER";
        NameOfService = "NAME_OF_SERVICE";
        Other = "OTHER";
    }
}

/// E. One for each identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The form's own id of it: Form 3 refuses by this.
    pub id: Option<Marked<String>>,
    pub kind: Marked<IdentifierKind>,
    /// As written.
    pub value: Marked<String>,
    pub ranges: Vec<Marked<TimeRange>>,
    /// Time stamps at which an address was seen.
    pub seen_at: Vec<Marked<Moment>>,
    pub port: Option<Marked<u16>>,
    pub service: Option<Marked<String>>,
    pub remarks: Option<Marked<String>>,
}

/// F. One for each class with something ticked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    pub class: Marked<DataClass>,
    pub options: Vec<Marked<DataOption>>,
    pub other: Option<Marked<String>>,
    /// A range for this class only.
    pub range: Option<Marked<TimeRange>>,
    /// Ids of the identifiers it is asked for; empty: all.
    pub identifiers: Vec<Marked<String>>,
}

/// G
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    pub proceedings: Vec<Marked<Proceedings>>,
    pub offence: Option<Marked<String>>,
    /// The provision that makes it an offence.
    pub provision: Option<Marked<String>>,
    pub thresholds: Vec<Marked<Threshold>>,
    pub role: Option<Marked<DataRole>>,
    /// Why the processor is addressed and not the controller.
    pub role_reason: Option<Marked<String>>,
    pub processor_informs_controller: Option<Marked<bool>>,
    pub other: Option<Marked<String>>,
}

/// L
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    pub to: Vec<Marked<TransferTo>>,
    pub contact: Contact,
    pub means: Option<Marked<String>>,
}

/// What a national order has beside the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct National {
    /// ISO 3166 alpha-2.
    pub country: Marked<String>,
    /// Such as `126n`.
    pub article: Marked<String>,
    pub purpose: Option<Marked<Purpose>>,
    /// Reference of a judge's authorisation given before.
    pub judge_reference: Option<Marked<String>>,
    /// Until when data of the future are asked for.
    pub future_until: Option<Marked<Moment>>,
}

/// What a Waarborg order says of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnOrder {
    /// D of its leaf.
    pub d: Option<[u8; 32]>,
    /// Numbers of the sealed categories.
    pub categories: Vec<u16>,
    pub valid_from: u64,
    pub valid_until: u64,
    pub seal_until: u64,
    pub notice_due: u64,
}
