//! What a mistyped name may have meant.

/// The best of `known` that `given` may have meant, whatever the case; `None` where nothing is near.
#[must_use]
pub fn nearest<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let given = given.to_lowercase();
    known
        .into_iter()
        .map(|name| {
            let other = name.to_lowercase();
            let part = given.len() > 2 && (other.contains(&given) || given.contains(&other));
            let slip = given.len() > 2 && strsim::osa_distance(&given, &other) == 1;
            let likeness = strsim::jaro_winkler(&given, &other);
            (if part || slip { likeness.max(0.8) } else { likeness }, name)
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
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
