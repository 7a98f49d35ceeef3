//! JSON pointers into the document, where a policy gives them as constants: in METADATA and in members.

use crate::document::Outline;
use crate::suggestion::nearest;

/// That a pointer leads to a place of the document. The empty one is the whole of it.
///
/// # Errors
/// What is wrong, and what to do: at run time its target would be unaudited, and only once the rule has found something.
pub(super) fn leads_somewhere(path: &str) -> Result<(), (String, String)> {
    let document = Outline::document();
    if document.has_pointer(path) {
        return Ok(());
    }
    if !path.starts_with('/') {
        let what = format!("`path` is a JSON pointer and begins with `/`: `{path}` does not");
        return Err((what, "for example: /ResourceConfig/UserPoolConfigs/Mfa/MFAMode".to_owned()));
    }
    let mut above = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
    let (known, outline) =
        above.find_map(|above| Some((above, document.at(above)?))).unwrap_or(("", &document));
    let stranger = path[known.len() + 1..].split('/').next().unwrap_or_default();
    let stranger = stranger.replace("~1", "/").replace("~0", "~");
    let near = nearest(&stranger, outline.names());
    let help = near.map_or_else(
        || "a path leads to a member of the document, and the empty one to all of it".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    Err((format!("no document has `{stranger}` where `path` leads: `{path}`"), help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_a_place_of_the_document_or_says_where_it_ends() {
        for (path, said) in [
            ("", None),
            ("/Target/Labels", None),
            ("/Target/Labels/a~1b", None),
            ("/Unrecognised/0", None),
            ("/ResourceConfig/UserPoolConfigs/OAuth/OAuthScopes", None),
            ("/", Some("a path leads to a member")),
            ("Target", Some("for example: /")),
            ("/ResourceConfig/UserPoolConfigs/Mfa/Mode", Some("did you mean `MFAMode`?")),
            ("/Target/Id/0", Some("a path leads to a member")),
            ("/Missing/first", Some("a path leads to a member")),
            ("/Missing/00", Some("a path leads to a member")),
        ] {
            let help = leads_somewhere(path).err().map(|(_, help)| help);
            assert_eq!(help.is_some(), said.is_some(), "{path}: {help:?}");
            assert!(help.unwrap_or_default().contains(said.unwrap_or_default()), "{path}");
        }
    }
}
