//! What the recorders of one account and Region record of what is wanted, and why not the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::ports::{CallPlace, Recorder, RecorderState, RecordingGroup};

/// Types of IAM: recorded in any Region, and only where the recorder is set up so.
const OF_IAM: [&str; 4] = [
    "AWS::IAM::Group",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::User",
];

/// Types, or services, whose items are recorded in one Region alone, whatever a recorder elsewhere
/// says: that none is in an answer proves nothing there.
const AT_HOME: [&str; 12] = [
    "AWS::CloudFront::",
    "AWS::ECR::PublicRepository",
    "AWS::GlobalAccelerator::",
    "AWS::IAM::",
    "AWS::NetworkManager::",
    "AWS::Organizations::",
    "AWS::Route53::",
    "AWS::Route53Recovery",
    "AWS::Shield::",
    "AWS::Support",
    "AWS::WAF::",
    "AWS::WAFv2::",
];

pub fn is_of_iam(config_type: &str) -> bool {
    OF_IAM.contains(&config_type)
}

/// What is recorded in one account and Region of the types that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    pub types: Vec<Box<str>>,
    /// Of those, the ones of which an answer without an item proves that there is none.
    pub proven: BTreeSet<Box<str>>,
    /// Of those, the ones that are recorded once a day.
    pub daily: BTreeSet<Box<str>>,
    /// The others, with the reason.
    pub not: BTreeMap<Box<str>, &'static str>,
}

/// Why nothing of the place can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Useless(pub String);

/// # Errors
/// No recorder works there, or the credentials lead to another account.
pub fn recorded(
    at: &CallPlace,
    recorders: &[Recorder],
    states: &[RecorderState],
    wanted: &[Box<str>],
) -> Result<Recorded, Useless> {
    let useless = |what: &str| Err(Useless(what.to_owned()));
    if let Some(other) = recorders.iter().find_map(|own| own.account.as_ref())
        && *other != at.account
    {
        let what = format!("the credentials lead to account `{other}`");
        return Err(Useless(what));
    }
    let state = |name: &str| states.iter().find(|state| state.name == name);
    let is_recording = |own: &&Recorder| state(&own.name).is_some_and(|own| own.is_recording);
    let working: Vec<&Recorder> = recorders.iter().filter(is_recording).collect();
    if recorders.is_empty() {
        return useless("AWS Config has no recorder there");
    }
    if working.is_empty() {
        return useless("the recorder of AWS Config is stopped");
    }
    let mut failures = working
        .iter()
        .filter_map(|own| state(&own.name)?.failure.clone());
    if let Some(failure) = failures.next() {
        let what = format!("the recorder of AWS Config last failed to record: {failure}");
        return Err(Useless(what));
    }
    let mut found = Recorded::default();
    for own in wanted {
        let records = working.iter().find(|recorder| holds(&recorder.group, own));
        let Some(recorder) = records else {
            found.not.insert(own.clone(), why_not(&working, own));
            continue;
        };
        if recorder
            .daily
            .as_ref()
            .is_none_or(|daily| daily.contains(&**own))
        {
            found.daily.insert(own.clone());
        }
        if is_proof(&recorder.group, own) {
            found.proven.insert(own.clone());
        }
        found.types.push(own.clone());
    }
    Ok(found)
}

fn holds(group: &RecordingGroup, config_type: &str) -> bool {
    match group {
        RecordingGroup::All { with_global } => *with_global || !is_of_iam(config_type),
        RecordingGroup::AllBut(types) => !types.contains(config_type),
        RecordingGroup::Only(types) => types.contains(config_type),
    }
}

fn is_proof(group: &RecordingGroup, config_type: &str) -> bool {
    match group {
        RecordingGroup::All { with_global: true } | RecordingGroup::Only(_)
            if is_of_iam(config_type) =>
        {
            true
        }
        // In which Regions a recorder that leaves types out has those of IAM, differs.
        RecordingGroup::All { .. } | RecordingGroup::AllBut(_) | RecordingGroup::Only(_) => {
            !AT_HOME.iter().any(|home| config_type.starts_with(home))
        }
    }
}

fn why_not(working: &[&Recorder], config_type: &str) -> &'static str {
    let excludes = |own: &&Recorder| match &own.group {
        RecordingGroup::AllBut(types) => types.contains(config_type),
        RecordingGroup::All { .. } | RecordingGroup::Only(_) => false,
    };
    match working.iter().any(excludes) {
        true => "the recorder of AWS Config leaves the type out",
        false => "the recorder of AWS Config does not record the type",
    }
}

