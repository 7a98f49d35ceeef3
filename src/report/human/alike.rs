//! What could not be audited and what else is to be said, a paragraph for all that is alike.

use std::io;

use owo_colors::Style as Paint;

use super::{Name, PLACED, Page, one_line};
use crate::finding::Notice;
use crate::report::alike::{self, About, Said, Unjudged};
use crate::report::{Outcome, facts};
use crate::untrusted::shortened;

/// The most messages that have a line each, and the most places, in one paragraph.
const MOST: usize = 20;

/// The most characters of each of several messages in one paragraph.
const LONGEST: usize = 100;

/// The most characters of what tells a message from others, where they stand on one line.
const LONGEST_HEAD: usize = 60;

/// The unaudited targets, by what is wrong and where.
pub(super) fn unaudited(page: &mut Page<'_>, targets: &[Outcome]) -> io::Result<()> {
    alike::unaudited(targets).iter().try_for_each(|group| unjudged(page, group))
}

fn unjudged(page: &mut Page<'_>, group: &Unjudged<'_>) -> io::Result<()> {
    let count = group.count();
    let text = match &group.within[..] {
        _ if count == 1 => group.text.to_owned(),
        [] => format!("{count} targets: {}", group.text),
        within => format!("{count} targets in {}: {}", within.join("/"), group.text),
    };
    let head = page.paint(&format!("unaudited[{}]", group.cause.as_str()), Paint::new().red().bold());
    page.wrapped(&format!("  {head}: "), "  ", &one_line(&text))?;
    let ids = group.places.iter().enumerate().flat_map(|(number, (at, targets))| {
        let at = (number < PLACED).then_some(*at);
        let places = std::iter::once(at).chain(std::iter::repeat(None));
        targets.iter().zip(places).map(|((target, _), at)| (*target, at))
    });
    page.list("of", &Name::all(ids, None), ",")?;
    if let Some(rules) = facts::not_judged(group.rules) {
        page.part("rules", &format!("not judged: {rules}"))?;
    }
    ending(page, group.example, group.help)
}

/// The notices; those that say the same of many are one.
pub(super) fn notices(page: &mut Page<'_>, notices: &[Notice]) -> io::Result<()> {
    alike::notices(notices).iter().try_for_each(|group| said(page, group))
}

fn said(page: &mut Page<'_>, group: &Said<'_>) -> io::Result<()> {
    let kind = group.kind.as_str();
    let head = if group.kind.makes_incomplete() {
        page.paint(&format!("incomplete[{kind}]"), Paint::new().red().bold())
    } else {
        page.paint(&format!("notice[{kind}]"), Paint::new().yellow())
    };
    page.wrapped(&format!("  {head}: "), "  ", &one_line(&group.text))?;
    match &group.about {
        About::Itself => {}
        About::Parts(names) => {
            let names = names.iter().map(|name| Name::from(name.as_str()));
            page.list("of", &names.collect::<Vec<_>>(), ",")?;
        }
        About::Messages(messages) => self::messages(page, messages)?,
    }
    if !group.places.is_empty() {
        let places = group.places.iter().take(MOST).map(|at| Name::from(at.to_string().as_str()));
        let places: Vec<Name> = places.collect();
        page.list("at", &places, ",")?;
        match group.places.len() - places.len() {
            0 => {}
            more => page.part("", &format!("and {more} more places; the JSON report has all"))?,
        }
    }
    ending(page, group.example, group.help)
}

/// A line each; where those would be many and all end alike, what tells them apart, and one of them.
fn messages(page: &mut Page<'_>, messages: &[&str]) -> io::Result<()> {
    if messages.len() > MOST
        && let Some(heads) = heads(messages)
    {
        let heads = heads.into_iter().map(|head| Name::from(facts::one_line(head).as_str()));
        page.list("of", &heads.collect::<Vec<_>>(), ",")?;
        return page.part("e.g.", messages[0]);
    }
    messages.iter().try_for_each(|message| {
        page.wrapped("        ", "          ", &one_line(&shortened(message, LONGEST)))
    })
}

/// Each message without the words that all of them end with; `None` where that leaves too much of them.
fn heads<'m>(messages: &[&'m str]) -> Option<Vec<&'m str>> {
    let (first, others) = messages.split_first()?;
    let blanks = first.match_indices(' ').map(|(at, _)| &first[at..]);
    let end = blanks.into_iter().find(|end| others.iter().all(|message| message.ends_with(end)))?;
    let heads = messages.iter().map(|message| message.strip_suffix(end));
    let is_short = |head: &&str| !head.trim().is_empty() && head.chars().count() <= LONGEST_HEAD;
    heads.map(|head| head.filter(is_short)).collect()
}

fn ending(page: &mut Page<'_>, example: Option<&str>, help: Option<&str>) -> io::Result<()> {
    if let Some(example) = example {
        page.part("e.g.", example)?;
    }
    if let Some(help) = help {
        page.part("help", help)?;
    }
    page.line("")
}
