//! Strict XML: no DTD, no entity beyond the five, no processing instruction, UTF-8, bounded (docs/spec/standards-in.md).

use super::limits::{self, Lines};
use super::{Attribute, DEPTH_MAX, Element, Name, Node, breach};
use crate::refusal::{Refusal, Rule};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The document's root. Comments are dropped; white space between elements too.
pub fn read_xml(bytes: &[u8]) -> Result<Element, Refusal> {
    let bytes = limits::with_line_feeds(bytes);
    let text = limits::as_text(&bytes)?;
    limits::scan_xml(text)?;
    let options = roxmltree::ParsingOptions { allow_dtd: false, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, options).map_err(|fault| refusal_of(&fault))?;
    if document.descendants().any(|node| node.is_pi()) {
        return Err(Refusal::new(Rule::ProcessingInstruction, super::Position::default(), ""));
    }
    let lines = Lines::new(text);
    if let Some(breach) = breach(text) {
        return Err(Refusal::new(Rule::NotWellFormed, lines.at(breach.at), breach.what));
    }
    build(document.root_element(), &lines, 1)
}

fn refusal_of(fault: &roxmltree::Error) -> Refusal {
    let place = fault.pos();
    let rule = match fault {
        roxmltree::Error::DtdDetected => Rule::Dtd,
        roxmltree::Error::UnknownEntityReference(..) | roxmltree::Error::EntityReferenceLoop(_) => Rule::Entity,
        roxmltree::Error::NodesLimitReached | roxmltree::Error::AttributesLimitReached | roxmltree::Error::NamespacesLimitReached => {
            Rule::TooMany
        }
        _ => Rule::NotWellFormed,
    };
    Refusal::new(rule, super::Position { line: place.row, column: place.col }, &fault.to_string())
}

fn build(node: roxmltree::Node<'_, '_>, lines: &Lines<'_>, depth: usize) -> Result<Element, Refusal> {
    let at = lines.at(node.range().start);
    if DEPTH_MAX < depth {
        return Err(Refusal::new(Rule::TooDeep, at, ""));
    }
    let mut element = Element::new(node.tag_name().namespace().unwrap_or(""), node.tag_name().name());
    element.at = at;
    for attribute in node.attributes() {
        let name = Name::new(attribute.namespace().unwrap_or(""), attribute.name());
        let value = if name.is(XSI, "type") { expanded(attribute.value(), node) } else { attribute.value().to_owned() };
        element.attributes.push(Attribute { name, value });
    }
    element.declared = declared(node);
    let has_elements = node.children().any(|child| child.is_element());
    for child in node.children() {
        if child.is_element() {
            element.children.push(Node::Element(build(child, lines, depth + 1)?));
        } else if let Some(text) = child.text().filter(|_| child.is_text()) {
            let is_layout = has_elements && text.bytes().all(|octet| octet.is_ascii_whitespace());
            if !is_layout {
                push_text(&mut element, text);
            }
        }
    }
    Ok(element)
}

/// The prefix of an `xsi:type` means what it means here, and nowhere else: `{namespace}Name`, as in JSON. Empty when the
/// value is no name with a known prefix, so that braces in XML cannot pose as the expanded form.
fn expanded(value: &str, node: roxmltree::Node<'_, '_>) -> String {
    let value = value.trim_matches([' ', '\t', '\n', '\r']);
    let (prefix, local) = value.split_once(':').map_or((None, value), |(prefix, local)| (Some(prefix), local));
    match node.lookup_namespace_uri(prefix).filter(|_| !local.is_empty() && !value.contains(['{', '}', ' '])) {
        Some(space) if !space.is_empty() => format!("{{{space}}}{local}"),
        // `xmlns=""` says the same as no declaration.
        _ => String::new(),
    }
}

/// A comment inside a value splits it in two for a parser; here it is one text again, so that `a<!-- -->b` cannot be read
/// as `a` by one program and as `ab` by another.
fn push_text(element: &mut Element, text: &str) {
    match element.children.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ => element.children.push(Node::Text(text.to_owned())),
    }
}

/// The prefixes that this element declares itself. Most declare none and share their parent's list, which is compared by
/// address: 20,000 elements times 64 namespaces would be slow by text.
fn declared(node: roxmltree::Node<'_, '_>) -> Vec<(String, String)> {
    let Some(parent) = node.parent_element() else {
        return node.namespaces().map(|space| (space.name().unwrap_or("").to_owned(), space.uri().to_owned())).collect();
    };
    let addresses = |of: roxmltree::Node<'_, '_>| of.namespaces().map(|space| std::ptr::from_ref(space).addr()).collect::<Vec<_>>();
    if addresses(node) == addresses(parent) {
        return Vec::new();
    }
    let is_new = |space: &&roxmltree::Namespace<'_>| parent.lookup_namespace_uri(space.name()) != Some(space.uri());
    node.namespaces().filter(is_new).map(|space| (space.name().unwrap_or("").to_owned(), space.uri().to_owned())).collect()
}
