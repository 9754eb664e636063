//! One description of a form, read or written: each section of `sections.rs` says a field once, and the pen does both.
//!
//! No public copy of the Commission's schemas is known (law.md section 5). So reading matches local names inside the known
//! namespaces, an element that the description lacks is a finding, and every code must stand in its word list.

use crate::etsi::time::{QualifiedDateTime, QualifiedMicrosecondDateTime};
use crate::refusal::{Finding, Refusal, Rule};
use crate::tree::{Element, Node};
use law::received::{self, Marked, Moment, Normalised, Place, TimeRange};
use verify::calendar::Day;

/// Namespace of the details of authorities; everything else is the form's own.
pub const EIO: &str = "http://data.europa.eu/edm/1/ns/eio";
pub const EPOC: &str = "http://data.europa.eu/edm/1/ns/epoc";

/// Octets of one value (STD-72): the summary of a case fits several times over, and nobody reads on beyond.
pub const VALUE_MAX: usize = 65_536;

/// What reading showed beside the values.
#[derive(Debug, Default)]
pub struct Notes {
    /// Elements and values that the form does not have (STD-70, STD-72).
    pub schema: Vec<Finding>,
    /// Codes that stand in no list (STD-71).
    pub dictionary: Vec<Finding>,
    pub normalised: Vec<Normalised>,
}

pub struct Pen<'a> {
    side: Side<'a>,
    notes: &'a mut Notes,
    path: String,
}

enum Side<'a> {
    Read { element: Option<&'a Element>, used: Vec<bool> },
    Write { out: Element },
}

/// A closed word list of the forms.
pub trait Word: Copy + 'static {
    fn code(self) -> &'static str;
    fn from_code(code: &str) -> Option<Self>;
    /// STD-67: other spellings met in the wild, and what they mean.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
}

macro_rules! words {
    ($($kind:ident $(aliases $aliases:expr)?;)*) => { $(
        impl Word for received::$kind {
            fn code(self) -> &'static str {
                received::$kind::code(self)
            }
            fn from_code(code: &str) -> Option<Self> {
                received::$kind::from_code(code)
            }
            $(const ALIASES: &'static [(&'static str, &'static str)] = $aliases;)?
        }
    )* };
}

words! {
    AuthorityKind aliases &[("JUDGE", "JUDGE_COURT_OR_INVESTIGATING_JUDGE")];
    Capacity;
    DeadlineChoice;
    EarlierKind;
    Proceedings;
    Threshold;
    DataRole;
    DelayGround;
    TransferTo;
    NatureOfConflict;
    Reason;
    DataOption;
    IdentifierKind;
}

