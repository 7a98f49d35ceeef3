//! Targets that did not come, and may still be there: a part of the fleet that they belong to could not be read.

mod carry;
mod orphans;

pub(in crate::command) use carry::{Wanted, carry};
pub(in crate::command) use orphans::Orphans;

use std::borrow::Cow;

use super::Audited;
use crate::finding::{Notice, NoticeKind};
use crate::location::Location;
use crate::report::Outcome;
use crate::target::{Cause, Scope, Target, Unaudited};

/// What hides a target that was there once, and where that comes from; `None` where nothing does, and it is gone.
fn hidden_by<'a>(
    target: &Target,
    audited: &'a Audited,
) -> Option<(Cow<'a, Unaudited>, Option<&'a Location>)> {
    // A file that named no target is nobody's settings: nothing of it can be hidden.
    if target.app_id.is_empty() {
        return None;
    }
    let unread = audited.notices.iter().find_map(|notice| {
        let unread = notice.unread.as_ref().filter(|unread| unread.scope.covers(target))?;
        Some((Cow::Borrowed(&unread.why), notice.location.as_ref()))
    });
    let unknown = || {
        audited.targets.iter().chain(&audited.unnamed_elsewhere).find_map(|outcome| {
            let why = outcome.unaudited.as_ref().filter(|_| may_be(&outcome.target, target))?;
            Some((Cow::Borrowed(why), Some(&outcome.target.declared)))
        })
    };
    // A source that brought nothing may have brought this one.
    let nothing = || {
        let notice = audited.notices.iter().find(|notice| brought_nothing(notice))?;
        let why = Unaudited::new(Cause::NotFound, notice.message.clone());
        Some((Cow::Owned(why), notice.location.as_ref()))
    };
    unread.or_else(unknown).or_else(nothing)
}

fn brought_nothing(notice: &Notice) -> bool {
    matches!(notice.kind, NoticeKind::EmptySource | NoticeKind::NoTarget)
}

/// Whether any target at all may be there unseen: a file that does not say whose settings it holds may hold those of
/// any, and so may a source that brought nothing.
pub(super) fn is_any_target_unseen(audited: &Audited) -> bool {
    let is_unnamed = |outcome: &Outcome| outcome.target.app_id.is_empty();
    audited.targets.iter().chain(&audited.unnamed_elsewhere).any(is_unnamed)
        || audited.notices.iter().any(brought_nothing)
}

/// Whether an unaudited target that does not say who it is in full may be this one: a file that could
/// not be read, whatever its name, or an environment whose resource could not be looked up.
fn may_be(unaudited: &Target, target: &Target) -> bool {
    if unaudited.app_id.is_empty() {
        return true;
    }
    let environment = Scope {
        account: unaudited.account.clone(),
        region: unaudited.region.clone(),
        app_id: Some(unaudited.app_id.clone()),
        environment: Some(unaudited.environment.clone()),
    };
    unaudited.resource.is_empty() && environment.covers(target)
}
