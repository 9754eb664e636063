//! `data/schema/<category>.json` and `.dictionary.json`: what the rows of a category may hold, and what it means.
//!
//! Both follow from the closed catalogue. The reader makes them again and compares, so no package can widen its own
//! schema by a column for content (PKG-33).

use super::json::{Object, Value, object};
use super::table;
use seal::catalogue::{FieldDef, RecordType, json_schema};
use std::collections::BTreeMap;

const ROW_KEYS: &str = "    \"item\": {\"description\":\"Number of the ordered item in statement.json, from 1\",\"minimum\":1,\"type\":\"integer\"},\n    \
    \"row_id\": {\"description\":\"Number of the row in this file, from 1\",\"minimum\":1,\"type\":\"integer\"},\n";

/// JSON Schema (2020-12) of a row: the catalogue's, with the two keys that a package adds.
pub fn json_schema_of_rows(record_type: RecordType) -> Vec<u8> {
    let schema = json_schema(record_type);
    let schema = schema.replacen("\"required\": [", "\"required\": [\"item\", \"row_id\", ", 1);
    schema.replacen("\"properties\": {\n", &format!("\"properties\": {{\n{ROW_KEYS}"), 1).into_bytes()
}

/// The data dictionary: every column in CSV order with its unit, whose word it is, and its meaning; and how the CSV differs.
pub fn dictionary(record_type: RecordType) -> Vec<u8> {
    let fields: BTreeMap<&str, &FieldDef> = record_type.fields().map(|field| (field.name, field)).collect();
    let columns = table::columns(record_type).into_iter().map(|name| {
        let stem = name.strip_suffix("_raw").or_else(|| name.strip_suffix("_unit")).unwrap_or(&name);
        let mut out = object([("name", name.as_str().into())]);
        match fields.get(stem) {
            Some(field) => describe(field, &mut out),
            None => describe_own(&name, &mut out),
        }
        Value::Object(out)
    });
    let columns = columns.collect();
    Value::Object(object([
        ("format", "waarborg-dictionary/v1".into()),
        ("category", record_type.slug().into()),
        ("columns", Value::List(columns)),
        ("csv", words(CSV_NOTE)),
        ("missing", words(MISSING_NOTE)),
    ]))
    .to_document()
}

fn describe(field: &FieldDef, out: &mut Object) {
    for (key, text) in [("unit", field.unit), ("origin", field.origin), ("en", field.en), ("nl", field.nl)] {
        if !text.is_empty() {
            out.insert(key.to_owned(), text.into());
        }
    }
    out.insert("required".to_owned(), field.required.into());
}

/// Columns that every row has, whatever its category.
fn describe_own(name: &str, out: &mut Object) {
    let own = OWN.iter().find(|(column, _)| *column == name);
    if let Some((_, texts)) = own
        && let Value::Object(texts) = words(*texts)
    {
        out.extend(texts);
    }
    out.insert("required".to_owned(), true.into());
}

/// en, nl, fr, de.
fn words(texts: [&str; 4]) -> Value {
    let [en, nl, fr, de] = texts.map(Value::from);
    Value::Object(object([("en", en), ("nl", nl), ("fr", fr), ("de", de)]))
}

