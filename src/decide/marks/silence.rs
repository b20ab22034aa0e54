//! Calls that blind the detector, or let it see again.

use crate::model::{Activity, WatchKind};

/// What a call means for what the detector rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    pub kind: WatchKind,
    /// The trail or recorder, with its account and Region.
    pub subject: String,
    /// `false`: it is as it should be again.
    pub is_blind: bool,
    pub call: String,
}

/// Whether a call that succeeded stopped a trail or a recorder, changed what it tells of, or began it.
pub fn silence(activity: &Activity) -> Option<Silence> {
    if !activity.succeeded {
        return None;
    }
    let (kind, is_blind) = match activity.call.as_str() {
        "cloudtrail:StopLogging"
        | "cloudtrail:DeleteTrail"
        | "cloudtrail:UpdateTrail"
        | "cloudtrail:PutEventSelectors" => (WatchKind::TrailChanged, true),
        "cloudtrail:StartLogging" => (WatchKind::TrailChanged, false),
        "config:StopConfigurationRecorder"
        | "config:DeleteConfigurationRecorder"
        | "config:DeleteDeliveryChannel"
        | "config:PutConfigurationRecorder" => (WatchKind::RecorderChanged, true),
        "config:StartConfigurationRecorder" => (WatchKind::RecorderChanged, false),
        _ => return None,
    };
    let account = activity.account.as_ref().map_or("", |id| id.as_str());
    let region = activity.region.as_ref().map_or("", |id| id.as_str());
    // A trail is named by its name or its ARN; the name is in both.
    let named = activity.subjects.iter().map(|subject| {
        let tail = subject.rsplit(['/', ':']).next();
        tail.unwrap_or(subject)
    });
    let name = match kind {
        WatchKind::TrailChanged => named.min_by_key(|name| name.len()),
        _ => None,
    };
    let words = [account, region, name.unwrap_or_default()].into_iter();
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Some(Silence {
        kind,
        subject: words.join(" "),
        is_blind,
        call: activity.call.clone(),
    })
}
