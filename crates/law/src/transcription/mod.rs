//! A letter, mail or PDF, typed over by a person: TOML with the fields of the forms, each with its place in the file.
//!
//! A transcription carries no signature, so an order in it is weakly signed whatever the paper says: call-back (RGY-05), and attestation
//! before trustees (LOG-100). Sample: docs/samples/received.toml (TRN-01 to TRN-03).

mod fields;

use crate::received::*;
use fields::{ConditionsIn, FollowUpIn, IdentifierIn, OrderIn, PartyIn, RequestedIn, S};

/// Why a transcription does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TranscriptionError {
    /// TRN-01: unknown or missing keys, words that are in no list.
    Unreadable(String),
    /// TRN-02: a field that this form has not.
    NotOfThisForm { field: &'static str },
}

impl TranscriptionError {
    pub fn code(&self) -> &'static str {
        match self {
            TranscriptionError::Unreadable(_) => "TRN-01",
            TranscriptionError::NotOfThisForm { .. } => "TRN-02",
        }
    }
}

impl std::fmt::Display for TranscriptionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TranscriptionError::Unreadable(text) => write!(f, "it does not read: {}", text.trim_end()),
            TranscriptionError::NotOfThisForm { field } => write!(f, "this form has no {field}"),
        }
    }
}

impl std::error::Error for TranscriptionError {}

/// Larger ones are no transcription: two thousand identifiers fit. A reader of TOML takes up to ninety times a hostile text in memory.
const LEN_MAX: usize = 256 << 10;

/// Reads a transcription of a document with this hash.
pub fn read(text: &str, original_hash: [u8; 32]) -> Result<Received, TranscriptionError> {
    if LEN_MAX < text.len() {
        return Err(TranscriptionError::Unreadable(format!("longer than {LEN_MAX} octets")));
    }
    let input: OrderIn = toml::from_str(text).map_err(|error| TranscriptionError::Unreadable(error.to_string()))?;
    let marks = Marks { text };
    let transaction = input.transaction.as_ref().map(|value| marks.text("transaction", value));
    let body = match input.form.get_ref().as_str() {
        "EPOC" => Body::Order(marks.order(OrderKind::Epoc, &input)?),
        "EPOC-PR" => Body::Order(marks.order(OrderKind::EpocPr, &input)?),
        "national" => Body::Order(marks.order(OrderKind::National, &input)?),
        "form-5" => Body::FollowUp(marks.follow_up(FollowUpKind::SubsequentProduction, &input)),
        "form-6" => Body::FollowUp(marks.follow_up(FollowUpKind::Extension, &input)),
        "withdrawal" => Body::Withdrawal(marks.withdrawal(&input)?),
        other => {
            let text = format!("form = \"{other}\": EPOC, EPOC-PR, national, form-5, form-6 or withdrawal");
            return Err(TranscriptionError::Unreadable(text));
        }
    };
    let envelope = Envelope {
        format: Format::Transcription,
        original_hash,
        transaction,
        sender: None,
        receiver: None,
        schema: Finding::Yes,
        dictionary: Finding::Yes,
        signatures: Vec::new(),
        normalised: Vec::new(),
        differences: Vec::new(),
        quarantined: None,
    };
    Ok(Received { envelope, body })
}

/// TRN-03: a day, an instant with its offset, or text that is neither and that gate 10 stops.
pub fn moment(text: &str) -> Moment {
    if let Some(day) = verify::calendar::Day::parse(text) {
        return Moment::Day(day);
    }
    match seal::catalogue::parse_rfc3339(text) {
        Some(ms) => Moment::Instant(ms / 1_000),
        None => Moment::Unzoned(text.to_owned()),
    }
}

/// Turns offsets into places.
struct Marks<'t> {
    text: &'t str,
}

