//! What the approved plan says of the whole resource.

use crate::ingest::plan::{approved_values, read_values};
use crate::ingest::redact::Redactor;
use crate::ingest::source::Source;
use crate::model::{FixSubject, Sha256Digest, Value};
use crate::ports::{Estate, InputError, InputRef};

/// The values that the newest approved plan has for a resource, in the words of Terraform. A secret is a
/// digest that is like no other value, and what is known only after apply is left out.
///
/// # Errors
/// In words: no plan file has the approved plan any more, or it cannot be read.
pub fn approved(estate: &dyn Estate, subject: &FixSubject) -> Result<Value, String> {
    let (Some(workspace), Some(address), Some((name, sha256))) =
        (&subject.workspace, &subject.address, &subject.plan)
    else {
        return Err("no approved plan of it is known".to_owned());
    };
    let workspaces = estate.workspaces().map_err(|errors| {
        let all: Vec<String> = errors.iter().map(|error| error.what.clone()).collect();
        all.join("; ")
    })?;
    let own = workspaces.into_iter().find(|own| own.name == *workspace);
    let plans = own.map(|own| own.plans).unwrap_or_default();
    let plans = plans.iter().filter(|plan| plan.name == *name);
    let mut last = "no plan file has the digest of the approved plan any more".to_owned();
    for plan in plans {
        match read(estate, plan, address.as_str()) {
            Ok((digest, found)) if digest == *sha256 => {
                return found.ok_or_else(|| "the approved plan does not have it".to_owned());
            }
            Ok(_) => {}
            Err(why) => last = format!("`{}` cannot be read: {why}", plan.name),
        }
    }
    Err(last)
}

fn read(
    estate: &dyn Estate,
    plan: &InputRef,
    address: &str,
) -> Result<(Sha256Digest, Option<Value>), String> {
    let opened = estate.open(plan).map_err(|InputError { what, .. }| what)?;
    // The key makes no difference: nothing of a secret goes on from here.
    let redactor = Redactor::new(&[0; 32]);
    let mut found = None;
    let read = read_values(Source::new(&plan.name, opened), &mut |planned| {
        if planned.address == address {
            let values = approved_values(
                planned.type_name,
                planned.values,
                planned.unknown,
                &planned.sensitive,
                &redactor,
            )?;
            let values = values.into_iter();
            let values = values.map(|(name, value)| (name.into_string(), value));
            found = Some(Value::Map(values.collect()));
        }
        Ok(())
    });
    let source = read.map_err(|error| error.to_string())?;
    let (digest, _) = source.finish().map_err(|error| error.to_string())?;
    Ok((digest, found))
}
