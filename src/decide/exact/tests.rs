//! What follows from what providers say, case by case.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::model::{ProviderId, TypeName};

fn key_of(address: &str) -> Key {
    (WorkspaceName::from("shop"), Address::from(address))
}

fn subjects_of() -> BTreeMap<Key, Subject> {
    let subject = Subject {
        plan: Sha256Digest::of(b"plan"),
        type_name: TypeName::from("aws_appconfig_application"),
        provider_id: Some(ProviderId::from("app-1")),
        account: None,
        region: None,
        pending: Vec::new(),
    };
    BTreeMap::from([(key_of("a.b"), subject)])
}

fn found(attribute: Option<&str>, fidelity: Fidelity) -> Deviation {
    let subjects = subjects_of();
    let key = key_of("a.b");
    let made = Made {
        key: &key,
        subject: &subjects[&key],
        place: None,
        like: None,
        now: Timestamp::UNIX_EPOCH,
    };
    let kind = match attribute {
        Some(_) => DeviationKind::Changed,
        None => DeviationKind::Missing,
    };
    Deviation {
        attribute: attribute.map(AttributePath::from),
        fidelity,
        account: Some(AccountId::from("111122223333")),
        ..made.deviation(kind)
    }
}

fn place(attribute: &str) -> ExactPlace {
    ExactPlace {
        attribute: AttributePath::from(attribute),
        approved: Value::string("approved"),
        live: Value::string("live"),
    }
}

fn seen(places: &[&str], is_settled: bool) -> ExactLook {
    ExactLook::Seen {
        places: places.iter().map(|at| place(at)).collect(),
        wholes: BTreeMap::new(),
        is_settled,
        detail: None,
    }
}

/// Kind, attribute and fidelity of what is left, and the places that are set aside.
fn joined(found: &[Deviation], look: ExactLook) -> (Vec<Deviation>, Vec<String>) {
    let mut deviations = found.to_vec();
    let looks = BTreeMap::from([(key_of("a.b"), look)]);
    let none = Places::new();
    let now = Timestamp::from_second(9).unwrap();
    let aside = join(&looks, &subjects_of(), &none, &mut deviations, now);
    let aside = aside.into_iter().map(|own| {
        let attribute = own.attribute.map(|at| at.as_str().to_owned());
        attribute.unwrap_or_else(|| own.kind.as_str().to_owned())
    });
    (deviations, aside.collect())
}

fn shown(deviations: &[Deviation]) -> Vec<(&str, &str)> {
    let all = deviations.iter().map(|own| {
        let attribute = own.attribute.as_ref().map(AttributePath::as_str);
        (
            attribute.unwrap_or(own.kind.as_str()),
            own.fidelity.as_str(),
        )
    });
    all.collect()
}

#[test]
fn what_nobody_reviewed_is_set_aside_only_where_additions_would_have_shown() {
    let by_name = [found(Some("/description"), Fidelity::Presence)];
    let (left, aside) = joined(&by_name, seen(&[], true));
    assert_eq!((left.len(), aside), (0, vec!["/description".to_owned()]));
    let (left, aside) = joined(&by_name, seen(&[], false));
    assert_eq!(shown(&left), [("/description", "presence")]);
    assert!(left[0].notes[0].contains("without a settled baseline"));
    assert!(aside.is_empty());
}

#[test]
fn what_the_provider_sees_takes_the_place_of_what_was_guessed() {
    let by_name = [
        found(Some("/description"), Fidelity::Presence),
        found(Some("/name"), Fidelity::Presence),
    ];
    let (left, aside) = joined(&by_name, seen(&["/description", "/notes"], true));
    assert_eq!(
        shown(&left),
        [("/description", "exact"), ("/notes", "exact")]
    );
    assert_eq!(aside, ["/name"]);
    assert_eq!(left[0].live, Value::string("live"));
    assert_eq!(left[0].account, by_name[0].account);
    assert_eq!(
        left[0].observed_at,
        Some(Timestamp::from_second(9).unwrap())
    );
}

/// A reviewed finding stands, whatever the provider says, and is not told twice.
#[test]
fn what_was_reviewed_is_neither_set_aside_nor_told_twice() {
    let reviewed = [found(Some("/ingress"), Fidelity::Mapped)];
    let (left, aside) = joined(&reviewed, seen(&[], true));
    assert_eq!(shown(&left), [("/ingress", "mapped")]);
    assert_eq!(left[0].notes, ["its provider sees it as approved"]);
    assert!(aside.is_empty());
    let (left, _) = joined(&reviewed, seen(&["/ingress/0/cidr", "/ingressed"], true));
    assert_eq!(
        shown(&left),
        [("/ingress", "mapped"), ("/ingressed", "exact")]
    );
    let (left, _) = joined(&reviewed, ExactLook::Missing);
    assert_eq!(shown(&left), [("/ingress", "mapped"), ("missing", "exact")]);
}

