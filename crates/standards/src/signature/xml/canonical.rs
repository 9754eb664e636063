//! Canonical XML 1.0 and 1.1 and Exclusive XML Canonicalization 1.0, without comments, of whole subtrees.
//!
//! Only what signatures over whole elements need: no document subsets by XPath, no processing instructions (SIG-03), no
//! `xml:base` of ancestors (SIG-13). Judged by xmllint and xmlsec1 in `interop/signatures.sh`.

use super::Parsed;
use crate::signature::Refusal;
use roxmltree::{Node, NodeId};
use std::collections::BTreeMap;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Which canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    Inclusive10,
    Inclusive11,
    /// With the prefixes that are treated as in the inclusive form; the default namespace is `""`.
    Exclusive(Vec<String>),
}

/// Octets written so far.
pub struct Canonical<'p, 'a> {
    source: &'p Parsed<'a>,
    method: &'p Method,
    /// Subtrees that are left out: the signature itself.
    without: &'p [NodeId],
    out: Vec<u8>,
}

/// Prefix to namespace, as already written around an element.
type Rendered<'a> = BTreeMap<&'a str, &'a str>;

impl<'p, 'a> Canonical<'p, 'a> {
    /// The canonical form of the subtree of `top`. Refuses SIG-01 (much longer than a document may be) and SIG-13 (`xml:base`).
    pub fn of(source: &'p Parsed<'a>, top: Node<'p, 'a>, method: &'p Method, without: &'p [NodeId]) -> Result<Vec<u8>, Refusal> {
        let mut writer = Canonical { source, method, without, out: Vec::with_capacity(top.range().len()) };
        writer.element(top, &Rendered::new(), true)?;
        Ok(writer.out)
    }

    fn element(&mut self, node: Node<'p, 'a>, around: &Rendered<'p>, is_top: bool) -> Result<(), Refusal> {
        self.check_size()?;
        let prefix = self.source.prefix(node);
        let name = qualified(prefix, node.tag_name().name());
        self.out.push(b'<');
        self.out.extend(name.bytes());
        let rendered = self.namespaces(node, prefix, around, is_top);
        self.attributes(node, is_top)?;
        self.out.push(b'>');
        let inside = rendered.as_ref().unwrap_or(around);
        for child in node.children() {
            if child.is_element() && !self.without.contains(&child.id()) {
                self.element(child, inside, false)?;
            } else if child.is_text() {
                self.escape(child.text().unwrap_or(""), false);
                self.check_size()?;
            }
        }
        self.out.extend(b"</");
        self.out.extend(name.bytes());
        self.out.push(b'>');
        Ok(())
    }

    fn check_size(&self) -> Result<(), Refusal> {
        if self.source.canonical_max < self.out.len() { Err(Refusal::Size { what: "canonical form" }) } else { Ok(()) }
    }

