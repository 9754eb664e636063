//! The dictionary verdict: is every owner, name and value, and every identifier format, known to somebody? (STD-30 to STD-33)
//!
//! Dictionaries are data: ETSI's base file and the EU profile in `crates/standards/dictionaries`, and what a provider
//! publishes in its own configuration. The verdict is made on the tree, so that it is there also when the schema's is bad.

use super::codec::{Complex, Fields, Reader};
use super::config::{CspConfig, DictionaryFile};
use super::formats::{FORMAT_ALIASES, etsi_format};
use super::names;
use crate::refusal::{Finding, Refusal, Rule};
use crate::tree::{Element, read_xml};
use law::received::{Normalised, Place};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const BASE: &str = include_str!("../../dictionaries/etsi-103120.xml");
const EU_PROFILE: &str = include_str!("../../dictionaries/eu-104144.xml");

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionaries {
    /// (owner, name) to its values.
    entries: BTreeMap<(String, String), BTreeSet<String>>,
    /// (owner, name) of formats beyond ETSI's.
    formats: BTreeSet<(String, String)>,
}

/// What judging shows: findings, and deviations that were tolerated, each by its rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DictionaryVerdict {
    pub findings: Vec<Finding>,
    pub normalised: Vec<Normalised>,
}

impl Dictionaries {
    /// ETSI's base file and the EU profile. Read once: they are longer than most messages.
    pub fn with_eu_profile() -> Dictionaries {
        static READ: LazyLock<Dictionaries> = LazyLock::new(Dictionaries::read_both);
        READ.clone()
    }

    fn read_both() -> Dictionaries {
        let mut all = Dictionaries { entries: BTreeMap::new(), formats: BTreeSet::new() };
        for file in [BASE, EU_PROFILE] {
            // A test reads both files; a broken one would leave its entries unknown, which refuses.
            if let Ok(file) = read_file(file) {
                all.add_file(&file);
            }
        }
        all
    }

    /// A further profile, in the format of ETSI's file.
    pub fn add_profile(&mut self, xml: &str) -> Result<(), Refusal> {
        self.add_file(&read_file(xml)?);
        Ok(())
    }

    fn add_file(&mut self, file: &DictionaryFile) {
        for dictionary in file.dictionaries.iter() {
            self.add(dictionary);
        }
    }

    fn add(&mut self, dictionary: &super::config::Dictionary) {
        let key = (dictionary.owner.as_str().to_owned(), dictionary.name.as_str().to_owned());
        let values = dictionary.entries.entries.iter().map(|entry| entry.value.as_str().to_owned());
        self.entries.entry(key).or_default().extend(values);
    }

    /// What a provider's configuration defines. Its own dictionaries only: nobody redefines ETSI's.
    pub fn add_config(&mut self, config: &CspConfig) {
        for dictionary in config.dictionaries.iter().flat_map(|all| &all.dictionaries) {
            if !OFFICIAL.contains(&dictionary.owner.as_str()) {
                self.add(dictionary);
            }
        }
        for formats in config.formats.iter().filter(|formats| !OFFICIAL.contains(&formats.owner.as_str())) {
            let names = formats.entries.entries.iter().map(|entry| entry.name.as_str().to_owned());
            self.formats.extend(names.map(|name| (formats.owner.as_str().to_owned(), name)));
        }
    }

    /// The number of dictionaries and of values in them.
    pub fn count(&self) -> (usize, usize) {
        (self.entries.len(), self.entries.values().map(BTreeSet::len).sum())
    }

    fn has(&self, owner: &str, name: &str, value: &str) -> bool {
        self.entries.get(&(owner.to_owned(), name.to_owned())).is_some_and(|values| values.contains(value))
    }

    /// Judges everything below `root`.
    pub fn judge(&self, root: &Element) -> DictionaryVerdict {
        let mut judge = Judge { known: self, verdict: DictionaryVerdict::default(), path: Vec::new() };
        judge.element(root, "");
        judge.verdict
    }
}

/// Owners that no provider may define anything for.
const OFFICIAL: [&str; 2] = ["ETSI", "EU"];

