//! Common types: dictionary entries, approvals, time spans, checksums (ts_103120_Common.xsd).

use super::codec::{National, choice, sequence};
use super::time::QualifiedDateTime;
use super::values::*;
use crate::etsi::codec::Some1;

sequence! {
    /// Owner, name and value together: a value alone says nothing (etsi.md section 6).
    DictionaryEntry in COMMON {
        owner: ShortString = "Owner",
        name: ShortString = "Name",
        value: ShortString = "Value",
    }
    DictionaryEntries in COMMON { entries: Vec<DictionaryEntry> = "DictionaryEntry" }
    Timespan in COMMON {
        start: Option<QualifiedDateTime> = "StartTime",
        end: Option<QualifiedDateTime> = "EndTime",
    }
    ApprovalDetails in COMMON {
        approval_type: Option<LongString> = "ApprovalType",
        description: Option<LongString> = "ApprovalDescription",
        reference: Option<LongString> = "ApprovalReference",
        approver: Option<ApproverDetails> = "ApproverDetails",
        timestamp: Option<QualifiedDateTime> = "ApprovalTimestamp",
        is_emergency: Option<bool> = "ApprovalIsEmergency",
        signature: Option<National> = "ApprovalDigitalSignature",
        national: Option<National> = "ApprovalNationalDetails",
    }
    ApproverDetails in COMMON {
        name: Option<LongString> = "ApproverName",
        role: Option<LongString> = "ApproverRole",
        identity: Option<National> = "ApproverIdentity",
        contacts: Vec<ContactDetails> = "ApproverContactDetails",
    }
    /// Never used to call back: contacts come from the registry only (etsi.md section 6).
    ContactDetails in COMMON {
        name: Option<LongString> = "Name",
        role: Option<LongString> = "Role",
        email: Option<InternationalizedEmailAddress> = "EmailAddress",
        phone: Option<InternationalE164> = "PhoneNumber",
        fax: Option<InternationalE164> = "FaxNumber",
        address: Option<LongString> = "Address",
        languages: Vec<Language> = "Languages",
        alternate_name: Option<LongString> = "ApproverAlternateName",
        approver_email: Option<InternationalizedEmailAddress> = "ApproverEmailAddress",
        approver_phone: Option<InternationalE164> = "ApproverPhoneNumber",
    }
    ChecksumAndType in COMMON {
        checksum: ShortString = "Checksum",
        checksum_type: ShortString = "ChecksumType",
    }
    Checksums in COMMON { checksums: Some1<ChecksumAndType> = "ChecksumAndType" }
}

choice! {
    Language in COMMON { Iso639(LanguageCode) = "ISO639Set1LanguageIdentifier" }
}

impl DictionaryEntry {
    /// An entry of ETSI's base file. Panics never: the words are ours and short.
    pub fn etsi(name: &str, value: &str) -> Option<DictionaryEntry> {
        DictionaryEntry::new("ETSI", name, value)
    }
    pub fn new(owner: &str, name: &str, value: &str) -> Option<DictionaryEntry> {
        Some(DictionaryEntry { owner: ShortString::parse(owner)?, name: ShortString::parse(name)?, value: ShortString::parse(value)? })
    }
    pub fn is(&self, owner: &str, name: &str, value: &str) -> bool {
        self.owner.as_str() == owner && self.name.as_str() == name && self.value.as_str() == value
    }
}
