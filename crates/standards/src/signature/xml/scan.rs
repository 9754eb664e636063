//! Limits before parsing (SIG-01) and what XML may not have here (SIG-03).
//!
//! The tree takes a multiple of the document, and three shapes cost more than their length: nesting, many attributes on one
//! element, many namespaces in scope. They are counted on the text, before anything is allocated.

use crate::signature::{DOCUMENT_MAX, Refusal};
use crate::tree::{BYTES_MAX, Misdeclared, TAG_MAX, breach, declaration, too_many_references};
use roxmltree::{Document, Node, ParsingOptions};

/// What a document may have at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    octets: usize,
    nodes: usize,
    /// `&amp;` and the like as the reader counts them (STD-06): no nodes, but resolving millions of them costs more than their length.
    few_references: bool,
    /// Namespace declarations. Resolving costs declarations times those in scope.
    declarations: usize,
}

impl Limits {
    /// An order: as long and with as many references as its reader takes (STD-01, STD-06), 100,000 elements, texts and attributes. The tree is then below 20 MiB.
    pub const ORDER: Limits = Limits { octets: BYTES_MAX, nodes: 100_000, few_references: true, declarations: 4096 };
    /// A trusted list, from a pinned operator: the largest national ones have some 10 MB.
    pub const TRUSTED_LIST: Limits = Limits { octets: DOCUMENT_MAX, nodes: 1_000_000, few_references: false, declarations: 65_536 };

    /// A canonical form is about as long as its document; a text of `>` alone is four times as long.
    fn canonical(self) -> usize {
        self.octets + CANONICAL_GROWTH_MAX
    }
}

/// What a canonical form may be longer than the longest document.
const CANONICAL_GROWTH_MAX: usize = 8 * 1024 * 1024;
const DEPTH_MAX: usize = 64;
const ATTRIBUTES_MAX: usize = 64;
const IN_SCOPE_MAX: usize = 128;

const NOT_WELL_FORMED: Refusal = Refusal::Form { what: "not well-formed XML" };

/// A document within the limits, with its text.
pub struct Parsed<'a> {
    pub text: &'a str,
    pub tree: Document<'a>,
    /// Octets of a canonical form of a part of it.
    pub canonical_max: usize,
}

/// A document whose tree is affordable.
pub struct Counted<'a> {
    text: &'a str,
    limits: Limits,
    /// More namespace declarations than a usual few, so scopes are worth a look.
    has_declarations: bool,
}

impl<'a> Counted<'a> {
    /// Refuses SIG-01 (limits) and SIG-03 (document type, processing instruction, another encoding).
    pub fn new(bytes: &'a [u8], limits: Limits) -> Result<Counted<'a>, Refusal> {
        if limits.octets < bytes.len() {
            return Err(Refusal::Size { what: "document" });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::Forbidden { what: "an encoding other than UTF-8" })?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        Ok(Counted { text, limits, has_declarations: count(text, limits)? })
    }

    /// A name has one spelling in XML: where this does not stand nothing is signed, and no tree is built to look for it.
    pub fn may_be_signed(&self) -> bool {
        memchr::memmem::find(self.text.as_bytes(), b"Signature").is_some()
    }
}

impl<'a> Parsed<'a> {
    /// Refuses what [`Counted::new`] refuses, and SIG-02 (not well-formed).
    pub fn parse(bytes: &'a [u8], limits: Limits) -> Result<Parsed<'a>, Refusal> {
        Parsed::of(Counted::new(bytes, limits)?)
    }

    pub fn of(counted: Counted<'a>) -> Result<Parsed<'a>, Refusal> {
        let Counted { text, limits, has_declarations } = counted;
        let options = ParsingOptions { allow_dtd: false, nodes_limit: limits.nodes as u32 + 1, ..ParsingOptions::default() };
        let tree = Document::parse_with_options(text, options).map_err(|_| NOT_WELL_FORMED)?;
        if breach(text).is_some() {
            return Err(NOT_WELL_FORMED);
        }
        let parsed = Parsed { text, tree, canonical_max: limits.canonical() };
        if has_declarations && parsed.elements().any(|node| IN_SCOPE_MAX < node.namespaces().len()) {
            return Err(Refusal::Size { what: "namespaces" });
        }
        Ok(parsed)
    }

    fn elements(&self) -> impl Iterator<Item = Node<'_, 'a>> {
        self.tree.descendants().filter(Node::is_element)
    }

    /// May the element declare namespaces? A value that only looks like it costs time, nothing else.
    pub fn has_declaration(&self, node: Node<'_, 'a>) -> bool {
        start_tag(self.text, node.range().start).contains("xmlns")
    }

    /// The prefix of an element, which the tree does not keep.
    pub fn prefix(&self, node: Node<'_, 'a>) -> &'a str {
        let name = self.text.get(node.range().start + 1..).unwrap_or("");
        let end = name.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>').unwrap_or(0);
        name.get(..end).and_then(|name| name.split_once(':')).map_or("", |(prefix, _)| prefix)
    }
}

/// From `<` to its `>`; quotes may hide a `>`. A tag without its end within 256 KiB comes back without it.
fn start_tag(text: &str, at: usize) -> &str {
    let tag = text.get(at..).unwrap_or("");
    let mut quote = None;
    for (place, byte) in tag.bytes().enumerate().take(TAG_MAX) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None, b'>') => return tag.get(..=place).unwrap_or(tag),
            _ => {}
        }
    }
    tag
}

