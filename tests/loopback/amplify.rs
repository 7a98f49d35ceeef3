//! Amplify: `GET /apps`, `GET /apps/{appId}/backendenvironments`, `GET /apps/{appId}/branches`.

use serde_json::{Value, json};

use super::call::Asked;
use super::fleet::{App, Backend, Branch, Environment};
use super::http::Head;
use super::script::Fault;
use super::{Manner, sigv4};

/// Seconds since 1970, as JSON of AWS has them: with a fraction.
const CREATED: f64 = 1_600_000_000.123;
const UPDATED: f64 = 1_700_000_000.0;

/// Operation, app, and what the query says.
pub(super) fn understand(head: &Head) -> Result<Asked, Fault> {
    let labels: Vec<_> = head.path.split('/').collect();
    let (operation, app) = match labels[..] {
        ["", "apps"] => ("ListApps", ""),
        ["", "apps", app, "backendenvironments"] => ("ListBackendEnvironments", app),
        ["", "apps", app, "branches"] => ("ListBranches", app),
        _ => return Err(head.unknown()),
    };
    if head.method != "GET" {
        return Err(head.unknown());
    }
    let mut asked = head.asked(operation);
    asked.call.app = head.label(app)?;
    for (name, value) in sigv4::pairs(&head.query) {
        asked.input.insert(name, value);
    }
    asked.call.environment = asked.input("environmentName").unwrap_or_default().to_owned();
    Ok(asked)
}

/// The answer, as far as there is a good one. `apps` are those that the call may see.
pub(super) fn answer(asked: &Asked, apps: &[App], manner: &Manner) -> Result<Value, Fault> {
    let app = || {
        apps.iter()
            .find(|app| app.id == asked.call.app)
            .ok_or_else(|| Fault::new(404, "NotFoundException", format!("App {} not found.", asked.call.app)))
    };
    match asked.call.operation {
        "ListApps" => page(asked, "apps", 100, manner, apps, app_answer),
        "ListBackendEnvironments" => {
            let app = app()?;
            let filter = &asked.call.environment;
            let environments: Vec<_> = app
                .environments
                .iter()
                .filter(|environment| filter.is_empty() || environment.name == *filter)
                .collect();
            page(asked, "backendEnvironments", 50, manner, &environments, |environment| {
                environment_answer(app, environment)
            })
        }
        "ListBranches" => {
            let app = app()?;
            page(asked, "branches", 50, manner, &app.branches, |branch| branch_answer(app, branch))
        }
        other => unreachable!("`{other}` is no operation of Amplify"),
    }
}

/// One page of all. A token is good only for the list that it was given for.
fn page<T>(
    asked: &Asked,
    name: &str,
    most: usize,
    manner: &Manner,
    all: &[T],
    answer: impl Fn(&T) -> Value,
) -> Result<Value, Fault> {
    let bad = |what: &str| Fault::new(400, "BadRequestException", what);
    let size = match asked.input("maxResults").map(str::parse) {
        None | Some(Ok(0)) => most,
        Some(Ok(wanted)) if wanted <= most => wanted,
        Some(_) => return Err(bad(&format!("maxResults must be a number of at most {most}"))),
    };
    let size = manner.most_per_page.map_or(size, |most| size.min(most)).max(1);
    let call = &asked.call;
    let list = [call.operation, &call.account, &call.region, &call.app, &call.environment].join("/");
    let list = sigv4::sha256(list.as_bytes());
    // As those of AWS, a token has signs that a query must encode.
    let token = |begin: usize| format!("{list}+/{begin}==");
    let begin = match asked.input("nextToken") {
        None => 0,
        Some(given) => {
            (1..=all.len()).find(|begin| token(*begin) == given).ok_or_else(|| bad("Invalid nextToken"))?
        }
    };
    let end = (begin + size).min(all.len());
    let items: Vec<_> = all[begin..end].iter().map(answer).collect();
    let mut page = json!({name: items});
    if end < all.len() {
        page["nextToken"] = json!(token(end));
    }
    Ok(page)
}

fn app_answer(app: &App) -> Value {
    json!({
        "appId": app.id,
        "appArn": app.arn(),
        "name": app.name,
        "tags": {},
        "description": "",
        "repository": format!("https://git.example.com/shop/{}", app.id),
        "platform": "WEB",
        "createTime": CREATED,
        "updateTime": UPDATED,
        "environmentVariables": {"_LIVE_UPDATES": "[]", "STRIPE_SECRET": "planted0EnvironmentVariable0planted"},
        "defaultDomain": format!("{}.amplifyapp.com", app.id),
        "customRules": [{"source": "/<*>", "target": "/index.html", "status": "404-200"}],
        "enableBranchAutoBuild": false,
        "enableBranchAutoDeletion": false,
        "enableBasicAuth": true,
        "basicAuthCredentials": "planted0BasicAuth0planted",
        "enableAutoBranchCreation": false,
        "repositoryCloneMethod": "TOKEN",
    })
}

fn environment_answer(app: &App, environment: &Environment) -> Value {
    let stack = format!("amplify-{}-{}-90811", app.name, environment.name);
    json!({
        "backendEnvironmentArn": app.environment_arn(&environment.name),
        "environmentName": environment.name,
        "deploymentArtifacts": format!("{stack}-deployment"),
        "stackName": stack,
        "createTime": CREATED,
        "updateTime": UPDATED,
    })
}

fn branch_answer(app: &App, branch: &Branch) -> Value {
    let mut answer = json!({
        "branchArn": format!("{}/branches/{}", app.arn(), branch.name),
        "branchName": branch.name,
        "description": "",
        "tags": {},
        "stage": branch.stage,
        "displayName": branch.name,
        "enableNotification": false,
        "createTime": CREATED,
        "updateTime": UPDATED,
        "environmentVariables": {},
        "enableAutoBuild": true,
        "customDomains": [],
        "framework": "React",
        "activeJobId": "0000000007",
        "totalNumberOfJobs": "7",
        "enableBasicAuth": false,
        "ttl": "5",
        "enablePullRequestPreview": false,
    });
    match &branch.backend {
        Backend::None => {}
        Backend::Environment(name) => answer["backendEnvironmentArn"] = json!(app.environment_arn(name)),
        Backend::Stack => {
            answer["backend"] = json!({
                "stackArn": format!(
                    "arn:aws:cloudformation:{}:{}:stack/amplify-{}-{}-branch-0000000000/00000000-0000-0000-0000-000000090811",
                    app.region, app.account, app.id, branch.name
                ),
            });
        }
    }
    answer
}
