//! The calls that AWS is asked, and how people are told of them.

use std::fmt;

use crate::target::TargetId;

/// A call, with everything that AWS is told.
#[derive(Debug, Clone)]
pub(super) enum Call {
    /// A page of the apps of a region.
    ListApps { token: Option<String> },
    /// A page of an app's backend environments.
    ListBackendEnvironments { app: String, token: Option<String> },
    /// A page of an app's branches.
    ListBranches { app: String, token: Option<String> },
    /// What an environment consists of.
    GetBackend { app: String, environment: String },
    /// The settings of an auth resource.
    GetBackendAuth { app: String, environment: String, resource: String },
}

impl Call {
    /// The action that IAM knows it by.
    pub(super) fn action(&self) -> &'static str {
        match self {
            Self::ListApps { .. } => "amplify:ListApps",
            Self::ListBackendEnvironments { .. } => "amplify:ListBackendEnvironments",
            Self::ListBranches { .. } => "amplify:ListBranches",
            Self::GetBackend { .. } => "amplifybackend:GetBackend",
            Self::GetBackendAuth { .. } => "amplifybackend:GetBackendAuth",
        }
    }

    /// How people are told that it failed.
    pub(super) fn deed(&self) -> Deed {
        let purpose = match self {
            Self::ListApps { .. } => "list the apps".to_owned(),
            Self::ListBackendEnvironments { app, .. } => {
                format!("list the environments of {}", TargetId::beginning(app, None))
            }
            Self::ListBranches { app, .. } => {
                format!("list the branches of {}", TargetId::beginning(app, None))
            }
            Self::GetBackend { app, environment } => {
                format!("look up the auth resources of {}", TargetId::beginning(app, Some(environment)))
            }
            Self::GetBackendAuth { app, environment, resource } => {
                format!("read auth settings of {}", TargetId::new(app, environment, resource))
            }
        };
        Deed { action: self.action(), purpose }
    }
}
/// What a call was to do.
#[derive(Debug)]
pub(super) struct Deed {
    /// The action that IAM knows it by.
    pub(super) action: &'static str,
    /// After "cannot".
    pub(super) purpose: String,
}

/// The action of a role that is assumed.
pub(super) const ASSUME_ROLE: &str = "sts:AssumeRole";

impl Deed {
    pub(super) fn assume(role: &str) -> Self {
        Self { action: ASSUME_ROLE, purpose: format!("assume {role}") }
    }
}

/// For lines of progress: `GetBackendAuth d1a2b3c4d5e6f7/prod/shopauth`.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.action().rsplit(':').next().unwrap_or_default();
        formatter.write_str(name)?;
        match self {
            Self::ListApps { .. } => Ok(()),
            Self::ListBackendEnvironments { app, .. } | Self::ListBranches { app, .. } => {
                write!(formatter, " {}", TargetId::beginning(app, None))
            }
            Self::GetBackend { app, environment } => {
                write!(formatter, " {}", TargetId::beginning(app, Some(environment)))
            }
            Self::GetBackendAuth { app, environment, resource } => {
                write!(formatter, " {}", TargetId::new(app, environment, resource))
            }
        }
    }
}
