//! The table of rules, and one rule explained.

use std::collections::BTreeSet;
use std::io;

use owo_colors::Style as Paint;

use super::link::linked;
use super::table::{self, Cell, Column};
use super::{Page, plural, severity_paint};
use crate::report::facts::one_line;
use crate::report::reference::Reference;
use crate::report::rulebook::{Entry, Rulebook, Standing, paragraphs};
use crate::untrusted::{printable, shortened};

/// The least width of a title, which goes on in the next line.
const SHORTEST: usize = 16;
/// The longest title shown.
const LONGEST_TITLE: usize = 200;
/// The longest name of a pack shown.
const LONGEST_PACK: usize = 40;

/// All rules, a line each.
pub(super) fn write(page: &mut Page<'_>, book: &Rulebook) -> io::Result<()> {
    let rules = &book.rules;
    let packs: BTreeSet<&str> = rules.iter().map(|entry| &*entry.rule.pack).collect();
    if !rules.is_empty() {
        let mut columns = vec![
            Column::text("rule", rules.iter().map(|entry| printable(&entry.rule.id))),
            Column::text("severity", rules.iter().map(severity)),
            Column::text("title", rules.iter().map(|entry| title(&entry.rule.title))).wrapped_to(SHORTEST),
            Column::text("pack", rules.iter().map(|entry| self::pack(&entry.rule.pack))),
        ];
        // What is the same in every line is said below.
        if packs.len() == 1 && !table::is_whole(page, &columns) {
            columns.pop();
        }
        table::write(page, &columns)?;
        page.line("")?;
    }
    let mut sum = plural(rules.len(), "rule");
    match packs.first() {
        Some(pack) if packs.len() == 1 => {
            sum = format!("{sum} of the pack {}", self::pack(pack));
        }
        Some(_) => sum = format!("{sum} of {}", plural(packs.len(), "pack")),
        None => {}
    }
    for (standing, what) in [(Standing::Disabled, "disabled"), (Standing::Idle, "not set up")] {
        match rules.iter().filter(|entry| entry.standing == standing).count() {
            0 => {}
            count => sum = format!("{sum}, {count} of them {what}"),
        }
    }
    let sum = page.paint(&sum, Paint::new().bold());
    page.wrapped("", "  ", &format!("{sum}; `audit explain RULE` tells what one means and how to fix it"))
}

fn title(text: &str) -> String {
    printable(&shortened(text, LONGEST_TITLE)).into_owned()
}

fn pack(name: &str) -> String {
    printable(&shortened(name, LONGEST_PACK)).into_owned()
}

fn severity(entry: &Entry) -> Cell {
    let dimmed = Paint::new().dimmed();
    match (entry.standing, entry.overruled()) {
        (Standing::Disabled, _) => Cell::painted("disabled", dimmed),
        (Standing::Idle, _) => Cell::painted("not set up", dimmed),
        (Standing::Judged | Standing::Fixed, Some(given)) => {
            Cell::painted(format!("{given} (was {})", entry.rule.severity), severity_paint(given))
        }
        (Standing::Judged | Standing::Fixed, None) => {
            Cell::painted(entry.severity().as_str(), severity_paint(entry.severity()))
        }
    }
}

