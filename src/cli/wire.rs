//! Puts the concrete parts together: no other file of the command line puts an adapter behind a port.

mod approving;
mod asked;
mod asking;
mod channels;
#[cfg(feature = "aws")]
mod clouds;
mod custody;
mod documents;
mod fixing;
mod keys;
mod logs;
mod looks;
mod notifying;
pub mod outside;
mod policy;
#[cfg(feature = "providers")]
mod providers;
mod reading;
mod refreshes;
mod restoring;
mod rules;
#[cfg(feature = "daemon")]
mod running;
mod scanning;
mod told;

use std::path::Path;

use crate::adapters::files::read_text;
use crate::config::{self, Config};
use crate::ports::InputError;

pub use approving::{approve, undo};
pub use asked::check as check_asked;
pub use asking::acknowledge;
pub use channels::channels;
pub use custody::*;
pub use fixing::{check as check_fixing, desk as fix_desk};
pub use keys::{NewHome, go_on_elsewhere, keys_dir, kms_named, rotate_key};
pub use logs::{check_evidence, evidence_dir, ledger, newest_record, shelf};
pub use notifying::{check_telling, end_silence, silence, test_channel};
#[cfg(feature = "providers")]
pub use providers::{Checked, SettledNow, become_provider, check_exactly, settle_exactly};
pub use reading::{run_coverage, run_explain, run_ownership};
pub use refreshes::check as check_refreshes;
pub use restoring::{Restored, restored};
pub use rules::{configured_rules, rules_in};
#[cfg(feature = "daemon")]
pub use running::{Ending, begin_cycle, begin_hearing, run_service};
pub use scanning::{ScanHow, run_scan, run_scan_after};
pub use told::{explained, message, messages, no_config, unwritten};

use logs::{newest_dir, open_evidence, opened, opened_after};
use scanning::settings;
use told::{explain, no_key, unusable};

pub fn load_config(path: &Path) -> anyhow::Result<Config> {
    let errors = match read_text(path, config::MAX_BYTES as u64) {
        Ok(text) => match config::parse(&path.display().to_string(), &text) {
            Ok(config) => return Ok(config),
            Err(errors) => errors
                .errors
                .iter()
                .map(|error| InputError {
                    what: error.to_string(),
                    help: error.help.clone(),
                })
                .collect(),
        },
        Err(error) => vec![no_config(&error)],
    };
    Err(anyhow::anyhow!(messages(&errors)))
}
