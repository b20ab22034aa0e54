//! What a running engine tells of the sources that it asks.

use jiff::Timestamp;
use metrics::{counter, gauge};
use tracing::{info, warn};

use super::gauges::number;
use crate::model::{CallTally, SourceReport, WhyNotRead};

/// Sources were asked beside the engine's other work.
pub struct Gathered {
    pub began: Timestamp,
    pub parts: usize,
    pub bytes: u64,
}

impl Gathered {
    pub fn emit(&self, now: Timestamp) {
        info!(
            event = "sources_gathered",
            seconds = now.duration_since(self.began).as_secs_f64(),
            parts = self.parts,
            bytes = self.bytes,
            "what sources told is there, and the scan begins"
        );
    }
}

/// What was asked for is not what the next scan may go by.
pub struct GatheredInVain<'e> {
    pub why: &'e str,
}

impl GatheredInVain<'_> {
    pub fn emit(&self) {
        counter!("driftwarden_gathered_in_vain_total").increment(1);
        info!(
            event = "gathered_in_vain",
            why = self.why,
            "what sources told is not used, and they are asked again"
        );
    }
}

/// One source in one scan.
pub struct SourceAsked<'e> {
    pub report: &'e SourceReport,
}

impl SourceAsked<'_> {
    pub fn emit(&self) {
        let SourceReport {
            source,
            not_read,
            read_whole,
            calls,
            warnings: _,
        } = self.report;
        for why in WhyNotRead::ALL {
            let parts = not_read.iter().filter(|part| part.why == why).count();
            let name = "driftwarden_source_not_read";
            gauge!(name, "source" => source.clone(), "why" => why.as_str())
                .set(number(parts as u64));
        }
        for tally in calls {
            self.calls(tally);
        }
        let sent: u64 = calls.iter().map(|own| own.counts.sent()).sum();
        info!(
            event = "source_asked",
            source = source.as_str(),
            calls = sent,
            not_read = not_read.len(),
            read_whole = read_whole.len(),
            "a source was asked"
        );
    }

    /// Places that answered everything are in the metric alone.
    fn calls(&self, tally: &CallTally) {
        let source = &self.report.source;
        let counts = tally.counts;
        for (result, count) in [
            ("answered", counts.answered),
            ("throttled", counts.throttled),
            ("denied", counts.denied),
            ("failed", counts.failed),
            ("withheld", counts.withheld),
        ] {
            let name = "driftwarden_source_calls_total";
            counter!(name, "source" => source.clone(), "api" => tally.api, "result" => result)
                .increment(count);
        }
        if counts.answered == counts.sent() && counts.withheld == 0 {
            return;
        }
        warn!(
            event = "source_calls_failed",
            source = source.as_str(),
            account = tally.account.as_str(),
            region = tally.region.as_str(),
            api = tally.api,
            answered = counts.answered,
            throttled = counts.throttled,
            denied = counts.denied,
            failed = counts.failed,
            withheld = counts.withheld,
            "calls to a source gave no answer"
        );
    }
}
