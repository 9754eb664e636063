//! A sentence for people, in English and Dutch. Codes, articles and values of forms are not translated.

use verify::verdict::Language;

/// One sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    pub en: String,
    pub nl: String,
}

impl Say {
    pub fn new(en: impl Into<String>, nl: impl Into<String>) -> Say {
        Say { en: en.into(), nl: nl.into() }
    }
}

impl Say {
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Dutch => &self.nl,
        }
    }
}
