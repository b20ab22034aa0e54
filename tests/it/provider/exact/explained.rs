//! `driftwarden explain` of what a resource's own provider tells.

use serde_json::{Value as Json, json};

use super::super::support::SECRETS;
use super::estate::{Estate, app};

const FRONT: &str = "aws_appconfig_application.front";

/// The rows that the provider tells.
fn told(estate: &Estate, words: &[&str]) -> Vec<Json> {
    let words = [&["explain"], words, &["--format", "json"]].concat();
    let (status, out, err) = estate.run(&words, "");
    assert_eq!(status, 0, "{err}");
    let told: Json = serde_json::from_str(&out).unwrap();
    let rows = told["explanation"]["rows"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["told_by"] == "provider");
    rows.cloned().collect()
}

#[test]
fn both_values_and_what_the_provider_made_of_them_are_shown() {
    let estate = Estate::new("");
    estate.settle();
    let mut front = app("front");
    front["description"] = json!("Opened for tests");
    front["notes"] = json!("added by hand");
    front["secret"] = json!("tok-0123456789");
    estate.store("front", &front);
    estate.record("opened for tests");
    let (_, report) = estate.scan(&[], "");
    let deviations = report["deviations"].as_array().unwrap();
    assert_eq!(deviations.len(), 3, "{report:#}");
    for one in deviations {
        let rows = told(&estate, &[one["id"].as_str().unwrap()]);
        assert_eq!(rows.len(), 1, "{rows:#?}");
        assert_eq!(rows[0]["attribute"], one["attribute"]);
        assert_eq!(rows[0]["outcome"], "differs");
        let at = &rows[0]["approved"][0]["differs_at"];
        assert_eq!(*at, json!([one["attribute"]]));
    }
    let (_, out, _) = estate.run(&["explain", FRONT, "/description"], "");
    let (_, page) = out.split_once("\nATTRIBUTE").unwrap();
    // The plan names a folder that is new each time, and so does its digest.
    let page = format!("ATTRIBUTE{page}");
    let lines = page.lines();
    let lines = lines.map(|line| line.split(" (digest").next().unwrap());
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    ATTRIBUTE   /description
      told by     its own provider, which was asked now
      form        as the provider writes it
                  the schema as driftwarden ships it declares it a single value
      live        /description of aws_appconfig_application.front in a read by its provider
        raw         "Opened for tests"
        canonical   "Opened for tests"
      baseline    plan.json
        raw         "feature flags"
        canonical   "feature flags"
        considered  planned-the-same did not hold: from what is written, the provider would change it
        considered  read-as-settled did not hold: it reads otherwise than when it was settled
        so          differs at /description
      settled     plan.json
        raw         "feature flags"
        so          differs
      outcome     differs
    "#);
    let rows = told(&estate, &[FRONT, "/secret"]);
    let (live, approved) = (&rows[0]["live"], &rows[0]["approved"][0]);
    assert!(
        live["raw"].is_null() && live["digest"].is_string(),
        "{rows:#?}"
    );
    assert_ne!(live["digest"], approved["digest"]);
    assert!(!rows[0].to_string().contains(SECRETS[1]));
}

#[test]
fn what_the_provider_would_leave_as_it_is_is_explained_as_well() {
    let estate = Estate::new("");
    estate.settle();
    estate.record("opened for tests");
    let rows = told(&estate, &[FRONT, "/description"]);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["outcome"], "equal");
    let steps = rows[0]["approved"][0]["considered"].as_array().unwrap();
    let steps = steps
        .iter()
        .map(|own| (own["equivalence"].as_str().unwrap(), own["held"] == true));
    let steps: Vec<_> = steps.collect();
    assert_eq!(
        steps,
        [("planned-the-same", true), ("read-as-settled", true)]
    );
    // Without it, that nothing was added is not shown.
    let estate = Estate::new("");
    let rows = told(&estate, &[FRONT, "/notes"]);
    assert_eq!(rows[0]["approved"][0]["considered"][1]["held"], false);
    // A provider that is away says so.
    let words = ["explain", FRONT, "/description"];
    let (_, out, _) = estate.run(&words, "refuses-read");
    assert!(
        out.contains("NOTE        its provider did not see it: "),
        "{out}"
    );
}