const OWN: [(&str, [&str; 4]); 7] = [
    (
        "row_id",
        [
            "Number of the row in its file, from 1.",
            "Nummer van de regel in het bestand, vanaf 1.",
            "Numéro de la ligne dans le fichier, à partir de 1.",
            "Nummer der Zeile in der Datei, ab 1.",
        ],
    ),
    (
        "item",
        [
            "Number of the ordered item in statement.json, from 1.",
            "Nummer van het gevorderde onderdeel in statement.json, vanaf 1.",
            "Numéro de l'élément demandé dans statement.json, à partir de 1.",
            "Nummer des angeordneten Punktes in statement.json, ab 1.",
        ],
    ),
    (
        "datetime",
        [
            "When it happened, UTC. timestamp_desc names the clock.",
            "Wanneer het gebeurde, UTC. timestamp_desc noemt de klok.",
            "Moment de l'événement, UTC. timestamp_desc nomme l'horloge.",
            "Zeitpunkt des Ereignisses, UTC. timestamp_desc nennt die Uhr.",
        ],
    ),
    (
        "timestamp_desc",
        [
            "What happened, and by whose clock.",
            "Wat er gebeurde, en volgens wiens klok.",
            "Ce qui s'est passé, et selon quelle horloge.",
            "Was geschah, und nach wessen Uhr.",
        ],
    ),
    (
        "message",
        [
            "The row as a sentence, made from the other columns.",
            "De regel als zin, gemaakt uit de andere kolommen.",
            "La ligne sous forme de phrase, tirée des autres colonnes.",
            "Die Zeile als Satz, aus den anderen Spalten gebildet.",
        ],
    ),
    ("category", ["Category of the record.", "Categorie van het gegeven.", "Catégorie de la donnée.", "Kategorie des Datensatzes."]),
    (
        "received_at",
        [
            "When the provider's sealing service received the record, UTC.",
            "Wanneer de verzegeldienst van de aanbieder het gegeven ontving, UTC.",
            "Moment de réception par le service de scellement du fournisseur, UTC.",
            "Empfang durch den Versiegelungsdienst des Anbieters, UTC.",
        ],
    ),
];

const CSV_NOTE: [&str; 4] = [
    "The CSV has the same rows as the JSONL file. A text that begins with = + - or @ has an apostrophe before it, and hidden characters are written <U+XXXX>; the JSONL file has the raw value.",
    "Het CSV-bestand heeft dezelfde regels als het JSONL-bestand. Een tekst die met = + - of @ begint krijgt een apostrof ervoor, en verborgen tekens staan er als <U+XXXX>; het JSONL-bestand heeft de ruwe waarde.",
    "Le fichier CSV a les mêmes lignes que le fichier JSONL. Un texte qui commence par = + - ou @ est précédé d'une apostrophe, et les caractères cachés sont écrits <U+XXXX> ; le fichier JSONL contient la valeur brute.",
    "Die CSV-Datei hat dieselben Zeilen wie die JSONL-Datei. Ein Text, der mit = + - oder @ beginnt, hat einen Apostroph davor, und verborgene Zeichen stehen als <U+XXXX> da; die JSONL-Datei enthält den rohen Wert.",
];

const MISSING_NOTE: [&str; 4] = [
    "An absent key, or an empty cell, was not held or not known. No value that is present is empty.",
    "Een ontbrekende sleutel, of een lege cel, werd niet bewaard of was niet bekend. Geen aanwezige waarde is leeg.",
    "Une clé absente, ou une cellule vide, n'était pas conservée ou pas connue. Aucune valeur présente n'est vide.",
    "Ein fehlender Schlüssel oder eine leere Zelle wurde nicht gespeichert oder war nicht bekannt. Kein vorhandener Wert ist leer.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_meaning_in_the_dictionary_and_a_place_in_the_schema() {
        for record_type in RecordType::ALL {
            let dictionary = Value::parse_document(&dictionary(record_type)).unwrap();
            let schema = String::from_utf8(json_schema_of_rows(record_type)).unwrap();
            for column in dictionary.as_object().unwrap()["columns"].as_list().unwrap() {
                let column = column.as_object().unwrap();
                let name = column["name"].as_text().unwrap();
                assert!(column.contains_key("en") && column.contains_key("nl"), "{name}");
                assert!(schema.contains(&format!("    \"{name}\": ")), "{name}");
            }
            assert!(schema.contains("\"required\": [\"item\", \"row_id\", \""));
        }
    }

    #[test]
    fn every_own_column_is_described_by_its_own_words() {
        let dictionary = Value::parse_document(&dictionary(RecordType::Traffic)).unwrap();
        let described: BTreeMap<&str, &str> = dictionary.as_object().unwrap()["columns"]
            .as_list()
            .unwrap()
            .iter()
            .filter_map(|column| column.as_object())
            .map(|column| (column["name"].as_text().unwrap(), column["nl"].as_text().unwrap()))
            .collect();
        for (name, [_, nl, ..]) in OWN {
            assert_eq!(described.get(name), Some(&nl), "{name}");
        }
    }
}
