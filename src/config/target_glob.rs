//! Globs of target ids, matched against the names that an id encodes: `?`, `*` and classes are about characters of
//! a name, so that none of them matches half of an encoded one.

use std::borrow::Cow;
use std::fmt::Write as _;

use globset::GlobBuilder;
use percent_encoding::percent_decode_str;
use regex::Regex;

use crate::suggestion;
use crate::target::{Target, TargetId};
use crate::untrusted::printable;

/// A glob of target ids: `APP/ENVIRONMENT/RESOURCE`, where parts left out at the end match
/// everything. A `*` never crosses a `/`, so a pattern for an environment cannot match a resource.
///
/// Names stand in it as they are, or encoded as in ids: `größe` and `gr%C3%B6%C3%9Fe` are one pattern. Two globs are
/// equal if they differ only in that, or in parts at the end that match everything.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetGlob(Vec<Part>);

impl TargetGlob {
    /// Parses a pattern.
    ///
    /// # Errors
    /// What is wrong with the pattern, for people.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let parts: Vec<&str> = pattern.split('/').collect();
        if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) {
            return Err(
                "a target glob is APP/ENVIRONMENT/RESOURCE; parts at the end may be left out".to_owned()
            );
        }
        let mut parts: Vec<Part> = parts.into_iter().map(Part::parse).collect::<Result<_, _>>()?;
        let narrow = parts.iter().rposition(|part| !part.matches_everything());
        parts.truncate(narrow.map_or(0, |last| last + 1));
        Ok(Self(parts))
    }

    /// Whether it matches an id.
    #[must_use]
    pub fn is_match(&self, id: &TargetId) -> bool {
        self.may_match(id.as_str())
    }

    /// Whether it takes all targets of the apps that it matches.
    #[must_use]
    pub fn takes_whole_apps(&self) -> bool {
        self.0.len() <= 1
    }

    /// Whether it takes all resources of the environments that it matches.
    #[must_use]
    pub fn takes_whole_environments(&self) -> bool {
        self.0.len() <= 2
    }

    /// Whether its app is one, and no pattern.
    #[must_use]
    pub fn names_one_app(&self) -> bool {
        self.app().is_some()
    }

    /// The one app whose targets it matches, where it is no pattern of apps.
    #[must_use]
    pub fn app(&self) -> Option<&str> {
        let app = &self.0.first()?.glob;
        (!app.contains(['*', '?', '[', '{', '\\'])).then_some(app)
    }

    /// Whether it may match an id that begins with these parts, encoded as in ids: the others are not
    /// known yet.
    #[must_use]
    pub fn may_match(&self, beginning: &str) -> bool {
        self.0.iter().zip(beginning.split('/')).all(|(part, encoded)| part.regex.is_match(&name(encoded)))
    }

    /// Whether a target is, or may be, one of these: one whose resource could not be looked up may be any of its
    /// environment, and a file that does not say whose settings it holds may hold those of any target.
    #[must_use]
    pub fn may_be(&self, target: &Target) -> bool {
        if target.app_id.is_empty() {
            true
        } else if target.resource.is_empty() {
            self.may_match(&TargetId::beginning(&target.app_id, Some(&target.environment)))
        } else {
            self.is_match(&target.id)
        }
    }

    /// Whether it matches every id that begins with these parts, encoded as in ids.
    #[must_use]
    pub fn covers(&self, beginning: &str) -> bool {
        self.0.len() <= beginning.split('/').count() && self.may_match(beginning)
    }

    /// The id that it may have meant and does not match; of equally near ones the first.
    #[must_use]
    pub fn nearest<'i>(&self, ids: impl IntoIterator<Item = &'i TargetId>) -> Option<&'i TargetId> {
        ids.into_iter()
            .filter_map(|id| Some((self.likeness(id)?, id)))
            .max_by(|(a, first), (b, second)| a.total_cmp(b).then_with(|| second.cmp(first)))
            .map(|(_, id)| id)
    }

    /// How near an id is that it does not match, from 0 to 1; `None` where nobody would have meant it.
    #[must_use]
    pub fn likeness(&self, id: &TargetId) -> Option<f64> {
        let names: Vec<Cow<'_, str>> = id.as_str().split('/').map(name).collect();
        let meant = names.iter().enumerate().map(|(index, name)| match self.0.get(index) {
            Some(part) if !part.regex.is_match(name) => part.glob.as_str(),
            Some(_) | None => name,
        });
        suggestion::likeness(&meant.collect::<Vec<_>>().join("/"), &names.join("/"))
    }
}

/// A part of a pattern: a glob of names.
#[derive(Debug, Clone)]
struct Part {
    /// The glob, with nothing encoded in it.
    glob: String,
    /// The same for matching: globset's own matcher takes bytes for characters.
    regex: Regex,
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.glob == other.glob
    }
}

