//! What is to be known and no row tells.

use super::Explaining;
use super::words::DIFFERS;
use crate::model::{AttributePath, RowUsed, ToldBy};
use crate::normalise::catalogue::Resource;

const BY_NAME: &str = "where no row tells, both sides of a refresh are compared as the provider writes \
    them; of its schema counts only whether anybody but the provider sets the attribute";

impl Explaining<'_> {
    pub(super) fn remarks(
        &self,
        attribute: Option<&AttributePath>,
        rows: &[RowUsed],
    ) -> Vec<String> {
        let table = self.table();
        let mut remarks = Vec::new();
        let is_named = rows.iter().any(|row| !row.is_row);
        match (table, attribute) {
            (None, _) => {
                let shown = self.shown_by_others();
                let is_none = shown.is_empty();
                remarks.extend(is_none.then(|| "no mapping table knows the type".to_owned()));
                remarks.extend(shown);
            }
            (Some(table), Some(attribute)) if rows.iter().all(|row| !row.is_row) => {
                remarks.push(not_in_a_row(table, attribute, is_named));
            }
            _ => {}
        }
        if rows
            .iter()
            .any(|row| !row.is_row && row.told_by == ToldBy::TerraformRefresh)
        {
            remarks.push(BY_NAME.to_owned());
        }
        if rows.iter().any(|row| row.outcome == DIFFERS) {
            remarks.extend(self.unknown_source());
        }
        let is_told = self.refreshed.is_some() || self.exact.is_some();
        if self.sights.is_empty() && table.is_some() && !is_told {
            remarks.push("no live item tells about the resource".to_owned());
        }
        remarks.extend(self.exact_remark());
        remarks
    }

    /// A type without an item of its own may show in those of others: an exclusive attachment does.
    fn shown_by_others(&self) -> Vec<String> {
        let own = self.resource.rare.as_ref();
        let Some(own) = own.and_then(|rare| rare.unmapped_type.as_deref()) else {
            return Vec::new();
        };
        let all = self.catalogue.resources().flat_map(|(_, table)| {
            let also = table.table.also.iter();
            also.filter(|also| also.by.as_str() == own)
                .map(move |also| (table, also))
        });
        let told = all.filter_map(|(table, also)| {
            let config = self.catalogue.config(table.config)?;
            let (part, file) = (&table.table.type_name, config.file());
            let (owner, element) = (also.owner.pointer(), also.element.pointer());
            let shown = &config.config_type;
            Some(format!(
                "it has no item of its own: {owner} and {element} say what items of {shown} are to \
                 show as {part}, by {file}"
            ))
        });
        told.collect()
    }
}

fn not_in_a_row(table: &Resource, attribute: &AttributePath, is_told: bool) -> String {
    let mut aside = table.table.not_comparable.iter();
    let found = aside.find(|(own, _)| own.holds(attribute) || attribute.holds(own));
    match found {
        Some((own, why)) => format!("the table sets {own} aside: {why}"),
        None if is_told => format!("the table does not name {attribute}"),
        None => format!("the table does not name {attribute}: it is not compared"),
    }
}
