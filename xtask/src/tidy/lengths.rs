//! Files stay under 600 lines and functions under 70: what does not fit on a few screens is not reviewed.

use super::{Finding, SourceFile};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;

pub fn check(tree: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.iter().filter(|file| file.is("rs")) {
        let lines = file.text.lines().count();
        if FILE_LINES_MAX < lines {
            let text = format!("{lines} lines, at most {FILE_LINES_MAX}");
            findings.push(Finding { path: file.path.clone(), line: lines, rule: "file length", text });
        }
        for (start, length, name) in functions(&file.text) {
            if FUNCTION_LINES_MAX < length {
                let text = format!("fn {name} has {length} lines, at most {FUNCTION_LINES_MAX}");
                findings.push(Finding { path: file.path.clone(), line: start, rule: "function length", text });
            }
        }
    }
    findings
}

/// (first line, length, name) of each function. Relies on rustfmt: the closing brace has the indentation of `fn`.
fn functions(text: &str) -> Vec<(usize, usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", &line[..indent]);
        let end = lines[start..].iter().position(|l| *l == closing || l.strip_prefix(&closing).is_some_and(|rest| rest == ","));
        if let Some(end) = end {
            found.push((start + 1, end + 1, name));
        }
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let mut rest = line.trim_start();
    for word in ["pub(crate) ", "pub(super) ", "pub ", "const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    if line.trim_end().ends_with(['}', ';']) {
        return None;
    }
    Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}