impl Marks<'_> {
    fn place(&self, path: &str, at: usize) -> Place {
        let before = &self.text[..at.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Place::new(line as u32, column as u32, path)
    }

    fn mark<T: Clone>(&self, path: &str, value: &S<T>) -> Marked<T> {
        Marked::at(value.get_ref().clone(), self.place(path, value.span().start))
    }

    fn text(&self, path: &str, value: &S<String>) -> Marked<String> {
        self.mark(path, value)
    }

    fn some(&self, path: &str, value: &Option<S<String>>) -> Option<Marked<String>> {
        value.as_ref().map(|value| self.text(path, value))
    }

    fn word<T: Copy>(&self, path: &str, value: &Option<S<T>>) -> Option<Marked<T>> {
        value.as_ref().map(|value| self.mark(path, value))
    }

    fn words<T: Copy>(&self, path: &str, values: &[S<T>]) -> Vec<Marked<T>> {
        values.iter().map(|value| self.mark(path, value)).collect()
    }

    fn moment(&self, path: &str, value: &Option<S<String>>) -> Option<Marked<Moment>> {
        value.as_ref().map(|value| self.text(path, value).map(|text| moment(&text)))
    }

    fn range(&self, path: &str, from: &Option<S<String>>, until: &Option<S<String>>) -> Option<Marked<TimeRange>> {
        let first = from.as_ref().or(until.as_ref())?;
        let read = |value: &Option<S<String>>| value.as_ref().map(|value| moment(value.get_ref()));
        Some(Marked::at(TimeRange { start: read(from), end: read(until) }, self.place(path, first.span().start)))
    }

    fn party(&self, path: &str, input: &PartyIn) -> Party {
        let at = |name: &str| format!("{path}.{name}");
        Party {
            kind: self.word(&at("kind"), &input.kind),
            name: self.some(&at("name"), &input.name),
            office: None,
            file_number: self.some(&at("file_number"), &input.file_number),
            contact: self.contact(path, input),
            contact_point: None,
            signed_on: self.moment(&at("signed_on"), &input.signed_on),
            signature_text: self.some(&at("signature"), &input.signature),
        }
    }

    fn contact(&self, path: &str, input: &PartyIn) -> Contact {
        let at = |name: &str| format!("{path}.{name}");
        Contact {
            person: self.some(&at("representative"), &input.representative),
            post: self.some(&at("post"), &input.post),
            address: self.some(&at("address"), &input.address),
            telephone: self.some(&at("telephone"), &input.telephone),
            fax: self.some(&at("fax"), &input.fax),
            email: self.some(&at("email"), &input.email),
            languages: input.languages.iter().map(|value| self.text(&at("languages"), value)).collect(),
        }
    }

    fn identifier(&self, input: &IdentifierIn) -> Identifier {
        Identifier {
            id: self.some("identifiers.id", &input.id),
            kind: self.mark("identifiers.kind", &input.kind),
            value: self.text("identifiers.value", &input.value),
            ranges: self.range("identifiers.from", &input.from, &input.until).into_iter().collect(),
            seen_at: input.seen_at.iter().map(|value| self.text("identifiers.seen_at", value).map(|text| moment(&text))).collect(),
            port: self.word("identifiers.port", &input.port),
            service: self.some("identifiers.service", &input.service),
            remarks: self.some("identifiers.remarks", &input.remarks),
        }
    }

    fn requested(&self, input: &RequestedIn) -> Requested {
        Requested {
            class: self.mark("requested.class", &input.class),
            options: self.words("requested.options", &input.options),
            other: self.some("requested.other", &input.other),
            range: self.range("requested.from", &input.from, &input.until),
            identifiers: input.identifiers.iter().map(|value| self.text("requested.identifiers", value)).collect(),
        }
    }

    fn conditions(&self, input: &ConditionsIn) -> Conditions {
        Conditions {
            proceedings: self.words("conditions.proceedings", &input.proceedings),
            offence: self.some("conditions.offence", &input.offence),
            provision: self.some("conditions.provision", &input.provision),
            thresholds: self.words("conditions.thresholds", &input.thresholds),
            role: self.word("conditions.role", &input.role),
            role_reason: self.some("conditions.role_reason", &input.role_reason),
            processor_informs_controller: self.word("conditions.processor_informs_controller", &input.processor_informs_controller),
            other: self.some("conditions.other", &input.other),
        }
    }

    fn order(&self, kind: OrderKind, input: &OrderIn) -> Result<Order, TranscriptionError> {
        let not_here = |field| Err(TranscriptionError::NotOfThisForm { field });
        // TRN-02
        match kind {
            OrderKind::EpocPr if !input.deadlines.is_empty() => return not_here("deadlines"),
            OrderKind::EpocPr if input.enforcing.is_some() => return not_here("enforcing"),
            OrderKind::Epoc | OrderKind::EpocPr if input.national.is_some() => return not_here("national"),
            _ if input.follow_up.is_some() => return not_here("follow_up"),
            _ => {}
        }
        let mut order = Order::empty(self.mark("form", &input.form).map(|_| kind));
        order.issuing_state = self.some("issuing.state", &input.issuing.state);
        order.issuing = self.party("issuing", &input.issuing);
        order.without_validation = self.word("without_validation", &input.without_validation);
        order.validating = input.validating.as_ref().map(|party| self.party("validating", party));
        let addressee = &input.addressee;
        order.addressee = Addressee {
            name: self.some("addressee.name", &addressee.name),
            capacity: self.word("addressee.capacity", &addressee.capacity),
            office: None,
            contact: Contact::default(),
            file_number: self.some("addressee.file_number", &addressee.file_number),
            provider_concerned: self.some("addressee.provider_concerned", &addressee.provider_concerned),
            provider_identifier: None,
            other: self.some("addressee.other", &addressee.other),
        };
        order.deadlines = self.words("deadlines", &input.deadlines);
        order.other_deadline = self.some("other_deadline", &input.other_deadline);
        order.deadline_remarks = self.some("deadline_remarks", &input.deadline_remarks);
        order.earlier = input
            .earlier
            .iter()
            .map(|earlier| EarlierRequest {
                kind: self.mark("earlier.kind", &earlier.kind),
                authority: self.some("earlier.authority", &earlier.authority),
                file_number: self.some("earlier.file_number", &earlier.file_number),
                issued_on: self.moment("earlier.issued_on", &earlier.issued_on),
                sent_on: self.moment("earlier.sent_on", &earlier.sent_on),
                addressee: self.some("earlier.addressee", &earlier.addressee),
                addressee_file_number: self.some("earlier.addressee_file_number", &earlier.addressee_file_number),
                other: self.some("earlier.other", &earlier.other),
            })
            .collect();
        order.identifiers = input.identifiers.iter().map(|identifier| self.identifier(identifier)).collect();
        order.time_range = self.range("from", &input.from, &input.until);
        order.requested = input.requested.iter().map(|requested| self.requested(requested)).collect();
        order.other_information = self.some("other_information", &input.other_information);
        order.conditions = self.conditions(&input.conditions);
        order.notice_delayed = self.words("notice_delayed", &input.notice_delayed);
        order.enforcing = input.enforcing.as_ref().map(|party| EnforcingAuthority {
            name: self.some("enforcing.name", &party.name),
            office: None,
            file_number: self.some("enforcing.file_number", &party.file_number),
            contact: self.contact("enforcing", party),
        });
        order.transfer = Transfer {
            to: self.words("transfer_to", &input.transfer_to),
            contact: Contact::default(),
            means: self.some("transfer_means", &input.transfer_means),
        };
        order.national = input.national.as_ref().map(|national| National {
            country: self.text("national.country", &national.country),
            article: self.text("national.article", &national.article),
            purpose: self.word("national.purpose", &national.purpose),
            judge_reference: self.some("national.judge_reference", &national.judge_reference),
            future_until: self.moment("national.future_until", &national.future_until),
        });
        Ok(order)
    }

    fn follow_up(&self, kind: FollowUpKind, input: &OrderIn) -> FollowUp {
        let mut form = FollowUp::empty(self.mark("form", &input.form).map(|_| kind));
        form.issuing = self.party("issuing", &input.issuing);
        form.validating = input.validating.as_ref().map(|party| self.party("validating", party));
        form.addressee = self.some("addressee.name", &input.addressee.name);
        form.addressee_file_number = self.some("addressee.file_number", &input.addressee.file_number);
        let empty = FollowUpIn::default();
        let own = input.follow_up.as_ref().unwrap_or(&empty);
        form.preservation_reference = self.some("follow_up.reference", &own.reference);
        form.preservation_date = self.moment("follow_up.date", &own.date);
        form.production_authority = self.some("follow_up.production_authority", &own.production_authority);
        form.production_date = self.moment("follow_up.production_date", &own.production_date);
        form.requested_expiry = self.moment("follow_up.requested_expiry", &own.requested_expiry);
        form.signed_on = self.moment("issuing.signed_on", &input.issuing.signed_on);
        form
    }

    fn withdrawal(&self, input: &OrderIn) -> Result<Withdrawal, TranscriptionError> {
        let missing = || TranscriptionError::Unreadable("a withdrawal names what it withdraws: follow_up.reference".to_owned());
        let own = input.follow_up.as_ref().ok_or_else(missing)?;
        Ok(Withdrawal {
            reference: self.some("follow_up.reference", &own.reference).ok_or_else(missing)?,
            issuing: self.party("issuing", &input.issuing),
            reason: self.some("other_information", &input.other_information),
            at: self.moment("issuing.signed_on", &input.issuing.signed_on),
        })
    }
}
