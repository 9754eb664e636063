//! A document beside the objects: the signed form itself, which is the order; the objects are its index (etsi.md section 6).

use super::approval::{ApprovalDetails, DictionaryEntry};
use super::codec::{National, sequence};
use super::core::ErrorInformation;
use super::time::QualifiedDateTime;
use super::values::*;

sequence! {
    Document in DOCUMENT {
        reference: Option<LongString> = "DocumentReference",
        name: Option<LongString> = "DocumentName",
        status: Option<DictionaryEntry> = "DocumentStatus",
        desired_status: Option<DictionaryEntry> = "DocumentDesiredStatus",
        timespan: Option<DocumentTimespan> = "DocumentTimespan",
        document_type: Option<DictionaryEntry> = "DocumentType",
        properties: Option<DocumentProperties> = "DocumentProperties",
        body: Option<DocumentBody> = "DocumentBody",
        signatures: Vec<ApprovalDetails> = "DocumentSignature",
        invalid_reason: Option<ErrorInformation> = "DocumentInvalidReason",
        national: Option<National> = "NationalDocumentParameters",
    }
    DocumentTimespan in DOCUMENT {
        start: Option<QualifiedDateTime> = "StartTime",
        end: Option<QualifiedDateTime> = "EndTime",
    }
    DocumentProperties in DOCUMENT { properties: Vec<DocumentProperty> = "DocumentProperty" }
    DocumentProperty in DOCUMENT {
        property: DictionaryEntry = "PropertyType",
        value: LongString = "PropertyValue",
    }
    DocumentBody in DOCUMENT {
        contents: Option<Base64> = "Contents",
        content_type: Option<ShortString> = "ContentType",
        checksum: Option<ShortString> = "Checksum",
        checksum_type: Option<ShortString> = "ChecksumType",
    }
}
