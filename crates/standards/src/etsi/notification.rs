//! A notification: what the provider tells about objects without being asked.

use super::approval::DictionaryEntry;
use super::codec::{National, Some1, sequence};
use super::time::QualifiedDateTime;
use super::values::*;

sequence! {
    Notification in NOTIFICATION {
        details: Option<LongString> = "NotificationDetails",
        notification_type: Option<DictionaryEntry> = "NotificationType",
        is_new: Option<bool> = "NewNotification",
        timestamp: Option<QualifiedDateTime> = "NotificationTimestamp",
        statuses: Option<AssociatedStatuses> = "StatusOfAssociatedObjects",
        national: Option<National> = "NationalNotificationParameters",
    }
    AssociatedStatuses in NOTIFICATION { statuses: Some1<AssociatedStatus> = "AssociatedObjectStatus" }
    AssociatedStatus in NOTIFICATION {
        object: Uuid = "AssociatedObject",
        status: DictionaryEntry = "Status",
        details: Option<LongString> = "Details",
    }
}
