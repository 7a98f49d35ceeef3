//! Patterns as OPA reads them (Go's `regexp/syntax`, Perl flags), written for the `regex` crate.
//!
//! The two look alike and differ where it hurts: `\d`, `\w`, `\s` and `\b` are ASCII in Go, `[a&&b]` is four
//! characters, `{,3}` is text, `a**` is an error, `a(?i)*` repeats the `a`. So nothing is passed through: each piece
//! is read as Go reads it and written with its own flags, in the few forms that mean one thing only. What Go refuses
//! is refused, and what the crate cannot express is an error, never another meaning.
//! <https://pkg.go.dev/regexp/syntax>

use super::class;

/// The greatest count of `{n,m}`, and of nested ones multiplied. Go's.
const MAX_REPEAT: u32 = 1000;

const FOLD: u8 = 1;
const LINES: u8 = 2;
const DOT_NEWLINE: u8 = 4;
const LAZY: u8 = 8;

/// A pattern for the `regex` crate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translation {
    pub(super) pattern: String,
    /// Names of groups, each with its number; one name may be of several. The crate allows fewer, and needs none.
    pub(super) names: Vec<(String, usize)>,
}

/// Translates a pattern.
///
/// # Errors
/// What Go says of a pattern that it refuses.
pub(super) fn translate(pattern: &str) -> Result<Translation, String> {
    let mut parser =
        Parser { rest: pattern, flags: 0, groups: 0, names: Vec::new(), open: vec![Group::new("", 0)] };
    parser.parse()?;
    let whole = parser.open.pop().filter(|_| parser.open.is_empty()).ok_or("missing closing )")?;
    Ok(Translation { pattern: whole.text(), names: parser.names })
}

/// Removes the character at the front.
pub(super) fn next(rest: &mut &str) -> Option<char> {
    let character = rest.chars().next()?;
    *rest = &rest[character.len_utf8()..];
    Some(character)
}

struct Parser<'p> {
    rest: &'p str,
    flags: u8,
    groups: usize,
    names: Vec<(String, usize)>,
    /// The groups that are open, the whole pattern first.
    open: Vec<Group>,
}

/// A group that is being read.
struct Group {
    opening: &'static str,
    /// The flags that hold again behind it.
    flags: u8,
    /// Branches that are done, each with its bar.
    branches: String,
    /// See [`Piece::weight`], of the branches that are done.
    weight: u32,
    branch: Vec<Piece>,
}

/// What a repetition applies to.
struct Piece {
    text: String,
    /// The counts of nested repetitions, multiplied.
    weight: u32,
}

impl Group {
    fn new(opening: &'static str, flags: u8) -> Self {
        Self { opening, flags, branches: String::new(), weight: 0, branch: Vec::new() }
    }

    fn close_branch(&mut self) {
        for piece in self.branch.drain(..) {
            self.branches.push_str(&piece.text);
            self.weight = self.weight.max(piece.weight);
        }
    }

    fn text(mut self) -> String {
        self.close_branch();
        self.branches
    }
}

