//! Object identifiers as complete DER elements, and the algorithm identifiers made of them.

/// id-data 1.2.840.113549.1.7.1
pub const DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01";
/// id-signedData 1.2.840.113549.1.7.2
pub const SIGNED_DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
/// id-ct-authEnvelopedData 1.2.840.113549.1.9.16.1.23
pub const AUTH_ENVELOPED_DATA: &[u8] = b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17";
/// id-ct-TSTInfo 1.2.840.113549.1.9.16.1.4
pub const TST_INFO: &[u8] = b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x04";

/// id-contentType 1.2.840.113549.1.9.3
pub const CONTENT_TYPE: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x03";
/// id-messageDigest 1.2.840.113549.1.9.4
pub const MESSAGE_DIGEST: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x04";
/// id-signingTime 1.2.840.113549.1.9.5
pub const SIGNING_TIME: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x09\x05";
/// id-aa-signingCertificateV2 1.2.840.113549.1.9.16.2.47
pub const SIGNING_CERTIFICATE_V2: &[u8] = b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x02\x2F";

/// id-sha256 2.16.840.1.101.3.4.2.1
pub const SHA256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
/// id-sha384 2.16.840.1.101.3.4.2.2
pub const SHA384: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02";
/// id-sha512 2.16.840.1.101.3.4.2.3
pub const SHA512: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03";
/// ecdsa-with-SHA256 1.2.840.10045.4.3.2
pub const ECDSA_SHA256: &[u8] = b"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x02";
/// ecdsa-with-SHA384 1.2.840.10045.4.3.3
pub const ECDSA_SHA384: &[u8] = b"\x06\x08\x2A\x86\x48\xCE\x3D\x04\x03\x03";
/// id-ecPublicKey 1.2.840.10045.2.1
pub const EC_PUBLIC_KEY: &[u8] = b"\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01";
/// secp256r1 1.2.840.10045.3.1.7
pub const P256: &[u8] = b"\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07";
/// secp384r1 1.3.132.0.34
pub const P384: &[u8] = b"\x06\x05\x2B\x81\x04\x00\x22";
/// rsaEncryption 1.2.840.113549.1.1.1
pub const RSA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
/// id-RSAES-OAEP 1.2.840.113549.1.1.7
pub const RSA_OAEP: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x07";
/// id-mgf1 1.2.840.113549.1.1.8
pub const MGF1: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x08";
/// id-RSASSA-PSS 1.2.840.113549.1.1.10
pub const RSA_PSS: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A";
/// sha256WithRSAEncryption 1.2.840.113549.1.1.11
pub const RSA_SHA256: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B";
/// sha384WithRSAEncryption 1.2.840.113549.1.1.12
pub const RSA_SHA384: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C";
/// sha512WithRSAEncryption 1.2.840.113549.1.1.13
pub const RSA_SHA512: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0D";
/// id-aes256-GCM 2.16.840.1.101.3.4.1.46
pub const AES256_GCM: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2E";

/// id-ce-keyUsage 2.5.29.15
pub const KEY_USAGE: &[u8] = b"\x06\x03\x55\x1D\x0F";
/// id-ce-extKeyUsage 2.5.29.37
pub const EXTENDED_KEY_USAGE: &[u8] = b"\x06\x03\x55\x1D\x25";
/// id-kp-timeStamping 1.3.6.1.5.5.7.3.8
pub const TIME_STAMPING: &[u8] = b"\x06\x08\x2B\x06\x01\x05\x05\x07\x03\x08";

/// NULL, the parameters of RSA and (in older structures) of digests.
pub const NULL: &[u8] = b"\x05\x00";
