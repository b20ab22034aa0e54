//! What nobody is woken for.

use driftwarden::cli::wire;
use driftwarden::engine::{SilenceEnd, SilenceRequest};
use driftwarden::evidence::record::NotificationEvent;
use driftwarden::model::SilenceMatch;
use serde_json::Value as Json;

use super::{HOUR, MINUTE, PAGER, look, tell, text, with_pager};
use crate::service::{Estate, now, pass, set};

#[test]
fn our_own_outage_is_one_page_and_heals_nothing() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    let path = estate.path().join("live/snapshot.json");
    let kept = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for _ in 0..10 {
        pass(MINUTE * 20);
        assert!(matches!(
            cycle.scan().unwrap(),
            driftwarden::engine::service::Scanned::Failed
        ));
        tell(&mut cycle, &estate);
    }
    let pager = estate.messages("pager");
    let of_detector: Vec<&Json> = pager
        .iter()
        .filter(|own| !own["subject"]["detector"].is_null())
        .collect();
    assert_eq!(of_detector.len(), 1, "{of_detector:#?}");
    assert!(text(&of_detector[0]["title"]).contains("evidence_stale"));
    assert!(
        !estate.steps("pager").contains(&"resolve".to_owned()),
        "nothing heals by not being seen"
    );
    std::fs::write(&path, kept).unwrap();
    look(&mut cycle, &estate);
    let steps = estate.steps("pager");
    let over = steps.iter().filter(|step| *step == "resolve").count();
    assert_eq!(
        over, 1,
        "the outage is over, and the finding is not: {steps:?}"
    );
}

/// The pipeline, within the window of its approved change, does more than the plan says.
#[test]
fn planned_work_is_quiet_until_its_window_ends_and_not_for_others() {
    let estate = Estate::of("pending-other-value", PAGER);
    set("2026-11-01T21:30:00Z");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), Vec::<String>::new());
    assert_eq!(estate.told_words(), ["held"]);
    let said = format!("{:?}", estate.told());
    assert!(said.contains("CHG0030002"), "{said}");
    // A restart keeps it quiet, before anything is looked at.
    drop(cycle);
    let mut cycle = estate.begin();
    tell(&mut cycle, &estate);
    assert_eq!(estate.told_words(), ["held"]);
    set("2026-11-01T23:00:01Z");
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger"]);

    let estate = Estate::of("pending-other-value", PAGER);
    let trail = estate.path().join("trail");
    for entry in std::fs::read_dir(trail).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let maria = text
            .replace(
                "assumed-role/deploy-role/run-42",
                "assumed-role/admin/maria",
            )
            .replace("role/deploy-role", "role/admin")
            .replace("\"deploy-role\"", "\"admin\"");
        std::fs::write(&path, maria).unwrap();
    }
    set("2026-11-01T21:30:00Z");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(
        estate.steps("pager"),
        ["trigger"],
        "another actor pages in the window, too"
    );
}

#[test]
fn an_authorised_change_is_a_note_and_wakes_nobody() {
    let estate = Estate::of("pending-authorised", PAGER);
    set("2026-11-02T09:30:00Z");
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["note"]);
    let note = estate.messages("pager").remove(0);
    assert!(text(&note["title"]).contains("CHG0030002"), "{note:#}");
    look(&mut cycle, &estate);
    assert_eq!(estate.messages("pager").len(), 1);
}

fn silence(expires: jiff::Timestamp) -> SilenceRequest {
    SilenceRequest {
        matches: SilenceMatch {
            workspace: Some("pay*".to_owned()),
            ..SilenceMatch::default()
        },
        owner: "ana@bank.example".to_owned(),
        reason: "ben@bank.example is at it".to_owned(),
        expires,
    }
}

#[test]
fn a_silence_keeps_messages_back_and_nothing_else() {
    let estate = with_pager("");
    drop(estate.begin());
    let config = wire::load_config(&estate.config()).unwrap();
    let until = now() + HOUR;
    let said = wire::silence(&config, &silence(until), now()).unwrap();
    assert!(
        said.starts_with("silence ") && said.ends_with(&until.to_string()),
        "{said}"
    );
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), Vec::<String>::new());
    assert_eq!(estate.life(), ["opened"], "it is detected and recorded");
    assert_eq!(estate.told_words(), ["silence_set", "held"]);
    let Some(NotificationEvent::SilenceSet { silence: own }) = estate.told().into_iter().next()
    else {
        panic!("the silence is recorded");
    };
    assert_eq!(
        (own.owner.as_str(), own.reason.as_str()),
        ("p1", "p2 is at it")
    );
    pass(HOUR);
    tell(&mut cycle, &estate);
    assert_eq!(
        estate.steps("pager"),
        ["trigger"],
        "what is still open is told when it ends"
    );
    estate.assert_whole();
}

#[test]
fn the_running_engine_is_asked_for_silences_and_their_end() {
    let estate = with_pager("");
    let mut cycle = estate.begin();
    let request = serde_json::to_string(&silence(now() + HOUR)).unwrap();
    estate.put("evidence.inbox/1.json", &request);
    cycle.take_requests().unwrap();
    look(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), Vec::<String>::new());
    let id = estate.told().into_iter().find_map(|own| match own {
        NotificationEvent::SilenceSet { silence } => Some(silence.id),
        _ => None,
    });
    let end = SilenceEnd {
        end_silence: id.unwrap(),
        by: "p2".to_owned(),
    };
    estate.put(
        "evidence.inbox/2.json",
        &serde_json::to_string(&end).unwrap(),
    );
    cycle.take_requests().unwrap();
    tell(&mut cycle, &estate);
    assert_eq!(estate.steps("pager"), ["trigger"]);
}

#[test]
fn a_silence_needs_somebody_a_reason_and_an_end() {
    let estate = with_pager("");
    drop(estate.begin());
    let config = wire::load_config(&estate.config()).unwrap();
    let ask = |change: &dyn Fn(&mut SilenceRequest)| {
        let mut request = silence(now() + HOUR);
        change(&mut request);
        wire::silence(&config, &request, now())
            .unwrap_err()
            .to_string()
    };
    for (change, why) in [
        (
            &(|own: &mut SilenceRequest| own.owner = "deploy".to_owned())
                as &dyn Fn(&mut SilenceRequest),
            "`b1` is no single human",
        ),
        (
            &|own| own.reason = " ".to_owned(),
            "a silence has no reason",
        ),
        (&|own| own.expires = now(), "would be over before it begins"),
        (
            &|own| own.expires = now() + HOUR * 24 * 31,
            "would last too long",
        ),
        (
            &|own| own.matches = SilenceMatch::default(),
            "a silence of everything is none",
        ),
    ] {
        let said = ask(change);
        assert!(said.contains(why), "{said}");
    }
    assert_eq!(estate.told_words(), Vec::<&str>::new());
}
