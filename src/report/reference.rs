//! References of rules to standards, parsed: `OWASP ASVS 5.0 6.3.3` is a standard, a version and a clause.
//!
//! A pack may write whatever it likes there. What is written as in the table of this file can be linked and
//! counted by standard; everything else stays text. What is parsed consists of letters, digits, dots,
//! hyphens, parentheses and `§`, so that no format has to escape it.

use std::borrow::Cow;

/// A clause of a standard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference<'t> {
    /// The standard.
    pub(crate) standard: Standard<'t>,
    /// The clause as the standard names it: `6.3.3`, `§2.2.1`, `Cognito.5`, `308`.
    pub(crate) clause: &'t str,
    /// The page of the clause; where it has none of its own that will stay, that of the standard.
    pub(crate) uri: String,
}

/// A standard of one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standard<'t> {
    /// Its short name: `OWASP ASVS`, `RFC 9700`.
    pub(crate) name: Cow<'static, str>,
    /// Its version or edition, where the reference has one.
    pub(crate) version: Option<&'t str>,
    /// What the name stands for.
    pub(crate) title: &'static str,
    /// Who publishes it.
    pub(crate) organization: &'static str,
    /// Its page.
    pub(crate) uri: String,
}

impl<'t> Reference<'t> {
    /// `None` for text that names no known standard, or a standard without a clause.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        KNOWN.iter().find_map(|known| known.parse(text.trim()))
    }

    /// The number of a weakness.
    pub(crate) fn cwe(&self) -> Option<&'t str> {
        (self.standard.name == CWE).then_some(self.clause)
    }
}

const CWE: &str = "CWE";

/// How references to a standard are written, `PREFIX[VERSION ]CLAUSE`, and what it is.
struct Known {
    prefix: &'static str,
    version: Version,
    clause: fn(&str) -> bool,
    title: &'static str,
    organization: &'static str,
    /// Of a version.
    uri: fn(&str) -> String,
    /// Of a version and a clause, where clauses have pages that stay.
    clause_uri: Option<fn(&str, &str) -> String>,
}

/// What stands between the prefix and the clause.
enum Version {
    /// Nothing.
    No,
    /// The version of the standard.
    Own(fn(&str) -> bool),
    /// The number of a publication, which is a part of the standard's name.
    Number(fn(&str) -> bool),
}

