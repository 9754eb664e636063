//! Strict JSON into the same tree: `"auth:Reference"` is the element Reference of the namespace that the message declares
//! for `auth`, an array repeats its member, `"@xsi:type": "{namespace}Type"` is the attribute.
//!
//! A parser of our own, 150 lines, because serde_json keeps no positions and lets a later member replace an earlier one of
//! the same name: two programs would then see two orders. It is compared with serde_json in the tests.

use super::limits::{self, Lines};
use super::{Attribute, DEPTH_MAX, ELEMENTS_MAX, Element, JsonForm, Name, Node, Position, Scalar};
use crate::refusal::{Refusal, Rule};
use std::collections::BTreeSet;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// The message as one element `root` of the namespace that `"@xmlns"` declares.
pub fn read_json(bytes: &[u8], root: &str) -> Result<Element, Refusal> {
    let text = limits::as_text(bytes)?;
    if limits::ESCAPES_MAX < memchr::memchr_iter(b'\\', bytes).count() {
        return Err(Refusal::new(Rule::TooMany, Position::default(), ""));
    }
    let mut parser = Parser { text, at: 0, lines: Lines::new(text), values: 0 };
    let (value, at) = parser.document()?;
    let Value::Object(members) = value else { return Err(Refusal::new(Rule::NotThisFormat, at, "")) };
    let (declarations, members): (Vec<Member>, Vec<Member>) = members.into_iter().partition(|member| member.name.starts_with("@xmlns"));
    let names = Spaces(declarations.into_iter().map(declared).collect::<Result<_, _>>()?);
    let mut element = names.object(root, members, at, false)?;
    element.name = names.name(root, at)?;
    Ok(element)
}

struct Member {
    name: String,
    at: Position,
    value: Value,
    value_at: Position,
}

enum Value {
    Text(String),
    Number(String),
    Boolean(bool),
    Null,
    List(Vec<(Value, Position)>),
    Object(Vec<Member>),
}

/// Prefix and namespace, as `"@xmlns:prefix"` or `"@xmlns"` of the message declares it; what XML forbids is forbidden here too.
fn declared(member: Member) -> Result<(String, String), Refusal> {
    let prefix = match member.name.strip_prefix("@xmlns:") {
        Some(prefix) if is_name(prefix) && prefix != "xml" && prefix != "xmlns" => prefix,
        None if member.name == "@xmlns" => "",
        _ => return Err(Refusal::new(Rule::NotJson, member.at, &member.name)),
    };
    match member.value {
        Value::Text(space) if space != XML && space != XMLNS && (prefix.is_empty() || !space.is_empty()) => Ok((prefix.to_owned(), space)),
        _ => Err(Refusal::new(Rule::NotJson, member.value_at, &member.name)),
    }
}

/// ETSI's names are ASCII.
fn is_name(local: &str) -> bool {
    local.starts_with(|c: char| c.is_ascii_alphabetic())
        && local.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"_-.".contains(&octet))
}

struct Spaces(Vec<(String, String)>);

impl Spaces {
    fn name(&self, name: &str, at: Position) -> Result<Name, Refusal> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        // Every member is an element.
        if !is_name(local) {
            return Err(Refusal::new(Rule::NotJson, at, name));
        }
        match self.0.iter().find(|(known, _)| known == prefix) {
            Some((_, space)) => Ok(Name::new(space, local)),
            None => Err(Refusal::new(Rule::NotWellFormed, at, name)),
        }
    }

    fn object(&self, name: &str, members: Vec<Member>, at: Position, listed: bool) -> Result<Element, Refusal> {
        let mut element = Element { name: self.name(name, at)?, at, ..Element::new("", "") };
        element.json = Some(JsonForm { scalar: Scalar::Object, listed });
        for member in members {
            if member.name == "@xsi:type" {
                let Value::Text(value) = member.value else { return Err(Refusal::new(Rule::NotJson, member.at, "@xsi:type")) };
                element.attributes.push(Attribute { name: Name::new(XSI, "type"), value });
                continue;
            }
            match member.value {
                Value::List(values) => {
                    for (value, at) in values {
                        element.children.push(Node::Element(self.value(&member.name, value, at, true)?));
                    }
                }
                value => element.children.push(Node::Element(self.value(&member.name, value, member.value_at, false)?)),
            }
        }
        Ok(element)
    }

    fn value(&self, name: &str, value: Value, at: Position, listed: bool) -> Result<Element, Refusal> {
        let (scalar, text) = match value {
            Value::Object(members) => return self.object(name, members, at, listed),
            Value::Text(text) => (Scalar::Text, text),
            Value::Number(text) => (Scalar::Number, text),
            Value::Boolean(is_true) => (Scalar::Boolean, is_true.to_string()),
            // TS 103 120 knows neither null nor lists of lists.
            Value::Null | Value::List(_) => return Err(Refusal::new(Rule::NotJson, at, name)),
        };
        let mut element = Element { name: self.name(name, at)?, at, ..Element::new("", "") };
        element.json = Some(JsonForm { scalar, listed });
        element.children.push(Node::Text(text));
        Ok(element)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    lines: Lines<'a>,
    values: usize,
}

