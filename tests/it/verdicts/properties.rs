//! What holds for every combination of records, approvals and times.

use driftwarden::decide::approvals::Standing;
use driftwarden::ingest::{changes, identity};
use driftwarden::model::{Confidence, DeviationKind, Relation, Verdict};
use proptest::bool::weighted;
use proptest::prelude::*;
use serde_json::json;

use super::{World, approval, approvals, attribution, make_emergency, plan, record, shift, time};

const NAMES: [&str; 9] = [
    "ana@bank.example",
    "ben@bank.example",
    "ben.b",
    "cleo@bank.example",
    "dora.d",
    "merge-bot",
    "gone@bank.example",
    "deploy-role",
    "eve",
];

fn any_approval() -> impl Strategy<Value = serde_json::Value> {
    (
        proptest::sample::select(NAMES.as_slice()),
        proptest::sample::select(["technical", "regulatory", "business"].as_slice()),
        proptest::sample::select(
            [
                "approved",
                "approved",
                "approved",
                "rejected",
                "withdrawn",
                "hm",
            ]
            .as_slice(),
        ),
        0_i64..96,
    )
        .prop_map(|(by, role, decision, hour)| {
            let at = shift(time("2026-10-29T00:00:00Z"), hour * 3600, 0);
            approval(by, role, decision, &at.to_string())
        })
}

fn any_record(number: usize) -> impl Strategy<Value = serde_json::Value> {
    let plan = plan("plan.json", b"the plan");
    (
        proptest::collection::vec(any_approval(), 0..3),
        [0.3, 0.2, 0.2, 0.2, 0.8, 0.1].map(weighted),
        proptest::sample::select(
            [
                "implement",
                "scheduled",
                "review",
                "closed",
                "authorize",
                "canceled",
                "hm",
            ]
            .as_slice(),
        ),
        proptest::sample::select(NAMES.as_slice()),
    )
        .prop_map(move |(more, flags, state, requester)| {
            let mut made = record(&plan);
            let [
                emergency,
                other_plan,
                no_window,
                odd_requester,
                keep,
                author,
            ] = flags;
            if emergency {
                make_emergency(&mut made);
            }
            if !keep {
                approvals(&mut made).clear();
            }
            approvals(&mut made).extend(more);
            made["number"] = json!(format!("CHG{number}"));
            made["state"] = json!(state);
            if other_plan && odd_requester {
                made["plan_sha256"] = json!("00".repeat(32));
            }
            if no_window && odd_requester {
                made["window"] = json!(null);
            }
            if odd_requester {
                made["requested_by"] = json!(requester);
            }
            if author {
                made["author"] = json!(requester);
            }
            made
        })
}

fn any_world() -> impl Strategy<Value = World> {
    let records = (any_record(1), any_record(2), 0_usize..3);
    let actors = [
        super::DEPLOY_SESSION,
        "arn:aws:iam::111122223333:user/maria",
        "arn:aws:sts::111122223333:assumed-role/deploy-role/ben.b",
        "arn:aws:iam::111122223333:root",
        "arn:::::/",
        "",
    ];
    (
        records,
        prop_oneof![
            3 => Just(DeviationKind::Changed),
            1 => proptest::sample::select(DeviationKind::ALL.as_slice()),
        ],
        proptest::sample::select(
            [
                Relation::EqualsAfter,
                Relation::EqualsAfter,
                Relation::EqualsBefore,
                Relation::Neither,
            ]
            .as_slice(),
        ),
        proptest::option::weighted(0.9, proptest::sample::select(actors.to_vec())),
        [0.2, 0.3, 0.5].map(weighted),
        (-10_i64..100, -30_i64..30),
    )
        .prop_map(
            |((first, second, count), kind, relation, actor, flags, hours)| {
                let [no_people, assumed, low] = flags;
                let mut world = World::with(|world| {
                    world.records = [first, second].into_iter().take(count).collect();
                });
                world.deviation.kind = kind;
                world.deviation.pending[0].relation = relation;
                world.now = shift(world.now, hours.0 * 3600, 0);
                world.attribution = actor.map(|actor| {
                    let mut made = attribution(actor);
                    made.at = shift(made.at, hours.1 * 600, 0);
                    if low && assumed {
                        made.confidence = Confidence::Low;
                    }
                    made
                });
                if no_people && assumed {
                    world.people = None;
                }
                world.assumed = assumed && low && !no_people;
                world
            },
        )
}

