//! What comes of calls: replies, the order in which they come, and the calls that they come to.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Call, OPERATIONS};

/// What comes of the calls for one app, or of those that a fault is for.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    first: VecDeque<Reply>,
    /// Where there is none, the call is answered as if there were no script.
    then: Option<Reply>,
}

impl Script {
    /// The same for every call.
    pub(crate) fn always(reply: Reply) -> Self {
        Self { first: VecDeque::new(), then: Some(reply) }
    }

    /// These replies, one a call, and good answers after them.
    pub(crate) fn first(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { first: replies.into_iter().collect(), then: None }
    }

    pub(super) fn next(&mut self) -> Option<Reply> {
        self.first.pop_front().or_else(|| self.then.clone())
    }
}

/// The calls that a fault is for: those that agree with all that is said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Where {
    operation: Option<&'static str>,
    account: Option<String>,
    region: Option<String>,
    app: Option<String>,
    environment: Option<String>,
}

impl Where {
    /// All calls of one operation.
    pub(crate) fn operation(name: &str) -> Self {
        let known = OPERATIONS.into_iter().find(|operation| *operation == name);
        let known = known.unwrap_or_else(|| panic!("the server has no operation `{name}`"));
        Self { operation: Some(known), ..Self::default() }
    }

    /// All calls of every operation.
    pub(crate) fn any_operation() -> Self {
        Self::default()
    }

    /// Only of this account. `AssumeRole` is of the account of the role.
    pub(crate) fn account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Only in this region.
    pub(crate) fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Only for this app.
    pub(crate) fn app(mut self, app: &str) -> Self {
        self.app = Some(app.to_owned());
        self
    }

    /// Only for backend environments of this name.
    pub(crate) fn environment(mut self, environment: &str) -> Self {
        self.environment = Some(environment.to_owned());
        self
    }

    pub(super) fn covers(&self, call: &Call) -> bool {
        let agrees = |said: &Option<String>, is: &str| said.as_deref().is_none_or(|said| said == is);
        self.operation.is_none_or(|operation| operation == call.operation)
            && agrees(&self.account, &call.account)
            && agrees(&self.region, &call.region)
            && agrees(&self.app, &call.app)
            && agrees(&self.environment, &call.environment)
    }
}

/// What comes of one call.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// The service's good answer, edited.
    Answer(Vec<Edit>),
    /// An error as AWS sends it: JSON with the code in a header, XML of STS.
    Error(Fault),
    /// Any response.
    Raw(Raw),
    /// The connection is reset before a byte of the response.
    Reset,
    /// No byte ever comes.
    Hang,
    /// A good head, half of the body, and the end of the connection.
    CutOff(Vec<u8>),
    /// A good head, half of the body, and nothing more.
    Stall(Vec<u8>),
    /// A whole response, whose body is the first half of the good answer.
    Truncated,
}

/// A change of a good answer.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Set(&'static str, Value),
    Remove(&'static str),
}

/// An error of a service.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(super) status: u16,
    /// Some answers have none.
    pub(super) code: Option<String>,
    pub(super) message: String,
    /// Further members of the body, where it is JSON.
    pub(super) members: Vec<(&'static str, String)>,
}

/// Any response.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    pub(super) delay: Duration,
}

impl Reply {
    pub(crate) fn good() -> Self {
        Self::Answer(Vec::new())
    }

    /// The good answer with another value at a pointer.
    pub(crate) fn with(pointer: &'static str, value: Value) -> Self {
        Self::Answer(vec![Edit::Set(pointer, value)])
    }

    /// The good answer without a member.
    pub(crate) fn without(pointer: &'static str) -> Self {
        Self::Answer(vec![Edit::Remove(pointer)])
    }

    /// An error as AWS sends it.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::Error(Fault::new(status, code, "said by the loopback server"))
    }

    /// A page of HTML with a status of 200, as a captive portal sends it.
    pub(crate) fn html() -> Self {
        let page = "<!DOCTYPE html><html><body>Sign in</body></html>";
        Self::Raw(Raw::new(200, page).header("content-type", "text/html"))
    }
}

impl Fault {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: Some(code.to_owned()), message: message.into(), members: Vec::new() }
    }

    pub(super) fn without_code(mut self) -> Self {
        self.code = None;
        self
    }

    pub(super) fn member(mut self, name: &'static str, value: &str) -> Self {
        self.members.push((name, value.to_owned()));
        self
    }

    /// As the services that speak JSON send it.
    pub(super) fn json(self) -> Raw {
        let mut body = json!({"message": self.message});
        for (name, value) in self.members {
            body[name] = json!(value);
        }
        let raw = Raw::json(self.status, &body);
        match self.code {
            Some(code) => raw.header("x-amzn-errortype", &code),
            None => raw,
        }
    }
}

impl Raw {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string()).header("content-type", "application/json")
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// A good answer after its edits.
pub(super) fn edited(mut answer: Value, edits: &[Edit]) -> Value {
    for edit in edits {
        let (Edit::Set(pointer, _) | Edit::Remove(pointer)) = edit;
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
        let members = answer
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .unwrap_or_else(|| panic!("the good answer has no object at `{parent}`"));
        match edit {
            Edit::Set(_, value) => members.insert(name.to_owned(), value.clone()),
            Edit::Remove(_) => {
                Some(members.remove(name).unwrap_or_else(|| panic!("the good answer has no `{pointer}`")))
            }
        };
    }
    answer
}
