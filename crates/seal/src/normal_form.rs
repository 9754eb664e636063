//! Whether a text is certainly in Unicode normal form C.
pub(crate) fn is_nfc(text: &str) -> bool {
    text.is_ascii()
}
