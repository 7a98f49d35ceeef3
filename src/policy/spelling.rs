//! What a mistyped word may have meant.

/// The word of `known` that `given` nearly is, and not only resembles: a key of somebody else's must not be
/// taken for a mistake. Of a short word only a slip counts: a letter doubled, left out or swapped, a plural, a capital.
pub(super) fn near<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    const SHORT: usize = 5;
    let folded = given.to_lowercase().replace('-', "_");
    known
        .into_iter()
        .filter(|known| *known != given)
        .map(|known| (strsim::osa_distance(&folded, known), known))
        .filter(|(distance, known)| match known.len() {
            0..=2 => *distance == 0,
            3..=SHORT => *distance == 0 || is_slip(&folded, known),
            _ => *distance <= 2,
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

fn is_slip(given: &str, meant: &str) -> bool {
    if strsim::osa_distance(given, meant) != 1 {
        return false;
    }
    match given.len().cmp(&meant.len()) {
        std::cmp::Ordering::Less => true,
        // Two letters swapped: the same letters.
        std::cmp::Ordering::Equal => sorted(given) == sorted(meant),
        std::cmp::Ordering::Greater => {
            let doubled = given.as_bytes().windows(2).any(|pair| pair[0] == pair[1]);
            doubled || given.strip_suffix('s') == Some(meant)
        }
    }
}

fn sorted(word: &str) -> Vec<u8> {
    let mut letters = word.as_bytes().to_vec();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_seen_and_another_word_is_let_be() {
        let ours = super::super::metadata::KEYS;
        for (given, meant) in [
            ("severty", Some("severity")),
            ("Severity", Some("severity")),
            ("remedation", Some("remediation")),
            ("reference", Some("references")),
            ("tag", Some("tags")),
            ("paths", Some("path")),
            ("scop", Some("scope")),
            ("scoep", Some("scope")),
            ("ID", Some("id")),
            ("severity", Some("no other")),
            ("score", None),
            ("patch", None),
            ("ip", None),
            ("owner", None),
            ("category", None),
        ] {
            let found = near(given, ours);
            assert_eq!(found, meant.filter(|meant| *meant != "no other"), "{given}");
        }
    }
}
