//! What the demo says: plain sentences, numbered steps, and progress where something takes time.

use crate::Lang;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};

/// A sentence in each language that we speak to people.
#[derive(Clone, Copy)]
pub struct Text {
    pub en: &'static str,
    pub nl: &'static str,
}

/// Writes to stdout; colour only where a person looks and NO_COLOR is not set.
pub struct Narrator {
    lang: Lang,
    colour: bool,
    step: u8,
    began: Instant,
}

impl Narrator {
    pub fn new(lang: Lang) -> Narrator {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Narrator { lang, colour, step: 0, began: Instant::now() }
    }

    pub fn pick(&self, text: Text) -> &'static str {
        match self.lang {
            Lang::En => text.en,
            Lang::Nl => text.nl,
        }
    }

    /// A numbered heading.
    pub fn step(&mut self, en: &'static str, nl: &'static str) {
        self.step += 1;
        let text = self.pick(Text { en, nl });
        println!("\n{} {}", self.paint("1", &format!("{:>2}.", self.step)), self.paint("1", text));
    }

    pub fn say(&self, en: &'static str, nl: &'static str) {
        for line in self.pick(Text { en, nl }).lines() {
            println!("    {line}");
        }
    }

    /// A sentence with figures; the caller has already put it into words of the right language.
    pub fn tell(&self, text: &str) {
        println!("    {text}");
    }

    /// The command that a person would have typed for what just happened.
    pub fn command(&self, words: &[String], folder: &Path) {
        let shown: Vec<String> = words.iter().map(|word| word.replace(&format!("{}/", folder.display()), "")).collect();
        println!("    {}", self.paint("2", &format!("$ {}", shown.join(" "))));
    }

    pub fn good(&self, text: &str) {
        println!("    {} {text}", self.paint("32", "ok"));
    }

    pub fn refused(&self, text: &str) {
        let text = ["refused ", "verification failed "].iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text);
        println!("    {} {text}", self.paint("33", self.pick(Text { en: "refused", nl: "geweigerd" })));
    }

    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub fn is_dutch(&self) -> bool {
        self.lang == Lang::Nl
    }

    /// Waits with something to look at. `done` is asked ten times a second and gives the answer when it is there.
    pub fn wait<T>(
        &self,
        what: Text,
        at_most: Duration,
        mut done: impl FnMut() -> Result<Option<T>, crate::exit::Failure>,
    ) -> Result<T, crate::exit::Failure> {
        let started = Instant::now();
        let bar = self.spinner(self.pick(what));
        loop {
            if let Some(answer) = done()? {
                bar.finish_and_clear();
                return Ok(answer);
            }
            if at_most < started.elapsed() {
                bar.finish_and_clear();
                let text = format!("waited {} s: {}", at_most.as_secs(), self.pick(what));
                return Err(crate::exit::Failure::unavailable(text, "look at the *.log files in the demo folder"));
            }
            std::thread::sleep(Duration::from_millis(100));
            bar.tick();
        }
    }

    fn spinner(&self, text: &str) -> ProgressBar {
        if !std::io::stderr().is_terminal() {
            println!("    ... {text}");
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner().with_message(text.to_owned());
        let style = ProgressStyle::with_template("    {spinner} {msg} ({elapsed})");
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