impl Part {
    fn parse(written: &str) -> Result<Self, String> {
        let glob = decoded(written);
        let refused = |why: &str| format!("`{written}` is not a glob: {}", printable(why));
        GlobBuilder::new(&glob)
            .backslash_escape(true)
            .build()
            .map_err(|error| refused(&error.kind().to_string()))?;
        let regex = Regex::new(&regex(&glob)).map_err(|_| refused("it is too large"))?;
        Ok(Self { glob, regex })
    }

    fn matches_everything(&self) -> bool {
        self.glob.bytes().all(|byte| byte == b'*')
    }
}

/// The name that a part of an id encodes.
fn name(encoded: &str) -> Cow<'_, str> {
    percent_decode_str(encoded).decode_utf8().unwrap_or(Cow::Borrowed(encoded))
}

/// A glob without what ids encode; none of these characters is special in a glob. A `%` that begins nothing that an id
/// has, or behind a backslash, is itself.
fn decoded(written: &str) -> String {
    let mut glob = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(character) = rest.chars().next() {
        let taken = match character {
            '\\' => rest.chars().take(2).map(char::len_utf8).sum(),
            '%' => {
                if let Some((name, taken)) = encoded_character(rest) {
                    glob.push_str(&name);
                    rest = rest.get(taken..).unwrap_or_default();
                    continue;
                }
                1
            }
            other => other.len_utf8(),
        };
        let (head, tail) = rest.split_at(taken);
        glob.push_str(head);
        rest = tail;
    }
    glob
}

/// The character that `text` begins with, encoded as in ids but for the case of the digits, and its length there.
fn encoded_character(text: &str) -> Option<(Cow<'_, str>, usize)> {
    (1..=4).map(|bytes| 3 * bytes).find_map(|length| {
        let encoded = text.get(..length)?;
        let character = percent_decode_str(encoded).decode_utf8().ok()?;
        let is_of_ids = TargetId::beginning(&character, None).eq_ignore_ascii_case(encoded);
        is_of_ids.then_some((character, length))
    })
}

/// The regular expression of a valid glob, in which `?`, `*` and classes stand for whole characters.
fn regex(glob: &str) -> String {
    let mut text = String::from(r"(?s)\A");
    // What stands before each open brace, and the alternatives behind it.
    let mut open: Vec<(String, Vec<String>)> = Vec::new();
    let mut characters = glob.chars();
    while let Some(character) = characters.next() {
        match (character, open.last_mut()) {
            ('*', _) => text.push_str(".*"),
            ('?', _) => text.push('.'),
            ('[', _) => text.push_str(&class(&mut characters)),
            ('{', _) => open.push((std::mem::take(&mut text), Vec::new())),
            (',', Some((_, alternatives))) => alternatives.push(std::mem::take(&mut text)),
            ('}', Some(_)) => {
                let (before, mut alternatives) = open.pop().unwrap_or_default();
                alternatives.push(std::mem::replace(&mut text, before));
                // As everywhere else in audit.toml: globset ignores empty alternatives.
                alternatives.retain(|alternative| !alternative.is_empty());
                if !alternatives.is_empty() {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "(?:{})", alternatives.join("|"));
                }
            }
            ('\\', _) => text.extend(characters.next().map(literal)),
            (other, _) => text.push_str(&literal(other)),
        }
    }
    text.push_str(r"\z");
    text
}

/// The class of a regular expression for that of a valid glob, whose bracket has been read.
fn class(characters: &mut std::str::Chars<'_>) -> String {
    let mut text = String::from("[");
    let mut rest = characters.clone();
    if rest.next().is_some_and(|first| first == '!' || first == '^') {
        text.push('^');
        *characters = rest;
    }
    let mut members: Vec<char> = characters.next().into_iter().collect();
    members.extend(characters.by_ref().take_while(|character| *character != ']'));
    let mut members = &members[..];
    loop {
        members = match members {
            [first, '-', last, rest @ ..] => {
                let _ = write!(text, "{}-{}", literal(*first), literal(*last));
                rest
            }
            [one, rest @ ..] => {
                text.push_str(&literal(*one));
                rest
            }
            [] => break,
        };
    }
    text.push(']');
    text
}

