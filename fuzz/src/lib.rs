//! What the targets share: a folder with policies and a configuration, read and judged by the functions that the
//! program itself reads and judges with.
//!
//! Nothing of the input may end the process. What is refused is rendered as a user sees it. What is accepted judges
//! documents, and what a rule is remembered to have said has to be what it says when it is asked.

pub mod mutation;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::thread;

use amplify_audit::config::Draft;
use amplify_audit::document::{self, Document};
use amplify_audit::location::{Location, Region, Repository};
use amplify_audit::policy::{Evaluation, Evaluator, Library, Pack};
use amplify_audit::target::{Stage, Target, TargetId};
use amplify_audit::untrusted::is_unprintable;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use tempfile::TempDir;

/// The configuration of packs that are fuzzed: nothing but the embedded helpers beside them.
pub const OWN_PACK: &str = "source = [{ kind = \"recordings\", paths = [\"*.json\"] }]\n\n[policies]\nbuiltin = false\npaths = [\"policies\"]\n";

/// An eighth of what the program has: what a text of a few kilobytes needs more for is worth a look.
const STACK: usize = 8 << 20;

/// Answers as AWS gives them, of three environments of one app; the last one has settings that are absent.
const ANSWERS: [(&str, &str); 3] = [
    ("prod", include_str!("../../examples/recordings/shop/prod.json")),
    ("dev", include_str!("../../examples/recordings/shop/dev.json")),
    (
        "empty",
        r#"{"AppId": "d1a2b3c4d5e6f7", "BackendEnvironmentName": "empty", "ResourceName": "auth", "ResourceConfig": {"UserPoolConfigs": {"OAuth": null}}}"#,
    ),
];

static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(|| ANSWERS.map(document).into());

static PROJECT: LazyLock<Project> = LazyLock::new(Project::new);

/// Reads a configuration and the files of its folder, and judges documents by what they ask for.
pub fn audit(config: &str, files: &[(&str, &[u8])]) {
    // A stack that overflows is a finding only where it is as small as a user's.
    thread::scope(|scope| {
        let auditing = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
            PROJECT.write(files);
            judge(config, &PROJECT.folder);
        });
        auditing.expect("a thread").join().expect("a panic ends the process");
    });
}

/// A folder whose files are replaced from input to input. Where the process dies without a word, it still has them.
struct Project {
    folder: PathBuf,
}

impl Project {
    fn new() -> Self {
        let folder = TempDir::with_prefix("audit-fuzz-").expect("a temporary folder").keep();
        Self { folder }
    }

    fn write(&self, files: &[(&str, &[u8])]) {
        let policies = self.folder.join("policies");
        if policies.exists() {
            fs::remove_dir_all(&policies).expect("the last input");
        }
        for (name, bytes) in files {
            let path = self.folder.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
    }
}

fn judge(config: &str, folder: &Path) {
    let repository = Repository::containing(folder);
    let draft = Draft::read(config, &folder.join("audit.toml"), &repository);
    let library = Library::read(&draft.packs(), &repository);
    library.problems().iter().for_each(render);
    let config = match draft.validate(&library.catalogue()) {
        Ok(config) => config,
        Err(error) => return render(&error),
    };
    match library.pack(&config.policies) {
        Ok(pack) => evaluate(pack),
        Err(problems) => problems.iter().for_each(render),
    }
}

/// As it is shown in a terminal of 80 columns.
fn render(problem: &impl Diagnostic) {
    let mut shown = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(80)
        .render_report(&mut shown, problem as &dyn Diagnostic)
        .expect("a string takes everything");
    let steering = shown.chars().find(|character| *character != '\n' && is_unprintable(*character));
    assert_eq!(steering, None, "{shown}");
}

fn evaluate(pack: Pack) {
    let remembering = evaluations(&mut pack.evaluator());
    let forgetful = pack.forgetful();
    // A rule that took too long may be faster the next time.
    if remembering.iter().all(|evaluation| evaluation.unaudited.is_none()) {
        let asked = evaluations(&mut forgetful.evaluator());
        for (remembered, asked) in remembering.iter().zip(&asked) {
            assert_eq!(text(&remembered.findings), text(&asked.findings));
        }
    }
}

fn evaluations(evaluator: &mut Evaluator<'_>) -> Vec<Evaluation> {
    let mut evaluations = Vec::new();
    // Forwards and backwards: the first to be remembered is not the first to be asked.
    for document in DOCUMENTS.iter().chain(DOCUMENTS.iter().rev()) {
        evaluations.push(evaluator.evaluate(document));
        if evaluations.iter().any(|evaluation| evaluation.unaudited.is_some()) {
            return evaluations;
        }
    }
    evaluations.push(evaluator.evaluate_app(&DOCUMENTS));
    evaluations
}

fn text(value: &impl Debug) -> String {
    format!("{value:?}")
}

fn document((environment, answer): (&str, &str)) -> Document {
    let region = Region { line: 1, column: 1, end_line: 1, end_column: 2 };
    let answer = document::read(answer.as_bytes()).expect("an answer");
    let target = Target {
        id: TargetId::new("d1a2b3c4d5e6f7", environment, "auth"),
        account: Some("111122223333".to_owned()),
        region: None,
        app_id: "d1a2b3c4d5e6f7".to_owned(),
        app_name: Some("shop".to_owned()),
        environment: environment.to_owned(),
        resource: "auth".to_owned(),
        stage: if environment == "prod" { Stage::Production } else { Stage::Unknown },
        labels: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
        source: "recordings".into(),
        declared: Location { file: "audit.toml".into(), region },
    };
    Document::new(answer, Arc::new(target), Some("recording.json".into()))
}
