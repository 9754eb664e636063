//! What `law` refuses, in Dutch: its own sentences are English, because they also stand in logs and answers to machines.

use law::answer::AnswerError;
use law::import::ImportError;
use law::registry::RegistryError;
use law::transcription::TranscriptionError;
use verify::verdict::escape;

use crate::exit::Failure;

pub fn import(error: &ImportError) -> Failure {
    let text = match error {
        ImportError::NoSelector { identifier } => format!("onder kenmerken als \"{}\" is niets verzegeld", escape(identifier)),
        ImportError::NoRange { identifier } => format!("\"{}\" heeft geen gesloten tijdvak", escape(identifier)),
        ImportError::NothingSealed { options } => format!("geen verzegelde categorie beantwoordt {}", options.join(", ")),
        ImportError::NoInstrument => "het bevel noemt geen instrument".to_owned(),
    };
    let hint = "answer it at the desk, or ask for clarification";
    Failure::refused(error.code(), error.to_string(), hint).in_dutch(text, "beantwoord het bij de balie, of vraag verduidelijking")
}

pub fn answer(error: &AnswerError) -> Failure {
    let text = match error {
        AnswerError::NoGround => "geen poort faalt met een grond van formulier 3, en er is er geen gegeven".to_owned(),
        AnswerError::UnknownIdentifier(id) => format!("het bevel heeft geen kenmerk \"{}\"", escape(id)),
        AnswerError::NeedsExplanation(reason) => format!("grond {} vraagt een uitleg van een mens", reason.number()),
    };
    Failure::refused(error.code(), error.to_string(), "--ground, --explain or --ask").in_dutch(text, "--ground, --explain of --ask")
}

pub fn transcription(error: &TranscriptionError) -> Failure {
    let text = match error {
        TranscriptionError::Unreadable(text) => format!("niet leesbaar: {}", text.trim_end()),
        TranscriptionError::NotOfThisForm { field } => format!("dit formulier heeft geen {field}"),
    };
    let hint = "docs/samples/received.toml shows the fields";
    Failure::refused(error.code(), error.to_string(), hint).in_dutch(text, "docs/samples/received.toml toont de velden")
}

/// `hint`: in both languages.
pub fn registry(error: &RegistryError, hint: (&str, &str)) -> Failure {
    let text = match error {
        RegistryError::Unreadable(text) => format!("niet leesbaar: {}", text.trim_end()),
        RegistryError::WaitTooShort { hours } => format!("wait_hours = {hours}; de wachttijd is te kort"),
        RegistryError::Shared { what } => format!("{what} staat bij twee autoriteiten of twee keer"),
        RegistryError::OtherEdition => "de verklaring gaat over een andere uitgave van het register".to_owned(),
        RegistryError::NumberNotRegistered => {
            "het gebelde nummer staat niet in het register; gebruik nooit een nummer uit het bericht".to_owned()
        }
        RegistryError::OnePerson => "de een belt, een ander bevestigt".to_owned(),
        RegistryError::Endpoint { authority, address } => {
            format!(
                "{authority}: deliver wil https:// met naam, poort en pad, en 64 hexadecimale cijfers van een SHA-256, niet \"{address}\""
            )
        }
        RegistryError::NotInForce => "het register heeft geen zulke autoriteit van kracht".to_owned(),
    };
    Failure::refused(error.code(), error.to_string(), hint.0).in_dutch(text, hint.1)
}