impl<'p> Parser<'p> {
    fn parse(&mut self) -> Result<(), String> {
        let mut was_repetition = false;
        while let Some(character) = self.rest.chars().next() {
            let before = self.rest;
            let mut is_repetition = false;
            self.rest = &self.rest[character.len_utf8()..];
            match character {
                '(' if self.rest.starts_with('?') => self.special_group()?,
                '(' => self.open_capture(),
                ')' => self.close_group()?,
                '|' => {
                    let group = self.group();
                    group.close_branch();
                    group.branches.push('|');
                }
                '^' => self.push(if self.has(LINES) { "(?m:^)" } else { r"\A" }),
                '$' => self.push(if self.has(LINES) { "(?m:$)" } else { r"\z" }),
                '.' => self.push(if self.has(DOT_NEWLINE) { "(?s:.)" } else { "(?-s:.)" }),
                '[' => {
                    let fold = self.has(FOLD);
                    let class = class::bracketed(&mut self.rest, fold)?;
                    self.push(class);
                }
                '*' | '+' | '?' => {
                    let least = u32::from(character == '+');
                    let most = (character == '?').then_some(1);
                    self.repeat(least, most, was_repetition, before)?;
                    is_repetition = true;
                }
                '{' => match counts(self.rest) {
                    Some((least, most, rest)) => {
                        self.rest = rest;
                        self.repeat_counted(least, most, was_repetition, before)?;
                        is_repetition = true;
                    }
                    None => self.literal('{'),
                },
                '\\' => self.escape(before)?,
                _ => self.literal(character),
            }
            was_repetition = is_repetition;
        }
        Ok(())
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    #[expect(
        clippy::expect_used,
        reason = "the whole pattern is the first group, and `close_group` leaves it open"
    )]
    fn group(&mut self) -> &mut Group {
        self.open.last_mut().expect("the whole pattern is open")
    }

    fn push(&mut self, text: impl Into<String>) {
        self.group().branch.push(Piece { text: text.into(), weight: 0 });
    }

    fn literal(&mut self, character: char) {
        let text = class::literal(u32::from(character));
        self.push_folded(text);
    }

    fn push_folded(&mut self, text: String) {
        self.push(if self.has(FOLD) { format!("(?i:{text})") } else { text });
    }

    fn open_capture(&mut self) {
        self.groups += 1;
        let flags = self.flags;
        self.open.push(Group::new("(", flags));
    }

    fn close_group(&mut self) -> Result<(), String> {
        if self.open.len() < 2 {
            return Err("unexpected )".to_owned());
        }
        let Some(mut group) = self.open.pop() else { return Ok(()) };
        group.close_branch();
        self.flags = group.flags;
        let (opening, weight) = (group.opening, group.weight);
        self.group().branch.push(Piece { text: format!("{opening}{})", group.branches), weight });
        Ok(())
    }

    /// `(?…`, of which the parenthesis is read.
    fn special_group(&mut self) -> Result<(), String> {
        let named = self.rest.strip_prefix("?P<").or_else(|| self.rest.strip_prefix("?<"));
        if let Some(named) = named {
            let (name, rest) =
                named.split_once('>').ok_or_else(|| format!("invalid named capture: `({}`", self.rest))?;
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(format!("invalid named capture: `{name}`"));
            }
            self.open_capture();
            self.names.push((name.to_owned(), self.groups));
            self.rest = rest;
            return Ok(());
        }
        let written = self.rest;
        let invalid = || {
            let shown: String = written.chars().take(2).collect();
            format!("invalid or unsupported Perl syntax: `({shown}`")
        };
        let (mut on, mut off, mut minus) = (0, 0, false);
        let mut rest = &self.rest[1..];
        loop {
            let flag = match next(&mut rest) {
                Some('i') => FOLD,
                Some('m') => LINES,
                Some('s') => DOT_NEWLINE,
                Some('U') => LAZY,
                Some('-') if !minus => {
                    minus = true;
                    continue;
                }
                Some(end @ (':' | ')')) if !minus || off != 0 => {
                    if end == ':' {
                        let flags = self.flags;
                        self.open.push(Group::new("(?:", flags));
                    }
                    self.flags = (self.flags | on) & !off;
                    self.rest = rest;
                    return Ok(());
                }
                _ => return Err(invalid()),
            };
            *(if minus { &mut off } else { &mut on }) |= flag;
        }
    }

    /// `{n,m}`, whose counts are limited.
    fn repeat_counted(
        &mut self,
        least: u32,
        most: Option<u32>,
        again: bool,
        before: &str,
    ) -> Result<(), String> {
        if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || least > most) {
            return Err("invalid repeat count".to_owned());
        }
        self.repeat(least, most, again, before)?;
        if let Some(piece) = self.group().branch.last_mut() {
            // Go multiplies what is nested, and takes `{0}` for nothing at all.
            piece.weight = match most.unwrap_or(least) {
                0 if most.is_some() => 0,
                0 => piece.weight,
                times => times.saturating_mul(piece.weight.max(1)),
            };
            if piece.weight > MAX_REPEAT && (least >= 2 || most.is_some_and(|most| most >= 2)) {
                return Err("invalid repeat count".to_owned());
            }
        }
        Ok(())
    }

    fn repeat(&mut self, least: u32, most: Option<u32>, again: bool, before: &str) -> Result<(), String> {
        let mut lazy = self.has(LAZY);
        if let Some(rest) = self.rest.strip_prefix('?') {
            self.rest = rest;
            lazy = !lazy;
        }
        let operator = &before[..before.len() - self.rest.len()];
        if again {
            return Err(format!("invalid nested repetition operator: `{operator}`"));
        }
        let Some(piece) = self.group().branch.last_mut() else {
            return Err(format!("missing argument to repetition operator: `{operator}`"));
        };
        let count = match (least, most) {
            (0, None) => "*".to_owned(),
            (1, None) => "+".to_owned(),
            (0, Some(1)) => "?".to_owned(),
            (least, None) => format!("{{{least},}}"),
            (least, Some(most)) => format!("{{{least},{most}}}"),
        };
        // A group of its own: a piece may be a repetition already, `(?:a*)*` written as `a*(?i)*`.
        piece.text = format!("(?:{}){count}{}", piece.text, if lazy { "?" } else { "" });
        Ok(())
    }

    /// `\…` outside of a class, of which the backslash is read.
    fn escape(&mut self, before: &'p str) -> Result<(), String> {
        let simple = match self.rest.chars().next() {
            Some('A') => r"\A",
            Some('z') => r"\z",
            Some('b') => r"(?-u:\b)",
            Some('B') => r"(?-u:\B)",
            Some('Q') => {
                let quoted = &self.rest[1..];
                let (text, rest) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
                text.chars().for_each(|character| self.literal(character));
                self.rest = rest;
                return Ok(());
            }
            _ => {
                self.rest = before;
                if let Some(class) = class::escaped(&mut self.rest)? {
                    self.push_folded(class);
                } else {
                    let code = class::character(&mut self.rest)?;
                    self.push_folded(class::literal(code));
                }
                return Ok(());
            }
        };
        self.push(simple);
        self.rest = &self.rest[1..];
        Ok(())
    }
}

