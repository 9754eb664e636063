//! What XML 1.0 and Namespaces in XML 1.0 forbid and the parser lets pass (STD-04, SIG-02, SIG-03). Another program refuses
//! such a document or reads another one.

/// Where and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
}

/// What is wrong with an XML declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misdeclared {
    Form,
    Version,
    Encoding,
}

/// The length of the XML declaration, of version 1.0 and UTF-8, as XML 1.0 (2.8) spells it; 0 where there is none. The
/// parser reads no value in it, and takes any name that begins like the right one.
pub(crate) fn declaration(text: &str) -> Result<usize, Misdeclared> {
    let Some(mut rest) = text.strip_prefix("<?xml").filter(|rest| rest.starts_with(is_space)) else { return Ok(0) };
    let version = declared(&mut rest, "version").ok_or(Misdeclared::Form)?;
    let encoding = declared(&mut rest, "encoding");
    let standalone = declared(&mut rest, "standalone");
    let rest = rest.trim_start_matches(is_space).strip_prefix("?>").ok_or(Misdeclared::Form)?;
    if version != "1.0" {
        return Err(Misdeclared::Version);
    }
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("utf-8")) {
        return Err(Misdeclared::Encoding);
    }
    if standalone.is_some_and(|standalone| standalone != "yes" && standalone != "no") {
        return Err(Misdeclared::Form);
    }
    Ok(text.len() - rest.len())
}

/// Takes `name="value"` and the white space before it.
fn declared<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let from = rest.strip_prefix(is_space)?.trim_start_matches(is_space).strip_prefix(name)?;
    let (value, behind) = equals_value(from)?;
    *rest = behind;
    Some(value)
}

/// What stands between the quotes behind `=`, and what stands behind them.
fn equals_value(from: &str) -> Option<(&str, &str)> {
    let from = from.trim_start_matches(is_space).strip_prefix('=')?.trim_start_matches(is_space);
    let quote = from.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    from.get(1..)?.split_once(quote)
}

/// The first breach in a document that the parser took.
pub(crate) fn breach(text: &str) -> Option<Breach> {
    if text.starts_with('\u{feff}') {
        return Some(Breach { at: 0, what: "a second mark before the document" });
    }
    let mut from = 0;
    while let Some(at) = text.as_bytes().get(from..).and_then(|rest| memchr::memchr2(b'<', b'&', rest)).map(|place| from + place) {
        let rest = text.get(at..)?;
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>")].into_iter().find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = skipped {
            from = at + open.len() + memchr::memmem::find(rest.get(open.len()..)?.as_bytes(), close.as_bytes())?;
            continue;
        }
        if let Some(what) = of_reference(rest).or_else(|| of_tag(rest)) {
            return Some(Breach { at, what });
        }
        from = at + 1;
    }
    None
}

/// The parser puts U+FFFD where a reference names no character.
fn of_reference(rest: &str) -> Option<&'static str> {
    let (number, _) = rest.strip_prefix("&#")?.split_once(';')?;
    let number = number.strip_prefix('x').map_or_else(|| number.parse(), |digits| u32::from_str_radix(digits, 16));
    number.ok().and_then(char::from_u32).is_none().then_some("a reference to no character")
}

/// Namespaces in XML 1.0, sections 3 to 6: what the parser checks is not repeated here.
fn of_tag(rest: &str) -> Option<&'static str> {
    const EMPTY_PREFIX: Option<&str> = Some("a name with an empty prefix");
    let name = rest.strip_prefix('<')?;
    if name.strip_prefix('/').unwrap_or(name).starts_with(':') {
        return EMPTY_PREFIX;
    }
    if name.starts_with(['/', '?']) {
        return None;
    }
    let mut from = name.trim_start_matches(|c| !is_space(c) && c != '/' && c != '>');
    let mut declared: Vec<&str> = Vec::new();
    loop {
        from = from.trim_start_matches(is_space);
        if from.starts_with(['/', '>']) {
            return None;
        }
        let name = from.split(|c| is_space(c) || c == '=').next()?;
        let (value, behind) = equals_value(from.get(name.len()..)?)?;
        from = behind;
        match name.split_once(':').unwrap_or(("", name)) {
            _ if name.starts_with(':') => return EMPTY_PREFIX,
            ("xmlns", "xmlns") => return Some("the prefix xmlns is declared"),
            ("xmlns", _) if value.is_empty() => return Some("a prefix is declared for no namespace"),
            ("xmlns", _) | ("", "xmlns") if declared.contains(&name) => return Some("a namespace is declared twice in one element"),
            ("xmlns", _) | ("", "xmlns") => declared.push(name),
            // The parser takes it for the declaration of the default namespace.
            (_, "xmlns") => return Some("an attribute is called xmlns behind a prefix"),
            _ => {}
        }
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}
