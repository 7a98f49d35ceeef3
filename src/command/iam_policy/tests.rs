use std::path::Path;

use super::*;
use crate::config::{Draft, Packs};
use crate::location::Repository;
use crate::policy::Library;

const EXPLICIT: &str = r#"
[[source]]
kind = "amplify"
regions = ["eu-west-1"]
[[source.target]]
app = "d2"
environment = "prod"
resource = "auth"
[[source.target]]
app = "d1"
environment = "prod"
resource = "auth"
[[source.target]]
app = "d1"
environment = "dev"
"#;

const FLEET: &str = r#"
[[source]]
kind = "amplify"
regions = ["eu-west-1", "eu-central-1"]
accounts = ["111122223333", "444455556666"]
role-arn = "arn:aws:iam::{account}:role/auditor"
external-id = "shared-id"
"#;

const OTHER: &str = r#"
[[source]]
kind = "amplify"
regions = ["us-east-1"]
role-arn = "arn:aws:iam::777788889999:role/other"
[[source.target]]
app = "d9"
environment = "prod"
resource = "auth"
"#;

fn args() -> IamPolicyArgs {
    IamPolicyArgs { config: None, account: None, caller: false, trust: None, trust_github: None }
}

fn caller() -> IamPolicyArgs {
    IamPolicyArgs { caller: true, ..args() }
}

fn trust(arn: &str) -> IamPolicyArgs {
    IamPolicyArgs { trust: Some(arn.to_owned()), ..args() }
}

fn github(repository: &str) -> IamPolicyArgs {
    IamPolicyArgs { trust_github: Some(repository.to_owned()), ..args() }
}

fn of(account: &str, args: IamPolicyArgs) -> IamPolicyArgs {
    IamPolicyArgs { account: Some(account.to_owned()), ..args }
}

