//! Waivers and the threshold: what becomes of each finding. Annotates, never deletes.

use jiff::civil::Date;

use crate::config::Waiver;
use crate::finding::{AcceptedBy, Disposition, Finding, Notice, NoticeKind, Severity};

/// What triage decides by.
#[derive(Debug)]
pub struct Terms<'t> {
    /// Accepted findings.
    pub waivers: &'t [Waiver],
    /// The severity from which a finding is open; `None` means that none is.
    pub fail_on: Option<Severity>,
    /// The day it is.
    pub today: Date,
}

/// Gives every finding its disposition, and says which waivers have expired.
///
/// The second part of the result tells, for each waiver, whether it matched a finding.
pub fn triage(findings: &mut [Finding], terms: &Terms<'_>) -> (Vec<Notice>, Vec<bool>) {
    let mut used = vec![false; terms.waivers.len()];
    for finding in findings.iter_mut() {
        let mut accepted = None;
        for (waiver, used) in
            terms.waivers.iter().zip(&mut used).filter(|(waiver, _)| covers(waiver, finding))
        {
            *used = true;
            if accepted.is_none() && terms.today <= waiver.expires {
                accepted = Some(AcceptedBy {
                    reason: waiver.reason.clone(),
                    owner: waiver.owner.clone(),
                    expires: waiver.expires,
                });
            }
        }
        finding.disposition = if accepted.is_some() {
            Disposition::Waived
        } else if terms.fail_on.is_some_and(|threshold| finding.severity >= threshold) {
            Disposition::Open
        } else {
            Disposition::BelowThreshold
        };
        finding.waiver = accepted;
    }
    (expired(terms.waivers, terms.today), used)
}

/// The waivers whose day has passed.
#[must_use]
pub fn expired(waivers: &[Waiver], today: Date) -> Vec<Notice> {
    let expired = waivers.iter().filter(|waiver| today > waiver.expires).map(|waiver| {
        let message = format!(
            "the waiver of {} for `{}` expired on {}: its findings count again",
            waiver.rule, waiver.target_pattern, waiver.expires
        );
        Notice::new(NoticeKind::WaiverExpired, message).at(waiver.location.clone())
    });
    expired.collect()
}

fn covers(waiver: &Waiver, finding: &Finding) -> bool {
    waiver.rule == finding.rule.id
        && waiver.target.is_match(&finding.target.id)
        && waiver.path.as_ref().is_none_or(|path| path.is_match(&finding.path))
}

#[cfg(test)]
mod tests;
