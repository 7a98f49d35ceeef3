//! The members of a `GetBackendAuth` answer, as the API's model documents them.
//!
//! Source: the AmplifyBackend API reference and botocore's `amplifybackend/2020-08-11` model. Every
//! member has two spellings: the documented one (the AWS CLI prints it, and so do our documents) and
//! the one on the wire, which is irregular (`MFAMode`, `Google`, `client_id`).

/// One documented member of an object.
#[derive(Debug)]
pub(super) struct Member {
    /// The documented name, used in documents.
    pub name: &'static str,
    /// The name on the wire.
    pub wire: &'static str,
    /// Whether the model says that it is always there.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
}

impl Member {
    /// Whether `name` is this member's, in either spelling and whatever casing and separators: a member that
    /// is passed over for its casing would be judged as absent, or not at all.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let same = |ours: &str| {
            let letters = |text: &'_ str| -> String {
                text.chars()
                    .filter(|c| !matches!(c, '_' | '-' | ' '))
                    .map(|c| c.to_ascii_lowercase())
                    .collect()
            };
            ours == name
                || (ours.len() <= name.len() + 4
                    && name.len() <= ours.len() + 4
                    && letters(ours) == letters(name))
        };
        same(self.name) || same(self.wire)
    }
}

/// What a member holds.
#[derive(Debug)]
pub(super) enum Shape {
    /// An object with these members.
    Object(&'static [Member]),
    /// Any text.
    Text,
    /// Text that is dropped on entry.
    Secret,
    /// True or false.
    Flag,
    /// A password length: a whole number that Cognito accepts.
    Length,
    /// One of these names.
    OneOf(&'static [&'static str]),
    /// A set of these names.
    SetOf(&'static [&'static str]),
    /// A set of any texts.
    TextSet,
}

/// The lengths that Cognito accepts as `MinimumLength`.
pub(super) const LENGTHS: std::ops::RangeInclusive<i64> = 6..=99;

/// Members of an answer beside its settings: they name the target, or carry an error.
pub(super) const ANSWER: &[Member] = &[
    optional("AppId", "appId", Shape::Text),
    optional("BackendEnvironmentName", "backendEnvironmentName", Shape::Text),
    optional("Error", "error", Shape::Text),
    optional("ResourceConfig", "resourceConfig", Shape::Object(RESOURCE_CONFIG)),
    optional("ResourceName", "resourceName", Shape::Text),
];

/// `ResourceConfig`: the settings.
pub(super) const RESOURCE_CONFIG: &[Member] = &[
    required(
        "AuthResources",
        "authResources",
        Shape::OneOf(&["IDENTITY_POOL_AND_USER_POOL", "USER_POOL_ONLY"]),
    ),
    optional("IdentityPoolConfigs", "identityPoolConfigs", Shape::Object(IDENTITY_POOL)),
    required("Service", "service", Shape::OneOf(&["COGNITO"])),
    required("UserPoolConfigs", "userPoolConfigs", Shape::Object(USER_POOL)),
];

const IDENTITY_POOL: &[Member] = &[
    required("IdentityPoolName", "identityPoolName", Shape::Text),
    required("UnauthenticatedLogin", "unauthenticatedLogin", Shape::Flag),
];

const USER_POOL: &[Member] = &[
    optional("ForgotPassword", "forgotPassword", Shape::Object(MESSAGE)),
    optional("Mfa", "mfa", Shape::Object(MFA)),
    optional("OAuth", "oAuth", Shape::Object(OAUTH)),
    optional("PasswordPolicy", "passwordPolicy", Shape::Object(PASSWORD_POLICY)),
    required("RequiredSignUpAttributes", "requiredSignUpAttributes", Shape::SetOf(ATTRIBUTES)),
    required(
        "SignInMethod",
        "signInMethod",
        Shape::OneOf(&["EMAIL", "EMAIL_AND_PHONE_NUMBER", "PHONE_NUMBER", "USERNAME"]),
    ),
    required("UserPoolName", "userPoolName", Shape::Text),
    optional("VerificationMessage", "verificationMessage", Shape::Object(MESSAGE)),
];