fn literal(character: char) -> String {
    regex::escape(character.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glob(pattern: &str) -> TargetGlob {
        TargetGlob::parse(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"))
    }

    #[test]
    fn a_name_is_matched_raw_and_encoded() {
        for (pattern, environment, matches) in [
            ("größe", "größe", true),
            ("gr%C3%B6%C3%9Fe", "größe", true),
            ("gr%c3%b6ße", "größe", true),
            ("gr??e", "größe", true),
            ("gr*", "größe", true),
            ("gr[äö]ße", "größe", true),
            ("gr[%C3%A4%C3%B6]ße", "größe", true),
            ("gr[à-ö][!a-z]e", "größe", true),
            ("{groesse,größe}", "größe", true),
            ("gr???e", "größe", false),
            ("gr????????????e", "größe", false),
            ("gr*%9Fe", "größe", false),
            ("gr%C3*", "größe", false),
            ("gr[!ö]ße", "größe", false),
            ("*9Fe", "größe", false),
            ("groesse", "größe", false),
            ("größe", "gr%C3%B6%C3%9Fe", false),
            ("größe", "gro\u{308}ße", false),
            // What ids encode of ASCII.
            ("a%2Fb", "a/b", true),
            ("a?b", "a/b", true),
            ("a*", "a/b", true),
            ("a:b", "a:b", true),
            ("a%3ab", "a:b", true),
            ("*2Fb", "a/b", false),
            ("a%2Fb", "a%2Fb", false),
            ("a\\%2Fb", "a%2Fb", true),
            ("a%252Fb", "a%2Fb", true),
            ("50%", "50%", true),
            ("50%25", "50%", true),
            ("%41", "%41", true),
            ("%41", "A", false),
            ("%2A", "anything", false),
            ("%", "%", true),
            ("%1b", "\u{1b}", true),
            // The rest of the syntax.
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("[]x]", "]", true),
            ("[!]x]", "]", false),
            ("[^x]", "y", true),
            ("[-x]", "-", true),
            ("[x-]", "-", true),
            ("[a-c-e]", "b", true),
            ("[a-c-e]", "d", false),
            ("[\\]", "\\", true),
            ("[&&~~]", "&", true),
            ("{a,{b,c}d}e", "cde", true),
            ("{a,{b,c}d}e", "ce", false),
            ("a{,b}", "a", false),
            ("a{}", "a", true),
            ("a,b", "a,b", true),
            ("a.b", "axb", false),
            ("a\nb", "a\nb", true),
            ("*", "a\nb", true),
        ] {
            let id = TargetId::new("d1", environment, "auth");
            assert_eq!(glob(&format!("d1/{pattern}/*")).is_match(&id), matches, "{pattern} {id}");
        }
    }

    #[test]
    fn what_is_no_glob_is_refused_in_the_words_of_the_pattern() {
        for (pattern, why) in [
            ("d1/[%C3%B6-a]", "`[%C3%B6-a]` is not a glob: invalid range; 'ö' > 'a'"),
            ("d1/[%1B-%00]", "`[%1B-%00]` is not a glob: invalid range; '\\u{1b}' > '\\u{0}'"),
            ("d1/a\\", "`a\\` is not a glob: dangling '\\'"),
            (
                "d1/a}",
                "`a}` is not a glob: unopened alternate group; missing '{' (maybe escape '}' with '[}]'?)",
            ),
        ] {
            assert_eq!(TargetGlob::parse(pattern).expect_err(pattern), why);
        }
    }

    #[test]
    fn globs_that_match_the_same_by_another_spelling_are_equal() {
        for (a, b, are_equal) in [
            ("d1", "d1/*/**", true),
            ("*", "**/*", true),
            ("d1/größe", "d1/gr%c3%b6%C3%9Fe/*", true),
            ("d1/*/auth", "d1", false),
            ("d1/a", "d1/b", false),
        ] {
            assert_eq!(glob(a) == glob(b), are_equal, "{a} {b}");
        }
    }

    /// A name, and spellings of a glob that matches it alone.
    fn name() -> impl Strategy<Value = (String, [String; 2])> {
        ("[\\PCa/%:*?\\[\\]{},!\\\\\u{0}\u{1b}äß😀-]{1,8}").prop_map(|name: String| {
            let escaped = name.chars().map(|c| if c == '/' { "%2F".to_owned() } else { format!("\\{c}") });
            let encoded = TargetId::beginning(&name, None);
            let encoded = encoded.chars().map(|c| match c {
                '*' | '?' | '[' | '{' | '}' | ',' | '\\' => format!("\\{c}"),
                _ => c.to_string(),
            });
            let spellings = [escaped.collect(), encoded.collect()];
            (name, spellings)
        })
    }

    proptest! {
        #[test]
        fn the_glob_of_three_names_matches_their_id_and_no_other(
            (names, others) in ([name(), name(), name()], [name(), name(), name()]),
            spelling in 0..2_usize,
        ) {
            let id = |names: &[(String, _); 3]| TargetId::new(&names[0].0, &names[1].0, &names[2].0);
            let glob = glob(&names.each_ref().map(|(_, spellings)| spellings[spelling].clone()).join("/"));
            prop_assert!(glob.is_match(&id(&names)));
            for part in 0..3 {
                let mut mixed = names.clone();
                mixed[part] = others[part].clone();
                prop_assert_eq!(glob.is_match(&id(&mixed)), id(&mixed) == id(&names));
            }
        }

        #[test]
        fn ascii_names_are_matched_as_globset_does(
            pattern in "[ab*?\\[\\]{},!^\\\\-]{1,8}",
            name in "[ab*?{},!^\\\\\\[\\]-]{1,5}",
        ) {
            let theirs = GlobBuilder::new(&pattern).backslash_escape(true).build();
            let ours = TargetGlob::parse(&pattern);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok());
            if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
                let id = TargetId::new(&name, "prod", "auth");
                prop_assert_eq!(ours.is_match(&id), theirs.compile_matcher().is_match(&name));
            }
        }
    }
}
