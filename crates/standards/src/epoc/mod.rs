//! The forms of Regulation (EU) 2023/1543 as XML, both ways: Form 1 (EPOC), 2 (EPOC-PR), 3, 5 and 6.

pub mod hi1;
pub mod pen;
mod sections;

use crate::refusal::{Finding, Refusal, Rule};
use crate::tree::{self, Element, Node};
use law::received::{Body, Envelope, FollowUp, FollowUpKind, Format, Marked, NonExecution, Normalised, Order, OrderKind, Place, Received};
use pen::{EIO, EPOC, Notes, Pen};

/// Which form, by the namespace of its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Epoc,
    EpocPr,
    NonExecution,
    SubsequentProduction,
    Extension,
}

/// (namespace, form). The second spelling of Form 1 is met in the wild and recorded (STD-66).
const FORMS: &[(&str, Form)] = &[
    ("http://data.europa.eu/edm/1/ns/forms/EPOC-FORM-1#", Form::Epoc),
    ("http://data.europa.eu/edm/1/ns/forms/EPOC-FORM_1#", Form::Epoc),
    ("http://data.europa.eu/edm/1/ns/forms/EPOC-PR-FORM-2#", Form::EpocPr),
    ("http://data.europa.eu/edm/1/ns/forms/EPOC-FORM-3#", Form::NonExecution),
    ("http://data.europa.eu/edm/1/ns/forms/EPOC-PR-FORM-5#", Form::SubsequentProduction),
    ("http://data.europa.eu/edm/1/ns/forms/EPOC-PR-FORM-6#", Form::Extension),
];

impl Form {
    /// The namespace that we write.
    pub fn space(self) -> &'static str {
        FORMS.iter().find(|(_, form)| *form == self).map_or("", |(space, _)| space)
    }
    /// The root's name, and the value of the dictionary EPOCDocumentType.
    pub fn name(self) -> &'static str {
        match self {
            Form::Epoc => "Form1",
            Form::EpocPr => "Form2",
            Form::NonExecution => "Form3",
            Form::SubsequentProduction => "Form5",
            Form::Extension => "Form6",
        }
    }
    pub fn of(body: &Body) -> Option<Form> {
        match body {
            Body::Order(order) => match order.kind.value {
                OrderKind::Epoc => Some(Form::Epoc),
                OrderKind::EpocPr => Some(Form::EpocPr),
                OrderKind::National => None,
            },
            Body::NonExecution(_) => Some(Form::NonExecution),
            Body::FollowUp(form) => Some(match form.kind.value {
                FollowUpKind::SubsequentProduction => Form::SubsequentProduction,
                FollowUpKind::Extension => Form::Extension,
            }),
            Body::Withdrawal(_) => None,
        }
    }
}

/// Reads a form. STD-01 to STD-08 refuse it; everything else is in the envelope's verdicts.
pub fn read_form(bytes: &[u8]) -> Result<Received, Refusal> {
    Ok(read_form_with_notes(bytes)?.0)
}

/// The same, with every finding and not only the first of each verdict.
pub fn read_form_with_notes(bytes: &[u8]) -> Result<(Received, Notes), Refusal> {
    form_of(tree::read_xml(bytes)?, bytes)
}

/// The same of a tree, and the octets that it was read from.
pub(crate) fn form_of(mut root: Element, bytes: &[u8]) -> Result<(Received, Notes), Refusal> {
    let Some((space, form)) = FORMS.iter().find(|(space, _)| *space == root.name.space) else {
        return Err(Refusal::new(Rule::NotThisFormat, root.at, &root.name.local));
    };
    let mut notes = Notes::default();
    let place = Place::new(root.at.line, root.at.column, root.name.local.clone());
    if *space != form.space() {
        let (was, now) = ((*space).to_owned(), form.space().to_owned());
        notes.normalised.push(Normalised { rule: "STD-66", was, now, place: place.clone() });
    }
    let quarantined = quarantine(&mut root);
    drop_signatures(&mut root);
    let body = read_body(*form, &root, place, &mut notes);
    let envelope = Envelope {
        format: Format::EcFormXml,
        original_hash: verify::package::digest::sha256(&[bytes]),
        transaction: None,
        sender: None,
        receiver: None,
        schema: verdict(&notes.schema),
        dictionary: verdict(&notes.dictionary),
        signatures: Vec::new(),
        normalised: notes.normalised.clone(),
        differences: Vec::new(),
        quarantined,
    };
    Ok((Received { envelope, body }, notes))
}

