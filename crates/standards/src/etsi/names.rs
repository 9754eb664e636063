//! Namespaces of TS 103 120 V1.23.1, with the prefixes that its examples use. JSON member names carry these prefixes.

pub const CORE: &str = "http://uri.etsi.org/03120/common/2019/10/Core";
pub const COMMON: &str = "http://uri.etsi.org/03120/common/2016/02/Common";
pub const AUTHORISATION: &str = "http://uri.etsi.org/03120/common/2020/09/Authorisation";
pub const DOCUMENT: &str = "http://uri.etsi.org/03120/common/2020/09/Document";
pub const NOTIFICATION: &str = "http://uri.etsi.org/03120/common/2016/02/Notification";
pub const TASK: &str = "http://uri.etsi.org/03120/common/2020/09/Task";
pub const DELIVERY: &str = "http://uri.etsi.org/03120/common/2019/10/Delivery";
pub const CONFIG: &str = "http://uri.etsi.org/03120/common/2024/06/Config";
pub const DICTIONARIES: &str = "http://uri.etsi.org/03280/common/2019/10/Dictionaries";
/// TS 103 280's own elements, as in an address with a port.
pub const TYPES: &str = "http://uri.etsi.org/03280/common/2017/07";
pub const XMLDSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Declared on the root of every message that we write.
pub const PREFIXES: &[(&str, &str)] = &[
    ("", CORE),
    ("xsi", XSI),
    ("common", COMMON),
    ("auth", AUTHORISATION),
    ("doc", DOCUMENT),
    ("notification", NOTIFICATION),
    ("task", TASK),
    ("delivery", DELIVERY),
    ("config", CONFIG),
    ("dictionaries", DICTIONARIES),
    ("etsi", TYPES),
];