static KNOWN: [Known; 11] = [
    Known {
        prefix: "AWS FSBP ",
        version: Version::No,
        clause: is_control,
        title: "AWS Foundational Security Best Practices standard of Security Hub",
        organization: "AWS",
        uri: |_| format!("{SECURITY_HUB}/fsbp-standard.html"),
        clause_uri: Some(|_, control| {
            let control = control.to_ascii_lowercase();
            let service = control.split('.').next().unwrap_or_default();
            format!("{SECURITY_HUB}/{service}-controls.html#{}", control.replace('.', "-"))
        }),
    },
    Known {
        prefix: "CWE-",
        version: Version::No,
        clause: is_number,
        title: "Common Weakness Enumeration",
        organization: "MITRE",
        uri: |_| "https://cwe.mitre.org/".to_owned(),
        clause_uri: Some(|_, number| format!("https://cwe.mitre.org/data/definitions/{number}.html")),
    },
    Known {
        prefix: "GDPR ",
        version: Version::No,
        clause: is_article,
        title: "General Data Protection Regulation, Regulation (EU) 2016/679",
        organization: "European Union",
        uri: |_| "https://eur-lex.europa.eu/eli/reg/2016/679/oj".to_owned(),
        clause_uri: None,
    },
    Known {
        prefix: "ISO/IEC 27001:",
        version: Version::Own(is_dotted),
        clause: is_dotted,
        title: "Information security management systems",
        organization: "ISO/IEC",
        uri: |_| "https://www.iso.org/standard/27001".to_owned(),
        clause_uri: None,
    },
    Known {
        prefix: "NIST SP ",
        version: Version::Number(is_publication),
        clause: is_section,
        title: "NIST Special Publication",
        organization: "NIST",
        uri: |publication| format!("https://doi.org/10.6028/NIST.SP.{publication}"),
        clause_uri: None,
    },
    Known {
        prefix: "OWASP API Security Top 10 ",
        version: Version::Own(is_dotted),
        clause: is_dotted,
        title: "OWASP Top 10 API Security Risks",
        organization: "OWASP",
        uri: |_| "https://owasp.org/API-Security/".to_owned(),
        clause_uri: None,
    },
    Known {
        prefix: "OWASP ASVS ",
        version: Version::Own(is_dotted),
        clause: is_dotted,
        title: "OWASP Application Security Verification Standard",
        organization: "OWASP",
        uri: |_| "https://owasp.org/www-project-application-security-verification-standard/".to_owned(),
        clause_uri: None,
    },
    Known {
        prefix: "OWASP Top 10 ",
        version: Version::Own(is_dotted),
        clause: is_dotted,
        title: "OWASP Top 10 Web Application Security Risks",
        organization: "OWASP",
        uri: |_| "https://owasp.org/www-project-top-ten/".to_owned(),
        clause_uri: None,
    },
    Known {
        prefix: "OpenID Connect Core ",
        version: Version::Own(is_dotted),
        clause: is_section,
        title: "OpenID Connect Core",
        organization: "OpenID Foundation",
        uri: |_| OPENID_CONNECT.to_owned(),
        clause_uri: Some(|_, section| {
            format!("{OPENID_CONNECT}#rfc.section.{}", section.trim_start_matches('§'))
        }),
    },
    Known {
        prefix: "PCI DSS ",
        version: Version::Own(is_dotted),
        clause: is_dotted,
        title: "Payment Card Industry Data Security Standard",
        organization: "PCI Security Standards Council",
        uri: |_| "https://www.pcisecuritystandards.org/document_library/".to_owned(),
        clause_uri: None,
    },
    Known {
        prefix: "RFC ",
        version: Version::Number(is_number),
        clause: is_section,
        title: "IETF Request for Comments",
        organization: "IETF",
        uri: |number| format!("https://www.rfc-editor.org/rfc/rfc{number}"),
        clause_uri: Some(|number, section| {
            let section = section.trim_start_matches('§');
            format!("https://www.rfc-editor.org/rfc/rfc{number}#section-{section}")
        }),
    },
];

const SECURITY_HUB: &str = "https://docs.aws.amazon.com/securityhub/latest/userguide";
const OPENID_CONNECT: &str = "https://openid.net/specs/openid-connect-core-1_0.html";

impl Known {
    fn parse<'t>(&self, text: &'t str) -> Option<Reference<'t>> {
        let rest = text.strip_prefix(self.prefix)?;
        let name = self.prefix.trim_end_matches([' ', '-', ':']);
        let (name, version, number, clause) = match self.version {
            Version::No => (name.into(), None, "", rest),
            Version::Own(is_version) => {
                let (version, clause) = rest.split_once(' ').filter(|(version, _)| is_version(version))?;
                (name.into(), Some(version), version, clause)
            }
            Version::Number(is_number) => {
                let (number, clause) = rest.split_once(' ').filter(|(number, _)| is_number(number))?;
                (format!("{name} {number}").into(), None, number, clause)
            }
        };
        (self.clause)(clause).then(|| Reference {
            standard: Standard {
                name,
                version,
                title: self.title,
                organization: self.organization,
                uri: (self.uri)(number),
            },
            clause,
            uri: self.clause_uri.map_or_else(|| (self.uri)(number), |uri| uri(number, clause)),
        })
    }
}

fn is_number(text: &str) -> bool {
    (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}

/// `5.0`, `A.8.31`, `API4`: words and numbers between dots.
fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        && text.contains(|c: char| c.is_ascii_digit())
}

/// `Cognito.5`.
fn is_control(text: &str) -> bool {
    is_dotted(text) && text.split_once('.').is_some_and(|(_, number)| is_number(number))
}

/// `§2.1.2`.
fn is_section(text: &str) -> bool {
    text.strip_prefix('§').is_some_and(is_dotted)
}

