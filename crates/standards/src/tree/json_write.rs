//! The tree as TS 103 120 writes it in JSON. Members stand in the order of the schema, which readers may ignore.

use super::{Element, JsonForm, Scalar};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `prefixes` become `"@xmlns"` members; the empty prefix is the root's namespace. An element of a namespace without a
/// prefix cannot be written: `None`, for parts that only XML can carry.
pub fn write_json(root: &Element, prefixes: &[(&str, &str)]) -> Option<String> {
    let mut out = String::from("{");
    for (prefix, space) in prefixes {
        let colon = if prefix.is_empty() { "" } else { ":" };
        let _ = write!(out, "\n  {}: {},", quoted(&format!("@xmlns{colon}{prefix}")), quoted(space));
    }
    members(root, prefixes, 1, &mut out)?;
    if root.children.is_empty() {
        out.pop();
    }
    out.push_str("\n}\n");
    Some(out)
}

fn members(element: &Element, prefixes: &[(&str, &str)], depth: usize, out: &mut String) -> Option<()> {
    let mut separator = "";
    for attribute in &element.attributes {
        if attribute.name.local != "type" {
            return None;
        }
        indent(out, separator, depth);
        let _ = write!(out, "\"@xsi:type\": {}", quoted(&attribute.value));
        separator = ",";
    }
    // Members by name in order of first appearance: a name that repeats is one array.
    let mut order: Vec<String> = Vec::new();
    let mut grouped: BTreeMap<String, Vec<&Element>> = BTreeMap::new();
    for child in element.elements() {
        let (prefix, _) = prefixes.iter().find(|(_, space)| *space == child.name.space)?;
        let name = if prefix.is_empty() { child.name.local.clone() } else { format!("{prefix}:{}", child.name.local) };
        if !grouped.contains_key(&name) {
            order.push(name.clone());
        }
        grouped.entry(name).or_default().push(child);
    }
    for name in order {
        indent(out, separator, depth);
        separator = ",";
        let children = &grouped[&name];
        let _ = write!(out, "{}: ", quoted(&name));
        // Opaque parts read from XML do not say what may repeat; what does, is a list.
        let listed = 1 < children.len() || children.iter().any(|child| child.json.is_some_and(|form| form.listed));
        if !listed {
            value(children.first()?, prefixes, depth, out)?;
            continue;
        }
        out.push('[');
        for (number, child) in children.iter().enumerate() {
            indent(out, if number == 0 { "" } else { "," }, depth + 1);
            value(child, prefixes, depth + 1, out)?;
        }
        indent(out, "", depth);
        out.push(']');
    }
    Some(())
}

fn value(element: &Element, prefixes: &[(&str, &str)], depth: usize, out: &mut String) -> Option<()> {
    let scalar = element.json.map(|JsonForm { scalar, .. }| scalar);
    let text = element.text().filter(|_| scalar != Some(Scalar::Object) && element.attributes.is_empty());
    match text {
        Some(text) if matches!(scalar, Some(Scalar::Number | Scalar::Boolean)) => out.push_str(&text),
        Some(text) => out.push_str(&quoted(&text)),
        None => {
            out.push('{');
            let before = out.len();
            members(element, prefixes, depth + 1, out)?;
            if before < out.len() {
                indent(out, "", depth);
            }
            out.push('}');
        }
    }
    Some(())
}

fn indent(out: &mut String, separator: &str, depth: usize) {
    let _ = write!(out, "{separator}\n{:1$}", "", 2 * depth);
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