/// Counts before parsing. True: there are namespace declarations beyond a usual few, so scopes are worth a look.
fn count(text: &str, limits: Limits) -> Result<bool, Refusal> {
    let has_too_many = if limits.few_references {
        too_many_references(text.as_bytes()).is_some()
    } else {
        limits.nodes < memchr::memchr_iter(b'&', text.as_bytes()).count()
    };
    if has_too_many {
        return Err(Refusal::Size { what: "references" });
    }
    let (mut depth, mut nodes, mut declarations) = (0usize, 0usize, 0usize);
    let mut at = declaration(text).map_err(|fault| match fault {
        Misdeclared::Form => NOT_WELL_FORMED,
        Misdeclared::Version => Refusal::Forbidden { what: "a version other than XML 1.0" },
        Misdeclared::Encoding => Refusal::Forbidden { what: "an encoding other than UTF-8" },
    })?;
    while let Some(open) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr(b'<', rest)) {
        at += open;
        let rest = text.get(at..).unwrap_or("");
        nodes += 2; // an element, end or comment, and perhaps a text before it
        if limits.nodes < nodes {
            return Err(Refusal::Size { what: "elements" });
        }
        if let Some(end) = skipped(rest)? {
            at += end;
            continue;
        }
        let tag = start_tag(text, at);
        if TAG_MAX < tag.len() {
            return Err(Refusal::Size { what: "a tag" });
        }
        at += tag.len();
        if tag.starts_with("</") {
            depth = depth.saturating_sub(1);
            nodes -= 1;
            continue;
        }
        let attributes = tag.bytes().filter(|b| *b == b'=').count();
        // A value may hold `=`; base64 in attributes is not worth a second tokenizer.
        if ATTRIBUTES_MAX < attributes {
            return Err(Refusal::Size { what: "attributes" });
        }
        declarations += tag.matches("xmlns").count();
        nodes += attributes;
        if !tag.ends_with("/>") {
            depth += 1;
        }
        if DEPTH_MAX < depth {
            return Err(Refusal::Size { what: "depth" });
        }
        if limits.nodes < nodes || limits.declarations < declarations {
            return Err(Refusal::Size { what: "elements" });
        }
    }
    Ok(IN_SCOPE_MAX < declarations)
}

/// Length of a comment or CDATA section that stands here. Refuses what is forbidden.
fn skipped(rest: &str) -> Result<Option<usize>, Refusal> {
    for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>")] {
        if let Some(inside) = rest.strip_prefix(open) {
            let end = inside.find(close).ok_or(NOT_WELL_FORMED)?;
            return Ok(Some(open.len() + end + close.len()));
        }
    }
    if rest.starts_with("<!") {
        return Err(Refusal::Forbidden { what: "a document type" });
    }
    if rest.starts_with("<?") {
        // xml-stylesheet would let one document be shown as another.
        return Err(Refusal::Forbidden { what: "a processing instruction" });
    }
    Ok(None)
}
