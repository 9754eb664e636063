//! An HI-1 object: the fields that all have, and one of the kinds.

use super::authorisation::Authorisation;
use super::codec::{Complex, Fields, National, Reader, Type, read_complex, sequence, type_attribute, type_name};
use super::core::AssociatedObjects;
use super::delivery::DeliveryObject;
use super::document::Document;
use super::names;
use super::notification::Notification;
use super::task::{DisclosureTask, PreservationTask};
use super::time::QualifiedDateTime;
use super::values::*;
use crate::refusal::Rule;
use crate::tree::{self, Element, Name, Node, Scalar};

sequence! {
    Base in CORE {
        identifier: Uuid = "ObjectIdentifier",
        country: Option<IsoCountryCode> = "CountryCode",
        owner: Option<ShortString> = "OwnerIdentifier",
        generation: Option<u64> = "Generation",
        external: Option<LongString> = "ExternalIdentifier",
        associated: Option<AssociatedObjects> = "AssociatedObjects",
        last_changed: Option<QualifiedDateTime> = "LastChanged",
        national: Option<National> = "NationalHandlingParameters",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub base: Base,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Authorisation(Authorisation),
    Document(Document),
    Notification(Notification),
    Disclosure(DisclosureTask),
    Preservation(PreservationTask),
    Delivery(DeliveryObject),
    /// Read so that it can be refused (STD-41); no field of it is understood.
    Refused(RefusedObject),
}

/// An object of ETSI's that this system does not serve: interception, take-down, traffic policies and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedObject {
    pub name: Name,
    inside: Vec<Element>,
}

impl RefusedObject {
    /// Interception in real time, or what only serves it.
    pub fn is_interception(&self) -> bool {
        self.name.local == "LITaskObject"
    }
}

/// (namespace, local name) of the types that ETSI defines and we refuse.
const REFUSED: [(&str, &str); 7] = [
    (names::TASK, "LITaskObject"),
    (names::TASK, "TDTaskObject"),
    ("http://uri.etsi.org/03120/common/2022/07/TrafficPolicy", "TrafficPolicyObject"),
    ("http://uri.etsi.org/03120/common/2022/07/TrafficPolicy", "TrafficRuleObject"),
    ("http://uri.etsi.org/03120/common/2024/06/Destination", "LIDestinationObject"),
    ("http://uri.etsi.org/03120/common/2024/06/Destination", "LDDestinationObject"),
    ("http://uri.etsi.org/03120/common/2024/06/IRIPolicy", "IRIPolicyObject"),
];

impl Kind {
    /// Namespace and local name of the schema's type.
    pub fn type_name(&self) -> Name {
        let (space, local) = match self {
            Kind::Authorisation(_) => (names::AUTHORISATION, "AuthorisationObject"),
            Kind::Document(_) => (names::DOCUMENT, "DocumentObject"),
            Kind::Notification(_) => (names::NOTIFICATION, "NotificationObject"),
            Kind::Disclosure(_) => (names::TASK, "LDTaskObject"),
            Kind::Preservation(_) => (names::TASK, "LPTaskObject"),
            Kind::Delivery(_) => (names::DELIVERY, "DeliveryObject"),
            Kind::Refused(refused) => return refused.name.clone(),
        };
        Name::new(space, local)
    }

    /// The value of ETSI's dictionary ObjectType.
    pub fn object_type(&self) -> &'static str {
        match self {
            Kind::Authorisation(_) => "Authorisation",
            Kind::Document(_) => "Document",
            Kind::Notification(_) => "Notification",
            Kind::Disclosure(_) => "LDTask",
            Kind::Preservation(_) => "LPTask",
            Kind::Delivery(_) => "Delivery",
            Kind::Refused(_) => "Task",
        }
    }
}

impl Object {
    /// As a document of its own, for a store.
    pub fn to_xml(&self) -> String {
        let mut element = Element::new(names::CORE, "HI1Object");
        self.write(&mut element);
        tree::write_xml(&element, names::PREFIXES)
    }

    /// What [`Object::to_xml`] wrote.
    pub fn from_xml(bytes: &[u8]) -> Option<Object> {
        let element = tree::read_xml(bytes).ok()?;
        let mut reader = Reader::of_kept();
        let object = Object::read(&element, &mut reader);
        object.filter(|_| reader.findings.is_empty() && element.name.is(names::CORE, "HI1Object"))
    }

    pub fn associated(&self) -> &[Uuid] {
        self.base.associated.as_ref().map_or(&[], |list| &list.objects)
    }
}

impl Type for Object {
    const SCALAR: Scalar = Scalar::Object;

    fn read(element: &Element, reader: &mut Reader) -> Option<Object> {
        let Some(name) = type_name(element) else {
            reader.find(Rule::UnknownType, element, element.attribute(names::XSI, "type").unwrap_or(""));
            return None;
        };
        if 1 < element.attributes.len() {
            reader.find(Rule::Unexpected, element, "a second attribute");
        }
        read_complex(element, reader, |fields, reader| {
            let base = Base::read_fields(fields, reader);
            let kind = read_kind(&name, fields, reader);
            Some(Object { base: base?, kind: kind? })
        })
    }

    fn write(&self, out: &mut Element) {
        let name = self.kind.type_name();
        out.attributes.push(type_attribute(&name.space, &name.local));
        self.base.write_fields(out);
        match &self.kind {
            Kind::Authorisation(object) => object.write_fields(out),
            Kind::Document(object) => object.write_fields(out),
            Kind::Notification(object) => object.write_fields(out),
            Kind::Disclosure(object) => object.write_fields(out),
            Kind::Preservation(object) => object.write_fields(out),
            Kind::Delivery(object) => object.write_fields(out),
            Kind::Refused(object) => out.children.extend(object.inside.iter().cloned().map(Node::Element)),
        }
    }
}

fn read_kind(name: &Name, fields: &mut Fields<'_>, reader: &mut Reader) -> Option<Kind> {
    match (name.space.as_str(), name.local.as_str()) {
        (names::AUTHORISATION, "AuthorisationObject") => Complex::read_fields(fields, reader).map(Kind::Authorisation),
        (names::DOCUMENT, "DocumentObject") => Complex::read_fields(fields, reader).map(Kind::Document),
        (names::NOTIFICATION, "NotificationObject") => Complex::read_fields(fields, reader).map(Kind::Notification),
        (names::TASK, "LDTaskObject") => Complex::read_fields(fields, reader).map(Kind::Disclosure),
        (names::TASK, "LPTaskObject") => Complex::read_fields(fields, reader).map(Kind::Preservation),
        (names::DELIVERY, "DeliveryObject") => Complex::read_fields(fields, reader).map(Kind::Delivery),
        other if REFUSED.contains(&other) => {
            let inside = std::iter::from_fn(|| fields.any().cloned()).collect();
            Some(Kind::Refused(RefusedObject { name: name.clone(), inside }))
        }
        _ => {
            reader.find(Rule::UnknownType, fields.element, &name.local);
            None
        }
    }
}
