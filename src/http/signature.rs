//! Signatures of bodies, as WebSub (7.1) and many others write them: `method=` and an HMAC in hexadecimal digits.

use std::fmt::Write as _;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// How it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// What somebody says is the signature of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) method: Method,
    digest: Vec<u8>,
}

impl Signature {
    /// Reads it, if it is one that can be checked.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (method, digest) = text.split_once('=')?;
        let method = match method.trim() {
            "sha1" => Method::Sha1,
            "sha256" => Method::Sha256,
            "sha384" => Method::Sha384,
            "sha512" => Method::Sha512,
            _ => return None,
        };
        Some(Self { method, digest: read_hex(digest.trim())? })
    }

    /// Whether who made it knows the secret, found in a time that tells nothing.
    pub(super) fn fits(&self, secret: &str, body: &[u8]) -> bool {
        match self.method {
            Method::Sha1 => verifies::<Hmac<Sha1>>(secret, body, &self.digest),
            Method::Sha256 => verifies::<Hmac<Sha256>>(secret, body, &self.digest),
            Method::Sha384 => verifies::<Hmac<Sha384>>(secret, body, &self.digest),
            Method::Sha512 => verifies::<Hmac<Sha512>>(secret, body, &self.digest),
        }
    }
}

/// The signature of a body, by SHA-256.
pub(super) fn sign(secret: &str, body: &[u8]) -> Option<String> {
    // Any length is one for a key.
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).ok()?.chain_update(body);
    let mut text = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        // Nothing fails that writes to a text.
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

fn verifies<M: Mac + KeyInit>(secret: &str, body: &[u8], digest: &[u8]) -> bool {
    let Ok(mac) = <M as Mac>::new_from_slice(secret.as_bytes()) else { return false };
    mac.chain_update(body).verify_slice(digest).is_ok()
}

fn read_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?));
    if rest.is_empty() { bytes.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::{Signature, sign};

    fn is_signed(signature: &str, secret: &str, body: &[u8]) -> bool {
        Signature::read(signature).is_some_and(|signature| signature.fits(secret, body))
    }

    #[test]
    fn only_who_knows_the_secret_signs() {
        // The examples of WebSub's methods over one body, made with openssl.
        let (secret, body) = ("s3cr3t", b"<feed/>");
        for (signature, expected) in [
            ("sha1=ded020dddff874624d8e23461d715af354afe52b", true),
            ("sha256=30288d016ac66bbd764cf5b8491017b685f72a750bec9628d5f3af177be5ec82", true),
            (
                "sha384=7c8b03cea28080d5f06387064c206ce35c74ff7e5e7ea4d6433ad94369ce8a845d67e8e96e02053b45a45b81bfd652e2",
                true,
            ),
            (
                "sha512=3dbadc04fb62ba7b5e9a9ba3e9f8187ce57a4e619b9a954702175d1fb6ffc986dbf7fcb9c40eb97f34a19f2ad2f5ab12b8c1abec68adcf79fd41c9a6dcbdae10",
                true,
            ),
            ("sha256=00", false),
            ("sha256=", false),
            ("sha256=xyz", false),
            ("sha256=+0+1", false),
            ("md5=0cc175b9c0f1b6a831c399e269772661", false),
            ("", false),
        ] {
            assert_eq!(is_signed(signature, secret, body), expected, "{signature}");
        }
        assert!(!is_signed(
            "sha256=30288d016ac66bbd764cf5b8491017b685f72a750bec9628d5f3af177be5ec82",
            "another",
            body
        ));
        assert!(!is_signed(
            "sha256=30288d016ac66bbd764cf5b8491017b685f72a750bec9628d5f3af177be5ec82",
            secret,
            b"<feed></feed>"
        ));
    }

    /// The first is RFC 4231's test case 2; the others were made with another program.
    #[test]
    fn what_is_handed_over_is_signed() {
        for (secret, body, expected) in [
            (
                "Jefe".to_owned(),
                "what do ya want for nothing?",
                "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            ("k".repeat(64), "", "sha256=83026a325aaee70e36cfe607536aa1054104ad1077c36134810d4ccded1ccd3b"),
            (
                "ä".repeat(99),
                "feed",
                "sha256=72f620aa4d2541031aedd0828aaedde62ee6ddf38fe35a1a73594f193876f6f8",
            ),
        ] {
            assert_eq!(sign(&secret, body.as_bytes()).as_deref(), Some(expected));
        }
    }
}