fn read_body(form: Form, root: &Element, place: Place, notes: &mut Notes) -> Body {
    let mut pen = Pen::reading(root, notes, "");
    let body = match form {
        Form::Epoc => {
            let mut order = Order::empty(Marked::at(OrderKind::Epoc, place));
            sections::form_1(&mut pen, &mut order);
            Body::Order(order)
        }
        Form::EpocPr => {
            let mut order = Order::empty(Marked::at(OrderKind::EpocPr, place));
            sections::form_2(&mut pen, &mut order);
            Body::Order(order)
        }
        Form::NonExecution => {
            let mut answer = NonExecution::empty();
            sections::form_3(&mut pen, &mut answer);
            Body::NonExecution(answer)
        }
        Form::SubsequentProduction | Form::Extension => {
            let kind = if form == Form::Extension { FollowUpKind::Extension } else { FollowUpKind::SubsequentProduction };
            let mut follow_up = FollowUp::empty(Marked::at(kind, place));
            sections::follow_up(&mut pen, &mut follow_up);
            Body::FollowUp(follow_up)
        }
    };
    pen.finish();
    body
}

/// STD-68: section M is for the enforcing authority only. It is cut out before anything is read, so that no value, no
/// finding and no log line can hold a word of it; its place is kept.
fn quarantine(root: &mut Element) -> Option<Place> {
    let mut found = None;
    root.children.retain(|node| match node {
        Node::Element(section) if section.name.local.eq_ignore_ascii_case("SectionM") => {
            found.get_or_insert_with(|| Place::new(section.at.line, section.at.column, "SectionM"));
            false
        }
        _ => true,
    });
    for node in &mut root.children {
        if let Node::Element(child) = node {
            let inside = quarantine(child);
            found = found.or(inside);
        }
    }
    found
}

/// Whether a signature is good is judged on the octets; the form itself has none of its elements.
fn drop_signatures(root: &mut Element) {
    root.children.retain(|node| !matches!(node, Node::Element(child) if child.name.space == crate::etsi::names::XMLDSIG));
}

pub(crate) fn verdict(findings: &[Finding]) -> law::received::Finding {
    match findings.first() {
        None => law::received::Finding::Yes,
        Some(first) => {
            let place = Place::new(first.at.line, first.at.column, first.path.clone());
            law::received::Finding::no(first.code(), first.to_string(), Some(place))
        }
    }
}

/// The form as XML. `None`: a national order or a withdrawal, which have no form.
pub fn write_form(body: &Body) -> Option<String> {
    let form = Form::of(body)?;
    let mut notes = Notes::default();
    let mut pen = Pen::writing(Element::new(form.space(), form.name()), &mut notes);
    // The description of a form reads and writes, so it wants the value mutable.
    match body.clone() {
        Body::Order(mut order) if form == Form::Epoc => sections::form_1(&mut pen, &mut order),
        Body::Order(mut order) => sections::form_2(&mut pen, &mut order),
        Body::NonExecution(mut answer) => sections::form_3(&mut pen, &mut answer),
        Body::FollowUp(mut follow_up) => sections::follow_up(&mut pen, &mut follow_up),
        Body::Withdrawal(_) => {}
    }
    let root = pen.finish()?;
    Some(tree::write_xml(&root, &[("", form.space()), ("eio", EIO), ("epoc", EPOC)]))
}
