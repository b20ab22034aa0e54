//! The first two calls of a place: what its recorders record, and whether they do.

use std::time::Duration;

use super::{PartReader, Stage, Types};
use crate::adapters::aws_config::budget::Purpose;
use crate::adapters::aws_config::recorded::{Recorded, Useless, is_of_iam, items, recorded};
use crate::adapters::aws_config::source::NoAnswer;
use crate::model::WhyNotRead;
use crate::ports::{CallFailed, Recorder};

impl PartReader {
    pub(super) fn read_recorders(&mut self) -> Result<(), Duration> {
        let api = "DescribeConfigurationRecorders";
        let at = &self.part.at;
        let asked = self
            .shared
            .call(&self.look, at, api, Purpose::Scan, &|api| api.recorders(at));
        match asked {
            Ok(recorders) => self.stage = Stage::States(recorders),
            Err(NoAnswer::Wait(time)) => {
                self.stage = Stage::Recorders;
                return Err(time);
            }
            Err(NoAnswer::Failed(failed)) => self.end_without(&failed),
        }
        Ok(())
    }

    pub(super) fn read_states(&mut self, recorders: Vec<Recorder>) -> Result<(), Duration> {
        let api = "DescribeConfigurationRecorderStatus";
        let at = self.part.at.clone();
        let asked = self
            .shared
            .call(&self.look, &at, api, Purpose::Scan, &|api| {
                api.recorder_states(&at)
            });
        let states = match asked {
            Ok(states) => states,
            Err(NoAnswer::Wait(time)) => {
                self.stage = Stage::States(recorders);
                return Err(time);
            }
            Err(NoAnswer::Failed(failed)) => {
                self.end_without(&failed);
                return Ok(());
            }
        };
        for item in items(&at, &recorders, &states, self.shared.time.wall()) {
            self.give(&item);
        }
        match recorded(&at, &recorders, &states, &self.look.types) {
            Ok(found) => {
                let types = self.settle(found);
                self.waiting = self.within.packed(&types).into();
                self.stage = Stage::Reading;
            }
            Err(Useless(what)) => self.end_without(&CallFailed {
                why: WhyNotRead::NotRecorded,
                what,
            }),
        }
        Ok(())
    }

    /// What to ask for here; tells what is not recorded. The types of IAM are asked for in one Region
    /// of the account.
    fn settle(&mut self, mut found: Recorded) -> Types {
        let records_iam = found.types.iter().any(|own| is_of_iam(own));
        if !self.look.takes_iam(&self.part.at, records_iam) {
            found.types.retain(|own| !is_of_iam(own));
            found.not.retain(|own, _| !is_of_iam(own));
        }
        for (config_type, why) in &found.not {
            self.lose(
                std::slice::from_ref(config_type),
                WhyNotRead::NotRecorded,
                why,
            );
        }
        let daily = found.types.iter().filter(|own| found.daily.contains(*own));
        let daily = daily.count();
        if daily > 0 {
            self.look.warn(format!(
                "AWS Config records {daily} of the types that are looked at once a day in account `{}`, \
                 Region `{}`: what is shown of them may be a day old",
                self.part.at.account, self.part.at.region
            ));
        }
        self.proven = found.proven;
        found.types
    }
}
