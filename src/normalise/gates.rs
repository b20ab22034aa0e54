//! Gates of the tables with the slots of the live values at which they look.

use super::table::{Gate, ResourceTable};

/// A gate with its live slot, and that of the path to which it compares.
#[derive(Clone, Debug)]
pub struct PlacedGate {
    pub gate: Gate,
    pub slot: usize,
    pub other: Option<usize>,
}

/// Alternatives; each a list of gates, all of which must hold.
pub type Gates = Vec<Vec<PlacedGate>>;

pub(super) fn place(gates: &[Vec<Gate>], next: &mut impl FnMut() -> usize) -> Gates {
    let mut placed = Vec::new();
    for gates in gates {
        placed.push(place_all(gates, next));
    }
    placed
}

pub(super) fn place_all(gates: &[Gate], next: &mut impl FnMut() -> usize) -> Vec<PlacedGate> {
    let place = |gate: &Gate| {
        let slot = next();
        let other = gate.paths().nth(1).map(|_| next());
        let gate = gate.clone();
        PlacedGate { gate, slot, other }
    };
    gates.iter().map(place).collect()
}

/// The rows whose first live path lies at or below that of a condition.
pub(super) fn conditions(
    resource: &ResourceTable,
    next: &mut impl FnMut() -> usize,
) -> Vec<(usize, Vec<PlacedGate>)> {
    let mut found = Vec::new();
    for (above, gates) in &resource.only_where {
        let gates = place_all(gates, next);
        for (at, row) in resource.attributes.iter().enumerate() {
            let live = row.live.first().map(|path| &path.captured[..]);
            if live.is_some_and(|live| live.starts_with(&above.captured)) {
                found.push((at, gates.clone()));
            }
        }
    }
    found
}
