//! `[[desk.registry]]`: an edition counts by the statement that names it, the policy keys under it, and its proof in PUBLIC; nobody's word for
//! when it stood there (RGY-04, RGY-06, T9).

use super::*;
use harness::fixture::LogSim;
use harness::fixture::world::PUBLIC;
use law::registry::{Registry, Standing};
use node::cases::body::BodyKey;
use node::desk::config::{DeskConfig, EditionConfig};
use node::desk::{Arrival, Ask, Desk, NotTaken, Setup, Taken};
use std::path::{Path, PathBuf};
use verify::log::note::{SignedNote, Signer};
use verify::log::proof::TlogProof;
use verify::names::DirectoryId;
use verify::statement::RegistryNotice;

const HOUR: u64 = 3_600;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples").join(name)
}

/// Files of an edition as a provider keeps them: cosigned at this time.
fn edition(folder: &Path, name: &str, notice: RegistryNotice, signers: &[&str], logged_at: u64) -> EditionConfig {
    let people = &scene().good.world;
    let signers: Vec<&Signer> = signers.iter().map(|name| people.signer(name)).collect();
    let signed = SignedStatement::sign(Statement::Registry(notice), &signers).unwrap().to_bytes();
    let mut public = LogSim::new(PUBLIC);
    public.fill(3);
    let index = public.push(&signed);
    let cosigned: Vec<_> = people.witnesses().into_iter().map(|witness| (witness, logged_at)).collect();
    let note = SignedNote::parse(&public.note(index + 1, people.signer(PUBLIC), &cosigned)).unwrap();
    let proof = TlogProof::new(index, public.place(index, index + 1).path, note);
    let config = EditionConfig {
        file: sample("registry.toml"),
        statement_file: folder.join(format!("{name}.statement")),
        proof_file: folder.join(format!("{name}.tlog-proof")),
    };
    std::fs::write(&config.statement_file, signed).unwrap();
    std::fs::write(&config.proof_file, proof.to_bytes()).unwrap();
    config
}

fn notice() -> RegistryNotice {
    Registry::parse(&std::fs::read_to_string(sample("registry.toml")).unwrap()).unwrap().notice()
}

fn other_edition() -> RegistryNotice {
    RegistryNotice { registry_hash: [1; 32], ..notice() }
}

fn setup(edition: EditionConfig, now: u64) -> Result<Setup, String> {
    let config = DeskConfig {
        provider_file: sample("provider.toml"),
        registry: vec![edition],
        rules_dir: None,
        profile_files: Vec::new(),
        anchor_files: Vec::new(),
        trusted_lists: Vec::new(),
        revocation_list_files: Vec::new(),
        etsi: None,
    };
    config.setup(&scene().rules.policy, now)
}

#[test]
fn rgy_06_an_edition_loads_with_its_proof_and_holds_when_it_has_waited() {
    let folder = tempfile::tempdir().unwrap();
    let logged_at = at(8, 0);
    let setup = setup(edition(folder.path(), "edition", notice(), &["policy-1", "policy-2"], logged_at), at(9, 0)).unwrap();
    let id = DirectoryId::parse("parket.example").unwrap();
    let holds = |now: u64| matches!(setup.registry.standing(&id, now), Standing::InForce(_));
    assert!(!holds(logged_at + 72 * HOUR - 1) && holds(logged_at + 72 * HOUR + 60), "72 hours from the latest time that the proof allows");
    // The same at the desk: a call to its number counts when the entry does.
    let key = BodyKey::generate(&mut SeededEntropy::new([95; 32]));
    let mut desk = Desk::create(&folder.path().join("desk.db"), key, Arc::new(setup)).unwrap();
    let original = std::fs::read(sample("epoc.xml")).unwrap();
    let now = at(9, 0) + 320 * 24 * HOUR;
    let early = logged_at + 71 * HOUR;
    let arrival = Arrival { door: "http", sender: String::new(), original: original.clone(), transcription: None, about: None };
    let read = desk.setup().read(&original, None, early);
    let taken = desk.take_in(early, &arrival, read, &mut SeededEntropy::new([96; 32]));
    let Ok(Taken::Order(receipt)) = taken else { panic!("{taken:?}") };
    let call = || Ask::CalledBack {
        authority: "parket.example".into(),
        number: "+31205550101".into(),
        called_by: "An".into(),
        confirmed_by: "Bo".into(),
    };
    match desk.act(early, receipt.number, "An", call(), &mut SeededEntropy::new([97; 32])) {
        Err(NotTaken::Refused(refused)) => assert_eq!(refused.code, "RGY-05"),
        other => panic!("{:?}", other.map(|head| head.state)),
    }
    assert!(desk.act(now, receipt.number, "An", call(), &mut SeededEntropy::new([98; 32])).is_ok());
}

#[test]
fn rgy_06_what_does_not_stand_in_public_as_it_says_does_not_load() {
    let folder = tempfile::tempdir().unwrap();
    let both = ["policy-1", "policy-2"];
    let good = || edition(folder.path(), "edition", notice(), &both, at(8, 0));
    assert!(setup(good(), at(9, 0)).is_ok());
    let refused = |config: EditionConfig, what: &str| {
        let error = setup(config, at(9, 0)).err().unwrap_or_else(|| panic!("loaded: {what}"));
        assert!(!error.is_empty());
        error
    };
    assert!(refused(edition(folder.path(), "edition", other_edition(), &both, at(8, 0)), "another edition").contains("RGY-06"));
    let hasty = RegistryNotice { wait_hours: notice().wait_hours + 1, ..notice() };
    assert!(refused(edition(folder.path(), "edition", hasty, &both, at(8, 0)), "another waiting time").contains("RGY-06"));
    refused(edition(folder.path(), "edition", notice(), &["policy-1"], at(8, 0)), "one key of two");
    refused(edition(folder.path(), "edition", notice(), &["policy-1", "provider"], at(8, 0)), "a stranger's key");
    let (config, other) = (good(), edition(folder.path(), "other", other_edition(), &both, at(8, 0)));
    refused(EditionConfig { proof_file: other.proof_file, ..config.clone() }, "a proof of another leaf");
    let proof = std::fs::read(&config.proof_file).unwrap();
    std::fs::write(&config.proof_file, &proof[..proof.len() / 2]).unwrap();
    refused(config, "half a proof");
}
