//! Checks whose removal changes nothing that anyone can see, each with its reason: `mutants/explained.txt`.

use std::fs;
use std::io;
use std::path::Path;

use crate::sites::Site;

const FILE: &str = "mutants/explained.txt";

/// One line: `file | function | removal | code | reason`. `code` may end in `*`; then it names all that begin so.
#[derive(Debug)]
struct Line {
    file: String,
    function: String,
    removal: String,
    code: String,
    reason: String,
}

pub struct Known {
    lines: Vec<Line>,
}

impl Known {
    /// Refuses lines that explain nothing any more.
    pub fn read(root: &Path, sites: &[Site]) -> io::Result<Known> {
        let text = fs::read_to_string(root.join(FILE)).unwrap_or_default();
        let mut lines = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            // The code may contain bars; the other four do not.
            let bad = || io::Error::other(format!("{FILE}: not five parts: {line}"));
            let mut front = line.splitn(4, " | ");
            let (file, function, removal) = (front.next().ok_or_else(bad)?, front.next().ok_or_else(bad)?, front.next().ok_or_else(bad)?);
            let (code, reason) = front.next().and_then(|rest| rest.rsplit_once(" | ")).ok_or_else(bad)?;
            let own = str::to_owned;
            let line = Line { file: own(file), function: own(function), removal: own(removal), code: own(code), reason: own(reason) };
            if !sites.iter().any(|site| line.names(site)) {
                return Err(io::Error::other(format!("{FILE}: no such check any more: {} {} {}", line.file, line.function, line.code)));
            }
            lines.push(line);
        }
        Ok(Known { lines })
    }

    pub fn reason(&self, site: &Site) -> Option<&str> {
        self.lines.iter().find(|line| line.names(site)).map(|line| line.reason.as_str())
    }
}

impl Line {
    fn names(&self, site: &Site) -> bool {
        let code = match self.code.strip_suffix('*') {
            Some(begin) => site.code.starts_with(begin),
            None => site.code == self.code,
        };
        let removal = self.removal == "any" || self.removal == site.removal.name();
        code && removal && self.file == site.file && self.function == site.function
    }
}
