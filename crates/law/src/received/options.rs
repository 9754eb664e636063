//! Section F: what data is asked for. The boxes of the form, each in its class.

use super::Purpose;
use super::words::word_list;

word_list! {
    /// The four categories of Art 3(9) to (12).
    DataClass {
        Subscriber = "SUBSCRIBER";
        /// For the sole purpose of identifying the user.
        Identification = "USER_IDENTIFICATION";
        Traffic = "TRAFFIC";
        Content = "CONTENT";
    }
}

word_list! {
    /// A box of F(a) to F(d). The codes of F(a) are those seen in EC form XML; the others are ours \[check].
    DataOption {
        UserInformation = "USER_INFORMATION";
        RegistrationInformation = "REGISTRATION_INFORMATION";
        TypeOfService = "TYPE_OF_SERVICE_INFORMATION";
        Profile = "PROFILE_INFORMATION";
        ValidationOfUse = "VALIDATION_OF_USE_OF_SERVICE_INFORMATION";
        PaymentCards = "DEBIT_OR_CREDIT_CARD_INFORMATION";
        PukCodes = "PUK_CODES_INFORMATION";
        SubscriberOther = "OTHER";

        IpConnectionRecords = "IP_CONNECTION_RECORDS";
        IdentificationOther = "IDENTIFICATION_OTHER";

        /// F(c)(i): A and B identifiers: phone, IMSI, IMEI.
        MobileIdentifiers = "MOBILE_IDENTIFIERS";
        MobileTimes = "MOBILE_TIME_AND_DURATION";
        MobileAttempts = "MOBILE_CALL_ATTEMPTS";
        MobileBaseStation = "MOBILE_BASE_STATION";
        MobileBearer = "MOBILE_BEARER_OR_TELESERVICE";
        /// F(c)(ii)
        Routing = "INTERNET_ROUTING";
        BaseStation = "INTERNET_BASE_STATION";
        Volume = "INTERNET_VOLUME";
        ConnectionTimes = "INTERNET_CONNECTION_TIMES";
        /// F(c)(iii)
        LogFiles = "HOSTING_LOG_FILES";
        Tickets = "HOSTING_TICKETS";
        /// F(c)(iv)
        PurchaseHistory = "PURCHASE_HISTORY";
        PrepaidCharging = "PREPAID_CHARGING_HISTORY";
        TrafficOther = "TRAFFIC_OTHER";

        Mailbox = "MAILBOX";
        OnlineStorage = "ONLINE_STORAGE";
        Page = "PAGE";
        MessageBackup = "MESSAGE_LOG_OR_BACKUP";
        Voicemail = "VOICEMAIL";
        Server = "SERVER_CONTENT";
        DeviceBackup = "DEVICE_BACKUP";
        ContactList = "CONTACT_LIST";
        ContentOther = "CONTENT_OTHER";
    }
}

impl DataClass {
    /// What a request of this class is for, if nothing else is said.
    pub fn purpose(self) -> Purpose {
        if self <= DataClass::Identification { Purpose::Identify } else { Purpose::Pattern }
    }
}

impl DataOption {
    /// The section of the form it stands in.
    pub fn class(self) -> DataClass {
        use DataOption::*;
        match self {
            UserInformation
            | RegistrationInformation
            | TypeOfService
            | Profile
            | ValidationOfUse
            | PaymentCards
            | PukCodes
            | SubscriberOther => DataClass::Subscriber,
            IpConnectionRecords | IdentificationOther => DataClass::Identification,
            MobileIdentifiers | MobileTimes | MobileAttempts | MobileBaseStation | MobileBearer | Routing | BaseStation | Volume
            | ConnectionTimes | LogFiles | Tickets | PurchaseHistory | PrepaidCharging | TrafficOther => DataClass::Traffic,
            Mailbox | OnlineStorage | Page | MessageBackup | Voicemail | Server | DeviceBackup | ContactList | ContentOther => {
                DataClass::Content
            }
        }
    }
}