#[test]
fn a_tag_is_told_once() {
    let (left, _) = joined(&[], seen(&["/tags/Owner", "/tags_all/Owner"], true));
    assert_eq!(shown(&left), [("/tags_all/Owner", "exact")]);
    let reviewed = [found(Some("/tags_all/Owner"), Fidelity::Mapped)];
    let (left, _) = joined(&reviewed, seen(&["/tags/Owner", "/tags_all/Owner"], true));
    assert_eq!(shown(&left), [("/tags_all/Owner", "mapped")]);
    // Of a type without the second, or where only the first differs, it is told as it is.
    let (left, _) = joined(&[], seen(&["/tags/Owner", "/tags_all/Env"], true));
    assert_eq!(
        shown(&left),
        [("/tags/Owner", "exact"), ("/tags_all/Env", "exact")]
    );
}

#[test]
fn a_gap_leaves_everything_as_it_was_with_the_reason() {
    let by_name = [found(Some("/description"), Fidelity::Presence)];
    let (left, aside) = joined(&by_name, ExactLook::Gap("403".to_owned()));
    assert_eq!(shown(&left), [("/description", "presence")]);
    assert_eq!(left[0].id(), by_name[0].id());
    assert_eq!(left[0].notes, ["its provider did not see it: 403"]);
    assert!(aside.is_empty());
}

#[test]
fn missing_is_what_the_provider_says_it_is() {
    let missing = [found(None, Fidelity::Presence)];
    let (left, aside) = joined(&missing, seen(&[], false));
    assert_eq!((left.len(), aside), (0, vec!["missing".to_owned()]));
    let (left, _) = joined(&missing, ExactLook::Missing);
    assert_eq!(shown(&left), [("missing", "exact")]);
    // Of a resource that is gone nothing else is told.
    let (left, _) = joined(
        &[found(Some("/name"), Fidelity::Presence)],
        ExactLook::Missing,
    );
    assert_eq!(shown(&left), [("missing", "exact")]);
}

/// The key of a finding holds the place of the resource: it stays where it was when it opened.
#[test]
fn a_finding_keeps_its_key_from_look_to_look() {
    let looks = BTreeMap::from([(key_of("a.b"), seen(&["/notes"], true))]);
    let account = Some(AccountId::from("111122223333"));
    let place = Place {
        account: account.clone(),
        ..Place::default()
    };
    let open = Places::from([(key_of("a.b"), place)]);
    let mut deviations = Vec::new();
    let now = Timestamp::UNIX_EPOCH;
    join(&looks, &subjects_of(), &open, &mut deviations, now);
    assert_eq!(deviations[0].account, account);
    let first = found(Some("/name"), Fidelity::Presence);
    let (again, _) = joined(&[first], seen(&["/notes"], true));
    assert_eq!(again[0].finding_key(), deviations[0].finding_key());
}

#[test]
fn what_needs_a_look_is_looked_at_and_what_was_found_so_before() {
    let subjects = subjects_of();
    let plan = Sha256Digest::of(b"plan");
    let workspace = WorkspaceName::from("shop");
    let mapped = [found(Some("/name"), Fidelity::Mapped)];
    let none = Places::new();
    assert!(wanted(&subjects, &mapped, &none, std::iter::empty()).is_empty());
    let by_name = [found(Some("/name"), Fidelity::Presence)];
    let all = wanted(&subjects, &by_name, &none, std::iter::empty());
    assert_eq!(
        all[&(workspace.clone(), plan)],
        BTreeSet::from([Address::from("a.b")])
    );
    let open = Places::from([
        (key_of("a.b"), Place::default()),
        (key_of("a.gone"), Place::default()),
    ]);
    let all = wanted(&subjects, &mapped, &open, std::iter::empty());
    assert_eq!(all[&(workspace, plan)].len(), 1);
}

/// Otherwise a provider that is away for a while would make a critical finding a guess, and back.
#[test]
fn a_gap_does_not_make_a_guess_of_what_was_seen_exactly() {
    let looks = BTreeMap::from([(key_of("a.b"), ExactLook::Gap("403".to_owned()))]);
    let attributes = BTreeSet::from([Some(AttributePath::from("/description"))]);
    let place = Place {
        attributes,
        ..Place::default()
    };
    let open = Places::from([(key_of("a.b"), place)]);
    let mut deviations = vec![
        found(Some("/description"), Fidelity::Presence),
        found(Some("/name"), Fidelity::Presence),
        found(None, Fidelity::Presence),
    ];
    let now = Timestamp::UNIX_EPOCH;
    join(&looks, &subjects_of(), &open, &mut deviations, now);
    assert_eq!(
        shown(&deviations),
        [("/name", "presence"), ("missing", "presence")]
    );
}
