//! What is a change, at which pointer, and which way it goes.

use serde_json::json;

use super::*;

#[test]
fn what_is_no_document_is_a_difference() {
    let change = &compare(&json!(7), &json!({}))[0];
    assert_eq!((change.path.as_str(), change.actual()), ("", Some(json!({}))));
}
