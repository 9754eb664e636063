//! Text put around pieces of a file, without disturbing the rest of it.

/// `open` before `start`, `close` after `end`; both are positions in octets.
#[derive(Debug)]
pub struct Wrap {
    pub start: usize,
    pub end: usize,
    pub open: String,
    pub close: String,
}

/// The text with all wraps applied. Wraps may nest; of two with the same extent the earlier one is outside.
pub fn apply(text: &str, wraps: &[Wrap]) -> String {
    // (position, closings before openings, order among equals, text)
    let mut pieces: Vec<(usize, bool, usize, usize, &str)> = Vec::new();
    for (number, wrap) in wraps.iter().enumerate() {
        pieces.push((wrap.start, true, usize::MAX - wrap.end, number, &wrap.open));
        pieces.push((wrap.end, wrap.start == wrap.end, usize::MAX - wrap.start, usize::MAX - number, &wrap.close));
    }
    pieces.sort();
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for (position, _, _, _, piece) in pieces {
        out.push_str(&text[at..position]);
        out.push_str(piece);
        at = position;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_wraps_stay_nested() {
        let wrap = |start, end, name: &str| Wrap { start, end, open: format!("<{name}>"), close: format!("</{name}>") };
        let wraps = [wrap(0, 5, "a"), wrap(0, 5, "b"), wrap(0, 1, "c"), wrap(4, 5, "d"), wrap(1, 4, "e")];
        assert_eq!(apply("1 + 2;", &wraps), "<a><b><c>1</c><e> + </e><d>2</d></b></a>;");
    }
}