/// `Article 5(1)(c)`.
fn is_article(text: &str) -> bool {
    text.strip_prefix("Article ").is_some_and(|article| {
        article.starts_with(|c: char| c.is_ascii_digit())
            && article.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'(' | b')'))
    })
}

/// `800-63B-4`.
fn is_publication(text: &str) -> bool {
    text.split('-').all(is_dotted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references_are_a_standard_its_version_and_a_clause() {
        for (text, name, version, clause, uri) in [
            (
                "AWS FSBP Cognito.5",
                "AWS FSBP",
                None,
                "Cognito.5",
                "https://docs.aws.amazon.com/securityhub/latest/userguide/cognito-controls.html#cognito-5",
            ),
            (" CWE-308 ", "CWE", None, "308", "https://cwe.mitre.org/data/definitions/308.html"),
            (
                "GDPR Article 5(1)(c)",
                "GDPR",
                None,
                "Article 5(1)(c)",
                "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
            ),
            (
                "ISO/IEC 27001:2022 A.8.31",
                "ISO/IEC 27001",
                Some("2022"),
                "A.8.31",
                "https://www.iso.org/standard/27001",
            ),
            (
                "NIST SP 800-63B-4 §2.2.1",
                "NIST SP 800-63B-4",
                None,
                "§2.2.1",
                "https://doi.org/10.6028/NIST.SP.800-63B-4",
            ),
            (
                "OWASP API Security Top 10 2023 API4",
                "OWASP API Security Top 10",
                Some("2023"),
                "API4",
                "https://owasp.org/API-Security/",
            ),
            (
                "OWASP ASVS 5.0 6.3.3",
                "OWASP ASVS",
                Some("5.0"),
                "6.3.3",
                "https://owasp.org/www-project-application-security-verification-standard/",
            ),
            (
                "OpenID Connect Core 1.0 §3.1.2.1",
                "OpenID Connect Core",
                Some("1.0"),
                "§3.1.2.1",
                "https://openid.net/specs/openid-connect-core-1_0.html#rfc.section.3.1.2.1",
            ),
            (
                "PCI DSS 4.0.1 8.3.6",
                "PCI DSS",
                Some("4.0.1"),
                "8.3.6",
                "https://www.pcisecuritystandards.org/document_library/",
            ),
            (
                "RFC 9700 §2.1.2",
                "RFC 9700",
                None,
                "§2.1.2",
                "https://www.rfc-editor.org/rfc/rfc9700#section-2.1.2",
            ),
        ] {
            let reference = Reference::parse(text).expect(text);
            assert_eq!(
                (&*reference.standard.name, reference.standard.version, reference.clause, &*reference.uri),
                (name, version, clause, uri)
            );
        }
    }

    #[test]
    fn what_names_no_clause_of_a_known_standard_stays_text() {
        for text in [
            "",
            "CWE-",
            "CWE-079",
            "CWE-308 and more",
            "RFC 9700",
            "RFC 9700 2.1",
            "OWASP ASVS 6.3.3",
            "OWASP ASVS 5.0 6..3",
            "NIST SP 800-63B-4",
            "NIST SP  §1",
            "PCI DSS",
            "Checkov CKV_AWS_366",
            "our handbook, page 3",
            "AWS FSBP Cognito.5\n",
        ] {
            // A line break at the end is no part of the reference.
            let expected = text.ends_with('\n');
            assert_eq!(Reference::parse(text).is_some(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_parsed_needs_no_escape(
            known in proptest::sample::select((0..KNOWN.len()).collect::<Vec<_>>()),
            rest in "([0-9A-Z.§-]{1,6}|.) ?([0-9A-Za-z.§() -]{0,8}|.{0,3})",
        ) {
            let text = format!("{}{rest}", KNOWN[known].prefix);
            if let Some(reference) = Reference::parse(&text) {
                let harmless = |c: char| c.is_ascii_alphanumeric() || " .-()§".contains(c);
                prop_assert!(reference.clause.chars().all(harmless), "{reference:?}");
                prop_assert!(reference.standard.version.is_none_or(|version| version.chars().all(harmless)));
                for uri in [&reference.uri, &reference.standard.uri] {
                    prop_assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/.-_#".contains(&byte)));
                }
            }
        }
    }
}
