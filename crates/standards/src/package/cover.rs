//! `data/README.<language>.html`: the cover page for people. Prints on A4, works without script, style sheet or network.
//!
//! Every value from outside goes through [`text`]: markup and hidden characters are shown, not obeyed (T31).

use super::cover_words::{WORDS, Words};
use seal::catalogue::{format_rfc3339, is_hidden};
use verify::package::statement::{CompletenessStatement, Item, Outcome};
use verify::spelling;

const STYLE: &str = "@page{size:A4;margin:18mm}body{font:1rem/1.5 sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#000;background:#fff}\
table{border-collapse:collapse;width:100%;margin:0 0 1rem}caption{text-align:left;font-weight:bold;padding:.3rem 0}\
th,td{border:1px solid #444;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
dt{font-weight:bold}pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #444;padding:.5rem}\
.demo{border:3px solid #000;padding:.5rem;font-weight:bold}@media print{body{max-width:none;padding:0;font-size:10pt}tr,dd{break-inside:avoid}}";

/// The whole page. `language` is one of `layout::LANGUAGES`; another one gives English.
pub fn page(language: &str, statement: &CompletenessStatement) -> String {
    let words = WORDS.iter().find(|words| words.language == language).unwrap_or(&WORDS[0]);
    let title = format!("{} {}", words.title, text(&statement.production));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n",
        words.language
    );
    if statement.is_demo {
        out.push_str(&format!("<p class=\"demo\">DEMO. {}</p>\n", words.demo));
    }
    push_parties(&mut out, words, statement);
    push_items(&mut out, words, statement);
    push_verdicts(&mut out, words, statement);
    push_checking(&mut out, words, statement);
    push_files(&mut out, words);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn push_parties(out: &mut String, words: &Words, statement: &CompletenessStatement) {
    let original = statement.original.map_or_else(|| words.native.to_owned(), |digest| spelling::hex(&digest));
    let rows = [
        (words.sender, text(&statement.sender)),
        (words.recipient, text(&statement.recipient)),
        (words.reference, text(&statement.case_reference)),
        (words.written, time(statement.written)),
        (words.order, spelling::hex(&statement.order)),
        (words.intent, spelling::hex(&statement.intent)),
        (words.original, original),
    ];
    out.push_str(&format!("<table>\n<caption>{}</caption>\n<tbody>\n", words.parties));
    for (name, value) in rows {
        out.push_str(&format!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>\n"));
    }
    out.push_str("</tbody>\n</table>\n");
}

fn push_items(out: &mut String, words: &Words, statement: &CompletenessStatement) {
    out.push_str(&format!(
        "<h2>{}</h2>\n<p>{}</p>\n<table>\n<caption>{}</caption>\n<thead><tr>",
        words.items, words.items_note, words.items
    ));
    for head in words.item_heads {
        out.push_str(&format!("<th scope=\"col\">{head}</th>"));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (number, item) in (1..).zip(&statement.items) {
        push_item(out, words, number, item);
    }
    out.push_str("</tbody>\n</table>\n");
}

fn push_item(out: &mut String, words: &Words, number: u32, item: &Item) {
    let outcome = match &item.outcome {
        Outcome::Rows => words.rows.to_owned(),
        Outcome::NoDataHeld { reason } => format!("{}: {}", words.no_data_held, text(reason)),
        Outcome::OutsideRetention => words.outside_retention.to_owned(),
        Outcome::Refused { ground } => format!("{}: {}", words.refused, text(ground)),
    };
    let gaps = item.gaps.iter().map(|gap| format!("<br>{} {} – {}: {}", words.gap, time(gap.from), time(gap.until), text(&gap.reason)));
    let end = |end: &Option<String>| end.as_deref().map_or_else(|| "–".to_owned(), text);
    out.push_str(&format!(
        "<tr><th scope=\"row\">{number}</th><td>{}</td><td>{}</td><td>{} – {}</td><td>{outcome}{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        text(&item.selector),
        text(&item.category),
        time(item.from),
        time(item.until),
        gaps.collect::<String>(),
        item.rows,
        end(&item.first),
        end(&item.last),
        item.held_back,
    ));
}

/// What is proven, attested, or the provider's word: never one mark for everything.
fn push_verdicts(out: &mut String, words: &Words, statement: &CompletenessStatement) {
    out.push_str(&format!("<h2>{}</h2>\n<p>{}</p>\n<dl>\n", words.verdicts, words.verdicts_note));
    for (name, meaning) in words.verdict_meanings {
        out.push_str(&format!("<dt>{name}</dt><dd>{meaning}</dd>\n"));
    }
    out.push_str("</dl>\n<ul>\n");
    let wholly = statement.slots.iter().filter(|slot| slot.is_covered_wholly).count();
    let partly = statement.slots.len() - wholly;
    out.push_str(&format!("<li>{}: {wholly}. {}</li>\n", words.slots_wholly, words.slots_wholly_note));
    out.push_str(&format!("<li>{}: {partly}. {}</li>\n", words.slots_partly, words.slots_partly_note));
    for category in &statement.categories {
        let source = match category.readable_days {
            None => words.only_sealed.to_owned(),
            Some(days) => words.also_readable.replace("{days}", &days.to_string()),
        };
        out.push_str(&format!("<li>{}: {source}</li>\n", text(&category.category)));
    }
    out.push_str("</ul>\n");
    if wholly != 0 {
        // SEA-82
        out.push_str(&format!("<h2>{}</h2>\n<p>{}</p>\n", words.lifts, words.lifts_note));
    }
}

fn push_checking(out: &mut String, words: &Words, statement: &CompletenessStatement) {
    let name = text(&statement.production);
    out.push_str(&format!(
        "<h2>{}</h2>\n<p>{}</p>\n<pre>waarborg-verify production-{name}.asice --policy POLICY</pre>\n<p>{}</p>\n\
         <pre>unzip -t production-{name}.asice\nunzip -q production-{name}.asice -d P\nbagit.py --validate P\n\
         openssl cms -verify -cades -binary -inform DER -in P/META-INF/signature.p7s -content P/META-INF/ASiCManifest.xml \
         -CAfile CERTIFICATE.pem -purpose any -out /dev/null</pre>\n",
        words.checking, words.checking_note, words.checking_others
    ));
}

fn push_files(out: &mut String, words: &Words) {
    out.push_str(&format!("<h2>{}</h2>\n<dl>\n", words.files));
    let names = ["order/", "records/", "statement.json", "evidence/", "queries.json", "schema/", "case.jsonld", "../META-INF/"];
    for (name, meaning) in names.iter().zip(words.file_meanings) {
        out.push_str(&format!("<dt>{name}</dt><dd>{meaning}</dd>\n"));
    }
    out.push_str("</dl>\n");
}

/// A value from outside as HTML text: markup escaped, hidden characters shown as `<U+202E>`.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_hidden(c) => out.push_str(&format!("&lt;U+{:04X}&gt;", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

fn time(seconds: u64) -> String {
    let full = format_rfc3339(seconds.saturating_mul(1000));
    let (day, clock) = full.split_once('T').unwrap_or((&full, ""));
    format!("<time datetime=\"{full}\">{day} {} UTC</time>", clock.split('.').next().unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t31_markup_and_hidden_characters_are_shown_not_obeyed() {
        assert_eq!(text("<script>'\"&\u{202e}\u{1b}"), "&lt;script&gt;&#39;&quot;&amp;&lt;U+202E&gt;&lt;U+001B&gt;");
    }
}
