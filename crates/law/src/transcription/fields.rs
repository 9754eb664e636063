//! The keys of a transcription, as TOML has them. Unknown keys are refused.

use serde::Deserialize;

use crate::received::{
    AuthorityKind, Capacity, DataClass, DataOption, DataRole, DeadlineChoice, DelayGround, EarlierKind, IdentifierKind, Proceedings,
    Purpose, Threshold, TransferTo,
};

/// A value with its offsets in the file.
pub(super) type S<T> = toml::Spanned<T>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderIn {
    pub form: S<String>,
    pub transaction: Option<S<String>>,
    pub without_validation: Option<S<bool>>,
    #[serde(default)]
    pub deadlines: Vec<S<DeadlineChoice>>,
    pub other_deadline: Option<S<String>>,
    pub deadline_remarks: Option<S<String>>,
    /// For all identifiers.
    pub from: Option<S<String>>,
    pub until: Option<S<String>>,
    pub other_information: Option<S<String>>,
    #[serde(default)]
    pub notice_delayed: Vec<S<DelayGround>>,
    #[serde(default)]
    pub transfer_to: Vec<S<TransferTo>>,
    pub transfer_means: Option<S<String>>,
    pub issuing: PartyIn,
    pub validating: Option<PartyIn>,
    #[serde(default)]
    pub addressee: AddresseeIn,
    #[serde(default)]
    pub earlier: Vec<EarlierIn>,
    #[serde(default)]
    pub identifiers: Vec<IdentifierIn>,
    #[serde(default)]
    pub requested: Vec<RequestedIn>,
    #[serde(default)]
    pub conditions: ConditionsIn,
    pub enforcing: Option<PartyIn>,
    pub national: Option<NationalIn>,
    pub follow_up: Option<FollowUpIn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartyIn {
    pub state: Option<S<String>>,
    pub kind: Option<S<AuthorityKind>>,
    pub name: Option<S<String>>,
    pub file_number: Option<S<String>>,
    pub representative: Option<S<String>>,
    pub post: Option<S<String>>,
    pub address: Option<S<String>>,
    pub telephone: Option<S<String>>,
    pub fax: Option<S<String>>,
    pub email: Option<S<String>>,
    #[serde(default)]
    pub languages: Vec<S<String>>,
    pub signed_on: Option<S<String>>,
    pub signature: Option<S<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddresseeIn {
    pub name: Option<S<String>>,
    pub capacity: Option<S<Capacity>>,
    pub file_number: Option<S<String>>,
    pub provider_concerned: Option<S<String>>,
    pub other: Option<S<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EarlierIn {
    pub kind: S<EarlierKind>,
    pub authority: Option<S<String>>,
    pub file_number: Option<S<String>>,
    pub issued_on: Option<S<String>>,
    pub sent_on: Option<S<String>>,
    pub addressee: Option<S<String>>,
    pub addressee_file_number: Option<S<String>>,
    pub other: Option<S<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierIn {
    pub id: Option<S<String>>,
    pub kind: S<IdentifierKind>,
    pub value: S<String>,
    pub from: Option<S<String>>,
    pub until: Option<S<String>>,
    #[serde(default)]
    pub seen_at: Vec<S<String>>,
    pub port: Option<S<u16>>,
    pub service: Option<S<String>>,
    pub remarks: Option<S<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestedIn {
    pub class: S<DataClass>,
    #[serde(default)]
    pub options: Vec<S<DataOption>>,
    pub other: Option<S<String>>,
    pub from: Option<S<String>>,
    pub until: Option<S<String>>,
    #[serde(default)]
    pub identifiers: Vec<S<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionsIn {
    #[serde(default)]
    pub proceedings: Vec<S<Proceedings>>,
    pub offence: Option<S<String>>,
    pub provision: Option<S<String>>,
    #[serde(default)]
    pub thresholds: Vec<S<Threshold>>,
    pub role: Option<S<DataRole>>,
    pub role_reason: Option<S<String>>,
    pub processor_informs_controller: Option<S<bool>>,
    pub other: Option<S<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NationalIn {
    pub country: S<String>,
    pub article: S<String>,
    pub purpose: Option<S<Purpose>>,
    pub judge_reference: Option<S<String>>,
    pub future_until: Option<S<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowUpIn {
    pub reference: Option<S<String>>,
    pub date: Option<S<String>>,
    pub production_authority: Option<S<String>>,
    pub production_date: Option<S<String>>,
    pub requested_expiry: Option<S<String>>,
}
