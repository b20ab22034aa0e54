//! Receivers that forget: what goes on is told to them again, and that is no news.

use std::time::{Duration, Instant};

use driftwarden::engine::service::Cycle;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::{MINUTE, look, tell};
use crate::channels::standin::{StandIn, reply};
use crate::service::{Estate, pass, scanned};

/// The alerts that came, each with the time until which it stands.
fn posts(server: &StandIn) -> Vec<(Json, Timestamp)> {
    let came = server.came();
    let alerts = came.iter().map(|request| {
        let alert = request.json().get(0).cloned().unwrap();
        let ends = alert.get("endsAt").and_then(Json::as_str).unwrap();
        (alert.get("labels").cloned().unwrap(), ends.parse().unwrap())
    });
    alerts.collect()
}

/// Tells, and waits until so many posts came.
fn posted(cycle: &mut Cycle, server: &StandIn, count: usize) -> Vec<(Json, Timestamp)> {
    let begun = Instant::now();
    cycle.tell().unwrap();
    loop {
        let posts = posts(server);
        if posts.len() >= count {
            // Nothing more than that.
            std::thread::sleep(Duration::from_millis(100));
            assert_eq!(self::posts(server).len(), count);
            return posts;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{posts:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_goes_on_is_posted_again_in_time_and_recorded_once() {
    let server = StandIn::new(|_, _| reply(200, ""));
    let estate = Estate::new(&format!(
        "channel \"alertmanager\" \"am\" {{ url = \"{}\" }}\nroute \"all\" {{ to = [\"am\"] }}\n",
        server.url()
    ));
    let mut cycle = estate.begin();
    look(&mut cycle, &estate);
    let first = posted(&mut cycle, &server, 1);
    assert_eq!(estate.told_words(), ["queued", "delivered"]);

    pass(MINUTE * 4);
    posted(&mut cycle, &server, 1);
    pass(MINUTE);
    let again = posted(&mut cycle, &server, 2);
    assert_eq!(again[1].0, first[0].0, "an alert of its own");
    pass(MINUTE * 4);
    posted(&mut cycle, &server, 2);
    // A restart does not know when it was last told, and tells at most once too often.
    cycle.end().unwrap();
    let mut cycle = estate.begin();
    scanned(&mut cycle);
    pass(MINUTE);
    posted(&mut cycle, &server, 3);
    assert_eq!(
        estate.told_words(),
        ["queued", "delivered"],
        "that is no news"
    );

    estate.heal();
    scanned(&mut cycle);
    tell(&mut cycle, &estate);
    let over = posted(&mut cycle, &server, 4);
    assert_eq!(over[3].0, first[0].0);
    let real = Timestamp::now();
    assert!(over[..3].iter().all(|(_, ends)| *ends > real), "it stands");
    assert!(over[3].1 <= real, "it is over");
    pass(SignedDuration::from_hours(1));
    posted(&mut cycle, &server, 4);
    assert_eq!(
        estate.told_words(),
        ["queued", "delivered", "queued", "delivered"]
    );
}
