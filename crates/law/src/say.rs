//! A sentence for people, in English and Dutch. Codes, articles and values of forms are not translated.

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

/// The language of what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    En,
    Nl,
}

impl Say {
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Nl => &self.nl,
        }
    }
}
