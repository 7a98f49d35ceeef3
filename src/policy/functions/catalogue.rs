//! Which functions there are, for checks before anything runs.

use regorus::unstable::BUILTINS;

/// Functions of OPA 1.20 that this engine does not have, from its `capabilities.json`; those that are also operators
/// by their names at the end. Those that OPA has deprecated are errors in Rego v1, and not here.
const IN_OPA_ONLY: &[&str] = &[
    "array.flatten",
    "base64.decode",
    "base64.encode",
    "base64.is_valid",
    "base64url.decode",
    "base64url.encode",
    "base64url.encode_no_pad",
    "crypto.hmac.equal",
    "crypto.hmac.md5",
    "crypto.hmac.sha1",
    "crypto.hmac.sha256",
    "crypto.hmac.sha512",
    "crypto.md5",
    "crypto.parse_private_keys",
    "crypto.sha1",
    "crypto.sha256",
    "crypto.x509.parse_and_verify_certificates",
    "crypto.x509.parse_and_verify_certificates_with_options",
    "crypto.x509.parse_certificate_request",
    "crypto.x509.parse_certificates",
    "crypto.x509.parse_keypair",
    "crypto.x509.parse_rsa_private_key",
    "graphql.is_valid",
    "graphql.parse",
    "graphql.parse_and_verify",
    "graphql.parse_query",
    "graphql.parse_schema",
    "graphql.schema_is_valid",
    "hex.decode",
    "hex.encode",
    "http.send",
    "io.jwt.decode",
    "io.jwt.decode_verify",
    "io.jwt.encode_sign",
    "io.jwt.encode_sign_raw",
    "io.jwt.verify_eddsa",
    "io.jwt.verify_es256",
    "io.jwt.verify_es384",
    "io.jwt.verify_es512",
    "io.jwt.verify_hs256",
    "io.jwt.verify_hs384",
    "io.jwt.verify_hs512",
    "io.jwt.verify_ps256",
    "io.jwt.verify_ps384",
    "io.jwt.verify_ps512",
    "io.jwt.verify_rs256",
    "io.jwt.verify_rs384",
    "io.jwt.verify_rs512",
    "json.match_schema",
    "json.verify_schema",
    "net.cidr_contains_matches",
    "net.cidr_intersects",
    "net.cidr_merge",
    "net.lookup_ip_addr",
    "opa.runtime",
    "providers.aws.sign_req",
    "regex.globs_match",
    "rego.parse_module",
    "strings.render_template",
    "strings.split_n",
    "time.add_date",
    "time.clock",
    "time.date",
    "time.diff",
    "time.format",
    "time.now_ns",
    "time.parse_duration_ns",
    "time.parse_ns",
    "time.parse_rfc3339_ns",
    "time.weekday",
    "uri.is_valid",
    "uri.parse",
    "urlquery.decode",
    "urlquery.decode_object",
    "urlquery.encode",
    "urlquery.encode_object",
    "uuid.parse",
    "uuid.rfc4122",
    "yaml.is_valid",
    "yaml.marshal",
    "yaml.unmarshal",
    "and",
    "assign",
    "div",
    "eq",
    "equal",
    "gt",
    "gte",
    "lt",
    "lte",
    "minus",
    "mul",
    "neq",
    "or",
    "plus",
    "rem",
];

/// Functions of the engine that do not give the same answer for the same arguments every time.
const IMPURE: &[&str] = &["http.send", "opa.runtime", "rand.intn", "time.now_ns", "uuid.rfc4122"];

/// The number of arguments of a function; of `print`, which takes any number, [`usize::MAX`]. `None` where there is
/// no such function.
pub(in crate::policy) fn arity(name: &str) -> Option<usize> {
    if name == "print" {
        return Some(usize::MAX);
    }
    // Put in by the loader.
    if matches!(name, "rego.metadata.rule" | "rego.metadata.chain") {
        return Some(0);
    }
    // The engine's own spelling of operators is not for policies.
    let own = !name.starts_with("__");
    BUILTINS.get(name).filter(|_| own).map(|(_, arity)| usize::from(*arity))
}

/// Whether a function gives the same answer for the same arguments every time, and does nothing else. `print` does.
pub(in crate::policy) fn is_pure(name: &str) -> bool {
    name != "print" && !IMPURE.contains(&name)
}

/// The names of all functions, in no order.
pub(in crate::policy) fn known() -> impl Iterator<Item = &'static str> {
    BUILTINS.keys().copied().filter(|name| !name.starts_with("__")).chain([
        "print",
        "rego.metadata.rule",
        "rego.metadata.chain",
    ])
}

/// Whether a function asks for more than its arguments: the network, the clock, chance.
pub(in crate::policy) fn is_of_the_world(name: &str) -> bool {
    IMPURE.contains(&name) || name == "net.lookup_ip_addr"
}

/// Whether OPA has a function that there is not here.
pub(in crate::policy) fn in_opa_only(name: &str) -> bool {
    IN_OPA_ONLY.contains(&name)
}
