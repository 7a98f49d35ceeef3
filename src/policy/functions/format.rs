//! `sprintf` as in OPA, which is Go's: widths, precisions and flags of texts, and a verb that does not fit its value says
//! so in the text (`%!d(string=ON)`). The engine leaves such values out, and the message says nothing.
//!
//! <https://pkg.go.dev/fmt>. Numbers and texts are formatted; every other value is the text that OPA prints of it.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use regorus::Value;

use super::limits::MAX_TEXT;
use super::{Answer, engine};

const NAME: &str = "sprintf";
/// Width and precision. No message needs more.
const MAX_WIDTH: usize = 200;

/// How many values a format asks for; `None` where it says so in another way than one for one.
pub(in crate::policy) fn verbs(format: &str) -> Option<usize> {
    let mut count = 0;
    let mut rest = format.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '%' {
            Spec::read(&mut rest);
            match rest.next()? {
                '%' => {}
                verb if verb.is_ascii_alphabetic() => count += 1,
                _ => return None,
            }
        }
    }
    Some(count)
}

/// The text that a format and its values make.
pub(super) fn formatted(format: &str, values: &[Value]) -> Answer {
    let mut text = String::new();
    let mut values = values.iter();
    let mut rest = format.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let spec = Spec::read(&mut rest);
        if spec.width.max(spec.precision.unwrap_or(0)) > MAX_WIDTH {
            return Err(format!("{NAME}: a width or a precision of more than {MAX_WIDTH}"));
        }
        if text.len() > MAX_TEXT {
            return Err(format!("{NAME}: a text of more than {MAX_TEXT} bytes"));
        }
        match rest.next() {
            None => text.push_str("%!(NOVERB)"),
            Some('%') => text.push('%'),
            Some('[' | '*') => return Err(format!("{NAME}: `[…]` and `*` are not supported in a format")),
            Some(verb) => match values.next() {
                Some(value) => text.push_str(&spec.value(verb, &Printed::of(value)?)?),
                None => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "%!{verb}(MISSING)");
                }
            },
        }
    }
    let extra: Result<Vec<String>, String> = values
        .map(|value| {
            let value = Printed::of(value)?;
            Ok(format!("{}={}", value.kind(), Spec::default().value('v', &value)?))
        })
        .collect();
    let extra = extra?;
    if !extra.is_empty() {
        let _ = write!(text, "%!(EXTRA {})", extra.join(", "));
    }
    Ok(text.into())
}

/// What OPA hands over to Go.
enum Printed<'v> {
    Text(std::borrow::Cow<'v, str>),
    /// A number that is whole.
    Integer(&'v Value),
    Float(f64),
}

impl<'v> Printed<'v> {
    fn of(value: &'v Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Text(text.as_ref().into()),
            Value::Number(number) if number.is_integer() => Self::Integer(value),
            Value::Number(number) => match number.as_f64() {
                Some(float) => Self::Float(float),
                None => Self::Text(number.format_decimal().into()),
            },
            other => match engine::call(NAME, &["%v".into(), vec![other.clone()].into()])? {
                Value::String(text) => Self::Text(text.to_string().into()),
                _ => return Err(format!("{NAME}: a value cannot be written")),
            },
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Integer(number) if number.as_i64().is_ok() => "int64",
            Self::Integer(_) => "*big.Int",
            Self::Float(_) => "float64",
        }
    }
}

/// What stands between `%` and the verb.
#[derive(Debug, Default, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "Go's flags are independent of each other")]
struct Spec {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Spec {
    fn read(rest: &mut Peekable<Chars<'_>>) -> Self {
        let mut spec = Self::default();
        while let Some(flag) = rest.peek() {
            match flag {
                '+' => spec.plus = true,
                '-' => spec.minus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                '0' => spec.zero = true,
                _ => break,
            }
            rest.next();
        }
        spec.width = number(rest);
        if rest.next_if_eq(&'.').is_some() {
            spec.precision = Some(number(rest));
        }
        spec
    }

    fn value(self, verb: char, value: &Printed<'_>) -> Result<String, String> {
        if verb == 'T' {
            return Ok(self.padded(value.kind()));
        }
        match value {
            Printed::Text(text) => self.text(verb, text),
            Printed::Integer(number) => self.integer(verb, number),
            Printed::Float(float) => Ok(self.float(verb, *float)),
        }
        .and_then(|text| text.map_or_else(|| self.misfit(verb, value), Ok))
    }

    /// The verb is of another type.
    fn misfit(self, verb: char, value: &Printed<'_>) -> Result<String, String> {
        Ok(format!("%!{verb}({}={})", value.kind(), self.value('v', value)?))
    }

    fn text(self, verb: char, text: &str) -> Result<Option<String>, String> {
        let cut: String = text.chars().take(self.precision.unwrap_or(usize::MAX)).collect();
        Ok(Some(match verb {
            'v' if self.sharp => self.padded(&self.without_plus().quoted(&cut)?),
            's' | 'v' => self.padded(&cut),
            'q' => self.padded(&self.quoted(&cut)?),
            'x' | 'X' => {
                let bytes = &text.as_bytes()[..self.precision.unwrap_or(usize::MAX).min(text.len())];
                let hex = |byte: &u8| if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") };
                let hex: Vec<String> = bytes.iter().map(hex).collect();
                let prefix = if self.sharp && !bytes.is_empty() { format!("0{verb}") } else { String::new() };
                let between = if self.space { format!(" {prefix}") } else { String::new() };
                self.padded(&(prefix + &hex.join(&between)))
            }
            _ => return Ok(None),
        }))
    }

