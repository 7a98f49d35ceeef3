//! What settings are compared with: the baseline, and `[[drift]]`.

use toml::Spanned;

use super::Validator;
use crate::config::raw::RawDrift;
use crate::config::{Baseline, Drift, Pattern, PointerGlob, TargetGlob};

impl Validator<'_> {
    pub(super) fn baseline(&mut self, given: &Spanned<String>) -> Option<Baseline> {
        let written = self.text(given, "baseline")?;
        let location = self.location(&given.span());
        Some(Baseline { path: self.folder.join(&written), written, location })
    }

    pub(super) fn drift(&mut self, raw: &Spanned<RawDrift>) -> Option<Drift> {
        let span = raw.span();
        let [expected, actual] = [("expected", &raw.get_ref().expected), ("actual", &raw.get_ref().actual)]
            .map(|(key, pattern)| match pattern {
                Some(pattern) => self.target_pattern(pattern),
                None => {
                    self.missing("[[drift]]", key, &span);
                    None
                }
            });
        let ignore: Vec<_> = raw.get_ref().ignore.iter().map(|pattern| self.pointer_glob(pattern)).collect();
        let ignore: Vec<PointerGlob> = ignore.into_iter().collect::<Option<_>>()?;
        if PointerGlob::cover_everything(&ignore) {
            let place = raw.get_ref().ignore.first().map_or(span.clone(), Spanned::span);
            self.problem(place, "`ignore` leaves nothing to compare").help(
                "name what may differ, for example /ResourceConfig/UserPoolConfigs/OAuth/RedirectSignInURIs",
            );
        }
        Some(Drift { expected: expected?, actual: actual?, ignore, location: self.location(&span) })
    }

    fn target_pattern(&mut self, written: &Spanned<String>) -> Option<Pattern<TargetGlob>> {
        let glob = self.target_glob(written)?;
        Some(Pattern { written: written.get_ref().clone(), glob, location: self.location(&written.span()) })
    }

    fn pointer_glob(&mut self, pattern: &Spanned<String>) -> Option<PointerGlob> {
        self.valid(PointerGlob::parse(pattern.get_ref()), pattern)
    }
}
