//! Words into a command and its options. Written by hand: the whole grammar is `command [command] --name value…`.

use std::collections::BTreeMap;

use super::help::{COMMANDS, Command, Opt};

/// The options of one call, checked against the command's list.
pub struct Args {
    values: BTreeMap<&'static str, Vec<String>>,
}

/// What the words ask for.
pub enum Parsed {
    /// Help for all, or for one command.
    Help(Option<&'static Command>),
    /// Run it.
    Run(&'static Command, Args),
}

/// Parses the words; the error says what is wrong.
pub fn parse(words: &[String]) -> Result<Parsed, String> {
    let plain: Vec<&str> = words.iter().map(String::as_str).take_while(|word| !word.starts_with('-')).collect();
    let rest = words.get(plain.len()..).unwrap_or_default();
    let asks_help = rest.iter().any(|word| word == "--help" || word == "-h");
    if plain.is_empty() || plain == ["help"] {
        if plain.is_empty() && !asks_help {
            return Err("no command".to_owned());
        }
        return Ok(Parsed::Help(None));
    }
    let Some(command) = COMMANDS.iter().find(|command| command.words == plain.as_slice()) else {
        return Err(format!("no command \"{}\"", plain.join(" ")));
    };
    if asks_help {
        return Ok(Parsed::Help(Some(command)));
    }
    Ok(Parsed::Run(command, options(command, rest)?))
}

fn options(command: &'static Command, words: &[String]) -> Result<Args, String> {
    let mut values: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(option) = command.options.iter().chain(super::help::EVERYWHERE).find(|option| option.name == word) else {
            return Err(format!("\"{}\" has no option {word}", command.name()));
        };
        let value = match option.value {
            "" => String::new(),
            _ => words.next().ok_or(format!("{word} needs a value"))?.clone(),
        };
        let given = values.entry(option.name).or_default();
        if !given.is_empty() && !option.repeats {
            return Err(format!("{word} stands there twice"));
        }
        given.push(value);
    }
    let missing = |option: &&Opt| option.needed && !values.contains_key(option.name);
    if let Some(option) = command.options.iter().find(missing) {
        return Err(format!("\"{}\" needs {} {}", command.name(), option.name, option.value));
    }
    Ok(Args { values })
}

impl Args {
    /// The value of an option.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.first().map(String::as_str)
    }

    /// The value of an option that the grammar already requires.
    pub fn needed(&self, name: &'static str) -> Result<&str, super::Failure> {
        self.get(name).ok_or(super::Failure::Usage(format!("{name} is missing")))
    }

    /// All values of an option that may repeat.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether an option without value was given.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A value through a parser.
    pub fn parsed<T>(&self, name: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, super::Failure> {
        let value = self.needed(name)?;
        parse(value).ok_or(super::Failure::Usage(format!("{name} {value} is not one")))
    }
}