fn read_file(xml: &str) -> Result<DictionaryFile, Refusal> {
    let root = read_xml(xml.as_bytes())?;
    let mut reader = Reader::default();
    let file = DictionaryFile::read_fields(&mut Fields::of(&root), &mut reader);
    file.ok_or_else(|| reader.findings.first().cloned().unwrap_or_else(|| Refusal::new(Rule::NotThisFormat, root.at, "")))
}

struct Judge<'a> {
    known: &'a Dictionaries,
    verdict: DictionaryVerdict,
    path: Vec<String>,
}

/// STD-31: (object, field, dictionaries of its values). `""`: outside of any object.
const FIELDS: &[(&str, &str, &[&str])] = &[
    ("AuthorisationObject", "AuthorisationLegalType", &["AuthorisationLegalType", "EPOCLegalType"]),
    ("AuthorisationObject", "AuthorisationPriority", &["AuthorisationPriority", "EPOCPriority"]),
    ("AuthorisationObject", "AuthorisationStatus", &["AuthorisationStatus"]),
    ("AuthorisationObject", "AuthorisationDesiredStatus", &["AuthorisationDesiredStatus"]),
    ("AuthorisationObject", "AuthorisationFlag", &["AuthorisationFlag", "EPOCAuthorisationFlag"]),
    ("AuthorisationObject", "AuthorisationTypeOfCase", &["AuthorisationTypeOfCase"]),
    ("DocumentObject", "DocumentStatus", &["DocumentStatus"]),
    ("DocumentObject", "DocumentDesiredStatus", &["DocumentDesiredStatus"]),
    ("DocumentObject", "DocumentType", &["DocumentType", "EPOCDocumentType"]),
    ("NotificationObject", "NotificationType", &["NotificationType", "EPOCNotificationType"]),
    ("NotificationObject", "Status", &["AuthorisationStatus", "DocumentStatus", "LDTaskStatus", "LPTaskStatus", "DeliveryStatus"]),
    ("LDTaskObject", "Status", &["LDTaskStatus"]),
    ("LDTaskObject", "DesiredStatus", &["LDTaskDesiredStatus"]),
    ("LDTaskObject", "Type", &["RequestType"]),
    ("LDTaskObject", "LDHandoverFormat", &["LDHandoverFormat"]),
    ("LDTaskObject", "LDTaskFlag", &["LDTaskFlag"]),
    ("LPTaskObject", "Status", &["LPTaskStatus"]),
    ("LPTaskObject", "DesiredStatus", &["LPTaskDesiredStatus"]),
    ("LPTaskObject", "Type", &["RequestType"]),
    ("DeliveryObject", "Specification", &["ManifestSpecification"]),
    ("DeliveryObject", "DeliveryStatus", &["DeliveryStatus"]),
    ("DeliveryObject", "DeliveryDesiredStatus", &["DeliveryDesiredStatus"]),
    ("", "ObjectType", &["ObjectType"]),
    ("", "LPWorkflowEndpoint", &["LPWorkflowEndpoint"]),
    ("", "LIWorkflowEndpoint", &["LIWorkflowEndpoint"]),
];

