//! A national profile (TOML), and a message under it: what stands before the first line `---`, and after it. A profile makes readable what
//! its own messages may say, and nothing of another's (STD-13).
#![no_main]
use standards::etsi::message::Received;
use standards::etsi::profile::{Profile, Profiles};

fn of(profile: Profile) -> Profiles {
    let mut profiles = Profiles::default();
    profiles.add(profile);
    profiles
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (profile, message) = text.split_once("\n---\n").unwrap_or((text, ""));
    let Ok(profile) = toml::from_str::<Profile>(profile) else { return };
    let Ok(received) = Received::parse(message.as_bytes()) else { return };
    let loaded = of(profile.clone());
    let found = loaded.extensions(received.root());
    assert!(found.iter().all(|extension| profile.types.iter().any(|one| one.name == extension.name)), "only what the profile defines");
    if let Ok(read) = received.schema_under(&loaded) {
        let written = Received::parse(read.to_xml().as_bytes()).ok().and_then(|again| again.schema_under(&loaded).ok());
        assert_eq!(written.as_ref(), Some(&read), "what is written means what was read");
    }
    let other = of(Profile { owner: format!("not {}", profile.owner), ..profile });
    assert!(found.is_empty() || other.extensions(received.root()).is_empty(), "STD-13");
});
