//! `JUnit`'s XML, for CI servers.

pub(crate) mod xml;
