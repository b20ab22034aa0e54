//! What rows are made of.

use std::borrow::Cow;

use jiff::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// One row: the log, and the state of it that the tables show.
    Log,
    Entries,
    Scans,
    Plans,
    /// Which entries name which control.
    Controls,
    /// Each finding as it stands now.
    Findings,
}

impl Table {
    pub const ALL: [Self; 6] = [
        Self::Log,
        Self::Entries,
        Self::Scans,
        Self::Plans,
        Self::Controls,
        Self::Findings,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Entries => "entries",
            Self::Scans => "scans",
            Self::Plans => "plans",
            Self::Controls => "controls",
            Self::Findings => "findings",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Null,
    Integer(i64),
    Text(Cow<'static, str>),
}

/// One row: its cells under the names of their columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub table: Table,
    pub cells: Vec<(&'static str, Cell)>,
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&'static str> for Cell {
    fn from(word: &'static str) -> Self {
        Self::Text(Cow::Borrowed(word))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// With as many digits for every instant, so that they sort as text.
impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        format!("{at:.3}").into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Null, T::into)
    }
}
