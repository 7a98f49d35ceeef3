//! The pack that is compiled into the program.

/// Files under `policies/` without the tests: name and text.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pack.rs"));

/// The folder of the profiles; every other file is Rego.
const PROFILES: &str = "profiles/";

/// The folder of what rules share: the user's own may import it, whether the rules are loaded or not.
const LIBRARY: &str = "lib/";

/// The Rego files.
pub(super) fn policies() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().copied().filter(|(name, _)| !name.starts_with(PROFILES))
}

/// Whether a Rego file holds helpers, and no rule.
pub(super) fn is_library(name: &str) -> bool {
    name.starts_with(LIBRARY)
}

/// The names of the profiles.
pub(super) fn profiles() -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(|(name, _)| name.strip_prefix(PROFILES)?.strip_suffix(".toml"))
}

/// The text of a profile.
pub(super) fn profile(name: &str) -> Option<&'static str> {
    let wanted = format!("{PROFILES}{name}.toml");
    FILES.iter().find(|(name, _)| **name == wanted).map(|(_, text)| *text)
}
