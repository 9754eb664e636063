//! The data dictionary and the JSON Schema, made from the same table as the records.

use std::collections::BTreeMap;

use super::field::{FieldDef, Form, Kind};
use super::json::push_json_text;
use super::party::PartyKind;
use super::record::{RECORD_LEN_MAX, RecordType};

const HEAD: &str = "# The catalogue of record types

Made from `crates/seal/src/catalogue`; a test compares. Do not edit: `WAARBORG_BLESS=1 cargo test -p seal --test catalogue`.

The list is closed. No type has a field for content, key material or ciphertext of messages, and there is no field for
octets (SEA-07). Every text is bounded; a whole record is at most RECORD_LEN_MAX octets. An absent field was not held or not
known; no present field is ever empty.

**JSON line.** One object a line, keys sorted, whole numbers only. `datetime`, `message` and `timestamp_desc` are the keys
that timeline tools expect: `datetime` is t_event in UTC, `message` a sentence made from the fields, `timestamp_desc` says
what happened and by whose clock. `category` is the slug, `received_at` the ingest node's clock. A time `x` comes as three
keys: `x` (RFC 3339, UTC, milliseconds), `x_raw` (as the source gave it) and `x_unit` (`s`, `ms`, `us`, `ns`, `rfc3339`).
Hidden characters (control, bidirectional, zero-width) are `\\uXXXX`; every reader gets the raw value.

**CSV.** The same rows, RFC 4180. Two changes against the JSON line, for safety in spreadsheets: hidden characters are
`<U+XXXX>`, and a text that starts with `= + - @`, tab or carriage return gets a leading apostrophe. Lists are JSON arrays.

**Gegevenswoordenboek.** De betekenis staat bij elk veld ook in het Nederlands. De kolomnamen zijn Engels en blijven gelijk.

Purpose, legal basis, retention and class are suggestions for a policy document, all [check]: a category is sealed only
with what the policy document records, never longer than the source keeps it (SEA-79).
";

/// `docs/catalogue.md`, whole.
pub fn markdown() -> String {
    let mut out = HEAD.replace("RECORD_LEN_MAX", &RECORD_LEN_MAX.to_string());
    out.push_str("\n## In every record\n\n");
    let common: Vec<&FieldDef> = RecordType::Traffic.fields().take(RecordType::COMMON_FIELDS).collect();
    push_table(&mut out, &common);
    for record_type in RecordType::ALL {
        push_category(&mut out, record_type);
    }
    out
}

fn push_category(out: &mut String, record_type: RecordType) {
    let d = record_type.defaults();
    out.push_str(&format!(
        "\n## {} {} (`{}`)\n\nIn Dutch: {}.\n\n| | default [check] |\n|---|---|\n",
        record_type.category().number(),
        d.title_en,
        record_type.slug(),
        d.title_nl
    ));
    out.push_str(&format!("| purpose | {} |\n| doel | {} |\n", d.purpose_en, d.purpose_nl));
    out.push_str(&format!("| legal basis of keeping | {} |\n| retention | {} days |\n", d.basis, d.retention_days));
    out.push_str(&format!("| class EU 2023/1543 | {} |\n| class NL Sv | {} |\n", d.eu, d.nl));
    out.push_str(&format!("| class US SCA | {} |\n| conflict: the stricter applies | {} |\n\n", d.us, d.conflict));
    let own: Vec<&FieldDef> = record_type.fields().skip(RecordType::COMMON_FIELDS).collect();
    push_table(out, &own);
}

fn push_table(out: &mut String, defs: &[&FieldDef]) {
    out.push_str("| field | type | needed | unit | whose word | meaning | betekenis |\n|---|---|---|---|---|---|---|\n");
    for def in defs {
        out.push_str(&format!(
            "| `{}` | {} | {} | {} | {} | {} | {} |\n",
            def.name,
            kind_text(def),
            if def.required { "yes" } else { "no" },
            def.unit,
            def.origin,
            def.en,
            def.nl
        ));
    }
}

