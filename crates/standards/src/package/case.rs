//! `data/case.jsonld`: CASE/UCO about files, tools and actions, never about single records.
//!
//! Provided, not relied upon. Validating costs about 0.08 CPU-seconds an object, so evidence files, of which there can be
//! thousands, are left to the manifests. Identifiers are made from digests, so the file is the same each time.

use super::{Action, QueryRun};
use seal::catalogue::format_rfc3339;
use std::collections::{BTreeMap, BTreeSet};
use verify::package::digest::{Sums, sha256};
use verify::package::json::{Value, object};
use verify::package::statement::CompletenessStatement;
use verify::spelling;

const CONTEXT: [(&str, &str); 9] = [
    ("kb", "urn:waarborg:production:"),
    ("case-investigation", "https://ontology.caseontology.org/case/investigation/"),
    ("uco-action", "https://ontology.unifiedcyberontology.org/uco/action/"),
    ("uco-core", "https://ontology.unifiedcyberontology.org/uco/core/"),
    ("uco-identity", "https://ontology.unifiedcyberontology.org/uco/identity/"),
    ("uco-observable", "https://ontology.unifiedcyberontology.org/uco/observable/"),
    ("uco-tool", "https://ontology.unifiedcyberontology.org/uco/tool/"),
    ("uco-types", "https://ontology.unifiedcyberontology.org/uco/types/"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// The whole document. `files` are those made so far; records, statement, queries and the order are described.
pub fn document(statement: &CompletenessStatement, actions: &[Action], queries: &[QueryRun], files: &BTreeMap<String, Sums>) -> Vec<u8> {
    let names = Names { production: &statement.production };
    let mut graph = Vec::new();
    let mut references = Vec::new();
    let described = files.iter().filter(|(name, _)| !name.starts_with("data/evidence/") && !name.starts_with("data/schema/"));
    for (name, sums) in described.filter(|(name, _)| !name.ends_with(".html")) {
        references.push(names.reference("file", name));
        graph.push(names.file(name, sums));
    }
    let performers: BTreeSet<&str> = actions.iter().map(|action| action.performer.as_str()).collect();
    graph.extend(performers.into_iter().map(|performer| names.performer(performer)));
    let tools: BTreeSet<(&str, &str)> = queries.iter().map(|query| (query.connector.as_str(), query.connector_version.as_str())).collect();
    graph.extend(tools.iter().map(|(name, version)| names.tool(name, version)));
    let instruments: Vec<Value> = tools.iter().map(|(name, version)| names.reference("tool", &format!("{name} {version}"))).collect();
    for (number, action) in actions.iter().enumerate() {
        let is_opening = number + 1 == actions.len();
        let results = if is_opening { references.clone() } else { Vec::new() };
        graph.push(names.action(number, action, if is_opening { &instruments } else { &[] }, results));
    }
    graph.push(names.provenance(statement, references));
    let context = CONTEXT.iter().map(|(prefix, address)| ((*prefix).to_owned(), Value::from(*address))).collect();
    Value::Object(object([("@context", Value::Object(context)), ("@graph", Value::List(graph))])).to_document()
}

struct Names<'a> {
    production: &'a str,
}

impl Names<'_> {
    /// `kb:<kind>-<UUID>` from a SHA-256 over production, kind and name. Marked as version 5 (by name): the ontology's
    /// own checker knows no version above it.
    fn id(&self, kind: &str, name: &str) -> String {
        let digest = sha256(&[self.production.as_bytes(), b"\0", kind.as_bytes(), b"\0", name.as_bytes()]);
        let mut octets = digest;
        octets[6] = 0x50 | octets[6] & 0x0F;
        octets[8] = 0x80 | octets[8] & 0x3F;
        let hex = spelling::hex(&octets[..16]);
        format!("kb:{kind}-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    fn reference(&self, kind: &str, name: &str) -> Value {
        Value::Object(object([("@id", self.id(kind, name).into())]))
    }

    fn file(&self, name: &str, sums: &Sums) -> Value {
        let hash = object([
            ("@id", self.id("hash", name).into()),
            ("@type", "uco-types:Hash".into()),
            ("uco-types:hashMethod", "SHA256".into()),
            ("uco-types:hashValue", typed("xsd:hexBinary", spelling::hex(&sums.sha256))),
        ]);
        let facet = object([
            ("@id", self.id("file-facet", name).into()),
            ("@type", "uco-observable:FileFacet".into()),
            ("uco-observable:fileName", name.into()),
            ("uco-observable:sizeInBytes", typed("xsd:integer", sums.size.to_string())),
        ]);
        let content = object([
            ("@id", self.id("content-facet", name).into()),
            ("@type", "uco-observable:ContentDataFacet".into()),
            ("uco-observable:hash", Value::List(vec![Value::Object(hash)])),
        ]);
        Value::Object(object([
            ("@id", self.id("file", name).into()),
            ("@type", "uco-observable:File".into()),
            ("uco-core:hasFacet", Value::List(vec![Value::Object(facet), Value::Object(content)])),
        ]))
    }

    fn tool(&self, name: &str, version: &str) -> Value {
        Value::Object(object([
            ("@id", self.id("tool", &format!("{name} {version}")).into()),
            ("@type", "uco-tool:Tool".into()),
            ("uco-core:name", name.into()),
            ("uco-tool:version", version.into()),
        ]))
    }

    fn performer(&self, name: &str) -> Value {
        Value::Object(object([
            ("@id", self.id("organisation", name).into()),
            ("@type", "uco-identity:Organization".into()),
            ("uco-core:name", name.into()),
        ]))
    }

    fn action(&self, number: usize, action: &Action, instruments: &[Value], results: Vec<Value>) -> Value {
        let mut out = object([
            ("@id", self.id("action", &number.to_string()).into()),
            ("@type", "case-investigation:InvestigativeAction".into()),
            ("uco-core:name", action.name.as_str().into()),
            ("uco-action:performer", self.reference("organisation", &action.performer)),
            ("uco-action:startTime", typed("xsd:dateTime", format_rfc3339(action.from.saturating_mul(1000)))),
            ("uco-action:endTime", typed("xsd:dateTime", format_rfc3339(action.until.saturating_mul(1000)))),
        ]);
        for (key, values) in [("uco-action:instrument", instruments.to_vec()), ("uco-action:result", results)] {
            if !values.is_empty() {
                out.insert(key.to_owned(), Value::List(values));
            }
        }
        Value::Object(out)
    }

    fn provenance(&self, statement: &CompletenessStatement, objects: Vec<Value>) -> Value {
        Value::Object(object([
            ("@id", self.id("provenance", "production").into()),
            ("@type", "case-investigation:ProvenanceRecord".into()),
            ("case-investigation:exhibitNumber", statement.production.as_str().into()),
            ("uco-core:description", format!("Production for {} by {}", statement.case_reference, statement.sender).into()),
            ("uco-core:object", Value::List(objects)),
        ]))
    }
}

fn typed(kind: &str, text: String) -> Value {
    Value::Object(object([("@type", kind.into()), ("@value", text.into())]))
}
