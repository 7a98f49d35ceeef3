//! STS: `POST /` with a form, answered in XML.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Asked, Call};
use super::http::{Head, now};
use super::keys::{Key, Keys};
use super::script::{Fault, Raw};
use super::{Manner, sigv4};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const REQUEST: &str = "00000000-0000-0000-0000-000000090811";

/// The call that a request makes.
pub(super) fn understand(head: &Head, body: &[u8]) -> Result<Asked, Fault> {
    let bad = |why: String| Fault::new(400, "InvalidAction", why);
    let body = std::str::from_utf8(body).map_err(|_| bad("the form is not UTF-8".to_owned()))?;
    let mut form: BTreeMap<_, _> = sigv4::pairs(&body.replace('+', "%20")).into_iter().collect();
    let operation = match form.get("Action").map(String::as_str).unwrap_or_default() {
        "AssumeRole" => "AssumeRole",
        "AssumeRoleWithWebIdentity" => "AssumeRoleWithWebIdentity",
        "GetCallerIdentity" => "GetCallerIdentity",
        other => return Err(bad(format!("STS has no action `{other}` here"))),
    };
    if form.get("Version").is_none_or(|version| version != "2011-06-15") {
        return Err(bad("the form has another version".to_owned()));
    }
    if head.signer.is_none() && operation != "AssumeRoleWithWebIdentity" {
        return Err(Fault::new(
            403,
            "MissingAuthenticationTokenException",
            format!("no signature of version 4 for {operation}"),
        ));
    }
    let mut asked = head.asked(operation);
    if let Some(arn) = form.remove("RoleArn") {
        if let Some(role) = Role::parse(&arn) {
            asked.call.account = role.account;
        }
        asked.call.resource = arn;
    }
    asked.input = form;
    Ok(asked)
}

/// The answer, as far as there is a good one.
pub(super) fn answer(asked: &Asked, keys: &mut Keys, manner: &Manner) -> Result<Value, Fault> {
    if asked.call.operation == "GetCallerIdentity" {
        return Ok(json!({
            "GetCallerIdentityResult": {
                "Arn": keys.get(&asked.call.access_key).map(|key| key.arn.as_str()),
                "UserId": asked.call.access_key,
                "Account": asked.call.account,
            },
        }));
    }
    assume(asked, keys, manner)
}

fn assume(asked: &Asked, keys: &mut Keys, manner: &Manner) -> Result<Value, Fault> {
    let invalid = |what: &str| Fault::new(400, "ValidationError", what);
    let Call { operation, resource: arn, .. } = &asked.call;
    let role = Role::parse(arn).ok_or_else(|| invalid("the role is no ARN of a role"))?;
    let session = asked
        .input("RoleSessionName")
        .filter(|name| (2..=64).contains(&name.len()))
        .ok_or_else(|| invalid("the session name has 2 to 64 characters"))?;
    let seconds = match asked.input("DurationSeconds").map(str::parse) {
        None => 3600,
        Some(Ok(seconds @ 900..=43200)) => seconds,
        Some(_) => return Err(invalid("the duration is from 900 to 43200")),
    };
    let by_web_identity = *operation == "AssumeRoleWithWebIdentity";
    if by_web_identity && asked.input("WebIdentityToken").is_none() {
        return Err(Fault::new(400, "InvalidIdentityToken", "no web identity token"));
    }
    if !by_web_identity && !keys.trusts(arn, asked.input("ExternalId")) {
        let caller = keys.get(&asked.call.access_key).map(|key| key.arn.as_str()).unwrap_or_default();
        let denied =
            format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        return Err(Fault::new(403, "AccessDenied", denied));
    }
    let lifetime = manner.session_lifetime.unwrap_or(Duration::from_secs(seconds));
    // Whole seconds as AWS has them, and never later than the truth.
    let expiration = now() + lifetime;
    let expiration = Timestamp::from_second(expiration.as_second()).expect("it is near");
    let assumed =
        format!("arn:{}:sts::{}:assumed-role/{}/{session}", role.partition, role.account, role.name);
    let (id, key) = keys
        .issue(role.account, assumed.clone(), Instant::now() + lifetime)
        .ok_or_else(|| Fault::new(503, "ServiceUnavailable", "too many sessions"))?;
    let Key { secret, token, .. } = key;
    let mut result = json!({
        "AssumedRoleUser": {"AssumedRoleId": format!("AROALOOPBACK00000000:{session}"), "Arn": assumed},
        "Credentials": {
            "AccessKeyId": id,
            "SecretAccessKey": secret,
            "SessionToken": token.text(),
            "Expiration": expiration.to_string(),
        },
    });
    if by_web_identity {
        result["SubjectFromWebIdentityToken"] = json!("repo:shop/shop:ref:refs/heads/main");
        result["Audience"] = json!("sts.amazonaws.com");
        result["Provider"] = json!("https://token.actions.example.com");
    } else {
        result["PackedPolicySize"] = json!(0);
    }
    Ok(json!({format!("{operation}Result"): result}))
}

/// `arn:aws:iam::111122223333:role/path/name`
struct Role {
    partition: String,
    account: String,
    name: String,
}

impl Role {
    fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, role] = parts[..] else { return None };
        let name = role.strip_prefix("role/")?.rsplit('/').next()?;
        let whole =
            account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit()) && !name.is_empty();
        whole.then(|| Self {
            partition: partition.to_owned(),
            account: account.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// A good answer as XML.
pub(super) fn xml(operation: &str, answer: &Value) -> Raw {
    let mut body = format!("<{operation}Response xmlns=\"{NAMESPACE}\">");
    elements(&mut body, answer);
    let _ = write!(
        body,
        "<ResponseMetadata><RequestId>{REQUEST}</RequestId></ResponseMetadata></{operation}Response>"
    );
    Raw::new(200, body).header("content-type", "text/xml")
}

/// An error as XML.
pub(super) fn error(fault: &Fault) -> Raw {
    let party = if fault.status < 500 { "Sender" } else { "Receiver" };
    // The codes that the other services have, as STS has them.
    let code = match fault.code.as_deref() {
        Some("InvalidSignatureException") => Some("SignatureDoesNotMatch"),
        Some("UnrecognizedClientException") => Some("InvalidClientTokenId"),
        Some("MissingAuthenticationTokenException") => Some("MissingAuthenticationToken"),
        Some("ExpiredTokenException") => Some("ExpiredToken"),
        code => code,
    };
    let mut error = json!({"Type": party});
    if let Some(code) = code {
        error["Code"] = json!(code);
    }
    error["Message"] = json!(fault.message);
    let mut body = format!("<ErrorResponse xmlns=\"{NAMESPACE}\">");
    elements(&mut body, &json!({"Error": error, "RequestId": REQUEST}));
    body.push_str("</ErrorResponse>");
    Raw::new(fault.status, body).header("content-type", "text/xml")
}

/// Members as elements.
fn elements(body: &mut String, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let _ = write!(body, "<{name}>");
                elements(body, value);
                let _ = write!(body, "</{name}>");
            }
        }
        Value::String(text) => {
            body.push_str(&text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        }
        Value::Null => {}
        other => {
            let _ = write!(body, "{other}");
        }
    }
}