/// Notes and document, or what is wrong.
fn printed(config: &str, args: &IamPolicyArgs) -> String {
    let repository = Repository::containing(Path::new("/repository"));
    let catalogue = Library::read(&Packs::embedded(), &repository).catalogue();
    let config = Draft::read(config, Path::new("/repository/audit.toml"), &repository)
        .validate(&catalogue)
        .expect("a configuration");
    match print(&config.sources, args) {
        Ok(Printed { document, notes }) => {
            let notes: String = notes.into_iter().map(|note| note + "\n").collect();
            format!("{notes}{document:#}")
        }
        Err(CommandError::Usage { message, help }) => {
            format!("error: {message}\nhelp: {}", help.unwrap_or_default())
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn named_targets_need_their_apps_only() {
    insta::assert_snapshot!(printed(EXPLICIT, &args()), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "ReadAuthSettings",
          "Effect": "Allow",
          "Action": [
            "amplifybackend:GetBackendAuth"
          ],
          "Resource": [
            "arn:aws:amplifybackend:eu-west-1:*:/backend/d1/*",
            "arn:aws:amplifybackend:eu-west-1:*:/backend/d2/*"
          ]
        },
        {
          "Sid": "FindAuthResources",
          "Effect": "Allow",
          "Action": [
            "amplifybackend:GetBackend"
          ],
          "Resource": [
            "arn:aws:amplifybackend:eu-west-1:*:/backend/d1/*"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn discovery_needs_the_regions() {
    insta::assert_snapshot!(printed(FLEET, &of("444455556666", args())), @r#"
    this is for the roles that the configuration assumes; --caller prints what their caller needs, --trust whom they must trust
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "ReadAuthSettings",
          "Effect": "Allow",
          "Action": [
            "amplifybackend:GetBackend",
            "amplifybackend:GetBackendAuth"
          ],
          "Resource": [
            "arn:aws:amplifybackend:eu-central-1:444455556666:/backend/*",
            "arn:aws:amplifybackend:eu-west-1:444455556666:/backend/*"
          ]
        },
        {
          "Sid": "ListEnvironments",
          "Effect": "Allow",
          "Action": [
            "amplify:ListBackendEnvironments",
            "amplify:ListBranches"
          ],
          "Resource": [
            "arn:aws:amplify:eu-central-1:444455556666:apps/*",
            "arn:aws:amplify:eu-west-1:444455556666:apps/*"
          ]
        },
        {
          "Sid": "ListApps",
          "Effect": "Allow",
          "Action": [
            "amplify:ListApps"
          ],
          "Resource": [
            "*"
          ],
          "Condition": {
            "StringEquals": {
              "aws:RequestedRegion": [
                "eu-central-1",
                "eu-west-1"
              ]
            }
          }
        }
      ]
    }
    "#);
}

#[test]
fn accounts_with_the_same_needs_share_a_document() {
    let document = printed(FLEET, &args());
    assert!(document.contains("\"arn:aws:amplifybackend:eu-west-1:*:/backend/*\""), "{document}");
    assert!(!document.contains("different"), "{document}");
}

#[test]
fn accounts_with_different_needs_get_all_of_them_and_are_told() {
    insta::assert_snapshot!(printed(&[FLEET, EXPLICIT, OTHER].concat(), &args()), @r#"
    this is for the roles that the configuration assumes; --caller prints what their caller needs, --trust whom they must trust
    the accounts need different things, and this allows all of them; --account prints what one needs
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "ReadAuthSettings",
          "Effect": "Allow",
          "Action": [
            "amplifybackend:GetBackendAuth"
          ],
          "Resource": [
            "arn:aws:amplifybackend:eu-central-1:*:/backend/*",
            "arn:aws:amplifybackend:eu-west-1:*:/backend/*",
            "arn:aws:amplifybackend:us-east-1:*:/backend/d9/*"
          ]
        },
        {
          "Sid": "FindAuthResources",
          "Effect": "Allow",
          "Action": [
            "amplifybackend:GetBackend"
          ],
          "Resource": [
            "arn:aws:amplifybackend:eu-central-1:*:/backend/*",
            "arn:aws:amplifybackend:eu-west-1:*:/backend/*"
          ]
        },
        {
          "Sid": "ListEnvironments",
          "Effect": "Allow",
          "Action": [
            "amplify:ListBackendEnvironments",
            "amplify:ListBranches"
          ],
          "Resource": [
            "arn:aws:amplify:eu-central-1:*:apps/*",
            "arn:aws:amplify:eu-west-1:*:apps/*"
          ]
        },
        {
          "Sid": "ListApps",
          "Effect": "Allow",
          "Action": [
            "amplify:ListApps"
          ],
          "Resource": [
            "*"
          ],
          "Condition": {
            "StringEquals": {
              "aws:RequestedRegion": [
                "eu-central-1",
                "eu-west-1"
              ]
            }
          }
        }
      ]
    }
    "#);
    let one = printed(&[FLEET, EXPLICIT, OTHER].concat(), &of("777788889999", args()));
    assert!(one.contains("arn:aws:amplifybackend:us-east-1:777788889999:/backend/d9/*"), "{one}");
    assert!(!one.contains("eu-west-1") && !one.contains("different"), "{one}");
    let untold = printed(&[FLEET, EXPLICIT].concat(), &of("777788889999", args()));
    assert!(untold.contains("777788889999:/backend/d1/*") && !untold.contains("ListApps"), "{untold}");
}

#[test]
fn an_app_that_discovery_reaches_is_not_named_again() {
    let ambient = "[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n";
    let both = printed(&[ambient, EXPLICIT].concat(), &args());
    assert_eq!(both, printed(ambient, &args()));
}

#[test]
fn the_partition_is_the_role_s_or_the_region_s() {
    for (region, expected) in
        [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")]
    {
        let ambient = format!("[[source]]\nkind = \"amplify\"\nregions = [\"{region}\"]\n");
        let document = printed(&ambient, &args());
        assert!(document.contains(&format!("arn:{expected}:amplify:{region}:*:apps/*")), "{document}");
    }
    let role = FLEET.replace("arn:aws:", "arn:aws-us-gov:");
    assert!(printed(&role, &args()).contains("arn:aws-us-gov:amplifybackend:eu-west-1"));
}

#[test]
fn the_caller_may_assume_exactly_the_roles() {
    insta::assert_snapshot!(printed(&[OTHER, FLEET].concat(), &caller()), @r#"
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "AssumeAuditors",
          "Effect": "Allow",
          "Action": [
            "sts:AssumeRole"
          ],
          "Resource": [
            "arn:aws:iam::111122223333:role/auditor",
            "arn:aws:iam::444455556666:role/auditor",
            "arn:aws:iam::777788889999:role/other"
          ]
        }
      ]
    }
    "#);
}

#[test]
fn the_roles_trust_a_principal_with_their_external_id() {
    insta::assert_snapshot!(printed(FLEET, &trust("arn:aws:iam::999900001111:role/ci")), @r#"
    this is the trust policy of arn:aws:iam::111122223333:role/auditor, arn:aws:iam::444455556666:role/auditor
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::999900001111:role/ci"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "sts:ExternalId": "shared-id"
            }
          }
        }
      ]
    }
    "#);
    insta::assert_snapshot!(printed(OTHER, &trust("arn:aws:iam::999900001111:root")), @r#"
    this is the trust policy of arn:aws:iam::777788889999:role/other
    without an `external-id` in the configuration, none is asked for
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::999900001111:root"
          },
          "Action": "sts:AssumeRole"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(printed(&[OTHER, FLEET].concat(), &trust("arn:aws:iam::999900001111:root")), @"
    error: the roles are assumed with different external ids
    help: --account prints the document of one account
    ");
    let one = printed(&[OTHER, FLEET].concat(), &of("111122223333", trust("arn:aws:iam::999900001111:root")));
    assert!(one.contains("\"sts:ExternalId\": \"shared-id\""), "{one}");
}

