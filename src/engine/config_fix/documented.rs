//! What was named and reviewed of a remediation, and whether what AWS Config would run is just that.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::decide::fresh::config_type;
use crate::decide::guards::way;
use crate::model::{
    AccountId, AttributePath, Fidelity, FixSubject, FixWay, RESOURCE_ID, Region, TypeName, Value,
    fits,
};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{CallPlace, ParameterValue, Remediation};

/// A remediation of AWS Config as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documented {
    pub rule: String,
    pub document: String,
    pub version: String,
    /// By name; `{resource_id}`, or values in which `{account}` and `{region}` stand for the resource's.
    pub parameters: BTreeMap<String, Vec<String>>,
    pub sets: Vec<SetsRight>,
    /// Patterns. Empty: every workspace.
    pub workspaces: Vec<String>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    /// So long its end is waited for.
    pub wait: Duration,
}

/// One attribute that it sets right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetsRight {
    pub type_name: TypeName,
    pub attribute: String,
    /// What it sets it to; absent: what was approved, whatever that is.
    pub value: Option<String>,
}

impl Documented {
    /// Whether the fix of such a finding is for it.
    pub fn covers(&self, catalogue: &Catalogue, subject: &FixSubject) -> bool {
        let mut of_type = self.of_type(&subject.type_name);
        let is_set = match way(subject) {
            Some(FixWay::SetBack) => of_type.any(|own| {
                let pointer = AttributePath::from(format!("/{}", own.attribute));
                subject.attribute.as_ref() == Some(&pointer) && own.is_value(&subject.approved)
            }),
            Some(FixWay::PutBack) => of_type.next().is_some(),
            Some(FixWay::TakeAway) | None => false,
        };
        let account = subject.account.as_ref();
        let region = subject.region.as_ref();
        is_set
            && subject.fidelity == Fidelity::Mapped
            && subject.address.is_some()
            && subject.plan.is_some()
            && subject.provider_id.is_some()
            && account.is_some_and(|own| self.accounts.contains(own))
            && region.is_some_and(|own| self.regions.contains(own))
            && self.is_of_workspace(subject)
            && config_type(catalogue, subject).is_some()
    }

    fn is_of_workspace(&self, subject: &FixSubject) -> bool {
        let Some(own) = &subject.workspace else {
            return false;
        };
        let mut all = self.workspaces.iter();
        self.workspaces.is_empty() || all.any(|pattern| fits(pattern, own.as_str()))
    }

    fn of_type(&self, type_name: &TypeName) -> impl Iterator<Item = &SetsRight> {
        let all = self.sets.iter();
        all.filter(move |own| own.type_name == *type_name)
    }

    /// Whether all that it sets of the resource is what was approved: it sets more than the one attribute
    /// that deviates.
    ///
    /// # Errors
    /// In words, what it would set otherwise. No value is in it.
    pub(super) fn agrees(&self, subject: &FixSubject, approved: &Value) -> Result<(), String> {
        let mut all = self.of_type(&subject.type_name);
        let other = all.find(|own| {
            let there = approved.at([&own.attribute]);
            !own.is_value(there.unwrap_or(&Value::Null))
        });
        match other {
            None => Ok(()),
            Some(own) => Err(format!(
                "the document sets `{}` of {} to something else than the plan approves",
                own.attribute, own.type_name
            )),
        }
    }

    /// Why what AWS Config would run is not what is named here.
    pub(super) fn misfit(
        &self,
        live: &Remediation,
        at: &CallPlace,
        config_type: &str,
    ) -> Option<String> {
        let rule = &self.rule;
        if !live.is_document {
            return Some(format!(
                "the rule `{rule}` runs something that is no document"
            ));
        }
        if live.document != self.document {
            return Some(format!(
                "the rule `{rule}` runs another document than `{}`",
                self.document
            ));
        }
        match &live.version {
            Some(version) if *version == self.version => {}
            Some(_) => {
                return Some(format!(
                    "the rule `{rule}` runs `{}` in another version than `{}`",
                    self.document, self.version
                ));
            }
            None => {
                return Some(format!(
                    "the rule `{rule}` runs `{}` in whatever version counts then",
                    self.document
                ));
            }
        }
        if live.is_automatic {
            return Some(format!(
                "AWS Config starts the remediation of the rule `{rule}` by itself"
            ));
        }
        let of_type = live.resource_type.as_deref();
        if of_type.is_some_and(|own| own != config_type) {
            return Some(format!(
                "the remediation of the rule `{rule}` is not for {config_type}"
            ));
        }
        self.other_parameter(live, at).map(|name| {
            format!("the rule `{rule}` passes the parameter `{name}` otherwise than it is named")
        })
    }

    fn other_parameter<'a>(&'a self, live: &'a Remediation, at: &CallPlace) -> Option<&'a str> {
        let is_same = |name: &String| match (self.parameters.get(name), live.parameters.get(name)) {
            (Some(own), Some(live)) => is_passed(own, live, at),
            (None | Some(_), _) => false,
        };
        let names = self.parameters.keys().chain(live.parameters.keys());
        let mut others = names.filter(|name| !is_same(name));
        others.next().map(String::as_str)
    }
}

fn is_passed(own: &[String], live: &ParameterValue, at: &CallPlace) -> bool {
    match live {
        ParameterValue::ResourceId => own == [RESOURCE_ID],
        ParameterValue::Static(values) => {
            let own = own.iter().map(|text| {
                text.replace("{account}", at.account.as_str())
                    .replace("{region}", at.region.as_str())
            });
            own.eq(values.iter().cloned())
        }
        ParameterValue::Unknown => false,
    }
}

impl SetsRight {
    fn is_value(&self, there: &Value) -> bool {
        let Some(own) = &self.value else {
            return true;
        };
        match there {
            Value::Bool(_) | Value::Number(_) => {
                serde_json::to_string(there).is_ok_and(|text| text == *own)
            }
            Value::String(text) => text == own,
            Value::Null | Value::List(_) | Value::Map(_) | Value::Sensitive(_) => false,
        }
    }
}
