//! The payload of every kind of message for every channel, as it was reviewed.

use driftwarden::model::Page;
use driftwarden::report::page::{
    Words, alertmanager, asff, cloudevent, email, line, pagerduty, slack, splunk, teams,
};
use jiff::SignedDuration;
use serde_json::Value as Json;

use super::pages;

fn cases() -> Vec<(&'static str, Page)> {
    vec![
        ("changed", pages::of(pages::finding())),
        ("unmanaged", pages::of(pages::unmanaged())),
        ("sensitive", pages::of(pages::sensitive())),
        ("group", pages::group()),
        ("detector", pages::detector()),
        ("resolved", pages::resolved()),
        ("note", pages::note()),
        ("hostile", pages::hostile_page()),
    ]
}

fn every(form: impl Fn(&Page) -> String) -> String {
    let mut all = String::new();
    for (name, page) in cases() {
        all.push_str(&format!("=== {name}\n{}\n", form(&page).trim_end()));
    }
    all
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap()
}

macro_rules! reviewed {
    ($name:ident, $form:expr) => {
        #[test]
        fn $name() {
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(stringify!($name), every($form)));
        }
    };
}

fn none() -> Words {
    Words::default()
}

reviewed!(
    form_of_pagerduty,
    |page| match pagerduty::event(page, &none()) {
        pagerduty::Event::Alert(event) => format!("/v2/enqueue\n{}", pretty(&event)),
        pagerduty::Event::Change(event) => format!("/v2/change/enqueue\n{}", pretty(&event)),
    }
);

reviewed!(form_of_mail, |page| {
    let mail = email::mail(page, &none());
    let (subject, id, priority) = (mail.subject, mail.id, mail.priority);
    format!(
        "Subject: {subject}\nId: {id}\nPriority: {priority}\n\n{}\n--- html\n{}",
        mail.text, mail.html
    )
});

reviewed!(form_of_slack, |page| pretty(&slack::message(page, &none())));

reviewed!(form_of_teams, |page| pretty(&teams::message(page, &none())));

reviewed!(form_of_alertmanager, |page| {
    let labels = alertmanager::labels(page);
    let now = pages::time("2026-11-28T09:26:00Z");
    let lasts = SignedDuration::from_hours(1);
    pretty(&alertmanager::alerts(page, &none(), &labels, now, lasts))
});

reviewed!(form_of_cloudevent, |page| pretty(&cloudevent::event(page)));

reviewed!(form_of_asff, |page| {
    let hub = asff::Hub {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
    };
    pretty(&asff::finding(page, &hub))
});

reviewed!(form_of_splunk, |page| {
    let filing = splunk::Filing {
        source: "driftwarden".to_owned(),
        sourcetype: "driftwarden:page".to_owned(),
        index: Some("audit".to_owned()),
    };
    pretty(&splunk::event(page, &filing))
});

reviewed!(form_of_a_line, |page| String::from_utf8(line(page))
    .unwrap());
