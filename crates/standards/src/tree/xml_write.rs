//! XML with one spelling: declared prefixes on the root, four spaces of indentation, LF.

use super::{Element, Node};
use std::fmt::Write as _;

/// `prefixes` are declared on the root; the empty prefix is the default namespace. Elements of other namespaces declare
/// themselves.
pub fn write_xml(root: &Element, prefixes: &[(&str, &str)]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let scope: Vec<(String, String)> = prefixes.iter().map(|(prefix, space)| ((*prefix).to_owned(), (*space).to_owned())).collect();
    let mut writer = Writer { out: &mut out, made: 0 };
    writer.element(root, &Scope { known: vec![("xml".to_owned(), XML.to_owned())], fresh: scope }, 0, true);
    out.push('\n');
    out
}

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

struct Writer<'a> {
    out: &'a mut String,
    made: usize,
}

struct Scope {
    known: Vec<(String, String)>,
    /// To be declared on the next element.
    fresh: Vec<(String, String)>,
}

impl Writer<'_> {
    fn element(&mut self, element: &Element, scope: &Scope, depth: usize, laid_out: bool) {
        let mut known = scope.known.clone();
        let mut declared: Vec<(String, String)> = Vec::new();
        for (prefix, space) in scope.fresh.iter().chain(&element.declared) {
            if lookup(&known, prefix) != Some(space.as_str()) && !(prefix.is_empty() && space.is_empty() && lookup(&known, "").is_none()) {
                declared.retain(|(other, _)| other != prefix);
                declared.push((prefix.clone(), space.clone()));
                known.push((prefix.clone(), space.clone()));
            }
        }
        let name = self.qualified(&element.name.space, &element.name.local, &mut known, &mut declared, true);
        let mut attributes = String::new();
        for attribute in &element.attributes {
            let name = self.qualified(&attribute.name.space, &attribute.name.local, &mut known, &mut declared, false);
            // The tree says `{namespace}Name`, as JSON spells it; XML wants a declared prefix.
            // A namespace may have braces of its own, a name has none.
            let braced = attribute.value.strip_prefix('{').and_then(|rest| rest.rsplit_once('}'));
            let value = match braced.filter(|_| attribute.name.is(XSI, "type")) {
                Some((space, local)) => self.qualified(space, local, &mut known, &mut declared, false),
                None => attribute.value.clone(),
            };
            let _ = write!(attributes, " {name}=\"{}\"", escape_attribute(&value));
        }
        let _ = write!(self.out, "<{name}");
        for (prefix, space) in &declared {
            let colon = if prefix.is_empty() { "" } else { ":" };
            let _ = write!(self.out, " xmlns{colon}{prefix}=\"{}\"", escape_attribute(space));
        }
        self.out.push_str(&attributes);
        if element.children.is_empty() {
            self.out.push_str("/>");
            return;
        }
        self.out.push('>');
        // Text beside elements (opaque parts only) is meaning: no layout there.
        let laid_out = laid_out && !element.children.iter().any(|node| matches!(node, Node::Text(_)));
        let below = Scope { known, fresh: Vec::new() };
        for node in &element.children {
            match node {
                Node::Text(text) => self.out.push_str(&escape_text(text)),
                Node::Element(child) => {
                    self.break_line(laid_out, depth + 1);
                    self.element(child, &below, depth + 1, laid_out);
                }
            }
        }
        self.break_line(laid_out, depth);
        let _ = write!(self.out, "</{name}>");
    }

    fn break_line(&mut self, laid_out: bool, depth: usize) {
        if laid_out {
            let _ = write!(self.out, "\n{:1$}", "", 4 * depth);
        }
    }

    /// `prefix:local`; an unknown namespace gets a prefix of its own. Attributes without one have no namespace.
    fn qualified(
        &mut self,
        space: &str,
        local: &str,
        known: &mut Vec<(String, String)>,
        declared: &mut Vec<(String, String)>,
        is_element: bool,
    ) -> String {
        if space.is_empty() && !is_element {
            return local.to_owned();
        }
        let usable = |prefix: &str| (is_element || !prefix.is_empty()) && lookup(known, prefix) == Some(space);
        if let Some(prefix) = known.iter().rev().map(|(prefix, _)| prefix).find(|prefix| usable(prefix)) {
            return if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") };
        }
        if space.is_empty() {
            if lookup(known, "").is_some_and(|outer| !outer.is_empty()) {
                declared.push((String::new(), String::new()));
                known.push((String::new(), String::new()));
            }
            return local.to_owned();
        }
        // One of ours may be a prefix of theirs.
        let prefix = loop {
            self.made += 1;
            let prefix = format!("ns{}", self.made);
            if lookup(known, &prefix).is_none() {
                break prefix;
            }
        };
        declared.push((prefix.clone(), space.to_owned()));
        known.push((prefix.clone(), space.to_owned()));
        format!("{prefix}:{local}")
    }
}

fn lookup<'a>(known: &'a [(String, String)], prefix: &str) -> Option<&'a str> {
    known.iter().rev().find(|(name, _)| name == prefix).map(|(_, space)| space.as_str())
}

pub fn escape_text(text: &str) -> String {
    escape(text, false)
}
fn escape_attribute(text: &str) -> String {
    escape(text, true)
}

/// A carriage return as it is would be read as a line feed, and white space in attributes as spaces.
fn escape(text: &str, in_attribute: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' if in_attribute => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
