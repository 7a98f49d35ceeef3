//! From files to modules with their metadata, and to an engine that has them.
//!
//! The engine parses the embedded pack on a thread of its own, and prepares itself while the modules are checked: each
//! takes about as long as the other, and whoever starts the program waits for both.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::{Scope, ScopedJoinHandle};

use regorus::Engine;
use serde_json::Value;

use super::engine;
use crate::policy::annotations;
use crate::policy::module::{self, Module};
use crate::policy::problem::PolicyError;
use crate::policy::rule_sets::{Origin, Source};

/// What was read, with everything that is wrong with each file by itself.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) read: Vec<Source>,
    pub(super) problems: Vec<PolicyError>,
    /// Whether a file could not be parsed.
    pub(super) is_broken: bool,
}

impl Sources {
    pub(super) fn take(&mut self, module: Result<Module, PolicyError>, pack: Arc<str>, origin: Origin) {
        match module {
            Ok(module) => {
                let (blocks, wrong) = annotations::read(&module);
                self.problems.extend(wrong);
                self.read.push(Source { module, pack, origin, blocks });
            }
            Err(problem) => {
                self.is_broken = true;
                self.problems.push(problem);
            }
        }
    }
}

/// What the engine made of the files so far.
#[derive(Default)]
pub(super) struct Parsed {
    /// Got every module that is no test when it was read, so that none has to be parsed twice.
    pub(super) engine: Engine,
    /// The same with this data, prepared.
    pub(super) ready: Option<(Value, Engine)>,
}

impl Parsed {
    pub(super) fn parse(&mut self, name: &str, text: &str) -> Result<Module, PolicyError> {
        if module::is_test(name) {
            Module::parse(name, text)
        } else {
            Module::parse_into(&mut self.engine, name, text)
        }
    }
}

/// The engine at its work.
pub(super) struct Ahead<'scope>(ScopedJoinHandle<'scope, Parsed>);

impl<'scope> Ahead<'scope> {
    /// Lets the engine parse these files, and prepare itself if it gets the data for it. The modules come as they
    /// are parsed, in their order.
    pub(super) fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        files: &'env [(Cow<'_, str>, &str)],
        data: Option<Value>,
    ) -> (Receiver<Result<Module, PolicyError>>, Self) {
        let (sender, modules) = mpsc::channel();
        let work = scope.spawn(move || {
            let mut parsed = Parsed::default();
            for (name, text) in files {
                // Whoever does not wait for all of them needs none.
                drop(sender.send(parsed.parse(name, text)));
            }
            drop(sender);
            parsed.ready = data.and_then(|data| {
                // What is wrong is said when the engine is asked for: it is not kept then, and prepared again.
                let mut ready = parsed.engine.clone();
                engine::furnish(&mut ready, &data).and_then(|()| engine::prepare(&mut ready)).ok()?;
                Some((data, ready))
            });
            parsed
        });
        (modules, Self(work))
    }

    /// Waits for the end of it.
    pub(super) fn join(self) -> Parsed {
        self.0.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}
