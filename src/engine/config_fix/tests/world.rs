//! AWS Config as a test wants it, with one bucket: what is set up, what runs and how it ends.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::decide::guards::test_support::{Asked, at};
use crate::decide::guards::{Permit, judge};
use crate::engine::config_fix::{Documented, Hands, SetsRight, remedy};
use crate::model::{
    Address, AttributePath, DeviationKind, DurabilityLevel, FixResult, FixSubject, OutsideStanding,
    ProviderId, Sha256Digest, StopFile, TypeName, Value, WhyNotRead,
};
use crate::normalise::catalogue::Catalogue;
use crate::ports::{
    Alarm, Appended, CallFailed, CallPlace, CarriedOut, Execution, ExecutionState, ExecutionStep,
    FixTried, NotObserved, Outside, ParameterValue, Reached, ReadAgain, ReadsAgain, Remediation,
    RemediationApi, ResourceKey, StartFailed, StepState, StopSign, Wanted, WantedResource, reach,
};

pub const ACCOUNT: &str = "111122223333";
pub const BUCKET: &str = "bank-ledger";
pub const RULE: &str = "buckets-not-public";
pub const DOCUMENT: &str = "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock";
pub const SWITCHES: [&str; 4] = [
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
];

/// What the parts of the test share. A start is answered by `on_start`, and makes `runs` go on.
pub struct Cloud {
    pub set_up: Option<Remediation>,
    /// The newest run, as each look shows it; the last one stays.
    pub runs: VecDeque<Option<Execution>>,
    /// What looks show after a start.
    pub after_start: VecDeque<Option<Execution>>,
    pub on_start: Result<(), StartFailed>,
    /// Items of the bucket, as each read shows them; the last one stays.
    pub items: VecDeque<Json>,
    /// Calls of that name fail.
    pub fails: Option<(&'static str, WhyNotRead)>,
    /// From a start on.
    pub fails_later: Option<(&'static str, WhyNotRead)>,
    pub stop: StopFile,
    pub calls: Vec<String>,
}

pub struct Api(pub Mutex<Cloud>);

pub fn run(minute: i64, state: ExecutionState, steps: &[(StepState, Option<&str>)]) -> Execution {
    let steps = steps
        .iter()
        .enumerate()
        .map(|(number, (state, error))| ExecutionStep {
            name: format!("step{number}"),
            state: state.clone(),
            error: error.map(str::to_owned),
        });
    Execution {
        invoked: Some(at(minute)),
        state,
        steps: steps.collect(),
    }
}

/// The bucket's item with its four switches; none of them where the block is gone.
pub fn item(switches: Option<[bool; 4]>) -> Json {
    let mut parts = json!({"BucketVersioningConfiguration": {"status": "Enabled"}});
    if let Some([acls, policy, ignore, restrict]) = switches {
        parts["PublicAccessBlockConfiguration"] = json!({"blockPublicAcls": acls,
            "blockPublicPolicy": policy, "ignorePublicAcls": ignore,
            "restrictPublicBuckets": restrict});
    }
    json!({"resourceType": "AWS::S3::Bucket", "resourceId": BUCKET, "resourceName": BUCKET,
        "arn": format!("arn:aws:s3:::{BUCKET}"), "accountId": ACCOUNT, "awsRegion": "eu-west-1",
        "configurationItemCaptureTime": "2026-11-04T09:00:00Z", "configurationItemStatus": "OK",
        "configuration": {"name": BUCKET}, "supplementaryConfiguration": parts})
}

pub const OPEN: Option<[bool; 4]> = Some([false, true, true, true]);
pub const SHUT: Option<[bool; 4]> = Some([true; 4]);

pub fn remediation() -> Remediation {
    let fixed = |text: &str| ParameterValue::Static(vec![text.to_owned()]);
    Remediation {
        is_document: true,
        document: DOCUMENT.to_owned(),
        version: Some("7".to_owned()),
        parameters: BTreeMap::from([
            ("BucketName".to_owned(), ParameterValue::ResourceId),
            (
                "AutomationAssumeRole".to_owned(),
                fixed("arn:aws:iam::111122223333:role/remedy-eu-west-1"),
            ),
        ]),
        resource_type: Some("AWS::S3::Bucket".to_owned()),
        is_automatic: false,
    }
}

pub fn documented() -> Documented {
    let sets = SWITCHES.map(|attribute| SetsRight {
        type_name: TypeName::from("aws_s3_bucket_public_access_block"),
        attribute: attribute.to_owned(),
        value: Some("true".to_owned()),
    });
    Documented {
        rule: RULE.to_owned(),
        document: DOCUMENT.to_owned(),
        version: "7".to_owned(),
        parameters: BTreeMap::from([
            ("BucketName".to_owned(), vec!["{resource_id}".to_owned()]),
            (
                "AutomationAssumeRole".to_owned(),
                vec!["arn:aws:iam::{account}:role/remedy-{region}".to_owned()],
            ),
        ]),
        sets: sets.to_vec(),
        workspaces: vec!["pay*".to_owned()],
        accounts: vec![ACCOUNT.into()],
        regions: vec!["eu-west-1".into()],
        wait: Duration::from_secs(30),
    }
}

/// Somebody opened one switch of the bucket.
pub fn subject() -> FixSubject {
    FixSubject {
        kind: DeviationKind::Changed,
        address: Some(Address::from("aws_s3_bucket_public_access_block.ledger")),
        type_name: TypeName::from("aws_s3_bucket_public_access_block"),
        provider_id: Some(ProviderId::from(BUCKET)),
        account: Some(ACCOUNT.into()),
        region: Some("eu-west-1".into()),
        attribute: Some(AttributePath::from("/block_public_acls")),
        approved: Value::Bool(true),
        live: Value::Bool(false),
        plan: Some(("plan.json".to_owned(), Sha256Digest::of(b"plan"))),
        ..crate::decide::guards::test_support::subject()
    }
}

/// The whole block is gone.
pub fn gone() -> FixSubject {
    FixSubject {
        kind: DeviationKind::Missing,
        attribute: None,
        approved: Value::Null,
        live: Value::Null,
        ..subject()
    }
}

pub fn approved() -> Value {
    let switches = SWITCHES.map(|own| (own.to_owned(), Value::Bool(true)));
    Value::Map(switches.into_iter().collect())
}

pub struct World {
    pub api: Api,
    pub own: Documented,
    pub subject: FixSubject,
    pub approved: Value,
    pub paused: Cell<Duration>,
}

impl World {
    /// The switch is open; nothing ever ran; what is started is done at once.
    pub fn new() -> Self {
        let done = run(
            1,
            ExecutionState::Succeeded,
            &[(StepState::Succeeded, None)],
        );
        Self {
            api: Api(Mutex::new(Cloud {
                set_up: Some(remediation()),
                runs: [None].into(),
                after_start: [Some(done)].into(),
                on_start: Ok(()),
                items: [item(OPEN), item(SHUT)].into(),
                fails: None,
                fails_later: None,
                stop: StopFile::Absent,
                calls: Vec::new(),
            })),
            own: documented(),
            subject: subject(),
            approved: approved(),
            paused: Cell::default(),
        }
    }

    pub fn cloud(&mut self) -> &mut Cloud {
        self.api.0.get_mut().unwrap()
    }

    pub fn calls(&self, name: &str) -> usize {
        let cloud = self.api.0.lock().unwrap();
        cloud.calls.iter().filter(|call| *call == name).count()
    }

    /// A fix that begins, or one that an earlier process began.
    pub fn remedied(&self, is_resumed: bool) -> FixTried {
        let catalogue = Catalogue::reviewed().unwrap();
        let pause = |time: Duration| self.paused.set(self.paused.get() + time);
        let hands = Hands {
            api: &self.api,
            source: &self.api,
            catalogue: &catalogue,
            stop: &self.api,
            pause: &pause,
        };
        let permit = self.permit(is_resumed);
        remedy(hands, &self.own, &self.approved, permit, receipt())
    }

    pub fn done(&self, is_resumed: bool) -> CarriedOut {
        match self.remedied(is_resumed) {
            FixTried::Done(carried) => carried,
            FixTried::Left(left) => panic!("it was left: {}", left.why),
        }
    }

    pub fn result(&self, is_resumed: bool) -> (FixResult, String) {
        let CarriedOut { result, detail, .. } = self.done(is_resumed);
        (result, detail)
    }

    pub fn left(&self) -> String {
        match self.remedied(false) {
            FixTried::Done(carried) => panic!("it was not left: {carried:?}"),
            FixTried::Left(left) => left.why,
        }
    }

    fn permit(&self, is_resumed: bool) -> Permit {
        let mut asked = Asked {
            seen: Some(self.subject.deviation.clone()),
            subject: self.subject.clone(),
            ..Asked::default()
        };
        let first = judge(&asked.question()).permit.unwrap();
        if !is_resumed {
            return first;
        }
        let intent = first.intent().clone();
        asked.fixes.begin(intent.clone());
        let mut question = asked.question();
        question.resumes = Some(&intent);
        judge(&question).permit.unwrap()
    }
}

/// The next of some answers; the last one stays.
fn next<T: Clone>(answers: &mut VecDeque<T>) -> T {
    match answers.len() {
        0 | 1 => answers.front().cloned().unwrap(),
        _ => answers.pop_front().unwrap(),
    }
}

impl Api {
    fn call(&self, name: &'static str, at: &CallPlace) -> Result<(), CallFailed> {
        assert_eq!(
            (at.account.as_str(), at.region.as_str()),
            (ACCOUNT, "eu-west-1")
        );
        let mut cloud = self.0.lock().unwrap();
        cloud.calls.push(name.to_owned());
        match cloud.fails {
            Some((own, why)) if own == name => Err(CallFailed {
                why,
                what: format!("`{name}`: it is {why}"),
            }),
            Some(_) | None => Ok(()),
        }
    }
}

impl RemediationApi for Api {
    fn remediation(&self, at: &CallPlace, rule: &str) -> Result<Option<Remediation>, CallFailed> {
        self.call("remediation", at)?;
        assert_eq!(rule, RULE);
        Ok(self.0.lock().unwrap().set_up.clone())
    }

    fn execution(
        &self,
        at: &CallPlace,
        _: &str,
        key: &ResourceKey,
    ) -> Result<Option<Execution>, CallFailed> {
        self.call("execution", at)?;
        assert_eq!((&*key.config_type, &*key.id), ("AWS::S3::Bucket", BUCKET));
        Ok(next(&mut self.0.lock().unwrap().runs))
    }

    fn start(&self, at: &CallPlace, _: &str, _: &ResourceKey) -> Result<(), StartFailed> {
        let refused = self.call("start", at);
        refused.map_err(|error| StartFailed::NotStarted(error.what))?;
        let mut cloud = self.0.lock().unwrap();
        cloud.runs = cloud.after_start.clone();
        cloud.fails = cloud.fails_later.or(cloud.fails);
        cloud.on_start.clone()
    }
}

impl ReadsAgain for Api {
    fn read_again(&self, wanted: &[WantedResource]) -> ReadAgain {
        let [one] = wanted else { panic!("{wanted:?}") };
        assert_eq!(&*one.config_type, "AWS::S3::Bucket");
        let at = CallPlace {
            account: one.account.clone(),
            region: one.region.clone(),
        };
        match self.call("read", &at) {
            Ok(()) => {
                let item = next(&mut self.0.lock().unwrap().items);
                ReadAgain {
                    items: Some(
                        json!({"configurationItems": [item]})
                            .to_string()
                            .into_bytes(),
                    ),
                    not_observed: Vec::new(),
                }
            }
            Err(error) => ReadAgain {
                items: None,
                not_observed: vec![NotObserved {
                    wanted: one.clone(),
                    why: error.why,
                    detail: error.what,
                }],
            },
        }
    }
}

impl StopSign for Api {
    fn look(&self) -> StopFile {
        self.0.lock().unwrap().stop.clone()
    }
}

/// Nobody outside is waited for.
struct Nobody(RefCell<u64>);

impl Outside for Nobody {
    fn look(&mut self, _: Timestamp) -> Result<OutsideStanding, Alarm> {
        Ok(OutsideStanding {
            tree_size: *self.0.borrow(),
            ..OutsideStanding::default()
        })
    }

    fn advance(&mut self, now: Timestamp) -> Result<OutsideStanding, Alarm> {
        self.look(now)
    }

    fn pause(&mut self, _: SignedDuration) {}
}

fn receipt() -> Reached {
    let appended = Appended {
        origin: "test".to_owned(),
        tree_size: 1,
        root: [0; 32],
    };
    let wanted = Wanted {
        level: DurabilityLevel::Durable,
        witnesses: 0,
        wait: SignedDuration::ZERO,
    };
    let mut nobody = Nobody(RefCell::new(1));
    reach(&mut nobody, &appended, wanted, &|| at(0))
        .unwrap()
        .proof
}
