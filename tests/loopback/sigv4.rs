//! Signatures of version 4, verified as AWS does.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use hmac::{Hmac, KeyInit, Mac};
use hyper::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: AsciiSet = UNRESERVED.remove(b'/');

/// What is signed.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// As on the wire.
    pub(super) path: &'a str,
    /// As on the wire.
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// What the header `authorization` says:
/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`
pub(super) struct Authorization<'a> {
    pub(super) key: &'a str,
    date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    pub(super) fn parse(authorization: &'a str) -> Option<Self> {
        let mut parts = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?.split(',').map(str::trim);
        let credential = parts.next()?.strip_prefix("Credential=")?;
        let headers = parts.next()?.strip_prefix("SignedHeaders=")?;
        let signature = parts.next()?.strip_prefix("Signature=")?;
        let credential: Vec<_> = credential.split('/').collect();
        let [key, date, region, service, "aws4_request"] = credential[..] else { return None };
        Some(Self { key, date, region, service, headers, signature })
    }

    /// Whether the signature was made with this secret; and if not, why not.
    pub(super) fn verify(&self, secret: &str, signed: &Signed) -> Result<(), String> {
        let time = header(signed.headers, "x-amz-date");
        if !time.starts_with(self.date) {
            return Err(format!("the scope is of {}, the request of {time}", self.date));
        }
        let mut must = vec!["host", "x-amz-date"];
        must.extend(["x-amz-security-token"].iter().filter(|name| signed.headers.contains_key(**name)));
        for name in must {
            if !self.headers.split(';').any(|header| header == name) {
                return Err(format!("the header {name} is not signed"));
            }
        }
        let body = sha256(signed.body);
        if signed.headers.get("x-amz-content-sha256").is_some_and(|said| said != body.as_str()) {
            return Err("x-amz-content-sha256 is of another body".to_owned());
        }
        let request = self.canonical(signed, &body);
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(request.as_bytes()));
        let key = [self.date, self.region, self.service, "aws4_request"]
            .iter()
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
        if hex::encode(hmac(&key, &text)) == self.signature {
            Ok(())
        } else {
            // The words of AWS, which repeat the session token.
            Err(format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{request}'\n\nThe String-to-Sign should have been\n'{text}'\n"
            ))
        }
    }

    fn canonical(&self, signed: &Signed, body: &str) -> String {
        let mut query: Vec<_> = pairs(signed.query)
            .iter()
            .map(|(name, value)| {
                (
                    utf8_percent_encode(name, &UNRESERVED).to_string(),
                    utf8_percent_encode(value, &UNRESERVED).to_string(),
                )
            })
            .collect();
        query.sort();
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers: Vec<_> = self
            .headers
            .split(';')
            .map(|name| {
                let values = signed.headers.get_all(name).iter();
                let values: Vec<_> = values
                    .map(|value| String::from_utf8_lossy(value.as_bytes()))
                    .map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
                    .collect();
                format!("{name}:{}", values.join(","))
            })
            .collect();
        // The path is encoded on the wire, and once more here.
        let path = without_dots(signed.path);
        let path = utf8_percent_encode(&path, &PATH);
        let (query, headers) = (query.join("&"), headers.join("\n"));
        format!("{}\n{path}\n{query}\n{headers}\n\n{}\n{body}", signed.method, self.headers)
    }
}

/// The text of a header; nothing where there is none.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Names and values of a query, decoded.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The path without segments that are empty, `.` or `..` (RFC 3986, 5.2.4).
fn without_dots(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    let last_is_dropped = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) && !segments.is_empty();
    format!("/{}{}", segments.join("/"), if last_is_dropped { "/" } else { "" })
}
