//! The one spelling of a JSON line. Hand-written: this crate takes no parser, and writing needs none.

use std::collections::BTreeMap;

use super::field::Shown;

/// Characters that change what a person or a terminal sees without being seen: controls (C0, DEL, C1), line and
/// paragraph separators, zero-width and bidirectional marks.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// Appends a JSON string. `"` and `\` take a backslash; every hidden character is `\uXXXX` in lower-case hex (no short
/// forms such as `\n`); all else stands as it is. So the value stays raw for every reader and harmless for every
/// terminal (T31). All hidden characters lie in the basic plane: no surrogate pairs.
pub fn push_json_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if is_hidden(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

pub(super) fn push_list(out: &mut String, items: &[String]) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push_json_text(out, item);
    }
    out.push(']');
}

/// Appends `{"a":1,"b":"x"}`. The map is sorted by octets, and so are the keys.
pub(super) fn push_object(out: &mut String, fields: &BTreeMap<String, Shown>) {
    out.push('{');
    for (at, (key, value)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push_json_text(out, key);
        out.push(':');
        match value {
            Shown::Text(text) => push_json_text(out, text),
            Shown::Number(n) => out.push_str(&n.to_string()),
            Shown::Flag(yes) => out.push_str(if *yes { "true" } else { "false" }),
            Shown::List(items) => push_list(out, items),
        }
    }
    out.push('}');
}
