//! What is handed over, or where it can be fetched (ts_103120_Delivery.xsd).

use super::approval::{Checksums, DictionaryEntry};
use super::codec::{Opaque, Reader, Some1, Type, choice, sequence};
use super::time::QualifiedMicrosecondDateTime;
use super::values::*;
use crate::tree::{Element, Scalar};

sequence! {
    DeliveryObject in DELIVERY {
        reference: Option<Reference> = "Reference",
        delivery_id: Option<Uuid> = "DeliveryID",
        sequence_number: Option<u64> = "SequenceNumber",
        is_last: Option<bool> = "LastSequence",
        manifest: Option<Manifest> = "Manifest",
        delivery: Option<Delivered> = "Delivery",
        status: Option<DictionaryEntry> = "DeliveryStatus",
        desired_status: Option<DictionaryEntry> = "DeliveryDesiredStatus",
        encryption: Option<EncryptionDetails> = "EncryptionDetails",
    }
    ExternalSchema in DELIVERY {
        manifest_id: Option<LongString> = "ManifestID",
        contents: Option<ManifestContents> = "ManifestContents",
    }
    SchemaContent in DELIVERY { schema: Opaque = "schema" }
    BinaryData in DELIVERY {
        data: Base64 = "Data",
        content_type: Option<ShortString> = "ContentType",
        checksum: Option<ShortString> = "Checksum",
        checksum_type: Option<ShortString> = "ChecksumType",
        checksums: Option<Checksums> = "Checksums",
        original_filename: Option<LongString> = "OriginalFilename",
        content_length: Option<u64> = "ContentLength",
    }
    UrlObject in DELIVERY {
        url: AnyUri = "URL",
        content_length: Option<u64> = "ContentLength",
        content_type: Option<LongString> = "ContentType",
        expiry: Option<QualifiedMicrosecondDateTime> = "Expiry",
        checksum: Option<ShortString> = "Checksum",
        original_filename: Option<LongString> = "OriginalFilename",
        csp_identifier: Option<LongString> = "CSPDefinedIdentifier",
        checksum_type: Option<ShortString> = "ChecksumType",
        checksums: Option<Checksums> = "Checksums",
    }
    EncryptionDetails in DELIVERY {
        reference: Option<Uuid> = "EncryptionReference",
        additional: Option<LongString> = "AdditionalInformation",
    }
}

choice! {
    Reference in DELIVERY {
        Ldid(Ldid) = "LDID",
        Liid(Liid) = "LIID",
    }
    Manifest in DELIVERY {
        Specification(DictionaryEntry) = "Specification",
        External(ExternalSchema) = "ExternalSchema",
    }
    ManifestContents in DELIVERY {
        Binary(BinaryData) = "BinaryData",
        Xml(SchemaContent) = "XMLSchema",
        Json(Embedded) = "JSONSchema",
    }
    Delivered in DELIVERY {
        Binary(BinaryData) = "BinaryData",
        Xml(Embedded) = "XMLData",
        Json(Embedded) = "JSONData",
        Url(UrlObject) = "URL",
        Exists(bool) = "DataExistence",
    }
}

/// Foreign elements inside a delivery, at least one, each outside ETSI's namespace; kept as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded(pub Some1<Element>);

impl Type for Embedded {
    const SCALAR: Scalar = Scalar::Object;
    fn read(element: &Element, reader: &mut Reader) -> Option<Embedded> {
        let foreign = |inner: &&Element| inner.name.space != super::names::DELIVERY && !inner.name.space.is_empty();
        let inside: Vec<Element> = element.elements().filter(foreign).cloned().collect();
        let is_whole = inside.len() == element.children.len();
        let elements = Some1::new(inside).filter(|_| is_whole);
        if elements.is_none() {
            reader.find(crate::refusal::Rule::Unexpected, element, &element.name.local);
        }
        elements.map(Embedded)
    }
    fn write(&self, out: &mut Element) {
        out.children.extend(self.0.iter().cloned().map(crate::tree::Node::Element));
    }
}