proptest! {
    #[test]
    fn every_verdict_has_reasons_and_authorised_needs_a_plan_that_stands(world in any_world()) {
        let standing = world.standing();
        let judgement = world.judge();
        prop_assert!(!judgement.reasons.is_empty());
        if judgement.verdict == Verdict::Authorised {
            prop_assert_eq!(world.deviation.pending[0].relation, Relation::EqualsAfter);
            prop_assert!(matches!(standing.standing, Standing::Approved | Standing::Assumed));
            prop_assert!(matches!(
                world.deviation.kind,
                DeviationKind::Changed | DeviationKind::Missing | DeviationKind::Unmanaged
            ));
        }
        if standing.standing == Standing::Approved {
            prop_assert!(world.people.is_some());
            prop_assert!(standing.reasons.is_empty());
        }
    }

    #[test]
    fn the_order_of_records_and_approvals_does_not_matter(
        world in any_world(),
        turn in 0_usize..5,
    ) {
        let mut turned = world.clone();
        turned.records.reverse();
        for record in &mut turned.records {
            let list = approvals(record);
            list.reverse();
            let by = turn.min(list.len());
            list.rotate_left(by);
        }
        let facts = |world: &World| {
            let standing = world.standing();
            (standing.standing, standing.reasons, standing.approved_at, world.judge())
        };
        prop_assert_eq!(facts(&world), facts(&turned));
    }

    /// Both approvals of the valid record are needed, whatever else was said by people who may not
    /// approve.
    #[test]
    fn without_one_of_two_approvals_nothing_is_authorised(
        which in 0_usize..2,
        others in proptest::collection::vec(any_approval(), 0..4),
        taken_back in any::<bool>(),
    ) {
        let mut world = World::default();
        let list = approvals(&mut world.records[0]);
        if taken_back {
            let mut no = list[which].clone();
            no["decision"] = json!("withdrawn");
            no["at"] = json!("2026-11-01T12:00:00Z");
            list.push(no);
        } else {
            list.remove(which);
        }
        let helpless = ["ana@bank.example", "merge-bot", "gone@bank.example", "deploy-role", "eve"];
        list.extend(others.into_iter().filter(|one| helpless.contains(&one["by"].as_str().unwrap())));
        prop_assert_ne!(world.judge().verdict, Verdict::Authorised);
    }

    /// One more approval never takes standing away from a plan, unless it is by somebody unmapped.
    #[test]
    fn an_approval_more_does_no_harm(world in any_world(), more in any_approval()) {
        prop_assume!(more["by"] != "eve" && more["decision"] == "approved");
        let before = world.standing().standing;
        let mut after = world.clone();
        for record in &mut after.records {
            approvals(record).push(more.clone());
        }
        if before == Standing::Approved {
            prop_assert_eq!(after.standing().standing, Standing::Approved);
        }
    }

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for name in ["c.json", "c.yaml"] {
            let _ = changes::parse(name, &bytes);
            let _ = identity::parse(name, &bytes);
        }
    }

    #[test]
    fn no_damaged_record_makes_a_parser_panic(at in 0_usize..600, byte in any::<u8>()) {
        let mut bytes = serde_json::to_vec_pretty(&World::default().records).unwrap();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        for name in ["c.json", "c.yaml"] {
            let _ = changes::parse(name, &bytes);
        }
    }
}

/// A record judged at the ends of time does not overflow.
#[test]
fn the_ends_of_time_are_times() {
    for now in [jiff::Timestamp::MIN, jiff::Timestamp::MAX] {
        let mut world = World::with(|world| world.now = now);
        assert!(!world.judge().reasons.is_empty());
        make_emergency(&mut world.records[0]);
        super::of(&mut world).at = now;
        assert!(!world.judge().reasons.is_empty());
    }
}
