//! The authorisation: who allowed what, until when. Field order: ts_103120_Authorisation.schema.json.

use super::approval::{ApprovalDetails, DictionaryEntry};
use super::codec::{National, Some1, sequence};
use super::core::{EndpointId, ErrorInformation};
use super::time::QualifiedDateTime;
use super::values::*;

sequence! {
    Authorisation in AUTHORISATION {
        reference: Option<LongString> = "AuthorisationReference",
        legal_type: Option<DictionaryEntry> = "AuthorisationLegalType",
        priority: Option<DictionaryEntry> = "AuthorisationPriority",
        /// Written by the provider only.
        status: Option<DictionaryEntry> = "AuthorisationStatus",
        /// Written by the authority only.
        desired_status: Option<DictionaryEntry> = "AuthorisationDesiredStatus",
        timespan: Option<AuthorisationTimespan> = "AuthorisationTimespan",
        csps: Option<AuthorisationCsps> = "AuthorisationCSPID",
        created: Option<QualifiedDateTime> = "AuthorisationCreationTimestamp",
        served: Option<QualifiedDateTime> = "AuthorisationServedTimestamp",
        terminated: Option<QualifiedDateTime> = "AuthorisationTerminationTimestamp",
        approvals: Vec<ApprovalDetails> = "AuthorisationApprovalDetails",
        invalid_reason: Option<ErrorInformation> = "AuthorisationInvalidReason",
        flags: Option<AuthorisationFlags> = "AuthorisationFlags",
        manual: Option<LongString> = "AuthorisationManualInformation",
        national: Option<National> = "NationalAuthorisationParameters",
        jurisdiction: Option<LongString> = "AuthorisationJurisdiction",
        type_of_case: Option<DictionaryEntry> = "AuthorisationTypeOfCase",
        legal_entity: Option<ShortString> = "AuthorisationLegalEntity",
    }
    AuthorisationTimespan in AUTHORISATION {
        start: Option<QualifiedDateTime> = "StartTime",
        end: Option<QualifiedDateTime> = "EndTime",
    }
    AuthorisationCsps in AUTHORISATION { csps: Some1<EndpointId> = "CSPID" }
    AuthorisationFlags in AUTHORISATION { flags: Vec<DictionaryEntry> = "AuthorisationFlag" }
}