fn kind_text(def: &FieldDef) -> String {
    match def.kind {
        Kind::Text => match def.form {
            Form::Any => format!("text, 1 to {} octets", def.max),
            Form::Name => format!("`[a-z0-9.-]`, 1 to {}", def.max),
            Form::Day => "calendar day".to_owned(),
        },
        Kind::Number => format!("whole number, 0 to {}", def.max),
        Kind::Signed => format!("whole number, {} to {}", def.min, def.max),
        Kind::Flag => "yes or no".to_owned(),
        Kind::Word(words) => words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(" "),
        Kind::Time => "time".to_owned(),
        Kind::Address => "IP address".to_owned(),
        Kind::Party => "party, value 1 to 255 octets".to_owned(),
        Kind::Parties => format!("1 to {} parties", def.max),
    }
}

/// JSON Schema (2020-12) of one type's JSON line: every key, nothing else allowed.
pub fn json_schema(record_type: RecordType) -> String {
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    let mut required: Vec<String> = Vec::new();
    const TIME: &str = r#"{"pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}\\+00:00$","type":"string"}"#;
    const TEXT: &str = r#"{"minLength":1,"type":"string"}"#;
    for (key, schema) in [
        ("category", format!(r#"{{"const":"{}"}}"#, record_type.slug())),
        ("datetime", TIME.to_owned()),
        ("message", TEXT.to_owned()),
        ("received_at", TIME.to_owned()),
        ("timestamp_desc", TEXT.to_owned()),
    ] {
        properties.insert(key.to_owned(), schema);
        required.push(key.to_owned());
    }
    for def in record_type.fields() {
        let mut add = |key: String, schema: String| {
            if def.required {
                required.push(key.clone());
            }
            properties.insert(key, schema);
        };
        if def.kind == Kind::Time {
            if def.name != "t_event" {
                add(def.name.to_owned(), TIME.to_owned());
            }
            add(format!("{}_raw", def.name), TEXT.to_owned());
            add(format!("{}_unit", def.name), r#"{"enum":["s","ms","us","ns","rfc3339"]}"#.to_owned());
        } else {
            add(def.name.to_owned(), kind_schema(def));
        }
    }
    required.sort();
    let properties: Vec<String> = properties.iter().map(|(key, schema)| format!("    \"{key}\": {schema}")).collect();
    let required: Vec<String> = required.iter().map(|key| format!("\"{key}\"")).collect();
    format!(
        "{{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"waarborg-{}/v1\",\n  \
         \"type\": \"object\",\n  \"additionalProperties\": false,\n  \"required\": [{}],\n  \"properties\": {{\n{}\n  }}\n}}\n",
        record_type.slug(),
        required.join(", "),
        properties.join(",\n")
    )
}

/// The schema of one value. Lengths are octets in our rules and characters in JSON Schema; a limit in characters that
/// equals our limit in octets admits everything that we admit.
fn kind_schema(def: &FieldDef) -> String {
    let mut description = String::new();
    push_json_text(&mut description, def.en);
    let party = || {
        let kinds: Vec<&str> = PartyKind::ALL.iter().map(|kind| kind.word()).collect();
        format!(r#"{{"pattern":"^({}):","type":"string"}}"#, kinds.join("|"))
    };
    let inner = match def.kind {
        Kind::Text => match def.form {
            Form::Any => format!(r#""maxLength":{},"minLength":1,"type":"string""#, def.max),
            Form::Name => format!(r#""maxLength":{},"pattern":"^[a-z0-9.-]+$","type":"string""#, def.max),
            Form::Day => r#""pattern":"^[0-9]{4}-[0-9]{2}-[0-9]{2}$","type":"string""#.to_owned(),
        },
        Kind::Number => format!(r#""maximum":{},"minimum":0,"type":"integer""#, def.max),
        Kind::Signed => format!(r#""maximum":{},"minimum":{},"type":"integer""#, def.max, def.min),
        Kind::Flag => r#""type":"boolean""#.to_owned(),
        Kind::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            format!(r#""enum":[{}]"#, words.join(","))
        }
        Kind::Address | Kind::Time => r#""type":"string""#.to_owned(),
        Kind::Party => party().trim_matches(['{', '}']).to_owned(),
        Kind::Parties => format!(r#""items":{},"maxItems":{},"minItems":1,"type":"array""#, party(), def.max),
    };
    format!(r#"{{"description":{description},{inner}}}"#)
}
