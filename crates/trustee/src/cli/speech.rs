//! Two languages. Every sentence that people read stands in both, side by side, so that one cannot be forgotten.

/// The language of the sentences. Files, codes and numbers are the same in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Nederlands.
    Dutch,
}

impl Language {
    /// The sentence in this language.
    pub fn pick<'a>(self, english: &'a str, dutch: &'a str) -> &'a str {
        match self {
            Language::English => english,
            Language::Dutch => dutch,
        }
    }

    /// `en` or `nl`.
    pub fn parse(word: &str) -> Option<Language> {
        match word {
            "en" => Some(Language::English),
            "nl" => Some(Language::Dutch),
            _ => None,
        }
    }
}

/// The language asked for anywhere in the words, so that even a usage error speaks it. English unless said otherwise.
pub fn language(words: &[String]) -> Language {
    let after = words.iter().skip_while(|word| *word != "--lang").nth(1);
    after.and_then(|word| Language::parse(word)).unwrap_or(Language::English)
}
