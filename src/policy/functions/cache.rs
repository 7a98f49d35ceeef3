//! Compiled patterns, kept.
//!
//! A pattern is compiled once for all threads. Each thread then has a clone of its own, because the scratch space of
//! a `Regex` is a pool that threads would fight for: a clone shares the program and has its own pool.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::pattern;

/// Patterns that are kept. A pack has dozens; where a policy makes patterns of its input, they do not pile up.
const CAPACITY: usize = 1024;

/// The size of one compiled pattern, in bytes. OPA takes what needs 128 MiB in Go; what is over this one takes a
/// second to compile and gigabytes when there are many.
const SIZE_LIMIT: usize = 16 << 20;

/// A compiled pattern.
#[derive(Clone)]
pub(super) struct Compiled {
    pub(super) regex: Regex,
    /// Names of groups, each with its number.
    pub(super) names: Arc<[(String, usize)]>,
}

type Outcome<C> = Result<C, Arc<str>>;

/// For all threads. A pattern that cannot be compiled is kept, too: a rule asks again for every document.
static SHARED: Mutex<Option<HashMap<Arc<str>, Outcome<Compiled>>>> = Mutex::new(None);

thread_local! {
    static OWN: RefCell<HashMap<Arc<str>, Outcome<Rc<Compiled>>>> = RefCell::default();
}

/// The compiled form of a pattern of OPA.
///
/// # Errors
/// Why there is none.
pub(super) fn compiled(pattern: &Arc<str>) -> Outcome<Rc<Compiled>> {
    OWN.with_borrow_mut(|own| {
        if let Some(outcome) = own.get(pattern) {
            return outcome.clone();
        }
        let outcome = shared(pattern).map(Rc::new);
        make_room(own);
        own.insert(pattern.clone(), outcome.clone());
        outcome
    })
}

fn shared(pattern: &Arc<str>) -> Outcome<Compiled> {
    let lock = || SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(outcome) = lock().get_or_insert_default().get(pattern) {
        return outcome.clone();
    }
    // Not under the lock: another thread may compile the same, which costs less than waiting for all.
    let outcome = compile(pattern);
    let mut guard = lock();
    let all = guard.get_or_insert_default();
    make_room(all);
    all.insert(pattern.clone(), outcome.clone());
    outcome
}

/// Forgets all when full: cheaper than to know which was used last, and a pack never gets there.
fn make_room<K, V>(patterns: &mut HashMap<K, V>) {
    if patterns.len() >= CAPACITY {
        patterns.clear();
    }
}

fn compile(pattern: &str) -> Outcome<Compiled> {
    let translation = pattern::translate(pattern)?;
    let regex =
        RegexBuilder::new(&translation.pattern).size_limit(SIZE_LIMIT).build().map_err(
            |error| match error {
                regex::Error::CompiledTooBig(_) => "it is too large when compiled".to_owned(),
                // Go accepts it: what is left are limits of the crate, as on nested groups.
                error => format!(
                    "this engine cannot run it: {}",
                    error.to_string().lines().last().unwrap_or_default()
                ),
            },
        )?;
    Ok(Compiled { regex, names: translation.names.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_forgets_nothing_that_matters() {
        for number in 0..=CAPACITY {
            let pattern: Arc<str> = format!("^{number}$").into();
            assert!(compiled(&pattern).expect("compiles").regex.is_match(&number.to_string()));
        }
        assert!(OWN.with_borrow(HashMap::len) <= CAPACITY);
        assert!(compiled(&"^0$".into()).expect("compiles again").regex.is_match("0"));
    }

    #[test]
    fn patterns_of_ordinary_size_compile_and_giants_are_refused() {
        for pattern in [r"^arn:aws:iam::\d{12}:role/.+$", r"^[^\s@]{1,64}@[^\s@]{1,255}$", r"\pL{1,100}"] {
            assert!(compiled(&pattern.into()).is_ok(), "{pattern}");
        }
        let error =
            compiled(&r"(\pL{500}\pN{500}|\PL{1000}){1}(\PL{1000}|\PN{1000})".into()).err().expect("a giant");
        assert_eq!(&*error, "it is too large when compiled");
    }
}
