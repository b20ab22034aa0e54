//! Any two texts as the approved and the live value of any row of any table: reading them never
//! panics, and what is read equals itself.
#![no_main]

use std::sync::LazyLock;

use driftwarden::normalise::catalogue::Catalogue;
use driftwarden::normalise::equal::Outcome;
use driftwarden::normalise::form::Side;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the built-in tables are tested"));

fuzz_target!(|input: (u16, &str, &str)| {
    let (row, approved, live) = input;
    let rows = || CATALOGUE.resources().flat_map(|(_, resource)| &resource.table.attributes);
    let Some(row) = rows().nth(usize::from(row) % rows().count()) else {
        return;
    };
    let Some(path) = row.live.first() else { return };
    let side = Side::Live {
        own_id: "sg-1",
        own_account: "111122223333",
    };
    let approved = row.form.value(approved, path, Side::Approved);
    let live = row.form.value(live, path, side);
    if let Ok(approved) = &approved {
        let same = row.compare(approved, approved);
        assert!(!matches!(same, Outcome::Differs(_)), "{same:?}");
    }
    if let (Ok(approved), Ok(live)) = (&approved, &live) {
        let _ = row.compare(approved, live);
    }
});
