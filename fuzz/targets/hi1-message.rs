//! HI-1 messages, XML and JSON: nothing panics; what our schema accepts keeps its meaning through both spellings.
#![no_main]
use standards::epoc::hi1::from_message;
use standards::etsi::message::Received;
use standards::etsi::verdict::{Setting, judge};
use std::sync::OnceLock;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static SETTING: OnceLock<Setting> = OnceLock::new();
    let setting = SETTING.get_or_init(Setting::reader);
    let Ok(received) = Received::parse(data) else { return };
    let (message, _) = judge(&received, setting);
    let _ = from_message(data, setting);
    let Some(message) = message else { return };
    let again = Received::parse(message.to_xml().as_bytes()).ok().and_then(|received| received.schema().ok());
    assert_eq!(again, Some(message.clone()), "XML keeps the meaning");
    if let Some(json) = message.to_json() {
        assert!(Received::parse(json.as_bytes()).is_ok_and(|received| received.schema().is_ok()), "JSON is read again");
    }
});