    fn quoted(self, text: &str) -> Result<String, String> {
        if self.sharp && !text.contains(|c: char| c == '`' || (c.is_control() && c != '\t')) {
            return Ok(format!("`{text}`"));
        }
        match engine::call(NAME, &["%q".into(), vec![Value::from(text)].into()])? {
            Value::String(quoted) if self.plus => Ok(ascii(&quoted)),
            Value::String(quoted) => Ok(quoted.to_string()),
            _ => Err(format!("{NAME}: a text cannot be quoted")),
        }
    }

    fn integer(self, verb: char, value: &Value) -> Result<Option<String>, String> {
        let Ok(number) = value.as_number() else { return Ok(None) };
        let is_big = number.as_i64().is_none();
        let character = || {
            let code = number.as_u64().and_then(|code| u32::try_from(code).ok());
            code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        let magnitude = number.abs();
        let is_negative = number.format_decimal().starts_with('-');
        let (prefix, digits) = match verb {
            // Of a value in any form, the sign is no flag of the number.
            'v' => return Ok(self.without_plus().signed(is_negative, "", &magnitude.format_decimal())),
            'd' => ("", magnitude.format_decimal()),
            's' if is_big => ("", magnitude.format_decimal()),
            'b' => (if self.sharp { "0b" } else { "" }, magnitude.format_bin()),
            'o' => (if self.sharp { "0" } else { "" }, magnitude.format_octal()),
            'O' => ("0o", magnitude.format_octal()),
            'x' => (if self.sharp { "0x" } else { "" }, magnitude.format_hex()),
            'X' => (if self.sharp { "0X" } else { "" }, magnitude.format_big_hex()),
            'c' if !is_big => return Ok(Some(self.padded(&character().to_string()))),
            'q' if !is_big => {
                let text = character().to_string();
                let quoted = self.quoted(&text)?.replace("\\\"", "\"");
                let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
                let inner = if text == "'" { "\\'" } else { inner };
                return Ok(Some(self.padded(&format!("'{inner}'"))));
            }
            'U' if !is_big => {
                return Ok(Some(self.padded(&format!("U+{:0>4}", number.format_big_hex()))));
            }
            _ => return Ok(None),
        };
        Ok(self.signed(is_negative, prefix, &digits))
    }

    fn without_plus(self) -> Self {
        Self { plus: false, sharp: false, ..self }
    }

    /// The digits of an integer with sign and zeros.
    #[expect(clippy::unnecessary_wraps, reason = "it is what an integer answers with")]
    fn signed(self, is_negative: bool, prefix: &str, digits: &str) -> Option<String> {
        let sign = self.sign(is_negative);
        let zeros = match self.precision {
            Some(least) => least,
            None if self.zero && !self.minus => self.width.saturating_sub(sign.len()),
            None => 0,
        };
        let digits = format!("{digits:0>zeros$}");
        Some(Self { zero: false, ..self }.padded(&format!("{sign}{prefix}{digits}")))
    }

    fn sign(self, is_negative: bool) -> &'static str {
        match (is_negative, self.plus, self.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    fn float(self, verb: char, float: f64) -> Option<String> {
        let spec = if verb == 'v' { self.without_plus() } else { self };
        let magnitude = float.abs();
        let digits = match verb {
            'f' | 'F' => format!("{magnitude:.*}", self.precision.unwrap_or(6)),
            'e' | 'E' => with_exponent(&format!("{magnitude:.*e}", self.precision.unwrap_or(6))),
            'g' | 'G' | 'v' => general(magnitude, self.precision),
            _ => return None,
        };
        let digits = if verb.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
        let sign = spec.sign(float.is_sign_negative());
        let zeros = if self.zero && !self.minus { self.width.saturating_sub(sign.len()) } else { 0 };
        Some(Self { zero: false, ..self }.padded(&format!("{sign}{digits:0>zeros$}")))
    }

    fn padded(self, text: &str) -> String {
        let width = self.width;
        match (self.minus, self.zero) {
            (true, _) => format!("{text:<width$}"),
            (false, true) => format!("{text:0>width$}"),
            (false, false) => format!("{text:>width$}"),
        }
    }
}

fn number(rest: &mut Peekable<Chars<'_>>) -> usize {
    let mut number = 0_usize;
    while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)) {
        number = number.saturating_mul(10).saturating_add(digit as usize);
        rest.next();
    }
    number
}

/// An exponent as Go writes it: with a sign, and two digits.
fn with_exponent(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%g`: with an exponent where that is shorter, as `strconv.FormatFloat` decides it.
fn general(float: f64, precision: Option<usize>) -> String {
    let scientific = match precision {
        None => format!("{float:e}"),
        Some(digits) => format!("{float:.*e}", digits.max(1) - 1),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    let count = i32::try_from(digits.len().max(1)).unwrap_or(i32::MAX);
    let mut most = precision.map_or(6, |precision| i32::try_from(precision.max(1)).unwrap_or(i32::MAX));
    if precision.is_some() && most > count && count > exponent {
        most = count;
    }
    let decimals = |digits: i32| usize::try_from(digits.max(0)).unwrap_or(0);
    if exponent < -4 || exponent >= most {
        with_exponent(&format!("{float:.*e}", decimals(count - 1)))
    } else {
        format!("{float:.*}", decimals(count - 1 - exponent))
    }
}

/// A quoted text without characters beyond ASCII.
fn ascii(quoted: &str) -> String {
    let mut text = String::new();
    for character in quoted.chars() {
        let code = u32::from(character);
        // Writing to a String cannot fail.
        let _ = match code {
            0..=0x7f => write!(text, "{character}"),
            0x80..=0xffff => write!(text, "\\u{code:04x}"),
            _ => write!(text, "\\U{code:08x}"),
        };
    }
    text
}
