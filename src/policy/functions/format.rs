//! `sprintf`.

/// How many values a format asks for; `None` where it says so in another way than one for one.
pub(in crate::policy) fn verbs(format: &str) -> Option<usize> {
    let mut count = 0;
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            continue;
        }
        let is_flag = |c: &char| matches!(c, '+' | '-' | '#' | ' ' | '.') || c.is_ascii_digit();
        match rest.find(|c| !is_flag(c))? {
            '%' => {}
            verb if verb.is_ascii_alphabetic() => count += 1,
            _ => return None,
        }
    }
    Some(count)
}
