//! Expressions that make a list or an object of many parts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::eval::{Answer, Evaluator, Scope, fail};
use super::expr::{Expr, For};
use super::values::{entries, insert, kind_of};
use crate::model::Value;

impl Evaluator<'_> {
    pub(super) fn object<'s>(
        &'s self,
        entries: &'s [(Expr, Expr)],
        scope: Option<&'s Scope<'s>>,
    ) -> Answer<'s> {
        let mut object = BTreeMap::new();
        for (key, value) in entries {
            object.insert(self.key(key, scope)?, self.owned(value, scope)?);
        }
        Ok(Cow::Owned(Value::Map(object)))
    }

    pub(super) fn for_each<'s>(
        &'s self,
        expr: &'s Expr,
        each: &'s For,
        scope: Option<&'s Scope<'s>>,
    ) -> Answer<'s> {
        let collection = self.eval(&each.collection, scope)?;
        let Some(entries) = entries(&collection) else {
            let what = format!("cannot go through {}", kind_of(&collection));
            return fail(&each.collection, what);
        };
        let mut list = Vec::new();
        let mut object = BTreeMap::new();
        for (key, value) in entries {
            let outer = Scope {
                value: &key,
                outer: scope,
            };
            let inner = Scope {
                value,
                outer: Some(&outer),
            };
            let scope = Some(&inner);
            if let Some(condition) = &each.condition
                && !self.truth(condition, scope)?
            {
                continue;
            }
            match &each.key {
                None => list.push(self.owned(&each.value, scope)?),
                Some(key) => {
                    let key = self.key(key, scope)?;
                    let value = self.owned(&each.value, scope)?;
                    if !insert(&mut object, key, value, each.grouping) {
                        return fail(expr, "two elements have the same key".to_owned());
                    }
                }
            }
        }
        Ok(Cow::Owned(match &each.key {
            None => Value::List(list),
            Some(_) => Value::Map(object),
        }))
    }

    /// A list gives its elements, null none, anything else itself.
    pub(super) fn splat<'s>(
        &'s self,
        source: &'s Expr,
        each: &'s Expr,
        scope: Option<&'s Scope<'s>>,
    ) -> Answer<'s> {
        let source = self.eval(source, scope)?;
        let elements: &[Value] = match source.as_ref() {
            Value::Null => &[],
            Value::List(list) => list,
            single => std::slice::from_ref(single),
        };
        let mut list = Vec::with_capacity(elements.len());
        for value in elements {
            let inner = Scope {
                value,
                outer: scope,
            };
            list.push(self.owned(each, Some(&inner))?);
        }
        Ok(Cow::Owned(Value::List(list)))
    }
}
