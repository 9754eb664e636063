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
    /// The task that is answered, and its LDID if it has one.
    pub task: Uuid,
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

/// A DELIVER of a package or of the place where it stands ready. STD-80: a push has the law's size.
pub fn deliver(rules: &Rules, about: &Delivery, parcel: &Parcel<'_>) -> Result<Message, AnswerRefusal> {
    let delivered = match parcel {
        Parcel::Push { name, octets } => {
            let (size, most) = (octets.len() as u64, rules.push_bytes_max);
            if most < size {
                return Err(AnswerRefusal::TooLargeToPush { size, most });
            }
            Delivered::Binary(BinaryData {
                data: Base64(octets.to_vec()),
                content_type: ShortString::parse(PACKAGE_TYPE),
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
                content_type: LongString::parse(PACKAGE_TYPE),
                expiry: Some(QualifiedMicrosecondDateTime::from_unix(end)),
                checksum: None,
                original_filename: Some(long(name, "the file's name")?),
                csp_identifier: None,
                checksum_type: None,
                checksums: Some(checksums(sums)?),
            })
        }
    };
    Ok(message(about, delivered))
}

/// The answer to an order that asks only whether there is something (`IsDataAvailable`), and to one with nothing held.
pub fn existence(about: &Delivery, exists: bool) -> Message {
    message(about, Delivered::Exists(exists))
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

fn message(about: &Delivery, delivered: Delivered) -> Message {
    let body = DeliveryObject {
        reference: about.ldid.clone().map(Reference::Ldid),
        delivery_id: Some(about.delivery_id.clone()),
        sequence_number: Some(about.sequence),
        is_last: Some(about.is_last),
        manifest: None,
        delivery: Some(delivered),
        status: DictionaryEntry::etsi("DeliveryStatus", "Available"),
        desired_status: None,
        encryption: None,
    };
    let object = object(about, Kind::Delivery(body));
    wrap(about, Request::Deliver(DeliverRequest { identifier: about.object.clone(), object }))
}

fn object(about: &Delivery, kind: Kind) -> Object {
    let base = Base {
        identifier: about.object.clone(),
        country: Some(about.sender.country.clone()),
        owner: ShortString::parse(about.sender.unique.as_str()),
        generation: Some(0),
        external: None,
        associated: Some(AssociatedObjects { objects: vec![about.task.clone()] }),
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
    let statuses =
        Some(AssociatedStatuses { statuses: Some1::one(AssociatedStatus { object: about.task.clone(), status, details: None }) });
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
