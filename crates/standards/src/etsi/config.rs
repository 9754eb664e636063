//! What a provider says that it can answer (GETCSPCONFIG). ETSI's own schema of this part is not among our copies: the
//! element names are those of the example, and the wrapper schema's stub checks nothing here, so this model is the check.

use super::approval::{DictionaryEntries, DictionaryEntry};
use super::codec::sequence;
use super::time::QualifiedDateTime;
use super::values::*;
use crate::etsi::codec::Some1;

sequence! {
    CspConfig in CORE {
        last_changed: QualifiedDateTime = "LastChanged",
        dictionaries: Option<Dictionaries> = "Dictionaries",
        formats: Option<TargetFormats> = "TargetFormatTypeDefinitions",
        targeting: TargetingConfigurations = "TargetingConfigurations",
        li_endpoints: Option<InterceptionEndpoints> = "SupportedLIWorkflowEndpoints",
        lp_endpoints: Option<PreservationEndpoints> = "SupportedLPWorkflowEndpoints",
        ld_endpoints: Option<DisclosureEndpoints> = "SupportedLDWorkflowEndpoints",
    }
    Dictionaries in DICTIONARIES { dictionaries: Vec<Dictionary> = "Dictionary" }
    Dictionary in DICTIONARIES {
        owner: ShortString = "Owner",
        name: ShortString = "Name",
        entries: Meanings = "DictionaryEntries",
    }
    Meanings in DICTIONARIES { entries: Vec<Meaning> = "DictionaryEntry" }
    Meaning in DICTIONARIES {
        value: ShortString = "Value",
        meaning: Option<LongString> = "Meaning",
    }
    TargetFormats in CONFIG {
        owner: ShortString = "FormatOwner",
        entries: TargetFormatEntries = "TargetFormatTypeDefinitionEntries",
    }
    TargetFormatEntries in CONFIG { entries: Vec<TargetFormat> = "TargetFormatTypeDefinitionEntry" }
    TargetFormat in CONFIG {
        name: ShortString = "FormatName",
        description: LongString = "Description",
        /// For people and for authorities' programs. We judge our own identifiers by our own selectors.
        regex: LongString = "FormatRegex",
    }
    TargetingConfigurations in CONFIG { configurations: Vec<TargetingConfiguration> = "TargetingConfiguration" }
    TargetingConfiguration in CONFIG {
        format_name: ShortString = "FormatName",
        format_owner: ShortString = "FormatOwner",
        guidance: Option<LongString> = "Guidance",
        li_service_types: Option<DictionaryEntries> = "AssociatedLIServiceTypes",
        ld_types: Option<DictionaryEntries> = "AssociatedLDRequestTypes",
        ld_subtypes: Option<DictionaryEntries> = "AssociatedLDRequestSubtypes",
        lp_types: Option<DictionaryEntries> = "AssociatedLPRequestTypes",
        lp_subtypes: Option<DictionaryEntries> = "AssociatedLPRequestSubtypes",
    }
    InterceptionEndpoints in CONFIG { endpoints: Vec<InterceptionEndpoint> = "SupportedLIWorkflowEndpoint" }
    InterceptionEndpoint in CONFIG {
        endpoint: DictionaryEntry = "LIWorkflowEndpoint",
        guidance: Option<LongString> = "Guidance",
        url: LongString = "URL",
    }
    PreservationEndpoints in CONFIG { endpoints: Vec<PreservationEndpoint> = "SupportedLPWorkflowEndpoint" }
    PreservationEndpoint in CONFIG {
        endpoint: DictionaryEntry = "LPWorkflowEndpoint",
        guidance: Option<LongString> = "Guidance",
        url: LongString = "URL",
    }
    DisclosureEndpoints in CONFIG { endpoints: Vec<DisclosureEndpoint> = "SupportedLDWorkflowEndpoint" }
    DisclosureEndpoint in CONFIG {
        endpoint: DictionaryEntry = "LDWorkflowEndpoint",
        guidance: Option<LongString> = "Guidance",
        url: LongString = "URL",
    }
    /// ETSI's base file and every profile have this root.
    DictionaryFile in DICTIONARIES { dictionaries: Some1<Dictionary> = "Dictionary" }
}