/// One rule, with all that there is to say.
pub(super) fn explain(page: &mut Page<'_>, entry: &Entry) -> io::Result<()> {
    let rule = &entry.rule;
    let id = page.paint(&printable(&rule.id), Paint::new().bold());
    let severity = page.paint(entry.severity().as_str(), severity_paint(entry.severity()));
    let overruled = match (entry.standing, entry.overruled()) {
        (Standing::Disabled, _) => " (disabled by audit.toml)".to_owned(),
        (Standing::Idle, _) => " (not set up: audit.toml gives it nothing to compare with)".to_owned(),
        (Standing::Judged | Standing::Fixed, Some(_)) => {
            format!(" (by audit.toml; {} by itself)", rule.severity)
        }
        (Standing::Judged | Standing::Fixed, None) => String::new(),
    };
    page.line(format!("{id}  {severity}{overruled}"))?;
    page.wrapped("", "", &page.paint(&printable(&rule.title), Paint::new().bold()))?;

    page.part_of("why it matters", paragraphs(&rule.description))?;
    page.part_of("how to fix it", paragraphs(&rule.remediation))?;
    let parameters = entry.parameters.iter();
    page.part_of(
        "thresholds",
        parameters.map(|parameter| format!("{} = {}", parameter.name, parameter.value)),
    )?;
    let addresses = rule.references.iter().map(|reference| {
        let address = Reference::parse(reference).map(|known| known.uri);
        (reference.as_str(), address)
    });
    page.linked_part("standards", addresses)?;
    page.linked_part("read on", rule.links.iter().map(|link| (link.as_str(), Some(link.clone()))))?;
    page.part_of("tags", (!rule.tags.is_empty()).then(|| rule.tags.join(", ")))?;
    page.part_of("comes from", entry.origin())?;
    match entry.standing {
        Standing::Judged | Standing::Idle | Standing::Disabled => page.overruling(entry),
        Standing::Fixed => {
            let lenient = "It is of no pack, so it can be neither disabled nor waived. `--allow-incomplete` keeps it \
                from changing the exit code.";
            page.part_of("in audit.toml", [lenient.to_owned()])
        }
    }
}

