//! Any bytes as a file of AWS Config items; each item goes through its type's projection.
#![no_main]

use std::sync::LazyLock;

use driftwarden::ingest::config_item;
use driftwarden::normalise::catalogue::Catalogue;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::builtin().expect("the built-in tables are tested"));

fuzz_target!(|bytes: &[u8]| {
    let _ = config_item::read(bytes, &mut |item| {
        let Some((_, config)) = CATALOGUE.config_type(&item.resource_type) else {
            return Ok(());
        };
        let mut slots = config.projection.empty_slots();
        for (name, raw) in &item.members {
            let read = config.projection.read_member(name, raw, &mut slots);
            read.map_err(|error| error.to_string())?;
        }
        Ok(())
    });
});
