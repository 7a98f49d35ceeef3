//! Mutations of a text by its words, beside libFuzzer's own by its bytes: brackets that stay closed, parts that stand
//! where they may, and repetitions by the hundred get further into a parser than single bytes do.

use std::ops::Range;

use fastrand::Rng;

/// Each line is a word in quotes, as libFuzzer wants it.
const DICTIONARY: &str = include_str!("../rego.dict");

/// The longest repetition: beyond every limit of depth.
const MOST: usize = 600;

/// Another text of at most `longest` bytes.
#[must_use]
pub fn mutated(text: &str, longest: usize, seed: u32) -> String {
    let mut rng = Rng::with_seed(u64::from(seed));
    let mut words: Vec<&str> = words(text);
    for _ in 0..rng.usize(1..4) {
        mutate(&mut words, &mut rng);
    }
    let mut mutated = words.concat();
    mutated.truncate(mutated.floor_char_boundary(longest));
    mutated
}

fn mutate<'t>(words: &mut Vec<&'t str>, rng: &mut Rng)
where
    'static: 't,
{
    let part = part(words, rng);
    let at = rng.usize(..=words.len());
    match rng.u8(..8) {
        0 => drop(words.drain(part)),
        1 => insert(words, at, words[part].to_vec()),
        2 => insert(words, at, vec![" ", known(rng), " "]),
        3 if at < words.len() => words[at] = known(rng),
        4 => {
            let times = if rng.u8(..8) == 0 { rng.usize(2..MOST) } else { rng.usize(2..8) };
            let repeated = words[part.clone()].repeat(times);
            insert(words, part.start, repeated);
        }
        5 => {
            let (opening, closing) =
                [("(", ")"), ("[", "]"), ("{", "}"), ("not ", ""), ("count(", ")"), ("{x | ", "}")]
                    [rng.usize(..6)];
            let times = if rng.u8(..8) == 0 { rng.usize(2..MOST) } else { 1 };
            insert(words, part.end, vec![closing; times]);
            insert(words, part.start, vec![opening; times]);
        }
        6 => {
            let moved: Vec<&str> = words.drain(part).collect();
            insert(words, at.min(words.len()), moved);
        }
        _ => {
            let taken = words[part].to_vec();
            let to = self::part(words, rng);
            words.splice(to, taken);
        }
    }
}

fn insert<'t>(words: &mut Vec<&'t str>, at: usize, new: Vec<&'t str>) {
    words.splice(at..at, new);
}

/// Some words that stand side by side, seldom many.
fn part(words: &[&str], rng: &mut Rng) -> Range<usize> {
    let start = rng.usize(..=words.len());
    let most = if rng.bool() { 4 } else { 40 };
    start..(start + rng.usize(..most)).min(words.len())
}

fn known(rng: &mut Rng) -> &'static str {
    let lines: Vec<&str> =
        DICTIONARY.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"')).collect();
    match lines[rng.usize(..lines.len())] {
        r#"\""# => "\"",
        r"\x0a" => "\n",
        r"\\" => "\\",
        word => word,
    }
}

/// Names, numbers and spaces as wholes, every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '_' => 1,
        c if c.is_alphanumeric() => 1,
        ' ' => 2,
        _ => 0,
    };
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match kind(first) {
            0 => first.len_utf8(),
            same => rest.find(|c| kind(c) != same).unwrap_or(rest.len()),
        };
        let (word, behind) = rest.split_at(end);
        words.push(word);
        rest = behind;
    }
    words
}
