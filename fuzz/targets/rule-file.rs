//! A lawyer's rule file in the place of ours; the first octet says which. What is taken can be judged by: no gate panics, whatever it says.
#![no_main]
#[path = "../facts.rs"]
mod facts;

use law::gates::{Facts, judge};
use law::received::Received;
use law::rules::RuleBook;
use std::sync::LazyLock;

static OURS: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::embedded().expect("built in"));
static ORDER: LazyLock<Received> = LazyLock::new(|| {
    let form = include_bytes!("../../docs/samples/epoc.xml");
    standards::incoming::read(form, &standards::etsi::verdict::Setting::reader()).expect("our own sample")
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((chosen, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let (name, _) = &OURS.texts()[usize::from(*chosen) % OURS.texts().len()];
    let Ok(book) = RuleBook::with(&[(name.clone(), text.to_owned())]) else { return };
    assert_eq!(book.texts().iter().find(|(known, _)| known == name).map(|(_, kept)| kept.as_str()), Some(text), "LIF-15");
    let facts = Facts { book: &book, ..facts::of(&ORDER) };
    let report = judge(&facts);
    let _ = law::explain::explain(&facts, &report, None, law::Language::English);
});
