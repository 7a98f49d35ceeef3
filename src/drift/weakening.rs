//! The one table of what weakens: which change, at which member.
//!
//! It follows the built-in rules: what a rule would find and what was agreed to be otherwise. What is on no row
//! weakens nothing. A value that AWS does not document is judged against whoever put it there, because nobody knows
//! what it does.

use serde_json::Value;

use super::order::same;
use super::secret::is_empty;

/// Whether a change at `path` weakens, or one below it where a whole object was replaced. For a set, `expected` and
/// `actual` may be the members that only one side has. `document` is the whole of what is there.
pub(super) fn weakens(path: &str, expected: &Value, actual: &Value, document: &Value) -> bool {
    TABLE.iter().any(|row| {
        let Some(rest) = row.pointer.strip_prefix(path) else { return false };
        if !(rest.is_empty() || rest.starts_with('/')) {
            return false;
        }
        let [expected, actual] = [expected, actual].map(|value| value.pointer(rest).unwrap_or(&Value::Null));
        let is_harmless = !row.harmless.is_empty()
            && row.harmless.iter().all(|(pointer, value)| value.is(document.pointer(pointer)));
        !same(expected, actual)
            && !is_harmless
            && row.when.holds(expected, actual, document.pointer(row.pointer))
    })
}

/// The members at which a change may weaken, as JSON pointers, with what it is that weakens.
pub fn table() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|row| (row.pointer, row.words))
}

struct Row {
    pointer: &'static str,
    when: When,
    /// Where all of these stand in what is there, the change does nothing.
    harmless: &'static [(&'static str, Scalar)],
    words: &'static str,
}

/// When a change weakens.
enum When {
    /// The value goes down, from the strongest to the weakest; those of one step are as strong as each other.
    Descends(&'static [&'static [Scalar]]),
    /// The number becomes smaller, or none.
    Shrinks,
    /// The set has a member that it did not have, other than these.
    Gains { but: &'static [&'static str] },
    /// A member left the set: one of these, or any where none is named.
    Loses { only: &'static [&'static str] },
    /// The last members left the set.
    Empties,
    /// Something is there that was not there, or something else.
    Appears,
    /// This is no longer in the text.
    Forgets(&'static str),
}

