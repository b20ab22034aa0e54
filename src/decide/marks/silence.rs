//! Calls that blind the detector, or let it see again.

use crate::model::{Activity, WatchKind};

/// What a call means for a trail or a recorder that the detector rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    pub kind: WatchKind,
    /// Account, Region, and the name of the trail; `settings` behind it where only these changed.
    pub subject: String,
    pub effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Stopped,
    Deleted,
    /// What it tells of may be less than before.
    Changed,
    /// It is as it should be again.
    Began,
}

/// The word behind a subject of which only the settings changed.
pub const SETTINGS: &str = "settings";

impl Silence {
    /// What is wrong, in words.
    pub fn wrong(&self) -> Option<&'static str> {
        match self.effect {
            Effect::Stopped => Some("it was stopped"),
            Effect::Deleted => Some("it was deleted"),
            Effect::Changed => Some("what it tells of was changed"),
            Effect::Began => None,
        }
    }
}

/// Whether a call that succeeded stopped or changed a trail or a recorder, or began it.
pub fn silence(activity: &Activity) -> Option<Silence> {
    if !activity.succeeded {
        return None;
    }
    let (kind, effect) = match activity.call.as_str() {
        "cloudtrail:StopLogging" => (WatchKind::TrailChanged, Effect::Stopped),
        "cloudtrail:DeleteTrail" => (WatchKind::TrailChanged, Effect::Deleted),
        "cloudtrail:UpdateTrail" | "cloudtrail:PutEventSelectors" => {
            (WatchKind::TrailChanged, Effect::Changed)
        }
        "cloudtrail:StartLogging" => (WatchKind::TrailChanged, Effect::Began),
        "config:StopConfigurationRecorder" => (WatchKind::RecorderChanged, Effect::Stopped),
        "config:DeleteConfigurationRecorder" | "config:DeleteDeliveryChannel" => {
            (WatchKind::RecorderChanged, Effect::Deleted)
        }
        "config:PutConfigurationRecorder" => (WatchKind::RecorderChanged, Effect::Changed),
        "config:StartConfigurationRecorder" => (WatchKind::RecorderChanged, Effect::Began),
        _ => return None,
    };
    let account = activity.account.as_ref().map_or("", |id| id.as_str());
    let region = activity.region.as_ref().map_or("", |id| id.as_str());
    // A trail is named by its name or its ARN, and the name ends both.
    let names = activity.subjects.iter().map(|subject| {
        let tail = subject.rsplit(['/', ':']).next();
        tail.unwrap_or(subject)
    });
    let is_trail = kind == WatchKind::TrailChanged;
    let name = names.filter(|_| is_trail).min_by_key(|name| name.len());
    let settings = match effect {
        Effect::Changed => SETTINGS,
        Effect::Stopped | Effect::Deleted | Effect::Began => "",
    };
    let words = [account, region, name.unwrap_or_default(), settings].into_iter();
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    Some(Silence {
        kind,
        subject: words.join(" "),
        effect,
    })
}
