//! A settled baseline that a command made, on its way into the log.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::requests::Refused;
use crate::evidence::ledger::Ledger;
use crate::evidence::record::SettledRecord;
use crate::model::Sha256Digest;

/// A workspace was settled, and this is to be recorded of it. The settled baseline lies beside the
/// request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettledRequest {
    pub settled: SettledRecord,
}

/// As much of a settled baseline as its record speaks of.
#[derive(Deserialize)]
struct Outline {
    format: u32,
    resources: BTreeMap<String, Own>,
}

#[derive(Deserialize)]
struct Own {
    plan_sha256: Sha256Digest,
}

/// The record of a settled baseline; `None` where the log has it already.
///
/// # Errors
/// The document is not what the record says of it.
pub fn settled(
    request: SettledRequest,
    document: &[u8],
    ledger: &Ledger,
    now: Timestamp,
) -> Result<Option<SettledRecord>, Refused> {
    let SettledRequest { settled: record } = request;
    let refused = |why: &str| Refused {
        what: format!(
            "the settled baseline of workspace `{}` is not what its record says: {why}",
            record.workspace
        ),
        help: "run `driftwarden provider settle` again".to_owned(),
    };
    if Sha256Digest::of(document) != record.sha256 {
        return Err(refused("it has another SHA-256"));
    }
    let outline: Outline =
        serde_json::from_slice(document).map_err(|_| refused("it has another form"))?;
    if outline.format != 1 {
        return Err(refused("it has another form"));
    }
    let mut plans = outline.resources.values();
    if plans.any(|own| own.plan_sha256 != record.plan_sha256) {
        return Err(refused("it is of another plan"));
    }
    if outline.resources.len() as u64 != record.resources {
        return Err(refused("it has another number of resources"));
    }
    let known = ledger.settled(&record.workspace);
    if known.is_some_and(|known| known.sha256 == record.sha256) {
        return Ok(None);
    }
    Ok(Some(SettledRecord { at: now, ..record }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::record::Record;
    use crate::model::WorkspaceName;

    fn document(plan: Sha256Digest, format: u32) -> Vec<u8> {
        let own = format!(r#"{{"plan_sha256": "{plan}", "type": "t", "values": {{}}}}"#);
        format!(r#"{{"format": {format}, "resources": {{"t.a": {own}}}}}"#).into_bytes()
    }

    fn request(document: &[u8], plan: Sha256Digest) -> SettledRequest {
        let settled = SettledRecord {
            at: Timestamp::UNIX_EPOCH,
            workspace: WorkspaceName::from("payments"),
            plan_sha256: plan,
            providers: Vec::new(),
            file: "settled/payments.json".to_owned(),
            sha256: Sha256Digest::of(document),
            resources: 1,
            settled: 1,
            not_settled: BTreeMap::new(),
            named: Vec::new(),
        };
        SettledRequest { settled }
    }

    #[test]
    fn it_is_recorded_once_and_only_if_it_is_what_is_said_of_it() {
        let now = Timestamp::from_second(7).unwrap();
        let plan = Sha256Digest::of(b"plan");
        let good = document(plan, 1);
        let mut ledger = Ledger::default();
        let said = |request: SettledRequest, bytes: &[u8], ledger: &Ledger| {
            settled(request, bytes, ledger, now).map_err(|refused| refused.what)
        };
        for (request, bytes, why) in [
            (request(&good, plan), document(plan, 2), "another SHA-256"),
            (request(b"{}", plan), b"{}".to_vec(), "another form"),
            (
                request(&document(plan, 2), plan),
                document(plan, 2),
                "another form",
            ),
            (
                request(&good, Sha256Digest::of(b"other")),
                good.clone(),
                "of another plan",
            ),
        ] {
            let refused = said(request, &bytes, &ledger).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
        let record = said(request(&good, plan), &good, &ledger).unwrap().unwrap();
        assert_eq!(record.at, now);
        ledger.take(0, Record::Settled(Box::new(record)));
        assert_eq!(said(request(&good, plan), &good, &ledger), Ok(None));
    }
}
