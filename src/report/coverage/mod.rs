//! How much of what was approved is really compared, as `driftwarden coverage` shows it.

mod json;
mod text;

pub use json::json;
pub use text::text;

use jiff::Timestamp;

use crate::model::{AttributeCoverage, Tally, Watching};

/// The counts of one estate.
#[derive(Clone, Debug)]
pub struct CoverageReport<'a> {
    pub at: Timestamp,
    pub coverage: &'a AttributeCoverage,
    /// What the reader should know and no count says.
    pub warnings: &'a [String],
}

/// Counts of approved resources.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
struct Resources {
    approved: u64,
    observed: u64,
    unknown: u64,
    excluded: u64,
    uncounted: u64,
}

impl CoverageReport<'_> {
    fn resources(&self) -> Resources {
        let types = self.coverage.types.values();
        types.fold(Resources::default(), |sum, own| Resources {
            approved: sum.approved + own.resources,
            observed: sum.observed + own.observed,
            unknown: sum.unknown + own.unknown,
            excluded: sum.excluded + own.excluded,
            uncounted: sum.uncounted + own.uncounted,
        })
    }
}

/// What became of attributes, in the words of the text.
fn words(watching: Watching) -> &'static str {
    match watching {
        Watching::Compared => "compared",
        Watching::Key => "key",
        Watching::InPart => "in part",
        Watching::Elsewhere => "elsewhere",
        Watching::SetAside => "set aside",
        Watching::NotCarried => "not carried",
        Watching::NotComparable => "not comparable",
        Watching::NotMapped => "not mapped",
        Watching::Resource => "resource",
        Watching::Computed => "computed",
    }
}

/// The counts that make up the approved attributes.
fn parts(tally: &Tally) -> impl Iterator<Item = (Watching, u64)> + '_ {
    let all = Watching::ALL.into_iter();
    all.filter(|watching| *watching != Watching::Computed)
        .map(|watching| (watching, tally.of(watching)))
}
