//! Which members of objects are read over.

use super::DEEPEST;
use crate::js::{Outcome, Thrown, Value};

/// Names of members, and what to leave out within them; nothing for a member that is left out as a whole. Lists do not count as
/// a level.
#[derive(Default)]
pub struct LeaveOut(Vec<(String, Option<LeaveOut>)>);

pub enum Member<'a> {
    Whole,
    Within(&'a LeaveOut),
}

impl LeaveOut {
    /// From an object whose values are `true` or such objects.
    pub fn from(value: &Value) -> Outcome<LeaveOut> {
        Self::at(value, 0)
    }

    fn at(value: &Value, depth: usize) -> Outcome<LeaveOut> {
        if depth > DEEPEST {
            return Err(Thrown::Type("what to leave out is nested too deeply".into()));
        }
        let members = value.entries()?.into_iter().map(|(name, inner)| match inner.as_boolean() {
            Some(_) => Ok((name, None)),
            None => Ok((name, Some(Self::at(&inner, depth + 1)?))),
        });
        Ok(LeaveOut(members.collect::<Outcome<_>>()?))
    }

    pub fn member(&self, name: &[u8]) -> Option<Member<'_>> {
        let (_, inner) = self.0.iter().find(|(each, _)| each.as_bytes() == name)?;
        Some(inner.as_ref().map_or(Member::Whole, Member::Within))
    }
}
