//! The members that a document may have, for whoever checks what a policy refers to.

use super::schema::{self, Member, Shape};

/// What stands at a place of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outline {
    /// An object with these members, and no others that AWS documents.
    Object(Vec<(&'static str, Outline)>),
    /// An object with any members.
    Map(Box<Outline>),
    /// A list.
    List(Box<Outline>),
    /// Text, a number, true or false.
    Scalar,
}

impl Outline {
    /// A whole document.
    #[must_use]
    pub fn document() -> Self {
        let scalars =
            |names: &[&'static str]| names.iter().map(|name| (*name, Self::Scalar)).collect::<Vec<_>>();
        let mut target =
            scalars(&["Id", "Account", "Region", "AppId", "AppName", "Environment", "Resource", "Stage"]);
        target.push(("Labels", Self::Map(Box::new(Self::Scalar))));
        let mut document = scalars(&["SchemaVersion", "Origin"]);
        document.push(("Target", Self::Object(target)));
        document.push(("ResourceConfig", Self::object(schema::RESOURCE_CONFIG)));
        for list in ["Missing", "Unrecognised"] {
            document.push((list, Self::List(Box::new(Self::Scalar))));
        }
        Self::Object(document)
    }

    /// All audited documents of one app, as the rules of scope `app` read them.
    #[must_use]
    pub fn app() -> Self {
        let who = ["AppId", "AppName", "Account", "Region"].map(|name| (name, Self::Scalar));
        Self::Object(vec![
            ("App", Self::Object(who.into())),
            ("Documents", Self::List(Box::new(Self::document()))),
        ])
    }

    fn object(members: &'static [Member]) -> Self {
        Self::Object(members.iter().map(|member| (member.name, Self::of(&member.shape))).collect())
    }

    fn of(shape: &'static Shape) -> Self {
        match shape {
            Shape::Object(members) => Self::object(members),
            Shape::Text | Shape::Secret | Shape::Flag | Shape::Length | Shape::OneOf(_) => Self::Scalar,
            Shape::SetOf(_) | Shape::TextSet => Self::List(Box::new(Self::Scalar)),
        }
    }
}
