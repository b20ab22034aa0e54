//! How far a scan is, for whoever watches.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Plans,
    Live,
    Exact,
    Judging,
    Recording,
}

impl Step {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plans => "reading plans",
            Self::Live => "comparing live items",
            Self::Exact => "asking providers",
            Self::Judging => "judging",
            Self::Recording => "writing evidence",
        }
    }
}

/// Told from several threads.
pub trait Progress: Sync {
    fn step(&self, step: Step, total: usize);
    /// One file of the step is done.
    fn advance(&self);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _: Step, _: usize) {}
    fn advance(&self) {}
}
