//! Disclosure and preservation tasks (ts_103120_Task.xsd).

use super::approval::{ApprovalDetails, DictionaryEntry};
use super::codec::{National, Some1, choice, sequence};
use super::core::{EndpointId, ErrorInformation};
use super::time::QualifiedDateTime;
use super::values::*;

sequence! {
    /// LDTaskObject: hand over what is stored.
    DisclosureTask in TASK {
        reference: Option<Ldid> = "Reference",
        status: Option<DictionaryEntry> = "Status",
        status_reason: Option<ErrorInformation> = "StatusReason",
        desired_status: Option<DictionaryEntry> = "DesiredStatus",
        request: Option<RequestDetails> = "RequestDetails",
        delivery: Option<DeliveryDetails> = "DeliveryDetails",
        approvals: Vec<ApprovalDetails> = "ApprovalDetails",
        csp: Option<EndpointId> = "CSPID",
        handling: Option<DictionaryEntry> = "HandlingProfile",
        flags: Option<TaskFlags> = "Flags",
        preservation_references: Option<PreservationReferences> = "AlternativePreservationReferences",
        national: Option<National> = "NationalLDTaskingParameters",
        deadlines: Option<Deadlines> = "Deadlines",
        manual: Option<LongString> = "ManualInformation",
    }
    /// LPTaskObject: keep what is stored.
    PreservationTask in TASK {
        status: Option<DictionaryEntry> = "Status",
        status_reason: Option<ErrorInformation> = "StatusReason",
        desired_status: Option<DictionaryEntry> = "DesiredStatus",
        request: Option<PreservationDetails> = "RequestDetails",
        desired_expiration: Option<QualifiedDateTime> = "DesiredPreservationExpiration",
        expiration: Option<QualifiedDateTime> = "PreservationExpiration",
        csp: Option<EndpointId> = "CSPID",
        national: Option<National> = "NationalLPTaskingParameters",
    }
    RequestDetails in TASK {
        request_type: Option<DictionaryEntry> = "Type",
        start: Option<QualifiedDateTime> = "StartTime",
        end: Option<QualifiedDateTime> = "EndTime",
        observed: Option<QualifiedDateTime> = "ObservedTime",
        observed_more: Vec<QualifiedDateTime> = "ObservedTimes",
        values: Option<RequestValues> = "RequestValues",
        subtypes: Option<RequestSubtypes> = "Subtype",
        target_subtype: Option<DictionaryEntry> = "TargetIdentifierSubtype",
    }
    PreservationDetails in TASK {
        request_type: Option<DictionaryEntry> = "Type",
        start: Option<QualifiedDateTime> = "StartTime",
        end: Option<QualifiedDateTime> = "EndTime",
        values: Option<RequestValues> = "RequestValues",
        subtypes: Option<RequestSubtypes> = "Subtype",
        target_subtype: Option<DictionaryEntry> = "TargetIdentifierSubtype",
    }
    RequestValues in TASK { values: Some1<RequestValue> = "RequestValue" }
    RequestValue in TASK {
        format: FormatType = "FormatType",
        value: LongString = "Value",
    }
    FormatType in TASK {
        owner: ShortString = "FormatOwner",
        name: ShortString = "FormatName",
    }
    RequestSubtypes in TASK { subtypes: Some1<DictionaryEntry> = "RequestSubtype" }
    DeliveryDetails in TASK { destinations: Some1<DeliveryDestination> = "LDDeliveryDestination" }
    DeliveryDestination in TASK {
        address: Option<DeliveryAddress> = "DeliveryAddress",
        destination: Option<Uuid> = "DestinationReference",
        encryption: Option<Uuid> = "EncryptionReference",
        encryption_details: Option<National> = "EncryptionDetails",
        handover_format: Option<DictionaryEntry> = "LDHandoverFormat",
        profile: Option<DictionaryEntry> = "LDDeliveryProfile",
        national: Option<National> = "NationalDeliveryParameters",
    }
    TaskFlags in TASK { flags: Vec<DictionaryEntry> = "LDTaskFlag" }
    PreservationReferences in TASK { references: Some1<PreservationReference> = "AlternativePreservationReference" }
    PreservationReference in TASK {
        value: LongString = "ReferenceValue",
        nature: Option<LongString> = "NatureOfReference",
        transmitted: Option<QualifiedDateTime> = "TransmissionTime",
    }
    Deadlines in TASK { deadlines: Vec<Deadline> = "LDDeadline" }
    Deadline in TASK {
        at: Option<QualifiedDateTime> = "DateTime",
        nature: Option<DictionaryEntry> = "NatureOfDeadline",
        other: Option<LongString> = "OtherInformation",
    }
    AddressAndPort in TYPES {
        address: IpAddress = "address",
        port: Port = "port",
    }
    AddressAndPorts in TYPES {
        address: IpAddress = "address",
        ports: PortRange = "portRange",
    }
    Ports in TYPES {
        start: u16 = "start",
        end: u16 = "end",
    }
}

choice! {
    /// Where to hand over. Never taken as the authority's address without the registry (etsi.md section 6).
    DeliveryAddress in TASK {
        Ipv4(Ipv4Address) = "IPv4Address",
        Ipv6(Ipv6Address) = "IPv6Address",
        AddressAndPort(AddressAndPort) = "IPAddressPort",
        AddressAndPorts(AddressAndPorts) = "IPAddressPortRange",
        E164(InternationalE164) = "E164Number",
        Ftp(AnyUri) = "FTPAddress",
        Url(AnyUri) = "URL",
        Fqdn(LongString) = "FQDN",
        Email(EmailAddress) = "EmailAddress",
        Endpoint(EndpointId) = "EndpointID",
        DeliveryInformation(LongString) = "DeliveryInformationID",
    }
    IpAddress in TYPES {
        V4(Ipv4Address) = "IPv4Address",
        V6(Ipv6Address) = "IPv6Address",
    }
    Port in TYPES {
        Tcp(TcpPort) = "TCPPort",
        Udp(u16) = "UDPPort",
    }
    PortRange in TYPES {
        Tcp(TcpPorts) = "TCPPortRange",
        Udp(Ports) = "UDPPortRange",
    }
}

sequence! {
    TcpPorts in TYPES {
        start: TcpPort = "start",
        end: TcpPort = "end",
    }
}