#[test]
fn github_is_trusted_for_a_branch_or_a_whole_repository() {
    insta::assert_snapshot!(printed(OTHER, &github("octo-org/octo.repo:main")), @r#"
    this is the trust policy of a role in account 777788889999; arn:aws:iam::777788889999:oidc-provider/token.actions.githubusercontent.com must be there
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {
            "Federated": "arn:aws:iam::777788889999:oidc-provider/token.actions.githubusercontent.com"
          },
          "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": {
            "StringEquals": {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": "repo:octo-org/octo.repo:ref:refs/heads/main"
            }
          }
        }
      ]
    }
    "#);
    insta::assert_snapshot!(printed(FLEET, &of("999900001111", github("octo-org/octo.repo"))), @r#"
    this is the trust policy of a role in account 999900001111; arn:aws:iam::999900001111:oidc-provider/token.actions.githubusercontent.com must be there
    wide: every branch, tag, pull request and environment of octo-org/octo.repo may assume the role; octo-org/octo.repo:main would be its main branch alone
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {
            "Federated": "arn:aws:iam::999900001111:oidc-provider/token.actions.githubusercontent.com"
          },
          "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": {
            "StringEquals": {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com"
            },
            "StringLike": {
              "token.actions.githubusercontent.com:sub": "repo:octo-org/octo.repo:*"
            }
          }
        }
      ]
    }
    "#);
    insta::assert_snapshot!(printed(FLEET, &github("octo-org/octo.repo")), @"
    error: the trust policy names GitHub's provider in the role's account
    help: say which account with --account; the configuration names 111122223333, 444455556666
    ");
    insta::assert_snapshot!(printed(EXPLICIT, &github("octo-org/octo.repo")), @"
    error: the trust policy names GitHub's provider in the role's account
    help: say which account with --account; the configuration names none
    ");
    let tag = printed(OTHER, &github("o/r:refs/tags/v1"));
    assert!(tag.contains("\"repo:o/r:ref:refs/tags/v1\""), "{tag}");
}

#[test]
fn what_would_mean_more_than_itself_is_refused() {
    let wide = [
        "*",
        "o",
        "o/",
        "/r",
        "o/r/x",
        "o/*",
        "o*/r",
        "o/r:",
        "o/r:*",
        "o/r:ma?n",
        "o/r:${x}",
        "o/r:a b",
        "o/r:a//b",
        "o/r:../a",
        "o/r:refs/pull/1/merge",
        "o/r:a:b",
        "-o/r",
        "o/..",
        "o/r:x.lock",
        "o/r.git",
        "o/r.git:main",
        "o/r:HEAD",
        "o/r:refs/heads/HEAD",
        "ö/r",
        "o/r\n",
    ];
    for repository in wide {
        let answer = printed(OTHER, &github(repository));
        assert!(answer.starts_with("error: --trust-github"), "{repository}: {answer}");
    }
    let wide = [
        "*",
        "arn:aws:iam::*:root",
        "arn:aws:iam::999900001111:role/*",
        "arn:aws:iam::999900001111:role/",
        "arn:aws:iam::999900001111:group/g",
        "arn:aws:sts::999900001111:root",
        "arn:aws:iam::99990000111:root",
        "arn:other:iam::999900001111:root",
        "999900001111",
    ];
    for principal in wide {
        let answer = printed(FLEET, &trust(principal));
        assert!(answer.starts_with("error: "), "{principal}: {answer}");
    }
    for (config, options) in [
        (EXPLICIT.replace("\"d2\"", "\"d*\""), args()),
        (OTHER.replace("role/other", "role/*"), caller()),
        (FLEET.replace("shared-id", "${aws:userid}"), trust("arn:aws:iam::999900001111:root")),
    ] {
        let answer = printed(&config, &options);
        assert!(answer.contains("cannot stand in a policy"), "{answer}");
    }
}

#[test]
fn what_the_configuration_does_not_need_is_an_error() {
    let recordings = "[[source]]\nkind = \"recordings\"\npaths = [\"a.json\"]\n";
    let answers = [
        printed(recordings, &args()),
        printed(EXPLICIT, &caller()),
        printed(EXPLICIT, &trust("arn:aws:iam::999900001111:root")),
        printed(FLEET, &of("123", args())),
        printed(FLEET, &of("123412341234", args())),
    ];
    insta::assert_snapshot!(answers.join("\n"), @"
    error: this configuration reads recordings only: it needs nothing of AWS
    help: 
    error: this configuration assumes no role
    help: give its sources a `role-arn`, or leave --caller and --trust out
    error: this configuration assumes no role
    help: give its sources a `role-arn`, or leave --caller and --trust out
    error: `123` is not an account
    help: an account is a number of twelve digits
    error: this configuration has no source in account 123412341234
    help: it has sources in 111122223333, 444455556666
    ");
}

#[test]
fn a_policy_that_iam_would_not_take_is_told() {
    let target = |app| {
        format!("[[source.target]]\napp = \"dapp{app}\"\nenvironment = \"prod\"\nresource = \"auth\"\n")
    };
    let config: String = [EXPLICIT.to_owned()].into_iter().chain((0..150).map(target)).collect();
    assert!(printed(&config, &args()).starts_with("this policy has "));
}