    /// Writes the declarations that are not in force around the element. None: nothing new.
    fn namespaces(&mut self, node: Node<'p, 'a>, prefix: &'a str, around: &Rendered<'p>, is_top: bool) -> Option<Rendered<'p>> {
        let mut wanted: Rendered<'p> = BTreeMap::new();
        match self.method {
            Method::Inclusive10 | Method::Inclusive11 => {
                if !is_top && !self.source.has_declaration(node) {
                    return None;
                }
                wanted.extend(node.namespaces().map(|ns| (ns.name().unwrap_or(""), ns.uri())));
            }
            Method::Exclusive(listed) => {
                wanted.insert(prefix, node.lookup_namespace_uri((!prefix.is_empty()).then_some(prefix)).unwrap_or(""));
                for attribute in node.attributes() {
                    if let (Some(uri), Some((prefix, _))) = (attribute.namespace(), self.written_name(&attribute).split_once(':')) {
                        wanted.insert(prefix, uri);
                    }
                }
                let is_listed = |name: &str| listed.iter().any(|l| l == name);
                if !listed.is_empty() && (is_top || self.source.has_declaration(node)) {
                    let in_scope = node.namespaces().map(|ns| (ns.name().unwrap_or(""), ns.uri()));
                    wanted.extend(in_scope.filter(|(name, _)| is_listed(name)));
                }
            }
        }
        wanted.retain(|name, uri| *name != "xml" && around.get(name).copied().unwrap_or("") != *uri);
        if wanted.is_empty() {
            return None;
        }
        let mut rendered = around.clone();
        for (name, uri) in wanted {
            self.out.extend(if name.is_empty() { b" xmlns".to_vec() } else { format!(" xmlns:{name}").into_bytes() });
            self.out.extend(b"=\"");
            self.escape(uri, true);
            self.out.push(b'"');
            rendered.insert(name, uri);
        }
        Some(rendered)
    }

    /// By its end in the text: the tree counts no more than 65,535 octets of a name.
    fn written_name(&self, attribute: &roxmltree::Attribute<'p, 'a>) -> &'a str {
        let from = self.source.text.get(attribute.range().start..).unwrap_or("");
        from.split(|c: char| c == '=' || c.is_ascii_whitespace()).next().unwrap_or("")
    }

    fn attributes(&mut self, node: Node<'p, 'a>, is_top: bool) -> Result<(), Refusal> {
        // (namespace, local name) -> (name as written, value)
        let mut sorted: BTreeMap<(&str, &str), (String, &str)> = BTreeMap::new();
        if is_top {
            self.inherited(node, &mut sorted)?;
        }
        for attribute in node.attributes() {
            let written = self.written_name(&attribute).to_owned();
            sorted.insert((attribute.namespace().unwrap_or(""), attribute.name()), (written, attribute.value()));
        }
        for (name, value) in sorted.values() {
            self.out.push(b' ');
            self.out.extend(name.bytes());
            self.out.extend(b"=\"");
            self.escape(value, true);
            self.out.push(b'"');
        }
        Ok(())
    }

    /// The inclusive forms move `xml:` attributes of ancestors to the top element; 1.1 only `lang` and `space`.
    fn inherited(&self, top: Node<'p, 'a>, into: &mut BTreeMap<(&'p str, &'p str), (String, &'p str)>) -> Result<(), Refusal> {
        if matches!(self.method, Method::Exclusive(_)) {
            return Ok(());
        }
        for ancestor in top.ancestors().skip(1) {
            for attribute in ancestor.attributes().filter(|a| a.namespace() == Some(XML)) {
                match (self.method, attribute.name()) {
                    (Method::Inclusive11, "base") => return Err(Refusal::Transform { name: "xml:base above a signed part".to_owned() }),
                    (Method::Inclusive11, name) if name != "lang" && name != "space" => {}
                    (_, name) => {
                        into.entry((XML, name)).or_insert_with(|| (format!("xml:{name}"), attribute.value()));
                    }
                }
            }
        }
        Ok(())
    }

    fn escape(&mut self, text: &str, in_attribute: bool) {
        let mut rest = text;
        let is_special = |c: char| matches!(c, '&' | '<' | '\r') || if in_attribute { matches!(c, '"' | '\t' | '\n') } else { c == '>' };
        while let Some(at) = rest.find(is_special) {
            let (plain, from) = rest.split_at(at);
            self.out.extend(plain.bytes());
            let (special, behind) = from.split_at(1);
            self.out.extend(match special {
                "&" => b"&amp;".as_slice(),
                "<" => b"&lt;",
                ">" => b"&gt;",
                "\"" => b"&quot;",
                "\t" => b"&#x9;",
                "\n" => b"&#xA;",
                _ => b"&#xD;",
            });
            rest = behind;
            // What is past the limit is refused by the caller; no need to write it.
            if self.source.canonical_max < self.out.len() {
                return;
            }
        }
        self.out.extend(rest.bytes());
    }
}

fn qualified(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}:{name}") }
}
