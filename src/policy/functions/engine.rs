//! The engine's own functions, called from ours: for what they do right once their arguments are bounded.

use std::sync::LazyLock;

use regorus::Value;
use regorus::unstable::{BUILTINS, Expr, Ref, Source, Span};

use super::Answer;

/// The engine's functions point at their arguments when they fail. Ours do not know where those stand: the engine
/// puts the place of the call on the message, and this one stands in until then.
static PLACE: LazyLock<Option<Span>> = LazyLock::new(|| {
    let source = Source::from_contents("call".to_owned(), String::new()).ok()?;
    Some(Span { source, line: 1, col: 1, start: 0, end: 0 })
});

/// Calls the engine's function of a name; a failure is an error.
pub(super) fn call(name: &str, arguments: &[Value]) -> Answer {
    let unknown = || format!("{name}: the engine does not have it");
    let ((function, _), place) = BUILTINS.get(name).zip(PLACE.as_ref()).ok_or_else(unknown)?;
    let argument = || Ref::new(Expr::Null { span: place.clone(), value: Value::Null, eidx: 0 });
    let places: Vec<_> = arguments.iter().map(|_| argument()).collect();
    function(place, &places, arguments, true).map_err(|error| {
        let text = error.to_string();
        let message = text.lines().find_map(|line| line.trim_start().strip_prefix("error: "));
        let message =
            message.or_else(|| text.lines().find(|line| !line.trim().is_empty())).unwrap_or("it failed");
        format!("{name}: {message}")
    })
}
