//! The message around the objects (ts_103120_Core.xsd).

use super::approval::{DictionaryEntry, Timespan};
use super::codec::{Some1, choice, sequence};
use super::config::CspConfig;
use super::object::Object;
use super::time::{QualifiedDateTime, QualifiedMicrosecondDateTime};
use super::values::*;

sequence! {
    Header in CORE {
        sender: EndpointId = "SenderIdentifier",
        receiver: EndpointId = "ReceiverIdentifier",
        transaction: Uuid = "TransactionIdentifier",
        timestamp: QualifiedMicrosecondDateTime = "Timestamp",
        version: Version = "Version",
        workflow: Option<LongString> = "WorkflowIdentifier",
    }
    Version in CORE {
        etsi: EtsiVersion = "ETSIVersion",
        profile_owner: ShortString = "NationalProfileOwner",
        profile_version: ShortString = "NationalProfileVersion",
    }
    EndpointId in CORE {
        country: IsoCountryCode = "CountryCode",
        unique: LongString = "UniqueIdentifier",
    }
    RequestPayload in CORE { actions: ActionRequests = "ActionRequests" }
    ActionRequests in CORE { actions: Some1<ActionRequest> = "ActionRequest" }
    ActionResponses in CORE { actions: Some1<ActionResponse> = "ActionResponse" }
    ErrorInformation in CORE {
        code: u64 = "ErrorCode",
        description: LongString = "ErrorDescription",
    }
    GetRequest in CORE { identifier: Uuid = "Identifier" }
    GetResponse in CORE { object: Object = "HI1Object" }
    CreateRequest in CORE { object: Object = "HI1Object" }
    UpdateRequest in CORE { object: Object = "HI1Object" }
    DeliverRequest in CORE {
        identifier: Uuid = "Identifier",
        object: Object = "HI1Object",
    }
    /// The answer to CREATE and to UPDATE.
    ObjectResponse in CORE {
        identifier: Uuid = "Identifier",
        object: Option<Object> = "HI1Object",
    }
    DeliverResponse in CORE { identifier: Uuid = "Identifier" }
    ListRequest in CORE {
        object_type: Option<DictionaryEntry> = "ObjectType",
        last_changed: Option<QualifiedDateTime> = "LastChanged",
        last_changed_timespan: Option<Timespan> = "LastChangedTimespan",
        maximum: Option<u64> = "MaximumObjectCount",
        status: Option<DictionaryEntry> = "Status",
        country: Option<IsoCountryCode> = "CountryCode",
    }
    ListResponse in CORE { records: Vec<ListRecord> = "ListResponseRecord" }
    ListRecord in CORE {
        object_type: DictionaryEntry = "ObjectType",
        identifier: Uuid = "Identifier",
        country: Option<IsoCountryCode> = "CountryCode",
        owner: Option<ShortString> = "OwnerIdentifier",
        generation: u64 = "Generation",
        external: Option<LongString> = "ExternalIdentifier",
        last_changed: Option<QualifiedDateTime> = "LastChanged",
    }
    GetCspConfigRequest in CORE {}
    AssociatedObjects in CORE { objects: Vec<Uuid> = "AssociatedObject" }
}

choice! {
    Payload in CORE {
        Request(RequestPayload) = "RequestPayload",
        Response(ResponsePayload) = "ResponsePayload",
    }
    ResponsePayload in CORE {
        Actions(ActionResponses) = "ActionResponses",
        Error(ErrorInformation) = "ErrorInformation",
    }
    Request in CORE {
        Get(GetRequest) = "GET",
        Create(CreateRequest) = "CREATE",
        Update(UpdateRequest) = "UPDATE",
        List(ListRequest) = "LIST",
        Deliver(DeliverRequest) = "DELIVER",
        GetCspConfig(GetCspConfigRequest) = "GETCSPCONFIG",
    }
    Response in CORE {
        Get(GetResponse) = "GETResponse",
        Create(ObjectResponse) = "CREATEResponse",
        Update(ObjectResponse) = "UPDATEResponse",
        List(ListResponse) = "LISTResponse",
        Error(ErrorInformation) = "ErrorInformation",
        Deliver(DeliverResponse) = "DELIVERResponse",
        GetCspConfig(CspConfig) = "GETCSPCONFIGResponse",
    }
}

/// `ActionIdentifier`, then one of the requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRequest {
    pub identifier: u64,
    pub request: Request,
}

/// `ActionIdentifier`, then one of the responses. One failed action does not fail the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionResponse {
    pub identifier: u64,
    pub response: Response,
}

macro_rules! action {
    ($name:ident, $field:ident) => {
        impl super::codec::Complex for $name {
            fn read_fields(fields: &mut super::codec::Fields<'_>, reader: &mut super::codec::Reader) -> Option<$name> {
                let identifier = super::codec::Slot::take(fields, super::names::CORE, "ActionIdentifier", reader);
                let $field = super::codec::Complex::read_fields(fields, reader);
                Some($name { identifier: identifier?, $field: $field? })
            }
            fn write_fields(&self, out: &mut crate::tree::Element) {
                super::codec::Slot::put(&self.identifier, super::names::CORE, "ActionIdentifier", out);
                super::codec::Complex::write_fields(&self.$field, out);
            }
        }
        #[cfg(test)]
        impl super::sample::Sample for $name {
            fn sample(source: &mut super::sample::Source) -> $name {
                $name { identifier: super::sample::Sample::sample(source), $field: super::sample::Sample::sample(source) }
            }
        }
    };
}
action!(ActionRequest, request);
action!(ActionResponse, response);

impl Version {
    /// What we write: V1.23.1 in the EU profile \[check: V1.3.1 of TS 104 144].
    pub fn of_eu_profile() -> Version {
        Version {
            etsi: EtsiVersion::known("V1.23.1"),
            profile_owner: ShortString::known("EU"),
            profile_version: ShortString::known("v1.3.1"),
        }
    }
}
