//! What `--help` says besides options: exit codes and examples.

pub(super) const RUN: &str = "\
Exit codes:
  0    everything was audited, and no open finding is at or above the threshold
  1    at least one open finding is at or above the threshold
  2    wrong usage, a configuration or policy that cannot be used, or a report
       that cannot be written
  3    incomplete: something could not be audited, or there was no target;
       outranks 1
  130  interrupted: what was finished is reported, the rest is unaudited

Examples:
  audit                               with ./audit.toml, or one further up
  audit --config examples/audit.toml  with this configuration
  audit --output sarif=audit.sarif    a file for code scanning as well
  audit --fail-on medium --target '*/prod'
  audit --shard 1/4 --output json=shard-1.json  one of four jobs
  audit --previous last.json --output json=last.json
                                      keep what was known of lost targets
  audit explain mfa/off               what a rule means, and how to fix it
  audit init --discover               a first audit.toml, from what there is";

pub(super) const CHECK: &str = "\
Exit codes:
  0  the configuration and its policies can be used
  2  they cannot, or wrong usage
  3  a run could find nothing: no rule is enabled, or the baseline is empty

Examples:
  audit check                         before a commit, say
  audit check --config ci/audit.toml";

pub(super) const INIT: &str = "\
Examples:
  audit init                               a commented audit.toml, to be filled in
  audit init --discover                    one for what the credentials can see
  audit init --discover --region eu-west-1 --profile audit
  audit init --config ci/audit.toml --force";

pub(super) const IAM_POLICY: &str = "\
Examples:
  audit iam-policy > policy.json           for the credentials that read
  audit iam-policy --account 111122223333  for one of several accounts
  audit iam-policy --caller                for those that assume the roles
  audit iam-policy --trust arn:aws:iam::444455556666:role/ci
  audit iam-policy --trust-github example/shop:main";

pub(super) const TARGETS: &str = "\
Exit codes:
  0    every target is listed
  2    wrong usage, or a configuration that cannot be used
  3    incomplete: something could not be read, or there is no target
  130  interrupted

Examples:
  audit targets
  audit targets --target '*/prod'
  audit targets --format json | jq -r '.targets[].id'";

pub(super) const RULES: &str = "\
Examples:
  audit rules
  audit rules --format json | jq -r '.rules[].id'";

pub(super) const EXPLAIN: &str = "\
Examples:
  audit explain mfa/off
  audit explain drift/baseline";

pub(super) const SCHEMA: &str = "\
Examples:
  audit schema config > audit.schema.json
  audit schema report";

pub(super) const MERGE: &str = "\
Exit codes:
  those of the run, of all shards together; 2 where one is missing or unreadable

Examples:
  audit merge shard-*.json --output sarif=audit.sarif
  audit merge report.json --format human   the same report in another format";

pub(super) const COMPLETIONS: &str = "\
Examples:
  audit completions bash > ~/.local/share/bash-completion/completions/audit
  audit completions zsh > ~/.zfunc/_audit    with ~/.zfunc in $fpath
  audit completions fish > ~/.config/fish/completions/audit.fish";

pub(super) const MAN: &str = "\
Examples:
  audit man | man -l -
  audit man snapshot | man -l -
  audit man --folder /usr/local/share/man/man1";

pub(super) const SNAPSHOT: &str = "\
Exit codes:
  0    the baseline is written; with --check: it is as it would be written
  1    with --check: it differs, or files have no target any more
  2    wrong usage, or a file that cannot be written
  3    incomplete: something could not be read; the rest is written
  130  interrupted: nothing is written

Examples:
  audit snapshot                       agree to what is there
  audit snapshot --target d1a2b3/prod  to one environment alone
  audit snapshot --check               in CI: is the baseline up to date?";

pub(super) const WAIVE: &str = "\
Exit codes:
  0  the waiver was appended
  2  wrong usage, a configuration that cannot be used or written, or one that has
     this waiver already (nothing was changed)

Examples:
  audit waive oauth/loopback_redirect 'd9z8y7x6w5v4u3/dev/*' \\
    --reason 'developers sign in from localhost' --owner shop-team --until 2027-03-31
  audit waive oauth/admin_scope d1a2b3c4d5e6f7/prod --until 2027-03-31 \\
    --path '/ResourceConfig/**/OAuthScopes' --reason 'the profile page needs it'";

pub(super) const DIFF: &str = "\
Exit codes:
  0    equal
  1    different
  2    wrong usage: no such target, file or folder, or a configuration that cannot
       be used (nothing was compared)
  3    incomplete: a target or file could not be read; the rest is compared
  130  interrupted

Examples:
  audit diff d1a2b3/prod d1a2b3/staging       two environments
  audit diff baseline d1a2b3/prod             what was agreed, and what is
  audit diff main/baseline branch/baseline    two checkouts
  audit diff <(git show HEAD~1:baseline/d1a2b3/prod/auth.json) d1a2b3/prod
  audit diff baseline d1a2b3/prod --ignore '/ResourceConfig/**/RedirectSign*URIs'";

pub(super) const TEST: &str = "\
Exit codes:
  0  every test passed, and the coverage is not below --threshold
  1  a test failed or could not be evaluated, or the coverage is below --threshold
  2  wrong usage, or policies that cannot be loaded (nothing was run)
  3  nothing was tested: there is no test, --run matches none, or all are skipped

Examples:
  audit test policies
  audit test policies --run 'mfa.*test_absent' -v
  audit test policies --threshold 100 --format junit > tests.xml";
