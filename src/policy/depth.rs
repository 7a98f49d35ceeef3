//! How deep a text nests, told before the engine's parser sees it: the parser calls itself for each level, as does
//! everything that goes through the tree that it makes, and a stack that overflows ends the process.
//!
//! It is told from the words alone. Of a text that cannot be parsed it may be too high.
//!
//! INVARIANT: with the longest chain of rules (`analysis::recursion`), each of the deepest, the engine needs 40 MB of
//! stack in a release build. `command::stack` gives it more.

/// How many `[` and `{` may be open: the engine's parser takes twice as long for each one more, and has no bound.
const MOST_OPEN: usize = 14;

/// How many levels an expression may have: open brackets, operators one behind the other (`1 + 1 + 1` is a sum of a
/// sum), and steps of a reference. Nobody writes 30.
const DEEPEST: usize = 100;

/// How many loops a rule may have: the engine goes into each one from the one before. Nobody writes 10.
const MOST_LOOPS: usize = 100;

/// Where a text nests too deep.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TooDeep {
    /// A bracket inside of too many others.
    Brackets(usize),
    /// A word of an expression that has too many levels.
    Expression(usize),
    /// A loop of a rule that has too many.
    Loops(usize),
}

impl TooDeep {
    /// The offset of the byte, what is wrong there, and what to do.
    pub(super) fn explain(&self) -> (usize, String, &'static str) {
        match self {
            Self::Brackets(at) => (
                *at,
                format!("more than {MOST_OPEN} brackets are open here"),
                "give what is inside a name of its own, or put it into a data file",
            ),
            Self::Expression(at) => (
                *at,
                format!("this expression has more than {DEEPEST} levels"),
                "give parts of it names of their own, or write a comprehension over a list",
            ),
            Self::Loops(at) => (
                *at,
                format!("this rule has more than {MOST_LOOPS} loops"),
                "go through data with one loop: what to look for may stand in a list, or in a data file",
            ),
        }
    }
}

/// The whole text, or what is inside of a bracket.
#[derive(Clone, Copy, Default)]
struct Level {
    /// `[` and `{` that are open.
    open: usize,
    /// The levels around it.
    around: usize,
    /// Operators of a statement, or of a member of a list.
    operators: usize,
    /// Steps of a reference: `.name`, `[index]`, `(arguments)`.
    steps: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.around + self.operators + self.steps
    }

    fn inside(self, bracket: u8) -> Self {
        let open = self.open + usize::from(bracket != b'(');
        Self { open, around: self.depth() + 1, ..Self::default() }
    }

    fn operator(&mut self) {
        (self.operators, self.steps) = (self.operators + 1, 0);
    }

    fn begin(&mut self) {
        (self.operators, self.steps) = (0, 0);
    }
}

/// What stands before a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// What an operand follows.
    Operator,
    Dot,
    Operand,
}

/// The first place where a text nests too deep, outside of strings and comments.
pub(super) fn too_deep(text: &str) -> Option<TooDeep> {
    let bytes = text.as_bytes();
    let mut scan = Scan {
        outer: Vec::new(),
        level: Level::default(),
        before: Before::Operator,
        is_new_line: false,
        loops: 0,
    };
    let mut at = 0;
    while at < bytes.len() {
        let end = end(bytes, at);
        scan.take(&bytes[at..end], bytes.get(end).copied());
        if scan.level.open > MOST_OPEN {
            return Some(TooDeep::Brackets(at));
        }
        if scan.level.depth() > DEEPEST {
            return Some(TooDeep::Expression(at));
        }
        if scan.loops > MOST_LOOPS {
            return Some(TooDeep::Loops(at));
        }
        at = end;
    }
    None
}

struct Scan {
    outer: Vec<Level>,
    level: Level,
    before: Before,
    /// Whether a line ended since.
    is_new_line: bool,
    /// Of a rule.
    loops: usize,
}

impl Scan {
    /// Takes a word, and looks at the byte behind it.
    fn take(&mut self, word: &[u8], behind: Option<u8>) {
        match word[0] {
            b'\n' | b'#' => {
                self.is_new_line = true;
                return;
            }
            byte if byte.is_ascii_whitespace() || byte.is_ascii_control() => return,
            bracket @ (b'[' | b'{' | b'(') => {
                // On a line of its own only arguments belong to what stands above.
                if self.before == Before::Operand && (!self.is_new_line || bracket == b'(') {
                    self.level.steps += 1;
                    self.loops += usize::from(bracket == b'[' && behind != Some(b'"'));
                } else if self.before == Before::Operand {
                    self.level.begin();
                }
                self.outer.push(self.level);
                self.level = self.level.inside(bracket);
                self.before = Before::Operator;
            }
            b']' | b'}' | b')' => {
                self.level = self.outer.pop().unwrap_or_default();
                self.before = Before::Operand;
            }
            b',' | b';' => {
                self.level.begin();
                self.before = Before::Operator;
            }
            b'.' => {
                self.level.steps += 1;
                self.before = Before::Dot;
            }
            byte if byte == b'"' || byte == b'`' || is_of_a_word(byte) => self.operand(word),
            _ => {
                self.level.operator();
                self.before = Before::Operator;
            }
        }
        self.is_new_line = false;
    }

