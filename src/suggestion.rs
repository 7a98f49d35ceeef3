//! What a mistyped name may have meant.

/// The best of `known` that `given` may have meant, whatever the case; `None` where nothing is near.
#[must_use]
pub fn nearest<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .filter_map(|name| Some((likeness(given, name)?, name)))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// How near `name` is to `given`, whatever the case, up to 1; `None` where it cannot have been meant.
#[must_use]
pub fn likeness(given: &str, name: &str) -> Option<f64> {
    let (given, name) = (given.to_lowercase(), name.to_lowercase());
    let part = given.len() > 2 && (name.contains(&given) || given.contains(&name));
    let slip = given.len() > 2 && strsim::osa_distance(&given, &name) == 1;
    let likeness = strsim::jaro_winkler(&given, &name);
    let likeness = if part || slip { likeness.max(0.8) } else { likeness };
    (likeness > 0.75).then_some(likeness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_whatever_the_case() {
        assert_eq!(nearest("Mffa", ["OAuth", "Mfa", "PasswordPolicy"]), Some("Mfa"));
        assert_eq!(nearest("mfamode", ["Settings", "MFAMode"]), Some("MFAMode"));
        assert_eq!(nearest("Secret", ["ClientId", "ClientSecret"]), Some("ClientSecret"));
        assert_eq!(nearest("mgs", ["path", "msg"]), Some("msg"));
        assert_eq!(nearest("xyz", ["Settings", "MFAMode"]), None);
    }
}
