//! By which means a call was made, and by whom.

use super::*;

fn by_pipeline(means: Means, role: &str, from: &str) -> Activity {
    let mut activity = opened("09:00:00");
    activity.actor.means = means;
    activity.actor.aliases = vec![role.to_owned(), "deploy".to_owned(), "run-7".to_owned()];
    match from.parse() {
        Ok(ip) => activity.actor.source_ip = Some(ip),
        Err(_) => activity.actor.source_host = Some(from.to_owned()),
    }
    activity
}

#[test]
fn a_pipeline_acts_from_its_own_networks_not_from_those_of_another() {
    let other = "arn:aws:iam::111122223333:role/other".to_owned();
    let allowed = Allowed::default()
        .with(&[DEPLOY.to_owned()], &["198.51.100.0/24".to_owned()])
        .and_then(|allowed| allowed.with(&[other], &["203.0.113.0/24".to_owned()]))
        .unwrap();
    let means = |from| {
        let activity = by_pipeline(Means::Key, DEPLOY, from);
        let index = ActivityIndex::new(vec![activity], &allowed, None);
        index.attribute(&ingress()).unwrap().means
    };
    assert_eq!(means("198.51.100.7"), Means::Pipeline);
    assert_eq!(means("203.0.113.7"), Means::Key);
}

#[test]
fn a_pipeline_needs_its_role_and_its_network() {
    let allowed = Allowed::default()
        .with(
            &[DEPLOY.to_owned()],
            &["198.51.100.0/24".to_owned(), "vpce-1a2b".to_owned()],
        )
        .unwrap();
    let means = |activity| {
        let index = ActivityIndex::new(vec![activity], &allowed, None);
        index.attribute(&ingress()).unwrap().means
    };
    assert_eq!(
        means(by_pipeline(Means::Key, DEPLOY, "198.51.100.7")),
        Means::Pipeline
    );
    assert_eq!(
        means(by_pipeline(Means::Key, DEPLOY, "vpce-1a2b")),
        Means::Pipeline
    );
    assert_eq!(
        means(by_pipeline(Means::Key, DEPLOY, "203.0.113.9")),
        Means::Key,
        "a laptop"
    );
    assert_eq!(
        means(by_pipeline(Means::Key, "deploy", "198.51.100.7")),
        Means::Key
    );
    assert_eq!(
        means(by_pipeline(Means::Pipeline, DEPLOY, "203.0.113.9")),
        Means::Key
    );
    assert_eq!(
        means(by_pipeline(Means::Console, DEPLOY, "198.51.100.7")),
        Means::Console
    );
    assert_eq!(
        means(by_pipeline(Means::Service, DEPLOY, "198.51.100.7")),
        Means::Service
    );
    let mut elsewhere = by_pipeline(Means::Key, DEPLOY, "198.51.100.7");
    elsewhere.actor.source_host = Some("vpce-9999".to_owned());
    assert_eq!(
        means(elsewhere),
        Means::Key,
        "behind another's endpoint addresses prove nothing"
    );
}

#[test]
fn people_are_found_by_the_most_trusted_name() {
    let person = |id: &str, alias: &str| Person {
        id: PersonId(id.to_owned()),
        kind: PersonKind::Human,
        active: true,
        roles: Vec::new(),
        aliases: vec![alias.to_owned()],
    };
    let map = IdentityMap::new(vec![person("p1", DEPLOY), person("p2", "ana@bank.example")]);
    let map = map.unwrap();
    let who = |means, aliases: &[&str]| {
        let mut activity = opened("09:00:00");
        activity.actor.means = means;
        activity.actor.aliases = aliases.iter().map(ToString::to_string).collect();
        let index = ActivityIndex::new(vec![activity], &Allowed::default(), Some(&map));
        index.attribute(&ingress()).unwrap().person
    };
    assert_eq!(
        who(Means::Key, &["Ana@Bank.example"]).as_deref(),
        Some("p2")
    );
    assert_eq!(
        who(Means::Key, &[DEPLOY, "ana@bank.example"]).as_deref(),
        Some("p1")
    );
    assert_eq!(
        who(Means::Service, &["ana@bank.example"]),
        None,
        "the service acted"
    );
    assert_eq!(who(Means::Key, &["nobody"]), None);
}