impl Parser<'_> {
    fn document(&mut self) -> Result<(Value, Position), Refusal> {
        let value = self.value(1)?;
        self.space();
        if self.at == self.text.len() { Ok(value) } else { Err(self.refuse(Rule::NotJson)) }
    }

    fn refuse(&self, rule: Rule) -> Refusal {
        Refusal::new(rule, self.lines.at(self.at), self.text.get(self.at..).unwrap_or("").lines().next().unwrap_or(""))
    }

    fn space(&mut self) {
        let rest = self.text.as_bytes()[self.at..].iter();
        self.at += rest.take_while(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn expect(&mut self, word: &str) -> Result<(), Refusal> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.refuse(Rule::NotJson))
        }
    }

    fn value(&mut self, depth: usize) -> Result<(Value, Position), Refusal> {
        self.space();
        let at = self.lines.at(self.at);
        self.values += 1;
        if DEPTH_MAX < depth {
            return Err(self.refuse(Rule::TooDeep));
        }
        if ELEMENTS_MAX < self.values {
            return Err(self.refuse(Rule::TooMany));
        }
        let value = match self.peek() {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Value::Text(self.string()?),
            b't' => self.expect("true").map(|()| Value::Boolean(true))?,
            b'f' => self.expect("false").map(|()| Value::Boolean(false))?,
            b'n' => self.expect("null").map(|()| Value::Null)?,
            _ => self.number()?,
        };
        Ok((value, at))
    }

    fn object(&mut self, depth: usize) -> Result<Value, Refusal> {
        self.expect("{")?;
        let mut members: Vec<Member> = Vec::new();
        let mut names = BTreeSet::new();
        self.space();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            let at = self.lines.at(self.at);
            let name = self.string()?;
            if !names.insert(name.clone()) {
                return Err(Refusal::new(Rule::NotJson, at, &name));
            }
            self.space();
            self.expect(":")?;
            let (value, value_at) = self.value(depth + 1)?;
            members.push(Member { name, at, value, value_at });
            self.space();
            if self.peek() == b'}' {
                self.at += 1;
                return Ok(Value::Object(members));
            }
            self.expect(",")?;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Refusal> {
        self.expect("[")?;
        let mut values = Vec::new();
        self.space();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Value::List(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.space();
            if self.peek() == b']' {
                self.at += 1;
                return Ok(Value::List(values));
            }
            self.expect(",")?;
        }
    }

    fn number(&mut self) -> Result<Value, Refusal> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|octet| matches!(octet, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let text = self.text.get(self.at..self.at + length).unwrap_or("");
        if !is_number(text) {
            return Err(self.refuse(Rule::NotJson));
        }
        self.at += length;
        Ok(Value::Number(text.to_owned()))
    }

    fn string(&mut self) -> Result<String, Refusal> {
        self.expect("\"")?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .find(|c: char| matches!(c, '"' | '\\' | '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}'))
                .ok_or_else(|| self.refuse(Rule::NotJson))?;
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return Err(self.refuse(Rule::NotJson)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        self.at += 1;
        let c = match self.peek() {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.refuse(Rule::NotJson)),
        };
        self.at += 1;
        Ok(c)
    }

    /// `\uXXXX`, or two of them for a character beyond the first plane. A lone surrogate is no character.
    fn unicode(&mut self) -> Result<char, Refusal> {
        let first = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            self.at += 1;
            let second = self.hex()?;
            if !(0xDC00..0xE000).contains(&second) {
                return Err(self.refuse(Rule::NotJson));
            }
            0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
        } else {
            first
        };
        // What XML has no spelling for (control characters, U+FFFE, U+FFFF) has no place in an order; `\b` and `\f` neither.
        let is_spelled = |c: &char| !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
        char::from_u32(code).filter(is_spelled).ok_or_else(|| self.refuse(Rule::NotJson))
    }

    fn hex(&mut self) -> Result<u32, Refusal> {
        let digits = self.text.get(self.at + 1..self.at + 5).filter(|digits| digits.bytes().all(|octet| octet.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| self.refuse(Rule::NotJson))?;
        self.at += 5;
        Ok(code)
    }
}

/// The grammar of RFC 8259: no plus sign, no leading zero, digits on both sides of the point.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_whole = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    is_whole && fraction.is_none_or(digits) && exponent.is_none_or(|part| digits(part.strip_prefix(['+', '-']).unwrap_or(part)))
}
