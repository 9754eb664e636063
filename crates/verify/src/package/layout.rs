//! Which files a package has: the closed list of docs/spec/package.md, and the media type of each.

use super::Refusal;
use std::collections::BTreeSet;

pub const MIMETYPE: &str = "mimetype";
/// Exact content of `mimetype`: no line feed.
pub const MIMETYPE_TEXT: &[u8] = b"application/vnd.etsi.asic-e+zip";
pub const BAGIT: &str = "bagit.txt";
pub const BAG_INFO: &str = "bag-info.txt";
pub const MANIFEST_256: &str = "manifest-sha256.txt";
pub const MANIFEST_512: &str = "manifest-sha512.txt";
pub const TAG_MANIFEST_256: &str = "tagmanifest-sha256.txt";
pub const TAG_MANIFEST_512: &str = "tagmanifest-sha512.txt";
pub const ASIC_MANIFEST: &str = "META-INF/ASiCManifest.xml";
pub const SIGNATURE: &str = "META-INF/signature.p7s";
pub const STAMP_MANIFEST: &str = "META-INF/ASiCManifest-timestamp.xml";
pub const STAMP: &str = "META-INF/timestamp.tst";
pub const LOG_FILE: &str = "META-INF/waarborg-log.json";
pub const STATEMENT: &str = "data/statement.json";
pub const QUERIES: &str = "data/queries.json";
pub const CASE: &str = "data/case.jsonld";
pub const LANGUAGES: [&str; 4] = ["de", "en", "fr", "nl"];

const ORDER_FOLDER: &str = "data/order/";
const RECORDS_FOLDER: &str = "data/records/";
const EVIDENCE_FOLDER: &str = "data/evidence/";
const SCHEMA_FOLDER: &str = "data/schema/";

/// Longest entry name. Windows limits whole paths to 260; this leaves room for a folder of the receiver.
pub const NAME_LEN_MAX: usize = 160;

pub fn readme(language: &str) -> String {
    format!("data/README.{language}.html")
}
pub fn records_jsonl(category: &str) -> String {
    format!("{RECORDS_FOLDER}{category}.jsonl")
}
pub fn records_csv(category: &str) -> String {
    format!("{RECORDS_FOLDER}{category}.csv")
}
pub fn schema(category: &str) -> String {
    format!("{SCHEMA_FOLDER}{category}.json")
}
pub fn dictionary(category: &str) -> String {
    format!("{SCHEMA_FOLDER}{category}.dictionary.json")
}
pub fn evidence(category: &str, slot_no: u64) -> String {
    format!("{EVIDENCE_FOLDER}{category}-{slot_no}.wbe")
}
pub fn order(name: &str) -> String {
    format!("{ORDER_FOLDER}{name}")
}

/// A slug: category or production id. 1 to 64 of `a-z 0-9 -`, a letter or digit at both ends.
pub fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// PKG-04: ASCII letters, digits, `.`, `_`, `-` and `/`; no empty part, none that begins or ends with a dot.
///
/// So there is no `..`, no absolute path, no drive letter, no backslash, no hidden file, and nothing that a terminal,
/// a spreadsheet or a file system shows as something else. Device names of Windows are refused as well.
pub fn is_name(name: &str) -> bool {
    (1..=NAME_LEN_MAX).contains(&name.len()) && name.split('/').all(is_part)
}

fn is_part(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or("").to_ascii_lowercase();
    let is_device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem.ends_with(|c: char| c.is_ascii_digit()));
    !part.is_empty()
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && !part.starts_with('.')
        && !part.ends_with('.')
        && !part.starts_with('-')
        && !is_device
}

/// Media type by file name: fixed, so that the signed manifest has one spelling.
pub fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "jsonld" => "application/ld+json",
        "csv" => "text/csv",
        "html" => "text/html",
        "txt" => "text/plain",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "p7s" => "application/pkcs7-signature",
        "tst" => "application/vnd.etsi.timestamp-token",
        _ => "application/octet-stream",
    }
}

/// What the file names of a package say: which categories have rows, which slots have evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub categories: BTreeSet<String>,
    /// Names of evidence files, ascending.
    pub evidence: BTreeSet<String>,
    pub orders: BTreeSet<String>,
    pub has_stamp: bool,
}

impl Layout {
    /// PKG-08: every name belongs to the layout and nothing is missing.
    pub fn of<'a>(names: impl Iterator<Item = &'a str>) -> Result<Layout, Refusal> {
        let names: BTreeSet<&str> = names.collect();
        let mut layout = Layout::default();
        let mut required: BTreeSet<String> = fixed().map(str::to_owned).collect();
        required.extend(LANGUAGES.iter().map(|language| readme(language)));
        layout.has_stamp = names.contains(STAMP) || names.contains(STAMP_MANIFEST);
        if layout.has_stamp {
            required.extend([STAMP.to_owned(), STAMP_MANIFEST.to_owned()]);
        }
        for name in names.iter().filter(|name| !required.contains(**name)) {
            layout.place(name).ok_or_else(|| Refusal::Layout { file: (*name).to_owned() })?;
        }
        for category in &layout.categories {
            required.extend([records_jsonl(category), records_csv(category), schema(category), dictionary(category)]);
        }
        if layout.orders.is_empty() {
            return Err(Refusal::Layout { file: ORDER_FOLDER.to_owned() });
        }
        match required.into_iter().find(|name| !names.contains(name.as_str())) {
            Some(file) => Err(Refusal::Layout { file }),
            None => Ok(layout),
        }
    }

    /// Files whose names vary. None: not part of the layout.
    fn place(&mut self, name: &str) -> Option<()> {
        if let Some(rest) = name.strip_prefix(ORDER_FOLDER) {
            (!rest.contains('/')).then(|| self.orders.insert(name.to_owned()))?;
            return Some(());
        }
        if let Some(rest) = name.strip_prefix(EVIDENCE_FOLDER) {
            let (category, slot) = rest.strip_suffix(".wbe")?.rsplit_once('-')?;
            let slot_no: u64 = slot.parse().ok()?;
            (is_slug(category) && evidence(category, slot_no) == name).then(|| self.evidence.insert(name.to_owned()))?;
            return Some(());
        }
        let category = if let Some(rest) = name.strip_prefix(RECORDS_FOLDER) {
            rest.strip_suffix(".jsonl").or_else(|| rest.strip_suffix(".csv"))?
        } else {
            let stem = name.strip_prefix(SCHEMA_FOLDER)?.strip_suffix(".json")?;
            stem.strip_suffix(".dictionary").unwrap_or(stem)
        };
        is_slug(category).then(|| self.categories.insert(category.to_owned()))?;
        Some(())
    }
}