impl<'a> Pen<'a> {
    pub fn reading(element: &'a Element, notes: &'a mut Notes, path: &str) -> Pen<'a> {
        let used = vec![false; element.children.len()];
        Pen { side: Side::Read { element: Some(element), used }, notes, path: path.to_owned() }
    }

    pub fn writing(root: Element, notes: &'a mut Notes) -> Pen<'a> {
        Pen { side: Side::Write { out: root }, notes, path: String::new() }
    }

    pub fn is_reading(&self) -> bool {
        matches!(self.side, Side::Read { .. })
    }

    /// Ends reading: what was not asked for is a finding. Ends writing: the element.
    pub fn finish(self) -> Option<Element> {
        let Pen { side, notes, path } = self;
        let (element, used) = match side {
            Side::Write { out } => return Some(out),
            Side::Read { element, used } => (element?, used),
        };
        for (node, _) in element.children.iter().zip(&used).filter(|(_, used)| !**used) {
            let (at, was) = match node {
                Node::Element(inner) => (inner.at, inner.name.local.as_str()),
                Node::Text(text) if text.trim().is_empty() => continue,
                Node::Text(text) => (element.at, text.as_str()),
            };
            notes.schema.push(Finding { path: format!("/{path}"), ..Refusal::new(Rule::FormUnknown, at, was) });
        }
        None
    }

    /// Where the pen is.
    pub fn place(&self) -> Place {
        match &self.side {
            Side::Read { element: Some(element), .. } => Place::new(element.at.line, element.at.column, self.path.clone()),
            _ => Place::default(),
        }
    }

    fn take(&mut self, name: &str) -> Option<&'a Element> {
        let Side::Read { element: Some(element), used } = &mut self.side else { return None };
        let element: &'a Element = element;
        let (place, child) = element.children.iter().enumerate().find_map(|(place, node)| match node {
            Node::Element(child) if !used[place] && is_field(child, name) => Some((place, child)),
            _ => None,
        })?;
        used[place] = true;
        Some(child)
    }

    fn next_is(&self, name: &str) -> bool {
        let Side::Read { element: Some(element), used } = &self.side else { return false };
        element.elements().next().is_some()
            && element.children.iter().zip(used).any(|(node, used)| matches!(node, Node::Element(child) if !used && is_field(child, name)))
    }

    fn push(&mut self, element: Element) {
        if let Side::Write { out } = &mut self.side
            && !element.children.is_empty()
        {
            out.children.push(Node::Element(element));
        }
    }

    fn new_element(&self, name: &str) -> Element {
        let own = match &self.side {
            Side::Write { out } if out.name.space != EIO => out.name.space.as_str(),
            _ => EPOC,
        };
        Element::new(if EIO_NAMES.contains(&name) { EIO } else { own }, name)
    }

    /// A grouping element; absent when nothing in it is said.
    pub fn within(&mut self, name: &str, body: impl FnOnce(&mut Pen<'_>)) {
        let path = format!("{}/{name}", self.path).trim_start_matches('/').to_owned();
        if self.is_reading() {
            let element = self.take(name);
            let used = vec![false; element.map_or(0, |element| element.children.len())];
            let mut inner = Pen { side: Side::Read { element, used }, notes: self.notes, path };
            body(&mut inner);
            inner.finish();
        } else {
            let mut inner = Pen { side: Side::Write { out: self.new_element(name) }, notes: self.notes, path };
            body(&mut inner);
            if let Some(element) = inner.finish() {
                self.push(element);
            }
        }
    }

    /// A group that is there or is not, such as section J.
    pub fn part<T>(&mut self, name: &str, value: &mut Option<T>, make: impl FnOnce(Place) -> T, body: impl FnOnce(&mut Pen<'_>, &mut T)) {
        if self.is_reading() {
            if self.next_is(name) {
                self.within(name, |pen| {
                    let mut inner = make(pen.place());
                    body(pen, &mut inner);
                    *value = Some(inner);
                });
            }
        } else if let Some(inner) = value {
            self.within(name, |pen| body(pen, inner));
        }
    }

    /// A group that may repeat.
    pub fn list<T>(&mut self, name: &str, values: &mut Vec<T>, make: impl Fn(Place) -> T, body: impl Fn(&mut Pen<'_>, &mut T)) {
        while self.next_is(name) {
            self.within(name, |pen| {
                let mut inner = make(pen.place());
                body(pen, &mut inner);
                values.push(inner);
            });
        }
        if !self.is_reading() {
            for value in values {
                self.within(name, |pen| body(pen, value));
            }
        }
    }

    /// The next value of this name: its text and place, or a finding if it is no plain text.
    fn value(&mut self, name: &str) -> Option<Marked<String>> {
        let child = self.take(name)?;
        let path = format!("{}/{name}", self.path);
        let text = child.text();
        if text.is_none() {
            self.notes.schema.push(Finding { path: format!("/{path}"), ..Refusal::new(Rule::FormUnknown, child.at, name) });
        }
        if text.as_ref().is_some_and(|text| VALUE_MAX < text.len()) {
            self.notes.schema.push(Finding { path: format!("/{path}"), ..Refusal::new(Rule::FormValue, child.at, name) });
            return None;
        }
        Some(Marked::at(text?.trim().to_owned(), Place::new(child.at.line, child.at.column, path)))
    }

    fn bad(&mut self, rule: Rule, value: &Marked<String>) {
        let at = crate::tree::Position { line: value.place.line, column: value.place.column };
        let finding = Finding { path: format!("/{}", value.place.path), ..Refusal::new(rule, at, &value.value) };
        if rule == Rule::FormWord { self.notes.dictionary.push(finding) } else { self.notes.schema.push(finding) }
    }

    fn normalise(&mut self, rule: &'static str, was: &str, now: &str, place: Place) {
        self.notes.normalised.push(Normalised { rule, was: was.to_owned(), now: now.to_owned(), place });
    }

    fn write(&mut self, name: &str, text: &str) {
        let mut element = self.new_element(name);
        element.children.push(Node::Text(text.to_owned()));
        self.push(element);
    }

    /// Up to `most` values of one name.
    fn values<T>(
        &mut self,
        name: &str,
        values: &mut Vec<Marked<T>>,
        most: usize,
        read_one: impl Fn(&mut Self, &Marked<String>) -> Result<T, Rule>,
        spell: impl Fn(&T) -> String,
    ) {
        if !self.is_reading() {
            return values.iter().for_each(|value| self.write(name, &spell(&value.value)));
        }
        let mut count = 0;
        while count < most && self.next_is(name) {
            count += 1;
            let Some(read) = self.value(name) else { continue };
            match read_one(self, &read) {
                Ok(value) => values.push(Marked::at(value, read.place)),
                Err(rule) => self.bad(rule, &read),
            }
        }
    }

    /// At most one: a second element of the name is left over, which is a finding. A later place overrides an earlier one.
    fn one<T>(
        &mut self,
        name: &str,
        value: &mut Option<Marked<T>>,
        read_one: impl Fn(&mut Self, &Marked<String>) -> Result<T, Rule>,
        spell: impl Fn(&T) -> String,
    ) {
        let is_reading = self.is_reading();
        let mut values: Vec<Marked<T>> = if is_reading { Vec::new() } else { value.take().into_iter().collect() };
        self.values(name, &mut values, 1, read_one, spell);
        if let Some(found) = values.pop() {
            *value = Some(found);
        }
    }

    pub fn text(&mut self, name: &str, value: &mut Option<Marked<String>>) {
        self.one(name, value, |_, read| if read.value.is_empty() { Err(Rule::FormValue) } else { Ok(read.value.clone()) }, String::clone);
    }

    pub fn texts(&mut self, name: &str, values: &mut Vec<Marked<String>>) {
        self.values(name, values, usize::MAX, |_, read| Ok(read.value.clone()), String::clone);
    }

    pub fn word<W: Word>(&mut self, name: &str, value: &mut Option<Marked<W>>) {
        self.one(name, value, Self::read_word, |word| word.code().to_owned());
    }

    pub fn words<W: Word>(&mut self, name: &str, values: &mut Vec<Marked<W>>) {
        self.values(name, values, usize::MAX, Self::read_word, |word| word.code().to_owned());
    }

    fn read_word<W: Word>(&mut self, read: &Marked<String>) -> Result<W, Rule> {
        let alias = W::ALIASES.iter().find(|(was, _)| *was == read.value);
        if let Some((was, now)) = alias {
            self.normalise("STD-67", was, now, read.place.clone());
        }
        W::from_code(alias.map_or(read.value.as_str(), |(_, now)| now)).ok_or(Rule::FormWord)
    }

    /// Boxes of section F. A box of another class is no word of this one's list.
    pub fn options(&mut self, name: &str, class: received::DataClass, values: &mut Vec<Marked<received::DataOption>>) {
        let read_one = |pen: &mut Self, read: &Marked<String>| {
            let option: received::DataOption = pen.read_word(read)?;
            if option.class() == class { Ok(option) } else { Err(Rule::FormWord) }
        };
        self.values(name, values, usize::MAX, read_one, |option| option.code().to_owned());
    }

    pub fn flag(&mut self, name: &str, value: &mut Option<Marked<bool>>) {
        let parse = |text: &str| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Rule::FormValue),
        };
        self.one(name, value, |_, read| parse(&read.value), bool::to_string);
    }

    pub fn port(&mut self, name: &str, value: &mut Option<Marked<u16>>) {
        self.one(name, value, |_, read| read.value.parse().map_err(|_| Rule::FormValue), u16::to_string);
    }

    pub fn moment(&mut self, name: &str, value: &mut Option<Marked<Moment>>) {
        self.one(name, value, |_, read| parse_moment(&read.value).ok_or(Rule::FormValue), spell_moment);
    }

    pub fn moments(&mut self, name: &str, values: &mut Vec<Marked<Moment>>) {
        self.values(name, values, usize::MAX, |_, read| parse_moment(&read.value).ok_or(Rule::FormValue), spell_moment);
    }

    /// A date beside a signature. STD-63: converters make a midnight without zone of it; it is read as the day it was.
    pub fn date(&mut self, name: &str, value: &mut Option<Marked<Moment>>) {
        let read_one = |pen: &mut Self, read: &Marked<String>| {
            let day = read.value.strip_suffix("T00:00:00").and_then(Day::parse);
            if let Some(day) = day {
                pen.normalise("STD-63", &read.value, &day.to_string(), read.place.clone());
            }
            day.map(Moment::Day).or_else(|| parse_moment(&read.value)).ok_or(Rule::FormValue)
        };
        self.one(name, value, read_one, spell_moment);
    }

    /// `Start` and `End`; either may be missing.
    pub fn range(&mut self, range: &mut TimeRange) {
        let (mut start, mut end) = (range.start.take().map(unplaced), range.end.take().map(unplaced));
        self.moment("Start", &mut start);
        self.moment("End", &mut end);
        *range = TimeRange { start: start.map(|start| start.value), end: end.map(|end| end.value) };
    }

    pub fn ranges(&mut self, name: &str, ranges: &mut Vec<Marked<TimeRange>>) {
        self.list(name, ranges, |place| Marked::at(TimeRange::default(), place), |pen, range| pen.range(&mut range.value));
    }

    pub fn one_range(&mut self, name: &str, range: &mut Option<Marked<TimeRange>>) {
        self.part(name, range, |place| Marked::at(TimeRange::default(), place), |pen, range| pen.range(&mut range.value));
    }
}

