//! HI-1 DELIVER and notifications, from the provider to the authority.

use super::AnswerRefusal;
use crate::etsi::approval::{ChecksumAndType, Checksums, DictionaryEntry};
use crate::etsi::codec::Some1;
use crate::etsi::core::*;
use crate::etsi::delivery::*;
use crate::etsi::message::{Message, Signatures};
use crate::etsi::notification::{AssociatedStatus, AssociatedStatuses, Notification};
use crate::etsi::object::{Base, Kind, Object};
use crate::etsi::time::{QualifiedDateTime, QualifiedMicrosecondDateTime, UnixSeconds};
use crate::etsi::values::*;
use law::rules::Delivery as Rules;
use verify::calendar::{DAY, Day};
use verify::package::digest::Sums;

/// To whom, about what, when.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub sender: EndpointId,
    pub receiver: EndpointId,
    pub transaction: Uuid,
    pub at: UnixSeconds,
    /// The delivery's own object, and the delivery that it is a part of.
    pub object: Uuid,
    pub delivery_id: Uuid,
    /// The tasks that are answered, and the LDID of one if it has one.
    pub tasks: Vec<Uuid>,
    pub ldid: Option<Ldid>,
    pub sequence: u64,
    pub is_last: bool,
}

/// What is handed over.
#[derive(Clone, Debug)]
pub enum Parcel<'a> {
    /// The package itself.
    Push { name: &'a str, octets: &'a [u8] },
    /// Where it stands ready, until the end of a day. Only an address that names nobody: it is not secret.
    Pull { name: &'a str, address: &'a str, sums: &'a Sums, until: Day },
}

const PACKAGE_TYPE: &str = "application/vnd.etsi.asic-e+zip";
/// The same, encrypted to the authority.
const ENVELOPE_TYPE: &str = "application/pkcs7-mime";

fn content_type(name: &str) -> &'static str {
    if name.ends_with(".p7m") { ENVELOPE_TYPE } else { PACKAGE_TYPE }
}

/// A DELIVER of a package or of the place where it stands ready. STD-80: a push has the law's size.
pub fn deliver(rules: &Rules, about: &Delivery, parcel: &Parcel<'_>) -> Result<Message, AnswerRefusal> {
    Ok(wrapped(about, delivery(rules, about, parcel, None)?))
}

/// The delivery as an object that the authority gets, or that a DELIVER brings. `manifest`: that of Implementing Regulation (EU)
/// 2025/1550, where the package is fetched \[check whether authorities read it there].
pub fn delivery(rules: &Rules, about: &Delivery, parcel: &Parcel<'_>, manifest: Option<Vec<u8>>) -> Result<Object, AnswerRefusal> {
    let delivered = match parcel {
        Parcel::Push { name, octets } => {
            let (size, most) = (octets.len() as u64, rules.push_bytes_max);
            if most < size {
                return Err(AnswerRefusal::TooLargeToPush { size, most });
            }
            Delivered::Binary(BinaryData {
                data: Base64(octets.to_vec()),
                content_type: ShortString::parse(content_type(name)),
                checksum: None,
                checksum_type: None,
                checksums: Some(checksums(&Sums::of(octets))?),
                original_filename: Some(long(name, "the file's name")?),
                content_length: Some(size),
            })
        }
        Parcel::Pull { name, address, sums, until } => {
            let end = i64::try_from(until.start() + DAY).unwrap_or(i64::MAX);
            Delivered::Url(UrlObject {
                url: AnyUri::parse(address)
                    .filter(|_| address.starts_with("https://"))
                    .ok_or(AnswerRefusal::Text { what: "the address" })?,
                content_length: Some(sums.size),
                content_type: LongString::parse(content_type(name)),
                expiry: Some(QualifiedMicrosecondDateTime::from_unix(end)),
                checksum: None,
                original_filename: Some(long(name, "the file's name")?),
                csp_identifier: None,
                checksum_type: None,
                checksums: Some(checksums(sums)?),
            })
        }
    };
    let name = match parcel {
        Parcel::Push { name, .. } | Parcel::Pull { name, .. } => name,
    };
    let mut body = body(about, delivered);
    body.manifest = manifest.map(|octets| external(&octets)).transpose()?;
    if content_type(name) == ENVELOPE_TYPE {
        let said = "CMS AuthEnvelopedData (RFC 5083), to the certificate that the provider's policy pins for the recipient";
        body.encryption = Some(EncryptionDetails { reference: None, additional: Some(LongString::known(said)) });
    }
    Ok(object(about, Kind::Delivery(body)))
}

