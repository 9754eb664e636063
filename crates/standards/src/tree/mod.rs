//! The small tree that outside XML and JSON are read into, once and strictly (docs/spec/standards-in.md section 1).
//!
//! One tree for both spellings: TS 103 120 defines JSON as the XML's elements with their prefixes. Every element keeps its
//! position, so that a finding can be shown in the source.

mod json_read;
mod json_write;
mod limits;
mod xml_read;
mod xml_strict;
mod xml_write;

pub use json_read::read_json;
pub use json_write::write_json;
pub use limits::{ATTRIBUTES_MAX, BYTES_MAX, DEPTH_MAX, ELEMENTS_MAX, NAMESPACES_MAX, read_bounded};
pub(crate) use limits::{ESCAPES_MAX, TAG_MAX, too_many_references, with_line_feeds};
pub use xml_read::read_xml;
pub(crate) use xml_strict::{Misdeclared, breach, declaration};
pub use xml_write::{escape_text, write_xml};

/// Where something stands in the source, both from 1; columns count characters. 0:0: made by a program, never in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A name as XML means it. Prefixes are spelling, kept only so that what is not ours is written as it came.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub space: String,
    pub local: String,
}

impl Name {
    pub fn new(space: &str, local: &str) -> Name {
        Name { space: space.to_owned(), local: local.to_owned() }
    }
    pub fn is(&self, space: &str, local: &str) -> bool {
        self.local == local && self.space == space
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: Name,
    pub value: String,
}

/// What JSON says beyond XML. Elements read from XML have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonForm {
    pub scalar: Scalar,
    /// The element is one of an array: the schema lets it repeat.
    pub listed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    Text,
    Number,
    Boolean,
    Object,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

#[derive(Clone, Debug)]
pub struct Element {
    pub name: Name,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
    pub at: Position,
    pub json: Option<JsonForm>,
    /// Prefixes declared here, as they came: opaque parts may use them in values (`type="xs:string"`).
    pub declared: Vec<(String, String)>,
}

/// Equal meaning: positions, prefixes and what JSON adds are spelling.
impl PartialEq for Element {
    fn eq(&self, other: &Element) -> bool {
        self.name == other.name && self.attributes == other.attributes && self.children == other.children
    }
}
impl Eq for Element {}

impl Element {
    pub fn new(space: &str, local: &str) -> Element {
        Element {
            name: Name::new(space, local),
            attributes: Vec::new(),
            children: Vec::new(),
            at: Position::default(),
            json: None,
            declared: Vec::new(),
        }
    }

    pub fn with_text(space: &str, local: &str, text: &str) -> Element {
        let mut element = Element::new(space, local);
        element.children.push(Node::Text(text.to_owned()));
        element
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child of this local name, whatever its namespace: for formats whose namespaces differ between versions.
    pub fn child(&self, local: &str) -> Option<&Element> {
        self.elements().find(|element| element.name.local == local)
    }

    /// The text of an element without child elements.
    pub fn text(&self) -> Option<String> {
        let mut text = String::new();
        for node in &self.children {
            match node {
                Node::Text(part) => text.push_str(part),
                Node::Element(_) => return None,
            }
        }
        Some(text)
    }

    pub fn attribute(&self, space: &str, local: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name.is(space, local)).map(|attribute| attribute.value.as_str())
    }

    /// This element and all below it, in document order.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Element)) {
        visit(self);
        for child in self.elements() {
            child.walk(visit);
        }
    }
}
