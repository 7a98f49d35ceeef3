//! The one integration-test binary: each dependency is linked once.

#![cfg(test)]

mod apps;
mod architecture;
mod bad_policies;
mod baseline;
mod baseline_live;
mod cli;
mod command_line;
mod common;
mod credentials;
mod diff;
mod docs;
mod drift_guide;
mod drift_members;
mod examples;
mod fleet;
mod fleet_reports;
#[cfg(unix)]
mod github;
mod iam_policy;
mod init;
#[cfg(unix)]
mod interrupt;
mod listing;
mod live;
mod loopback;
mod loopback_check;
mod opa_check;
mod own_policies;
mod policies_guide;
mod policy_tests;
mod rules;
mod waivers;