/// Files with one fixed name that every package has.
fn fixed() -> impl Iterator<Item = &'static str> {
    [
        MIMETYPE,
        BAGIT,
        BAG_INFO,
        MANIFEST_256,
        MANIFEST_512,
        TAG_MANIFEST_256,
        TAG_MANIFEST_512,
        ASIC_MANIFEST,
        SIGNATURE,
        LOG_FILE,
        STATEMENT,
        QUERIES,
        CASE,
    ]
    .into_iter()
}

/// Files that the payload manifests list.
pub fn is_payload(name: &str) -> bool {
    name.starts_with("data/")
}

/// Files that the tag manifests list: neither payload, nor below META-INF, nor tag manifests themselves.
pub fn is_tag_file(name: &str) -> bool {
    matches!(name, MIMETYPE | BAGIT | BAG_INFO | MANIFEST_256 | MANIFEST_512)
}

/// Files that the signed manifest lists: all that exist before it. `mimetype` has fixed content and is not a signed document.
pub fn is_signed(name: &str) -> bool {
    !matches!(name, MIMETYPE | ASIC_MANIFEST | SIGNATURE | STAMP_MANIFEST | STAMP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pkg_04_hostile_names_are_refused() {
        for name in [
            "",
            "/",
            "/etc/passwd",
            "../x",
            "data/../x",
            "data/..",
            "data//x",
            "data/",
            "C:/x",
            "data\\x",
            "data/\u{202e}fdp.exe",
            "data/a\nb",
            "data/\u{1b}[2J",
            "data/.ssh",
            "data/x.",
            "data/CON",
            "data/nul.txt",
            "data/com1.csv",
            "data/lpt1",
            "data/a b",
            "data/-rf",
            "data/é",
            "~/x",
            "data/%2e%2e/x",
            "data/x:ads",
        ] {
            assert!(!is_name(name), "{name:?}");
        }
        assert!(!is_name(&"a".repeat(161)));
        assert!(is_name("data/records/traffic-calls.jsonl") && is_name("META-INF/ASiCManifest.xml") && is_name("data/common.txt"));
        for name in ["data/company2", "data/lpt12", "data/abc1", "data/come", "data/lpta.txt", "data/com"] {
            assert!(is_name(name), "{name} is no device");
        }
        assert!(is_name(&"a".repeat(160)));
    }

    #[test]
    fn pkg_08_a_slug_begins_and_ends_with_a_letter_or_digit() {
        for text in ["a", "7", "a-1", "2026-0001", &"a".repeat(64)] {
            assert!(is_slug(text), "{text}");
        }
        for text in ["", "-a", "a-", "-", "A", "a_b", "a b", "\u{e9}", &"a".repeat(65)] {
            assert!(!is_slug(text), "{text}");
        }
    }

    #[test]
    fn pkg_08_files_of_a_category_are_named_by_its_slug() {
        for name in ["data/records/Traffic.jsonl", "data/records/-a.csv", "data/schema/a_b.json", "data/schema/.dictionary.json"] {
            let mut layout = Layout::default();
            assert_eq!((layout.place(name), layout.categories.len()), (None, 0), "{name}");
        }
        for name in
            ["data/records/traffic.jsonl", "data/records/traffic.csv", "data/schema/traffic.json", "data/schema/traffic.dictionary.json"]
        {
            let mut layout = Layout::default();
            assert!(layout.place(name).is_some() && layout.categories.iter().eq(["traffic"]), "{name}");
        }
    }

    #[test]
    fn pkg_08_a_stamp_and_its_manifest_come_together() {
        let without: Vec<String> = fixed().map(str::to_owned).chain(LANGUAGES.map(readme)).chain([order("epoc.xml")]).collect();
        let with = |more: &[&str]| {
            let names = without.iter().map(String::as_str).chain(more.iter().copied());
            Layout::of(names).map(|layout| layout.has_stamp)
        };
        let missing = |file: &str| Err(Refusal::Layout { file: file.to_owned() });
        assert_eq!(with(&[]), Ok(false));
        assert_eq!(with(&[STAMP, STAMP_MANIFEST]), Ok(true));
        // What is there belongs into a package; what is missing is named.
        assert_eq!(with(&[STAMP]), missing(STAMP_MANIFEST));
        assert_eq!(with(&[STAMP_MANIFEST]), missing(STAMP));
    }

    #[test]
    fn pkg_08_evidence_names_have_one_spelling() {
        for name in
            ["data/evidence/a-01.wbe", "data/evidence/a-+1.wbe", "data/evidence/-1.wbe", "data/evidence/a.wbe", "data/evidence/a-1/b-1.wbe"]
        {
            assert!(Layout::default().place(name).is_none(), "{name}");
        }
        assert!(Layout::default().place("data/evidence/traffic-calls-495000.wbe").is_some());
    }
}