fn external(octets: &[u8]) -> Result<Manifest, AnswerRefusal> {
    let contents = ManifestContents::Binary(BinaryData {
        data: Base64(octets.to_vec()),
        content_type: ShortString::parse("application/json"),
        checksum: None,
        checksum_type: None,
        checksums: Some(checksums(&Sums::of(octets))?),
        original_filename: LongString::parse("manifest.json"),
        content_length: Some(octets.len() as u64),
    });
    let id = LongString::parse("waarborg-transmission/v1");
    Ok(Manifest::External(ExternalSchema { manifest_id: id, contents: Some(contents) }))
}

/// The request that brings a delivery, for a provider that calls on the authority.
pub fn wrapped(about: &Delivery, object: Object) -> Message {
    wrap(about, Request::Deliver(DeliverRequest { identifier: about.object.clone(), object }))
}

/// The answer to an order that asks only whether there is something (`IsDataAvailable`), and to one with nothing held.
pub fn existence(about: &Delivery, exists: bool) -> Message {
    wrapped(about, object(about, Kind::Delivery(body(about, Delivered::Exists(exists)))))
}

fn long(text: &str, what: &'static str) -> Result<LongString, AnswerRefusal> {
    LongString::parse(text).ok_or(AnswerRefusal::Text { what })
}

fn checksums(sums: &Sums) -> Result<Checksums, AnswerRefusal> {
    let one = |name: &str, octets: &[u8]| {
        Some(ChecksumAndType { checksum: ShortString::parse(&verify::spelling::hex(octets))?, checksum_type: ShortString::parse(name)? })
    };
    let all = [one("SHA-256", &sums.sha256), one("SHA-512", &sums.sha512)].into_iter().flatten().collect();
    Ok(Checksums { checksums: Some1::new(all).ok_or(AnswerRefusal::Files)? })
}

fn body(about: &Delivery, delivered: Delivered) -> DeliveryObject {
    DeliveryObject {
        reference: about.ldid.clone().map(Reference::Ldid),
        delivery_id: Some(about.delivery_id.clone()),
        sequence_number: Some(about.sequence),
        is_last: Some(about.is_last),
        manifest: None,
        delivery: Some(delivered),
        status: DictionaryEntry::etsi("DeliveryStatus", "Available"),
        desired_status: None,
        encryption: None,
    }
}

fn object(about: &Delivery, kind: Kind) -> Object {
    let base = Base {
        identifier: about.object.clone(),
        country: Some(about.sender.country.clone()),
        owner: ShortString::parse(about.sender.unique.as_str()),
        generation: Some(0),
        external: None,
        associated: Some(AssociatedObjects { objects: about.tasks.clone() }),
        last_changed: Some(QualifiedDateTime::from_unix(about.at)),
        national: None,
    };
    Object { base, kind }
}

fn wrap(about: &Delivery, request: Request) -> Message {
    let version = Version::of_eu_profile();
    let header = Header {
        sender: about.sender.clone(),
        receiver: about.receiver.clone(),
        transaction: about.transaction.clone(),
        timestamp: QualifiedMicrosecondDateTime::from_unix(about.at),
        version,
        workflow: None,
    };
    let actions = ActionRequests { actions: Some1::one(ActionRequest { identifier: 0, request }) };
    Message { header, payload: Payload::Request(RequestPayload { actions }), signatures: Signatures::default() }
}

/// A notification about the task: its new status, and words for people.
pub fn notify(about: &Delivery, status: DictionaryEntry, details: &str) -> Result<Message, AnswerRefusal> {
    let details = Some(long(details, "the notification")?);
    let one = |task: &Uuid| AssociatedStatus { object: task.clone(), status: status.clone(), details: None };
    let statuses = Some1::new(about.tasks.iter().map(one).collect()).map(|statuses| AssociatedStatuses { statuses });
    let body = Notification {
        details,
        notification_type: DictionaryEntry::etsi("NotificationType", "General"),
        is_new: Some(true),
        timestamp: Some(QualifiedDateTime::from_unix(about.at)),
        statuses,
        national: None,
    };
    Ok(wrap(about, Request::Create(CreateRequest { object: object(about, Kind::Notification(body)) })))
}
