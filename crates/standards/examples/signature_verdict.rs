//! For the foreign judges of interop/signatures.sh.
//!
//! `signature_verdict FILE…` prints `valid` or the rule that refuses each file, by its ending.
//! `signature_verdict --canonical FOLDER` writes the canonical forms of every `.xml` beside it, as `.c14n10`, `.c14n11`, `.exclusive`.

use standards::signature::xml::{Canonical, Limits, Method, Parsed};
use standards::signature::{cms, jws, pdf, xml};
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [flag, folder] if flag == "--canonical" => canonical(Path::new(folder)),
        files => files.iter().try_for_each(|file| verdict(Path::new(file))),
    }
}

fn verdict(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let octets = fs::read(path)?;
    let checked = match path.extension().and_then(|e| e.to_str()) {
        Some("xml") => xml::check(&octets),
        Some("pdf") => pdf::check(&octets),
        Some("jws" | "json") => jws::check(&octets, &[]),
        _ => cms::check(&octets, None),
    };
    println!("{} {}", path.display(), checked.map_or_else(|refusal| refusal.code(), |_| "valid"));
    Ok(())
}

fn canonical(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|e| e != "xml") {
            continue;
        }
        let octets = fs::read(&path)?;
        let parsed = Parsed::parse(&octets, Limits::ORDER).map_err(|refusal| format!("{}: {refusal:?}", path.display()))?;
        for (method, ending) in
            [(Method::Inclusive10, "c14n10"), (Method::Inclusive11, "c14n11"), (Method::Exclusive(Vec::new()), "exclusive")]
        {
            let written = Canonical::of(&parsed, parsed.tree.root_element(), &method, &[]).map_err(|refusal| format!("{refusal:?}"))?;
            fs::write(path.with_extension(ending), written)?;
        }
    }
    Ok(())
}
