//! The access keys that the server knows.

use std::collections::HashMap;
use std::time::Instant;

use super::call::MOST_CALLS;
use super::sigv4;

/// The account of the keys that the tests and benches are run with.
pub(crate) const ACCOUNT: &str = "111122223333";

/// What belongs to an access key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) secret: String,
    pub(super) token: Token,
    pub(super) account: String,
    /// Who calls with it.
    pub(super) arn: String,
    pub(super) expires: Option<Instant>,
}

/// The session token that a call with a key has.
#[derive(Debug, Clone)]
pub(super) enum Token {
    None,
    /// Without it, too: a test need not set it.
    MayBe(&'static str),
    Must(String),
}

impl Token {
    fn fits(&self, given: Option<&str>) -> bool {
        match self {
            Self::None => given.is_none(),
            Self::MayBe(token) => given.is_none_or(|given| given == *token),
            Self::Must(token) => given == Some(token),
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::None => "",
            Self::MayBe(token) => token,
            Self::Must(token) => token,
        }
    }
}

/// The keys, and whom the roles trust.
pub(super) struct Keys {
    by_id: HashMap<String, Key>,
    /// The external IDs of roles. Other roles may be assumed with any, and without one.
    external_ids: HashMap<String, String>,
    issued: usize,
}

impl Default for Keys {
    fn default() -> Self {
        let mut keys = Self { by_id: HashMap::new(), external_ids: HashMap::new(), issued: 0 };
        keys.add("AKIAPLANTED", "planted0SecretAccessKey0planted", ACCOUNT);
        keys.add("AKIABENCHMARK", "benchmark", ACCOUNT);
        if let Some(planted) = keys.by_id.get_mut("AKIAPLANTED") {
            planted.token = Token::MayBe("planted0SessionToken0planted");
        }
        keys
    }
}

impl Keys {
    /// A key that is good for ever.
    pub(super) fn add(&mut self, id: &str, secret: &str, account: &str) {
        let key = Key {
            secret: secret.to_owned(),
            token: Token::None,
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/auditor"),
            expires: None,
        };
        self.by_id.insert(id.to_owned(), key);
    }

    pub(super) fn require_external_id(&mut self, role: &str, external_id: &str) {
        self.external_ids.insert(role.to_owned(), external_id.to_owned());
    }

    pub(super) fn trusts(&self, role: &str, external_id: Option<&str>) -> bool {
        self.external_ids.get(role).is_none_or(|must| external_id == Some(must))
    }

    /// A key of a session, as long as there is room for one more.
    pub(super) fn issue(&mut self, account: String, arn: String, expires: Instant) -> Option<(String, &Key)> {
        if self.issued >= MOST_CALLS {
            return None;
        }
        self.issued += 1;
        let id = format!("ASIALOOPBACK{:08}", self.issued);
        // Looks like the real ones, which have signs that forms and queries must encode, and begins as
        // all secrets of the tests do.
        let random = sigv4::sha256(id.as_bytes());
        let secret = format!("planted0{}+/{}", &random[..15], &random[15..30]);
        let token = Token::Must(format!("planted0IQoJb3JpZ2luX2Vj//{random}+{random}=="));
        let key = Key { secret, token, account, arn, expires: Some(expires) };
        Some((id.clone(), self.by_id.entry(id).insert_entry(key).into_mut()))
    }

    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        self.by_id.get(id)
    }

    /// The key, where the token fits it.
    pub(super) fn with_token(&self, id: &str, token: Option<&str>) -> Option<&Key> {
        self.get(id).filter(|key| key.token.fits(token))
    }
}
