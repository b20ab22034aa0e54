//! What a look saw, in the words of everything else. Secrets stop here.

use super::{Exact, Seen};
use crate::ingest::redact::Redactor;
use crate::model::{
    AttributePath, ExactAside, ExactDetail, ExactLook, ExactPlace, ExactSides, Value,
};
use crate::normalise::form::Form;
use crate::provider::cty;
use crate::provider::json;

/// What a look saw, with digests in the place of secrets; in detail, where somebody wants to see it.
pub fn told(exact: Exact, redactor: &Redactor, in_detail: bool) -> ExactLook {
    let seen = match exact {
        Exact::Missing => return ExactLook::Missing,
        Exact::Gap(why) => return ExactLook::Gap(why),
        Exact::Seen(seen) => seen,
    };
    let mut places = Vec::new();
    for one in &seen.judged.differences {
        let secret = is_secret(&seen, &one.path);
        let value = |own: &cty::Value| plain(own, secret.then_some(redactor));
        let (Ok(approved), Ok(live)) = (value(&one.approved), value(&one.live)) else {
            return ExactLook::Gap(format!("`{}` cannot be read as JSON", one.path));
        };
        places.push(ExactPlace {
            attribute: one.path.clone(),
            approved,
            live,
        });
    }
    let wholes = seen.wholes.iter().filter_map(|(name, (was, now))| {
        let path = AttributePath::root().child(name);
        let sides = (plain(was, None).ok()?, plain(now, None).ok()?);
        (!is_secret(&seen, &path)).then_some((path, sides))
    });
    ExactLook::Seen {
        wholes: wholes.collect(),
        places,
        is_settled: seen.is_settled,
        detail: in_detail.then(|| Box::new(detail(&seen, redactor))),
    }
}

fn detail(seen: &Seen, redactor: &Redactor) -> ExactDetail {
    let mut detail = ExactDetail::default();
    for one in &seen.judged.differences {
        for (is, into) in [
            (one.by_plan, &mut detail.by_plan),
            (one.by_read, &mut detail.by_read),
        ] {
            into.extend(is.then(|| one.path.clone()));
        }
    }
    let judged = &seen.judged;
    for (paths, why) in [
        (&judged.equivalent, ExactAside::Equivalent),
        (&judged.moved, ExactAside::Providers),
        (&judged.ignored, ExactAside::Ignored),
        (&judged.masked, ExactAside::Doubtful),
    ] {
        detail
            .aside
            .extend(paths.iter().map(|own| (own.clone(), why)));
    }
    let cty::Value::Object(live) = &seen.sides.live else {
        return detail;
    };
    let none = &cty::Value::Null;
    for (name, live) in live {
        let path = AttributePath::root().child(name);
        let under = is_secret(seen, &path).then_some(redactor);
        let show = |own: &cty::Value| plain(own, under).ok();
        let of = |whole: &cty::Value| show(whole.get(name).unwrap_or(none));
        let settled = seen.sides.settled.as_ref();
        let settled = settled.and_then(|settled| show(settled.value(name)?));
        let (written, planned) = (of(&seen.sides.written), of(&seen.sides.planned));
        if let (Some(written), Some(live), Some(planned)) = (written, show(live), planned) {
            let sides = ExactSides {
                written,
                live,
                planned,
                settled,
            };
            detail.sides.insert(path, sides);
        }
    }
    detail
}

/// By the top-level attribute; the whole resource is a secret if anything of it is.
fn is_secret(seen: &Seen, path: &AttributePath) -> bool {
    match path.tokens().next() {
        Some(name) => seen.sensitive.contains(&name),
        None => !seen.sensitive.is_empty(),
    }
}

fn plain(own: &cty::Value, secret: Option<&Redactor>) -> Result<Value, serde_json::Error> {
    let value = serde_json::from_str(&json::write(own))?;
    Ok(match secret {
        Some(redactor) => Value::Sensitive(redactor.secret(Form::Map, &value)),
        None => value,
    })
}