impl Page<'_> {
    /// A part with its title, if there is something in it.
    fn part_of(&mut self, title: &str, lines: impl IntoIterator<Item = String>) -> io::Result<()> {
        let mut lines = lines.into_iter().peekable();
        if lines.peek().is_none() {
            return Ok(());
        }
        self.line("")?;
        self.line(self.paint(title, Paint::new().cyan()))?;
        for line in lines {
            self.wrapped("  ", "  ", &printable(&one_line(&line)))?;
        }
        Ok(())
    }

    /// A part whose lines lead to addresses, as far as they have one: each line of a broken one, too.
    fn linked_part<'t>(
        &mut self,
        title: &str,
        lines: impl IntoIterator<Item = (&'t str, Option<String>)>,
    ) -> io::Result<()> {
        for (index, (line, address)) in lines.into_iter().enumerate() {
            if index == 0 {
                self.line("")?;
                self.line(self.paint(title, Paint::new().cyan()))?;
            }
            let text = printable(&line.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned();
            let options = textwrap::Options::new(self.style.width.min(120).saturating_sub(2))
                .break_words(false)
                .word_separator(textwrap::WordSeparator::AsciiSpace)
                .word_splitter(textwrap::WordSplitter::NoHyphenation);
            for piece in textwrap::wrap(&text, options) {
                let piece = match &address {
                    Some(address) => linked(&self.style, address, &piece),
                    None => piece.into_owned(),
                };
                self.line(format!("  {piece}"))?;
            }
        }
        Ok(())
    }

    /// How audit.toml says otherwise: lines to copy, never broken.
    fn overruling(&mut self, entry: &Entry) -> io::Result<()> {
        let id = printable(&entry.rule.id);
        let id = toml::Value::from(&*id).to_string();
        self.line("")?;
        self.line(self.paint("in audit.toml", Paint::new().cyan()))?;
        let disable = if entry.standing == Standing::Disabled { "stands there" } else { "not judged at all" };
        for (setting, what) in [
            ("[[waiver]]".to_owned(), "accept findings until a day"),
            (format!("rule = {id}"), ""),
            ("target = \"APP/ENVIRONMENT/RESOURCE\"".to_owned(), "parts at the end may be left out"),
            ("reason = \"…\"".to_owned(), ""),
            ("expires = YYYY-MM-DD".to_owned(), "the last day it holds"),
            (String::new(), ""),
            ("[policies]".to_owned(), ""),
            (format!("disable = [{id}]"), disable),
            ("[policies.severity]".to_owned(), ""),
            (format!("{id} = \"low\""), "another severity"),
        ] {
            let note = self.paint(&format!("  # {what}"), Paint::new().dimmed());
            let note = if what.is_empty() { "" } else { &note };
            self.line(format!("  {setting}{note}").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use textwrap::core::display_width;

    use super::*;
    use crate::finding::{Rule, Severity};
    use crate::report::fixture::HOSTILE;
    use crate::report::rulebook::{ExplanationFormat, Parameter, RulebookFormat};
    use crate::report::{Style, unaudited_rule};
    use crate::untrusted::is_unprintable;

    fn entry(id: &str, title: &str) -> Entry {
        let rule = Rule {
            id: id.to_owned(),
            pack: "builtin".into(),
            title: title.to_owned(),
            description:
                "Why it matters, at some length, so that it has to be broken into lines.\n\nAnd more."
                    .to_owned(),
            remediation: "Run `aws cognito-idp set-user-pool-mfa-config` and see.".to_owned(),
            references: vec!["CWE-308".to_owned()],
            links: vec!["https://docs.aws.example/a-page".to_owned()],
            tags: vec!["mfa".to_owned()],
            ..unaudited_rule()
        };
        Entry { rule: Arc::new(rule), severity: None, standing: Standing::Judged, parameters: Vec::new() }
    }

    fn book() -> Rulebook {
        let optional = entry("mfa/optional", "Multi-factor authentication is optional");
        let sms = entry("mfa/sms_only", "SMS is the only second factor");
        let short =
            entry("password/too_short", "A minimum password length that is much too short for anything");
        Rulebook {
            rules: vec![
                Entry { severity: Some(Severity::Low), ..optional },
                Entry { standing: Standing::Disabled, ..sms },
                short,
            ],
            profiles: Vec::new(),
        }
    }

    fn written(
        width: usize,
        color: bool,
        write: impl FnOnce(&Style, &mut dyn io::Write) -> io::Result<()>,
    ) -> String {
        let mut text = Vec::new();
        write(&Style { color, links: false, width, include_waived: false }, &mut text)
            .expect("writing to memory");
        String::from_utf8(text).expect("UTF-8")
    }

    #[test]
    fn a_table_of_rules_keeps_to_80_columns() {
        let table = written(80, false, |style, out| RulebookFormat::Table.write(&book(), style, out));
        insta::assert_snapshot!(table, @r"
        rule                severity        title
        mfa/optional        low (was high)  Multi-factor authentication is optional
        mfa/sms_only        disabled        SMS is the only second factor
        password/too_short  high            A minimum password length that is much too
                                            short for anything

        3 rules of the pack builtin, 1 of them disabled; `audit explain RULE` tells what
          one means and how to fix it
        ");
    }

    #[test]
    fn the_pack_of_all_rules_takes_no_room_from_titles() {
        let has_pack = |width| {
            let table = written(width, false, |style, out| RulebookFormat::Table.write(&book(), style, out));
            // At any width, every title is there.
            let words = table.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains("much too short for anything") && !table.contains('…'), "{table}");
            table.lines().next().is_some_and(|titles| titles.ends_with("pack"))
        };
        assert_eq!([60, 80, 105, 106, 200].map(has_pack), [false, false, false, true, true]);
    }

    #[test]
    fn an_explanation_keeps_to_its_width() {
        let mut rule = entry("password/too_short", "Minimum password length is too short");
        rule.severity = Some(Severity::Critical);
        rule.parameters = vec![Parameter { name: "password.min_length".to_owned(), value: 14.into() }];
        let told = written(60, false, |style, out| ExplanationFormat::Human.write(&rule, style, out));
        insta::assert_snapshot!(told, @r#"
        password/too_short  critical (by audit.toml; high by itself)
        Minimum password length is too short

        why it matters
          Why it matters, at some length, so that it has to be
          broken into lines.
          And more.

        how to fix it
          Run `aws cognito-idp set-user-pool-mfa-config` and see.

        thresholds
          password.min_length = 14

        standards
          CWE-308

        read on
          https://docs.aws.example/a-page

        tags
          mfa

        comes from
          the built-in pack, policies/password/too_short.rego

        in audit.toml
          [[waiver]]  # accept findings until a day
          rule = "password/too_short"
          target = "APP/ENVIRONMENT/RESOURCE"  # parts at the end may be left out
          reason = "…"
          expires = YYYY-MM-DD  # the last day it holds

          [policies]
          disable = ["password/too_short"]  # not judged at all
          [policies.severity]
          "password/too_short" = "low"  # another severity
        "#);
    }

    #[test]
    fn what_an_explanation_refers_to_is_a_link_where_the_terminal_opens_links() {
        let told = |links| {
            let mut text = Vec::new();
            let style = Style { color: true, links, width: 60, include_waived: false };
            let mut rule = entry("mfa/off", "Multi-factor authentication is off");
            let hostile = format!("https://a.example/{HOSTILE}");
            let links =
                vec!["https://docs.aws.example/a-page".to_owned(), hostile, "http://a.example".to_owned()];
            rule.rule = Arc::new(Rule { links, ..(*rule.rule).clone() });
            ExplanationFormat::Human.write(&rule, &style, &mut text).expect("writing to memory");
            String::from_utf8(text).expect("UTF-8")
        };
        let (linked, plain) = (told(true), told(false));
        for link in [
            "\u{1b}]8;;https://cwe.mitre.org/data/definitions/308.html\u{1b}\\CWE-308\u{1b}]8;;\u{1b}\\\n",
            "  \u{1b}]8;;https://docs.aws.example/a-page\u{1b}\\https://docs.aws.example/a-page\u{1b}]8;;\u{1b}\\\n",
            "\n  http://a.example\n",
        ] {
            assert!(linked.contains(link), "no {link:?} in {linked:?}");
        }
        assert!(!plain.contains("\u{1b}]8;"), "{plain:?}");
        // Each link is closed in its line, and without them the same is said.
        let mut without = String::new();
        for line in linked.lines() {
            let parts: Vec<&str> = line.split("\u{1b}]8;;").collect();
            assert!(parts.len() == 1 || parts.len() == 3, "{line:?}");
            let said = parts.iter().enumerate().map(|(index, part)| match index {
                0 => *part,
                _ => part.split_once("\u{1b}\\").expect("the end of an address").1,
            });
            without.extend(said.chain(["\n"]));
        }
        assert_eq!(without, plain);
    }

    #[test]
    fn colours_change_no_column() {
        for width in [40, 80, 120] {
            let plain = written(width, false, |style, out| RulebookFormat::Table.write(&book(), style, out));
            let painted = written(width, true, |style, out| RulebookFormat::Table.write(&book(), style, out));
            let widths =
                |text: &str| text.lines().map(|line| display_width(line.trim_end())).collect::<Vec<_>>();
            assert!(painted.contains('\u{1b}'));
            assert_eq!(plain.lines().count(), painted.lines().count());
            assert!(widths(&plain).iter().all(|line| *line <= width), "{plain}");
        }
    }

    #[test]
    fn nothing_of_a_rule_steers_a_terminal() {
        let mut rule = entry(HOSTILE, HOSTILE);
        let text = Rule {
            pack: HOSTILE.into(),
            description: HOSTILE.to_owned(),
            remediation: HOSTILE.to_owned(),
            references: vec![HOSTILE.to_owned()],
            links: vec![HOSTILE.to_owned()],
            tags: vec![HOSTILE.to_owned()],
            ..(*rule.rule).clone()
        };
        rule.rule = Arc::new(text);
        for format in [ExplanationFormat::Human, ExplanationFormat::Json, ExplanationFormat::Markdown] {
            let told = written(80, false, |style, out| format.write(&rule, style, out));
            assert!(!told.contains(|c| is_unprintable(c) && c != '\n'), "{told:?}");
            assert!(
                !told.lines().any(|line| line.trim_start().starts_with("::")) && !told.contains("##["),
                "{told:?}"
            );
        }
        let book = Rulebook { rules: vec![rule], profiles: Vec::new() };
        for format in [RulebookFormat::Table, RulebookFormat::Json, RulebookFormat::Markdown] {
            let told = written(80, false, |style, out| format.write(&book, style, out));
            assert!(!told.contains(|c| is_unprintable(c) && c != '\n'), "{told:?}");
            assert!(
                !told.lines().any(|line| line.trim_start().starts_with("::")) && !told.contains("##["),
                "{told:?}"
            );
        }
    }
}