pub fn unplaced<T>(value: T) -> Marked<T> {
    Marked::at(value, Place::default())
}

fn is_field(element: &Element, name: &str) -> bool {
    let space = element.name.space.strip_prefix("http://data.europa.eu/edm/1/ns/");
    element.name.local == name && space.is_some_and(|rest| rest == "eio" || rest == "epoc" || rest.starts_with("forms/"))
}

/// Written in the namespace of the European Investigation Order, whose types they are.
const EIO_NAMES: &[&str] = &[
    "NameOfAuthority",
    "NameOfRepresentative",
    "PostHeld",
    "FileReference",
    "Address",
    "TelNo",
    "FaxNo",
    "Email",
    "LanguagesToCommunicate",
];

/// A date, an instant with its offset (with or without six decimals, which are cut), or a time without one.
pub fn parse_moment(text: &str) -> Option<Moment> {
    if let Some(day) = Day::parse(text) {
        return Some(Moment::Day(day));
    }
    let instant = QualifiedDateTime::parse(text).map(|time| time.unix());
    let instant = instant.or_else(|| QualifiedMicrosecondDateTime::parse(text).map(|time| time.unix()));
    if let Some(unix) = instant {
        return u64::try_from(unix).ok().map(Moment::Instant);
    }
    QualifiedDateTime::parse(&format!("{text}Z")).map(|_| Moment::Unzoned(text.to_owned()))
}

pub fn spell_moment(moment: &Moment) -> String {
    match moment {
        Moment::Day(day) => day.to_string(),
        Moment::Instant(at) => QualifiedDateTime::from_unix(i64::try_from(*at).unwrap_or(i64::MAX)).as_str().to_owned(),
        Moment::Unzoned(text) => text.clone(),
    }
}