    /// Takes a name, a number, a string or a keyword.
    fn operand(&mut self, word: &[u8]) {
        if self.outer.is_empty() && (self.is_new_line || word == b"else") {
            self.loops = 0;
        }
        // A field may have the name of a keyword.
        let word = if self.before == Before::Dot { b"" } else { word };
        match word {
            b"in" => self.level.operator(),
            b"if" | b"else" | b"with" => self.level.begin(),
            _ if self.before == Before::Dot => {}
            _ if self.before == Before::Operand && self.is_new_line => self.level.begin(),
            _ => self.level.steps = 0,
        }
        self.loops += usize::from(matches!(word, b"some" | b"every" | b"walk"));
        let leads_on = matches!(word, b"in" | b"if" | b"else" | b"with");
        self.before = if leads_on { Before::Operator } else { Before::Operand };
    }
}

/// Where the word ends that begins at a byte.
fn end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let until = |is_end: &dyn Fn(u8) -> bool, from: usize| {
        rest.iter().skip(from).position(|byte| is_end(*byte)).map_or(rest.len(), |length| from + length)
    };
    let length = match rest[0] {
        b'#' => until(&|byte| byte == b'\n', 1),
        b'`' => until(&|byte| byte == b'`', 1) + 1,
        b'"' => {
            let mut length = 1;
            while let Some(byte) = rest.get(length).filter(|byte| **byte != b'"' && **byte != b'\n') {
                length += if *byte == b'\\' { 2 } else { 1 };
            }
            length + 1
        }
        b':' | b'=' | b'!' | b'<' | b'>' if rest.get(1) == Some(&b'=') => 2,
        byte if is_of_a_word(byte) => until(&|byte| !is_of_a_word(byte), 1),
        _ => 1,
    };
    (at + length).min(bytes.len())
}

fn is_of_a_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deep(times: usize, first: &str, repeated: &str, last: &str) -> Option<TooDeep> {
        too_deep(&format!(
            "package acme\n\ndeny contains \"x\" if {{\n\t{first}{}{last}\n}}\n",
            repeated.repeat(times)
        ))
    }

    #[test]
    fn what_nests_is_counted_however_it_is_written() {
        for (first, repeated, last) in [
            ("x := 1", " + 1", ""),
            ("x := 1", "\n+ 1", ""),
            ("x := 1", " +\n\t# one more\n\t1", ""),
            ("x := {1}", " | {1}", ""),
            ("", "1 in ", "[1]"),
            ("", "1 == ", "1"),
            ("", "abs(", "1"),
            ("", "abs\n(", "1"),
            ("x := ", "- ", "1"),
            ("x := ", "-", "1"),
            ("x := y", ".y", ""),
            ("x := y.if", " + y.if", ""),
            ("x := y", "[\"a\"\n]", ""),
            ("x := {}", " | {z | some z in y}", ""),
            ("x := \"a\\\"\"", " + \"\\\\\"", ""),
        ] {
            assert_eq!(deep(20, first, repeated, last), None, "{first}{repeated}{last}");
            let many = deep(200, first, repeated, last);
            assert!(matches!(many, Some(TooDeep::Expression(_))), "{first}{repeated}{last}: {many:?}");
        }
        for (first, repeated, last) in [
            ("", "some x in y\n\t", ""),
            ("", "y[_] == 1\n\t", ""),
            ("", "walk(y, [_, 1])\n\t", ""),
            ("", "every x in y { x == 1 }\n\t", ""),
            ("x := [", "y[_], ", "1]"),
        ] {
            assert_eq!(deep(20, first, repeated, last), None, "{first}{repeated}{last}");
            let many = deep(200, first, repeated, last);
            assert!(matches!(many, Some(TooDeep::Loops(_))), "{first}{repeated}{last}: {many:?}");
        }
        let brackets = ["(", "[", "{"].map(|bracket| deep(20, "x := ", bracket, ""));
        assert_eq!(brackets.map(|deep| matches!(deep, Some(TooDeep::Brackets(_)))), [false, true, true]);
    }

    #[test]
    fn what_stands_side_by_side_does_not_nest() {
        for (first, repeated, last) in [
            ("", "x == 1\n\t", ""),
            ("", "x == 1; ", "true"),
            ("", "{y | y := 1} == {1}\n\t", ""),
            ("", "not input.Target.Labels.a\n\t", ""),
            ("x := [", "1 + 1, ", "1]"),
            ("x := {", "\"a\": y.z, ", "\"b\": 1}"),
            ("x := `", "+ + ", "`"),
            ("x := \"", "+ + ", "\""),
            ("x := 1 # ", "+ + ", ""),
            ("x == 1", " with input.a.b as 1 + 1", ""),
            ("", "y[\"a\"] == 1\n\t", ""),
            ("", "some x in y\n}\n\ndeny contains \"y\" if {\n\t", "true"),
            ("x == 1\n}", " else := 1 if {\n\tx == 1\n}", " else := 2 if {\n\tx == 2"),
        ] {
            assert_eq!(deep(500, first, repeated, last), None, "{first}{repeated}{last}");
        }
    }
}