/// What follows `{`: the counts, and what is behind the brace. `None` where Go takes the brace for text.
fn counts(rest: &str) -> Option<(u32, Option<u32>, &str)> {
    let (least, rest) = number(rest)?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, Some(least), rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, None, rest));
    }
    let (most, rest) = number(rest)?;
    Some((least, Some(most), rest.strip_prefix('}')?))
}

/// A number without leading zeros; one that is too great for any count is [`u32::MAX`].
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_written_with_its_own_flags() {
        let written = |pattern: &str| translate(pattern).expect("Go accepts it").pattern;
        assert_eq!(written("a.(?i)b"), "a(?-s:.)(?i:b)");
        assert_eq!(written("a(?i)*"), "(?:a)*");
        assert_eq!(written("(?m:^a$)^"), r"(?:(?m:^)a(?m:$))\A");
        assert_eq!(written("(?U)a+?b+"), "(?:a)+(?:b)+?");
        assert_eq!(written("[a&&b]"), r"[a-a\x{26}-\x{26}\x{26}-\x{26}b-b]");
        assert_eq!(translate("(?P<1x>a)(?<y>b)").expect("names").names, [("1x".into(), 1), ("y".into(), 2)]);
    }

    #[test]
    fn what_go_refuses_is_refused_with_a_reason() {
        for (pattern, reason) in [
            ("a**", "nested repetition operator: `*`"),
            ("*a", "missing argument"),
            ("a{1001}", "repeat count"),
            ("(a{100}){100}", "repeat count"),
            ("(?=a)", "Perl syntax: `(?=`"),
            (r"\y", r"sequence: `\y`"),
            (r"\8", "escape"),
            ("[[:foo:]]", "[:foo:]"),
            (r"\p{Old_Italic}", "Old_Italic"),
            ("(a", "missing closing )"),
            ("a)", "unexpected )"),
            ("[a", "missing closing ]"),
        ] {
            let error = translate(pattern).expect_err(pattern);
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }
}
