//! From the bytes of an answer to settings, and whose they are.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::config::Stages;
use crate::document::{self, Answer, Identity};
use crate::location::Location;
use crate::source::{AnswerBytes, Answered, RecordedFile};
use crate::target::{Cause, Stage, Target, TargetId, Unaudited};
use crate::untrusted::shortened;

/// The target and its answer, where one was asked for; or why there is none to judge.
pub(super) type Settings = Result<(Arc<Target>, Option<Answer>), (Arc<Target>, Unaudited)>;

/// The settings in the answer to a call.
pub(super) fn called(target: Arc<Target>, answer: Result<Answered, Unaudited>) -> Settings {
    let AnswerBytes { bytes, attempts } = match answer {
        Ok(Answered::Settings(answer)) => answer,
        Ok(Answered::Listed) => return Ok((target, None)),
        Err(why) => return Err((target, why)),
    };
    let unusable = |kind, what: &dyn fmt::Display| {
        let why = Unaudited::new(kind, format!("cannot judge the answer for {}: {what}", target.id))
            .with_gist(format!("cannot judge the answer: {what}"));
        Unaudited { attempts, ..why }.with_help(help(kind))
    };
    let why = match document::read(&bytes) {
        Ok(answer) => match contradiction(&target, &answer.identity) {
            None => return Ok((target, Some(answer))),
            Some(what) => unusable(Cause::BadResponse, &what),
        },
        Err(error) => unusable(error.kind, &error),
    };
    Err((target, why))
}

/// What an answer names that was not asked for.
fn contradiction(target: &Target, identity: &Identity) -> Option<String> {
    [
        ("app", &identity.app_id, &target.app_id),
        ("environment", &identity.environment, &target.environment),
        ("resource", &identity.resource, &target.resource),
    ]
    .into_iter()
    .find(|(_, named, asked)| named.as_ref().is_some_and(|named| named != *asked))
    .map(|(what, named, _)| {
        format!("it is for the {what} `{}`", shortened(named.as_deref().unwrap_or_default(), 80))
    })
}

/// The settings in a file, which says itself whose they are.
pub(super) fn recorded(
    file: &RecordedFile,
    answer: Result<Answered, Unaudited>,
    stages: &Stages,
) -> Settings {
    let bytes = match answer {
        Ok(Answered::Settings(answer)) => answer.bytes,
        Ok(Answered::Listed) => return Ok((Arc::new(unnamed(file)), None)),
        Err(why) => return Err((Arc::new(unnamed(file)), why)),
    };
    let unusable = |kind, message: String, what: &dyn fmt::Display| {
        let gist = format!("cannot judge a recording: {what}");
        Unaudited::new(kind, message).with_gist(gist).with_help(help(kind))
    };
    match document::read(&bytes) {
        Ok(answer) => match named(file, &answer.identity, stages) {
            Some(target) => Ok((Arc::new(target), Some(answer))),
            None => {
                let what = "it does not name app, environment and resource";
                let why = unusable(Cause::BadResponse, format!("cannot judge {}: {what}", file.name), &what);
                Err((Arc::new(unnamed(file)), why))
            }
        },
        Err(error) => {
            let target = named(file, &error.identity, stages).unwrap_or_else(|| unnamed(file));
            let message = format!("cannot judge {}:{}: {error}", file.name, error.region.line);
            let location = Location { file: Arc::clone(&file.name), region: error.region };
            let why = unusable(error.kind, message, &error);
            Err((Arc::new(target), Unaudited { location: Some(location), ..why }))
        }
    }
}

/// The target that a file names; `None` unless it names all of it.
fn named(file: &RecordedFile, identity: &Identity, stages: &Stages) -> Option<Target> {
    let part = |part: &Option<String>| part.clone().filter(|text| !text.trim().is_empty());
    let (app_id, environment, resource) =
        (part(&identity.app_id)?, part(&identity.environment)?, part(&identity.resource)?);
    Some(Target {
        id: TargetId::new(&app_id, &environment, &resource),
        stage: stages.of(&environment),
        app_id,
        environment,
        resource,
        ..unnamed(file)
    })
}

/// A file that does not say whose settings it holds.
pub(super) fn unnamed(file: &RecordedFile) -> Target {
    Target {
        id: TargetId::of_file(&file.name),
        account: None,
        region: None,
        app_id: String::new(),
        app_name: None,
        environment: String::new(),
        resource: String::new(),
        stage: Stage::Unknown,
        labels: BTreeMap::new(),
        source: Arc::clone(&file.source),
        declared: file.declared.clone(),
    }
}

fn help(kind: Cause) -> &'static str {
    match kind {
        Cause::BackendError => "mend the backend, for example by a push, and fetch again",
        Cause::NoConfig => "check that the environment has an auth resource of this name",
        _ => "it must be what `aws amplifybackend get-backend-auth` prints, one answer a file",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Catalogue, Draft, Packs};
    use crate::location::{Region, Repository};

    fn stages() -> Stages {
        let text = "[[source]]\nkind = \"recordings\"\npaths = [\"*.json\"]\n";
        let catalogue = Catalogue { profiles: vec![Packs::PROFILE.to_owned()], ..Catalogue::default() };
        let draft = Draft::read(text, Path::new("/audit.toml"), &Repository::at(Path::new("/")));
        draft.validate(&catalogue).expect("a configuration").stages
    }

    #[test]
    fn recordings_with_the_same_fault_have_the_same_gist() {
        let gists = |text: &str| -> Vec<Box<str>> {
            let gists = ["a.json", "b.json"].map(|name| {
                let declared = Location { file: name.into(), region: Region::START };
                let file = RecordedFile { name: name.into(), source: "recordings".into(), declared };
                let answer = AnswerBytes { bytes: text.as_bytes().to_vec(), attempts: 0 };
                let settings = recorded(&file, Ok(Answered::Settings(answer)), &stages());
                let (_, why) = settings.map(|_| ()).expect_err("no settings");
                assert!(why.message.contains(name), "{}", why.message);
                why.gist
            });
            gists.into()
        };
        let config = r#""ResourceConfig": {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": {}}"#;
        for text in ["{}".to_owned(), "no JSON".to_owned(), format!("{{{config}}}")] {
            let gists = gists(&text);
            assert_eq!(gists[0], gists[1], "{text}");
            assert!(gists[0].starts_with("cannot judge a recording: "), "{gists:?}");
        }
    }
}