/// The recorders as items of Config, in the form in which it records itself.
pub fn items(
    at: &CallPlace,
    recorders: &[Recorder],
    states: &[RecorderState],
    now: jiff::Timestamp,
) -> Vec<String> {
    let items = recorders.iter().map(|own| {
        let state = states.iter().find(|state| state.name == own.name);
        let configuration = json!({
            "name": own.name,
            "recording": state.is_some_and(|state| state.is_recording),
            "recordingGroup": group(&own.group),
        });
        let item = json!({
            "version": "1.3",
            "accountId": at.account.as_str(),
            "awsRegion": at.region.as_str(),
            "configurationItemCaptureTime": now.to_string(),
            "configurationItemStatus": "OK",
            "resourceType": "AWS::Config::ConfigurationRecorder",
            "resourceId": own.name,
            "resourceName": own.name,
            "configuration": configuration,
        });
        item.to_string()
    });
    items.collect()
}

fn group(group: &RecordingGroup) -> Value {
    match group {
        RecordingGroup::All { with_global } => json!({
            "allSupported": true,
            "includeGlobalResourceTypes": with_global,
            "recordingStrategy": { "useOnly": "ALL_SUPPORTED_RESOURCE_TYPES" },
        }),
        RecordingGroup::AllBut(types) => json!({
            "allSupported": false,
            "exclusionByResourceTypes": { "resourceTypes": types },
            "recordingStrategy": { "useOnly": "EXCLUSION_BY_RESOURCE_TYPES" },
        }),
        RecordingGroup::Only(types) => json!({
            "allSupported": false,
            "resourceTypes": types,
            "recordingStrategy": { "useOnly": "INCLUSION_BY_RESOURCE_TYPES" },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "AWS::S3::Bucket";
    const ROLE: &str = "AWS::IAM::Role";
    const ZONE: &str = "AWS::Route53::HostedZone";

    fn place() -> CallPlace {
        CallPlace {
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    fn recorder(group: RecordingGroup) -> Recorder {
        Recorder {
            name: "default".to_owned(),
            account: Some("111122223333".into()),
            group,
            daily: Some(BTreeSet::from([ROLE.to_owned()])),
        }
    }

    fn state(is_recording: bool, failure: Option<&str>) -> RecorderState {
        RecorderState {
            name: "default".to_owned(),
            is_recording,
            failure: failure.map(str::to_owned),
        }
    }

    fn look(recorder: &Recorder, state: &RecorderState) -> Result<Recorded, Useless> {
        let wanted = [BUCKET, ROLE, ZONE].map(Box::from);
        let (recorders, states) = (std::slice::from_ref(recorder), std::slice::from_ref(state));
        recorded(&place(), recorders, states, &wanted)
    }

    #[test]
    fn a_group_says_what_is_recorded_and_what_that_proves() {
        let of = |types: &[&str]| types.iter().map(|own| (*own).to_owned()).collect();
        for (group, types, proven) in [
            (
                RecordingGroup::All { with_global: true },
                vec![BUCKET, ROLE, ZONE],
                vec![ROLE, BUCKET],
            ),
            (
                RecordingGroup::All { with_global: false },
                vec![BUCKET, ZONE],
                vec![BUCKET],
            ),
            (
                RecordingGroup::AllBut(of(&[BUCKET])),
                vec![ROLE, ZONE],
                vec![],
            ),
            (RecordingGroup::Only(of(&[ROLE])), vec![ROLE], vec![ROLE]),
        ] {
            let found = look(&recorder(group.clone()), &state(true, None)).unwrap();
            let named = |own: &[&str]| own.iter().map(|own| Box::from(*own)).collect::<Vec<_>>();
            assert_eq!(found.types, named(&types), "{group:?}");
            let proven: BTreeSet<Box<str>> = named(&proven).into_iter().collect();
            assert_eq!(found.proven, proven, "{group:?}");
            assert_eq!(found.not.len(), 3 - types.len(), "{group:?}");
            assert_eq!(found.daily.contains(ROLE), types.contains(&ROLE));
        }
    }

    #[test]
    fn nothing_is_believed_of_a_recorder_that_does_not_work() {
        let all = recorder(RecordingGroup::All { with_global: true });
        let said = |found: Result<Recorded, Useless>| found.unwrap_err().0;
        assert_eq!(
            said(look(&all, &state(false, None))),
            "the recorder of AWS Config is stopped"
        );
        assert_eq!(
            said(look(&all, &state(true, Some("AccessDenied")))),
            "the recorder of AWS Config last failed to record: AccessDenied"
        );
        let other = Recorder {
            account: Some("444455556666".into()),
            ..all
        };
        assert_eq!(
            said(look(&other, &state(true, None))),
            "the credentials lead to account `444455556666`"
        );
        let none = recorded(&place(), &[], &[], &[BUCKET.into()]);
        assert_eq!(said(none), "AWS Config has no recorder there");
    }
}