/// A value of a scalar member.
#[derive(Clone, Copy)]
enum Scalar {
    Absent,
    Flag(bool),
    Text(&'static str),
}
use Scalar::{Absent, Flag, Text};

const AUTH_RESOURCES: &str = "/ResourceConfig/AuthResources";
const IDENTITY_POOL_NAME: &str = "/ResourceConfig/IdentityPoolConfigs/IdentityPoolName";
const UNAUTHENTICATED_LOGIN: &str = "/ResourceConfig/IdentityPoolConfigs/UnauthenticatedLogin";
const MFA_MODE: &str = "/ResourceConfig/UserPoolConfigs/Mfa/MFAMode";
const MFA_TYPES: &str = "/ResourceConfig/UserPoolConfigs/Mfa/Settings/MfaTypes";

const EMAIL_THEN_SMS: When = When::Descends(&[&[Text("EMAIL"), Absent], &[Text("SMS")]]);

/// Sources: AWS Security Hub's Cognito controls, RFC 9700, OWASP ASVS 5.0, NIST SP 800-63B-4, as the rules that are
/// named cite them.
const TABLE: &[Row] = &[
    // Rules judge less strictly what does not serve customers; they take an unknown stage for production.
    row(
        "/Target/Stage",
        When::Descends(&[&[Text("production"), Text("unknown")], &[Text("staging"), Text("development")]]),
        "production or unknown becomes staging or development, which rules judge less strictly",
    ),
    // guest_access/enabled: without an identity pool there are no guests.
    row(
        AUTH_RESOURCES,
        When::Descends(&[&[Text("USER_POOL_ONLY"), Absent], &[Text("IDENTITY_POOL_AND_USER_POOL")]]),
        "an identity pool is added, which gives out AWS credentials",
    ),
    Row {
        harmless: &[
            (AUTH_RESOURCES, Text("USER_POOL_ONLY")),
            (IDENTITY_POOL_NAME, Absent),
            (UNAUTHENTICATED_LOGIN, Absent),
        ],
        ..row(
            UNAUTHENTICATED_LOGIN,
            When::Descends(&[&[Flag(false)], &[Absent], &[Flag(true)]]),
            "guests are let in, or may be; not where the identity pool is gone",
        )
    },
    // recovery/sms
    row(
        "/ResourceConfig/UserPoolConfigs/ForgotPassword/DeliveryMethod",
        EMAIL_THEN_SMS,
        "codes to reset a password go out by SMS",
    ),
    // mfa/off, mfa/optional
    row(
        MFA_MODE,
        When::Descends(&[&[Text("ON")], &[Text("OPTIONAL")], &[Text("OFF")], &[Absent]]),
        "from ON to OPTIONAL, to OFF, to absent",
    ),
    // mfa/sms_only. The CLI leaves SMS in the types of a pool whose MFA is off.
    Row {
        harmless: &[(MFA_MODE, Text("OFF"))],
        ..row(
            MFA_TYPES,
            When::Gains { but: &["TOTP"] },
            "a factor other than TOTP is added; not where MFA is OFF",
        )
    },
    Row {
        harmless: &[(MFA_MODE, Text("OFF"))],
        ..row(MFA_TYPES, When::Loses { only: &["TOTP"] }, "TOTP is removed; not where MFA is OFF")
    },
    // mfa/no_factor
    Row {
        harmless: &[(MFA_MODE, Text("OFF"))],
        ..row(MFA_TYPES, When::Empties, "no factor is left; not where MFA is OFF")
    },
    // oauth/implicit_grant
    row(
        "/ResourceConfig/UserPoolConfigs/OAuth/OAuthGrantType",
        When::Descends(&[&[Text("CODE"), Absent], &[Text("IMPLICIT")]]),
        "a grant other than CODE, or than none",
    ),
    // oauth/admin_scope
    row(
        "/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes",
        When::Gains { but: &[] },
        "a scope is added, so tokens may do more",
    ),
    // oauth/insecure_redirect and its kin
    row(
        "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs",
        When::Gains { but: &[] },
        "a URI is added, where codes and tokens may go",
    ),
    row(
        "/ResourceConfig/UserPoolConfigs/OAuth/RedirectSignOutURIs",
        When::Gains { but: &[] },
        "a URI is added, where users may be led",
    ),
    // social/incomplete_provider, social/secret_exposed
    client("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Facebook/ClientId"),
    secret("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Facebook/ClientSecret"),
    client("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google/ClientId"),
    secret("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/Google/ClientSecret"),
    client("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/LoginWithAmazon/ClientId"),
    secret("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/LoginWithAmazon/ClientSecret"),
    client("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple/ClientId"),
    client("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple/TeamId"),
    secret("/ResourceConfig/UserPoolConfigs/OAuth/SocialProviderSettings/SignInWithApple/PrivateKey"),
    // password/missing_character_class
    row(
        "/ResourceConfig/UserPoolConfigs/PasswordPolicy/AdditionalConstraints",
        When::Loses { only: &[] },
        "a constraint is removed",
    ),
    // password/too_short
    row(
        "/ResourceConfig/UserPoolConfigs/PasswordPolicy/MinimumLength",
        When::Shrinks,
        "a smaller number, or none",
    ),
    // recovery/no_recovery_attribute
    row(
        "/ResourceConfig/UserPoolConfigs/RequiredSignUpAttributes",
        When::Loses { only: &["EMAIL", "PHONE_NUMBER"] },
        "an attribute to recover an account by is no longer required",
    ),
    // sign_in/phone_number
    row(
        "/ResourceConfig/UserPoolConfigs/SignInMethod",
        When::Descends(&[
            &[Text("EMAIL"), Text("USERNAME"), Absent],
            &[Text("PHONE_NUMBER"), Text("EMAIL_AND_PHONE_NUMBER")],
        ]),
        "a phone number becomes a name to sign in with",
    ),
    // verification/sms
    row(
        "/ResourceConfig/UserPoolConfigs/VerificationMessage/DeliveryMethod",
        EMAIL_THEN_SMS,
        "codes to verify an account go out by SMS",
    ),
    // verification/message_without_code
    row(
        "/ResourceConfig/UserPoolConfigs/VerificationMessage/EmailSettings/EmailMessage",
        When::Forgets(CODE),
        "the message no longer holds the code",
    ),
    row(
        "/ResourceConfig/UserPoolConfigs/VerificationMessage/SmsSettings/SmsMessage",
        When::Forgets(CODE),
        "the message no longer holds the code",
    ),
];

/// What stands for the code in a message of Cognito's.
const CODE: &str = "{####}";

const fn row(pointer: &'static str, when: When, words: &'static str) -> Row {
    Row { pointer, when, harmless: &[], words }
}

const fn client(pointer: &'static str) -> Row {
    row(pointer, When::Appears, "a client appears, or another one replaces it: who it is may sign users in")
}

const fn secret(pointer: &'static str) -> Row {
    row(pointer, When::Appears, "a secret appears in the answer, for all who may ask")
}

impl When {
    /// Of two values that differ; `whole` is what is there where `actual` may be only what was added to it.
    fn holds(&self, expected: &Value, actual: &Value, whole: Option<&Value>) -> bool {
        match self {
            Self::Descends(steps) => {
                let step =
                    |value| steps.iter().position(|step| step.iter().any(|scalar| scalar.is(Some(value))));
                match (step(expected), step(actual)) {
                    (Some(expected), Some(actual)) => actual > expected,
                    (None, Some(actual)) => actual > 0,
                    (_, None) => true,
                }
            }
            Self::Shrinks => match (expected, actual.as_f64()) {
                (Value::Null, _) => false,
                (_, None) => true,
                (expected, Some(actual)) => expected.as_f64().is_none_or(|expected| actual < expected),
            },
            Self::Gains { but } => only_in(actual, expected).any(|member| !is_one_of(member, but)),
            Self::Loses { only } => {
                only_in(expected, actual).any(|member| only.is_empty() || is_one_of(member, only))
            }
            Self::Empties => !is_empty(expected) && whole.is_none_or(is_empty),
            Self::Appears => !is_empty(actual),
            Self::Forgets(piece) => {
                let has = |value: &Value| value.as_str().is_some_and(|text| text.contains(piece));
                has(expected) && !has(actual)
            }
        }
    }
}

impl Scalar {
    fn is(self, value: Option<&Value>) -> bool {
        let value = value.unwrap_or(&Value::Null);
        match self {
            Absent => value.is_null(),
            Flag(flag) => *value == flag,
            Text(text) => value == text,
        }
    }
}

fn only_in<'v>(this: &'v Value, that: &'v Value) -> impl Iterator<Item = &'v Value> {
    members(this).iter().filter(|member| !members(that).iter().any(|other| same(member, other)))
}

fn is_one_of(member: &Value, names: &[&str]) -> bool {
    names.iter().any(|name| member == name)
}

/// The members of a list; what is no list, and not nothing, stands for a member that nobody knows.
fn members(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        Value::Null => &[],
        other => std::slice::from_ref(other),
    }
}