const ATTRIBUTES: &[&str] = &[
    "ADDRESS",
    "BIRTHDATE",
    "EMAIL",
    "FAMILY_NAME",
    "GENDER",
    "GIVEN_NAME",
    "LOCALE",
    "MIDDLE_NAME",
    "NAME",
    "NICKNAME",
    "PHONE_NUMBER",
    "PICTURE",
    "PREFERRED_USERNAME",
    "PROFILE",
    "UPDATED_AT",
    "WEBSITE",
    "ZONE_INFO",
];

const MESSAGE: &[Member] = &[
    required("DeliveryMethod", "deliveryMethod", Shape::OneOf(&["EMAIL", "SMS"])),
    optional("EmailSettings", "emailSettings", Shape::Object(EMAIL_SETTINGS)),
    optional("SmsSettings", "smsSettings", Shape::Object(SMS_SETTINGS)),
];

const EMAIL_SETTINGS: &[Member] = &[
    optional("EmailMessage", "emailMessage", Shape::Text),
    optional("EmailSubject", "emailSubject", Shape::Text),
];

const SMS_SETTINGS: &[Member] = &[optional("SmsMessage", "smsMessage", Shape::Text)];

const MFA: &[Member] = &[
    required("MFAMode", "MFAMode", Shape::OneOf(&["OFF", "ON", "OPTIONAL"])),
    optional("Settings", "settings", Shape::Object(MFA_SETTINGS)),
];

const MFA_SETTINGS: &[Member] = &[
    optional("MfaTypes", "mfaTypes", Shape::SetOf(&["SMS", "TOTP"])),
    optional("SmsMessage", "smsMessage", Shape::Text),
];

const OAUTH: &[Member] = &[
    optional("DomainPrefix", "domainPrefix", Shape::Text),
    required("OAuthGrantType", "oAuthGrantType", Shape::OneOf(&["CODE", "IMPLICIT"])),
    required(
        "OAuthScopes",
        "oAuthScopes",
        Shape::SetOf(&["AWS_COGNITO_SIGNIN_USER_ADMIN", "EMAIL", "OPENID", "PHONE", "PROFILE"]),
    ),
    required("RedirectSignInURIs", "redirectSignInURIs", Shape::TextSet),
    required("RedirectSignOutURIs", "redirectSignOutURIs", Shape::TextSet),
    optional("SocialProviderSettings", "socialProviderSettings", Shape::Object(SOCIAL_PROVIDERS)),
];

const SOCIAL_PROVIDERS: &[Member] = &[
    optional("Facebook", "Facebook", Shape::Object(SOCIAL_CLIENT)),
    optional("Google", "Google", Shape::Object(SOCIAL_CLIENT)),
    optional("LoginWithAmazon", "LoginWithAmazon", Shape::Object(SOCIAL_CLIENT)),
    optional("SignInWithApple", "SignInWithApple", Shape::Object(APPLE_CLIENT)),
];

const SOCIAL_CLIENT: &[Member] = &[
    optional("ClientId", "client_id", Shape::Text),
    optional("ClientSecret", "client_secret", Shape::Secret),
];

const APPLE_CLIENT: &[Member] = &[
    optional("ClientId", "client_id", Shape::Text),
    optional("KeyId", "key_id", Shape::Text),
    optional("PrivateKey", "private_key", Shape::Secret),
    optional("TeamId", "team_id", Shape::Text),
];

const PASSWORD_POLICY: &[Member] = &[
    optional(
        "AdditionalConstraints",
        "additionalConstraints",
        Shape::SetOf(&["REQUIRE_DIGIT", "REQUIRE_LOWERCASE", "REQUIRE_SYMBOL", "REQUIRE_UPPERCASE"]),
    ),
    required("MinimumLength", "minimumLength", Shape::Length),
];

const fn required(name: &'static str, wire: &'static str, shape: Shape) -> Member {
    Member { name, wire, required: true, shape }
}

const fn optional(name: &'static str, wire: &'static str, shape: Shape) -> Member {
    Member { name, wire, required: false, shape }
}
