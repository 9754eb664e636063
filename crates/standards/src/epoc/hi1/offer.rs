//! What a provider publishes that it can answer, as GETCSPCONFIG: from the same file that gate 11 judges by. Content has no way in:
//! [`law::gates::Provider`] does not read with it, and [`crate::etsi::desk::Desk::new`] refuses it once more.

use super::{FORMATS, REQUEST_TYPES};
use crate::etsi::approval::{DictionaryEntries, DictionaryEntry};
use crate::etsi::config::{CspConfig, TargetingConfiguration, TargetingConfigurations};
use crate::etsi::time::{QualifiedDateTime, UnixSeconds};
use crate::etsi::values::ShortString;
use law::gates::Provider;

/// One row for each identifier format, with the request types of which every class is answered.
pub fn offer(provider: &Provider, last_changed: UnixSeconds) -> CspConfig {
    let answers = |class| provider.answers.iter().any(|option| option.class() == class);
    let types = || {
        let offered = REQUEST_TYPES.iter().filter(|(_, classes)| classes.iter().all(|class| answers(*class)));
        DictionaryEntries { entries: offered.filter_map(|(name, _)| DictionaryEntry::etsi("RequestType", name)).collect() }
    };
    let formats = FORMATS.iter().filter(|(kind, _)| provider.identifier_kinds.contains(kind));
    let configurations = formats.filter_map(|(_, name)| {
        Some(TargetingConfiguration {
            format_name: ShortString::parse(name)?,
            format_owner: ShortString::parse("ETSI")?,
            guidance: None,
            li_service_types: None,
            ld_types: Some(types()),
            ld_subtypes: None,
            lp_types: Some(types()),
            lp_subtypes: None,
        })
    });
    CspConfig {
        last_changed: QualifiedDateTime::from_unix(last_changed),
        dictionaries: None,
        formats: None,
        targeting: TargetingConfigurations { configurations: configurations.collect() },
        li_endpoints: None,
        lp_endpoints: None,
        ld_endpoints: None,
    }
}
