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
    /// Any text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Flag,
    /// One of these texts as AWS documents them, or another one that it does not document.
    Named(&'static [&'static str]),
    /// One of these texts, and never another one.
    OneOf(&'static [&'static str]),
}

impl Outline {
    /// A whole document.
    #[must_use]
    pub fn document() -> Self {
        let mut target: Vec<_> = ["Id", "Account", "Region", "AppId", "AppName", "Environment", "Resource"]
            .map(|name| (name, Self::Text))
            .into();
        target.push(("Stage", Self::OneOf(&["production", "staging", "development", "unknown"])));
        target.push(("Labels", Self::Map(Box::new(Self::Text))));
        let mut document = vec![("SchemaVersion", Self::Number), ("Origin", Self::OneOf(&["deployed"]))];
        document.push(("Target", Self::Object(target)));
        document.push(("ResourceConfig", Self::object(schema::RESOURCE_CONFIG)));
        for list in ["Missing", "Unrecognised"] {
            document.push((list, Self::List(Box::new(Self::Text))));
        }
        Self::Object(document)
    }

    /// All audited documents of one app, as the rules of scope `app` read them.
    #[must_use]
    pub fn app() -> Self {
        let who = ["AppId", "AppName", "Account", "Region"].map(|name| (name, Self::Text));
        Self::Object(vec![
            ("App", Self::Object(who.into())),
            ("Documents", Self::List(Box::new(Self::document()))),
        ])
    }

    /// The names of an object's members, as far as they are documented.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let members = match self {
            Self::Object(members) => members.as_slice(),
            Self::Map(_)
            | Self::List(_)
            | Self::Text
            | Self::Number
            | Self::Flag
            | Self::Named(_)
            | Self::OneOf(_) => &[],
        };
        members.iter().map(|(name, _)| *name)
    }

    /// Whether a member of this name may be there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        matches!(self, Self::Map(_)) || self.names().any(|known| known == name)
    }

    /// What stands at a JSON pointer; the empty one is the whole. `None` for what can never be there.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        if pointer.is_empty() {
            return Some(self);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self, |outline, part| match outline {
            Self::Object(members) => {
                let name = part.replace("~1", "/").replace("~0", "~");
                members.iter().find(|(member, _)| *member == name).map(|(_, outline)| outline)
            }
            Self::Map(member) => Some(&**member),
            // An index has no zeros before it: RFC 6901, section 4.
            Self::List(element) => {
                part.parse::<usize>().is_ok_and(|index| index.to_string() == part).then_some(&**element)
            }
            Self::Text | Self::Number | Self::Flag | Self::Named(_) | Self::OneOf(_) => None,
        })
    }

    /// Whether something may stand at a JSON pointer.
    #[must_use]
    pub fn has_pointer(&self, pointer: &str) -> bool {
        self.at(pointer).is_some()
    }

    fn object(members: &'static [Member]) -> Self {
        Self::Object(members.iter().map(|member| (member.name, Self::of(&member.shape))).collect())
    }

    fn of(shape: &'static Shape) -> Self {
        match shape {
            Shape::Object(members) => Self::object(members),
            Shape::Text | Shape::Secret => Self::Text,
            Shape::Length => Self::Number,
            Shape::Flag => Self::Flag,
            // An undocumented text stays as it came: what AWS documents is no closed list.
            Shape::OneOf(names) => Self::Named(names),
            Shape::SetOf(names) => Self::List(Box::new(Self::Named(names))),
            Shape::TextSet => Self::List(Box::new(Self::Text)),
        }
    }
}
