//! The closed word lists of the forms, with the codes seen in EC form XML where one is known (law.md section 5).

macro_rules! word_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),*];

            pub fn code(self) -> &'static str {
                match self { $($name::$variant => $code),* }
            }

            pub fn from_code(code: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|word| word.code() == code)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let code = <String as serde::Deserialize>::deserialize(deserializer)?;
                $name::from_code(&code).ok_or_else(|| {
                    serde::de::Error::custom(format!("\"{code}\" is not in the list {}", stringify!($name)))
                })
            }
        }
    };
}
pub(crate) use word_list;

word_list! {
    /// What the octets were.
    Format {
        EcFormXml = "ec-form-xml";
        EtsiXml = "etsi-xml";
        EtsiJson = "etsi-json";
        Waarborg = "waarborg-order";
        /// A letter, mail or PDF that a person typed over.
        Transcription = "transcription";
    }
}

word_list! {
    /// B. As what the addressee is addressed.
    Capacity {
        DesignatedEstablishment = "DESIGNATED_ESTABLISHMENT";
        LegalRepresentative = "LEGAL_REPRESENTATIVE";
        /// Emergency, because the designated one did not react or was not designated.
        AnyEstablishmentInEmergency = "EMERGENCY_CASE";
    }
}

word_list! {
    /// C. Several may arrive together: what then holds is the gates' matter.
    DeadlineChoice {
        /// As soon as possible, at the latest 10 days: no notification.
        WithinTenDays = "AS_SOON_AS_POSSIBLE";
        /// At the end of 10 days or on confirmation: the enforcing authority is notified.
        AtEndOfTenDays = "AT_THE_END_OF_TEN_DAYS";
        /// 8 hours.
        ThreatToLife = "IMMINENT_THREAT_TO_LIFE";
        /// 8 hours.
        ThreatToInfrastructure = "IMMINENT_THREAT_TO_CRITICAL_INFRASTRUCTURE";
    }
}

impl DeadlineChoice {
    pub fn is_emergency(self) -> bool {
        matches!(self, DeadlineChoice::ThreatToLife | DeadlineChoice::ThreatToInfrastructure)
    }
}

word_list! {
    /// D.
    EarlierKind {
        Preserved = "PRESERVED";
        RelatedProduction = "RELATED_PRODUCTION";
    }
}

word_list! {
    /// G (i).
    Proceedings {
        Criminal = "CRIMINAL_PROCEEDINGS";
        /// Custodial sentence or detention order of at least 4 months, the person absconded.
        ExecutionOfSentence = "EXECUTION_OF_SENTENCE";
    }
}

word_list! {
    /// G (iii): why traffic or content data may be asked for (Art 5(4)).
    Threshold {
        ThreeYears = "MAXIMUM_CUSTODIAL_THREE_YEARS";
        /// Arts 3-8 Dir. 2019/713, Arts 3-7 Dir. 2011/93, Arts 3-8 Dir. 2013/40, by an information system.
        ListedDirectives = "LISTED_DIRECTIVES_INFORMATION_SYSTEM";
        /// Arts 3-12 and 14 Dir. 2017/541.
        Terrorism = "DIRECTIVE_2017_541";
        /// Execution of a sentence of at least 4 months for one of these.
        ExecutionForListed = "EXECUTION_OF_SENTENCE_FOR_LISTED";
    }
}

word_list! {
    /// G (iv).
    DataRole {
        Controller = "CONTROLLER";
        Processor = "PROCESSOR";
    }
}

word_list! {
    /// H. Why the person is told later.
    DelayGround {
        Inquiries = "OBSTRUCTING_INQUIRIES";
        Prosecution = "PREVENTION_DETECTION_PROSECUTION";
        PublicSecurity = "PUBLIC_SECURITY";
        NationalSecurity = "NATIONAL_SECURITY";
        RightsOfOthers = "RIGHTS_AND_FREEDOMS_OF_OTHERS";
    }
}

word_list! {
    /// I, J.
    AuthorityKind {
        /// Judge, court or investigating judge.
        Judge = "JUDGE_COURT_OR_INVESTIGATING_JUDGE";
        Prosecutor = "PUBLIC_PROSECUTOR";
        /// Any other competent authority: needs validation.
        Other = "OTHER_COMPETENT_AUTHORITY";
    }
}

word_list! {
    /// L.
    TransferTo {
        Issuing = "ISSUING_AUTHORITY";
        Validating = "VALIDATING_AUTHORITY";
        Other = "OTHER_COMPETENT_AUTHORITY";
    }
}

word_list! {
    /// What the data are for: it decides the class of one and the same record (Art 3(10), 3(11)).
    Purpose {
        /// The sole purpose is to identify the user.
        Identify = "IDENTIFY";
        /// Anything else: contacts, movements, habits.
        Pattern = "PATTERN";
    }
}

word_list! {
    /// Form 3 E.
    NatureOfConflict {
        FundamentalRights = "FUNDAMENTAL_RIGHTS";
        NationalSecurity = "NATIONAL_SECURITY_OR_DEFENCE";
        Other = "OTHER";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        for word in DeadlineChoice::ALL {
            assert_eq!(DeadlineChoice::from_code(word.code()), Some(*word));
        }
        assert_eq!(AuthorityKind::from_code("POLICE"), None);
    }
}
