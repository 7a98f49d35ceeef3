//! `audit` fetches the authentication settings of AWS Amplify backends, judges them with Rego
//! policies, and reports what it found. Its promise: **never a false green**.
//!
//! Data walks one way, and the modules name the rooms that it passes:
//!
//! ```text
//! audit.toml → config → source ┬→ document ┬→ policy ┐
//!                              │           └→ drift  ┼→ finding → triage → report → exit code
//!                              └→ target::Unaudited ─┘
//! ```
//!
//! - [`location`] and [`untrusted`]: places in files; text that must not steer a terminal. Everyone may use them.
//! - [`atomic`]: files that are whole or not there.
//! - [`stop`]: the wish to end a run early, from a signal to whoever fetches.
//! - [`suggestion`]: what a mistyped name may have meant.
//! - [`target`]: who is audited, and why one could not be.
//! - [`document`]: the one parser from AWS's JSON; secrets die here; pointer → line.
//! - [`baseline`]: the folder of documents that tell what was agreed.
//! - [`finding`]: rule, finding, evidence, notice.
//! - [`config`]: audit.toml, mirrored with spans, then validated once.
//! - [`source`]: the only asynchronous room. Recordings and the live API become bytes of answers.
//! - [`policy`]: the only room that knows the Rego engine.
//! - [`drift`]: what changed between two documents, and what of it weakens.
//! - [`triage`]: waivers and the threshold; annotates, never deletes.
//! - [`report`]: one `Report`, one file a format, one signature; reads its JSON back and merges shards.
//! - [`command`]: one file a subcommand; owns the exit codes. Clock and environment enter here.
//!
//! `source` and `policy` never meet; a report never sees a document. `tests/architecture.rs` holds
//! these sentences.

pub mod atomic;
pub mod baseline;
pub mod cli;
pub mod command;
pub mod config;
pub mod document;
pub mod drift;
pub mod finding;
pub mod location;
pub mod policy;
pub mod progress;
pub mod report;
pub mod source;
pub mod stop;
pub mod suggestion;
pub mod target;
pub mod triage;
pub mod untrusted;
