//! `order sample`: the files of a first try, from the program itself, so that nobody needs a clone to see what an answer looks like.

use std::path::Path;

use serde_json::json;

use crate::exit::{Failure, Outcome};
use crate::{Global, Lang};

/// Name and content: the very samples of docs/samples, which tests load.
const FILES: [(&str, &str); 4] = [
    ("epoc.xml", include_str!("../../../../../docs/samples/epoc.xml")),
    ("provider.toml", include_str!("../../../../../docs/samples/provider.toml")),
    ("registry.toml", include_str!("../../../../../docs/samples/registry.toml")),
    ("received.toml", include_str!("../../../../../docs/samples/received.toml")),
];

/// Writes nothing over what is there: somebody may have filled it in.
pub fn write(folder: &Path, global: Global) -> Outcome {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    if let Some((name, _)) = FILES.iter().find(|(name, _)| folder.join(name).exists()) {
        let path = folder.join(name);
        return Err(Failure::usage(format!("{} is there already", path.display()), "name another folder")
            .in_dutch(format!("{} bestaat al", path.display()), "noem een andere map"));
    }
    for (name, text) in FILES {
        super::write_new(&folder.join(name), text.as_bytes())?;
    }
    if global.json {
        let names: Vec<_> = FILES.iter().map(|(name, _)| folder.join(name)).collect();
        println!("{}", json!({ "schema": "waarborg-order-sample/v1", "files": names }));
        return Ok(());
    }
    let at = folder.display();
    let [look, nothing, message] = match global.lang {
        Lang::En => ["what is it, and what is to be done?", "\"not stored\", as Form 3", "the same as a message of TS 103 120"],
        Lang::Nl => {
            ["wat is het, en wat moet er gebeuren?", "\"niet voorhanden\", als formulier 3", "hetzelfde als bericht van TS 103 120"]
        }
    };
    println!("# {look}");
    println!(
        "waarborg order check {at}/epoc.xml --provider {at}/provider.toml --registry {at}/registry.toml@2026-08-18T00:00:00Z --received-at 2026-11-20T17:10:00+01:00"
    );
    println!("# {nothing}\nwaarborg order answer {at}/epoc.xml --ground 4 --received-at 2026-11-20T17:10:00+01:00 --out {at}/form3.xml");
    println!(
        "# {message}\nwaarborg order translate {at}/epoc.xml --as etsi --sender NL:PARKET --receiver NL:NL-EXAMPLE --out {at}/order.xml"
    );
    Ok(())
}