impl Judge<'_> {
    fn element(&mut self, element: &Element, object: &str) {
        let own = super::codec::type_name(element).map(|name| name.local);
        let object = own.as_deref().unwrap_or(object);
        self.path.push(element.name.local.clone());
        let field = |local: &str| element.elements().find(|child| child.name.local == local).and_then(Element::text);
        if let [Some(owner), Some(name), Some(value)] = ["Owner", "Name", "Value"].map(field)
            && element.elements().all(|child| child.name.space == names::COMMON)
        {
            self.entry(element, object, [&owner, &name, &value]);
        } else if let (Some(owner), Some(name)) = (field("FormatOwner"), field("FormatName")) {
            self.format(element, &owner, &name, None);
        }
        for child in element.elements() {
            self.element_with_value(child, object, element);
        }
        self.path.pop();
    }

    /// A `FormatType` is judged together with the `Value` beside it.
    fn element_with_value(&mut self, child: &Element, object: &str, parent: &Element) {
        let value = parent.child("Value").and_then(Element::text).filter(|_| child.name.local == "FormatType");
        match value {
            Some(value) => {
                let field = |local: &str| child.child(local).and_then(Element::text).unwrap_or_default();
                self.path.push(child.name.local.clone());
                self.format(child, &field("FormatOwner"), &field("FormatName"), Some(value));
                self.path.pop();
            }
            None => self.element(child, object),
        }
    }

    fn find(&mut self, rule: Rule, element: &Element, was: &str) {
        let path = self.path.iter().map(|part| format!("/{part}")).collect();
        self.verdict.findings.push(Finding { path, ..Refusal::new(rule, element.at, was) });
    }

    fn normalise(&mut self, rule: &'static str, element: &Element, was: &str, now: &str) {
        let path: String = self.path.iter().map(|part| format!("/{part}")).collect();
        let place = Place::new(element.at.line, element.at.column, path);
        self.verdict.normalised.push(Normalised { rule, was: was.to_owned(), now: now.to_owned(), place });
    }

    fn entry(&mut self, element: &Element, object: &str, [owner, name, value]: [&str; 3]) {
        let was = format!("{owner}/{name}/{value}");
        let (mut owner, mut name) = (owner, name);
        if name == "AuthorisationDesiredSatus" {
            name = "AuthorisationDesiredStatus";
            self.normalise("STD-60", element, &was, name);
        }
        if object == "LPTaskObject" && element.name.local == "DesiredStatus" && name == "LDTaskDesiredStatus" {
            name = "LPTaskDesiredStatus";
            self.normalise("STD-61", element, &was, name);
        }
        if owner == "ETSI" && name.starts_with("EPOC") {
            owner = "EU";
            self.normalise("STD-65", element, &was, owner);
        }
        let value = match SUBTYPE_ALIASES.iter().find(|(text, _)| name == "EPOCRequestSubtype" && *text == value) {
            Some((_, alias)) => {
                self.normalise("STD-64", element, &was, alias);
                alias
            }
            None => value,
        };
        if !self.known.has(owner, name, value) {
            self.find(Rule::UnknownEntry, element, &was);
        } else if let Some((_, _, dictionaries)) = FIELDS.iter().find(|(of, field, _)| *of == object && *field == element.name.local)
            && !dictionaries.contains(&name)
        {
            self.find(Rule::WrongDictionary, element, &was);
        }
    }

    fn format(&mut self, element: &Element, owner: &str, name: &str, value: Option<String>) {
        let mut name = name;
        if let Some((was, now)) = FORMAT_ALIASES.iter().find(|(alias, _)| owner == "ETSI" && *alias == name) {
            self.normalise("STD-62", element, was, now);
            name = now;
        }
        if owner == "ETSI" {
            match (etsi_format(name), value) {
                (None, _) => self.find(Rule::UnknownFormat, element, &format!("{owner}/{name}")),
                (Some(check), Some(value)) if !check(&value) => self.find(Rule::NotOfItsFormat, element, &format!("{name}: {value}")),
                _ => {}
            }
        } else if !self.known.formats.contains(&(owner.to_owned(), name.to_owned())) {
            self.find(Rule::UnknownFormat, element, &format!("{owner}/{name}"));
        }
    }
}

/// STD-64: the form's own words where ETSI's values belong.
pub(crate) const SUBTYPE_ALIASES: &[(&str, &str)] = &[
    ("USER_INFORMATION", "UserInformation"),
    ("REGISTRATION_INFORMATION", "RegistrationInformation"),
    ("TYPE_OF_SERVICE_INFORMATION", "TypeOfServiceInformation"),
    ("PROFILE_INFORMATION", "ProfileInformation"),
    ("VALIDATION_OF_USE_OF_SERVICE_INFORMATION", "DataOnValidationOfUse"),
    ("DEBIT_OR_CREDIT_CARD_INFORMATION", "DebitOrCreditCardInformation"),
    ("PUK_CODES_INFORMATION", "PUKCodes"),
    ("OTHER", "SubscriberDataOther"),
];
