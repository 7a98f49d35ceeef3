//! What is in no count of targets, because nobody could list it: said in numbers of its own.

use std::fmt::Write as _;

use super::plural;
use crate::finding::{Notice, NoticeKind};
use crate::target::Scope;

/// A line for what could not be read, and one for what this audit cannot judge; none where all was seen.
pub(super) fn lines(notices: &[Notice]) -> Vec<String> {
    let unread = notices.iter().filter(|notice| notice.kind == NoticeKind::Unreadable);
    let mut counts = [0; Part::ALL.len()];
    for notice in unread {
        counts[Part::of(notice.unread.as_ref().map(|unread| &unread.scope)) as usize] += 1;
    }
    let mut not_read = String::new();
    for (part, count) in Part::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0) {
        let before = if not_read.is_empty() { "not read: " } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(not_read, "{before}{}", plural(count, part.noun()));
    }
    let gen2 = match notices.iter().filter(|notice| notice.kind == NoticeKind::Gen2App).count() {
        0 => None,
        1 => Some("not auditable: 1 branch of Amplify Gen 2".to_owned()),
        branches => Some(format!("not auditable: {branches} branches of Amplify Gen 2")),
    };
    Some(not_read).filter(|line| !line.is_empty()).into_iter().chain(gen2).collect()
}

/// How much could not be read, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Everything,
    Account,
    Region,
    App,
    Environment,
}

impl Part {
    const ALL: [Self; 5] = [Self::Everything, Self::Account, Self::Region, Self::App, Self::Environment];

    /// The innermost name says what it is.
    fn of(scope: Option<&Scope>) -> Self {
        match scope {
            Some(Scope { environment: Some(_), .. }) => Self::Environment,
            Some(Scope { app_id: Some(_), .. }) => Self::App,
            Some(Scope { region: Some(_), .. }) => Self::Region,
            Some(Scope { account: Some(_), .. }) => Self::Account,
            Some(_) | None => Self::Everything,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Everything => "whole source",
            Self::Account => "account",
            Self::Region => "region",
            Self::App => "app",
            Self::Environment => "environment",
        }
    }
}
