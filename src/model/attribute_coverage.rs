//! How much of what was approved is really compared with what is live, attribute by attribute.

use std::collections::BTreeMap;

use super::ids::{AttributePath, TypeName};

/// What became of one attribute that the baseline of one resource sets. Exactly one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watching {
    /// All that is set in it was compared with what is live.
    Compared,
    /// It is the key by which the live resource was found, and so is what is live.
    Key,
    /// Some of what is set in it was compared.
    InPart,
    /// Another approved resource owns what the attribute shows, and is compared with it.
    Elsewhere,
    /// The mapping table sets it aside, and says why.
    SetAside,
    /// The live item does not carry it.
    NotCarried,
    /// Both sides are there, and whether they are the same cannot be told.
    NotComparable,
    /// The mapping table does not name it.
    NotMapped,
    /// The resource as a whole was not compared.
    Resource,
    /// The provider's schema says that only the provider sets it: nobody approves a value of it, so
    /// it is counted apart.
    Computed,
}

impl Watching {
    pub const ALL: [Self; 10] = [
        Self::Compared,
        Self::Key,
        Self::InPart,
        Self::Elsewhere,
        Self::SetAside,
        Self::NotCarried,
        Self::NotComparable,
        Self::NotMapped,
        Self::Resource,
        Self::Computed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compared => "compared",
            Self::Key => "key",
            Self::InPart => "in_part",
            Self::Elsewhere => "elsewhere",
            Self::SetAside => "set_aside",
            Self::NotCarried => "not_carried",
            Self::NotComparable => "not_comparable",
            Self::NotMapped => "not_mapped",
            Self::Resource => "resource",
            Self::Computed => "computed",
        }
    }

    /// Whether a change of the live value would be seen.
    pub fn is_watched(self) -> bool {
        match self {
            Self::Compared | Self::Key => true,
            Self::InPart
            | Self::Elsewhere
            | Self::SetAside
            | Self::NotCarried
            | Self::NotComparable
            | Self::NotMapped
            | Self::Resource
            | Self::Computed => false,
        }
    }
}

/// Counts of approved attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    by_watching: [u64; Watching::ALL.len()],
}

impl Tally {
    pub fn add(&mut self, watching: Watching, number: u64) {
        let places = Watching::ALL.into_iter().zip(&mut self.by_watching);
        for (_, count) in places.filter(|(own, _)| *own == watching) {
            *count += number;
        }
    }

    pub fn of(&self, watching: Watching) -> u64 {
        let mut places = Watching::ALL.into_iter().zip(self.by_watching);
        let found = places.find(|(own, _)| *own == watching);
        found.map_or(0, |(_, count)| count)
    }

    /// Approved attributes: all that are set, but for those that only the provider sets.
    pub fn approved(&self) -> u64 {
        let all = self.by_watching.iter().sum::<u64>();
        all - self.of(Watching::Computed)
    }

    pub fn watched(&self) -> u64 {
        let watched = Watching::ALL.into_iter().filter(|own| own.is_watched());
        watched.map(|own| self.of(own)).sum()
    }

    /// In thousandths, rounded down: nothing short of everything is 1000. `None` of nothing.
    pub fn share(&self) -> Option<u64> {
        (self.watched() * 1000).checked_div(self.approved())
    }
}

/// One Terraform type in one estate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeCoverage {
    /// The Config type and the file of the mapping table; `None` where no table knows the type.
    pub table: Option<(String, String)>,
    /// Approved resources: the sum of the three that follow.
    pub resources: u64,
    pub observed: u64,
    pub unknown: u64,
    pub excluded: u64,
    /// Resources whose values no plan file holds under their address, because they were moved: their
    /// attributes are not counted.
    pub uncounted: u64,
    /// How many, by attribute of the top level, what became of it, and why.
    pub attributes: BTreeMap<(AttributePath, Watching, String), u64>,
}

impl TypeCoverage {
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for ((_, watching, _), number) in &self.attributes {
            tally.add(*watching, *number);
        }
        tally
    }
}

/// A whole estate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeCoverage {
    pub types: BTreeMap<TypeName, TypeCoverage>,
    pub workspaces: u64,
    /// Without a provider schema, attributes that only the provider sets count as approved.
    pub workspaces_with_schema: u64,
}

impl AttributeCoverage {
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for ((_, watching, _), number) in self.types.values().flat_map(|own| &own.attributes) {
            tally.add(*watching, *number);
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_rounded_down_and_leaves_out_what_only_the_provider_sets() {
        let mut tally = Tally::default();
        assert_eq!(tally.share(), None);
        tally.add(Watching::Computed, 5);
        assert_eq!((tally.approved(), tally.share()), (0, None));
        tally.add(Watching::Compared, 1998);
        tally.add(Watching::Key, 1);
        assert_eq!(tally.share(), Some(1000));
        tally.add(Watching::InPart, 1);
        assert_eq!((tally.approved(), tally.watched()), (2000, 1999));
        assert_eq!(tally.share(), Some(999));
    }
}
