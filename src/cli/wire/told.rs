//! What the user is told of what went wrong: the message, and the remedy apart.

use crate::adapters::files::FileError;
use crate::adapters::signing::KeyFileError;
use crate::adapters::store::StoreError;
use crate::engine::Failure;
use crate::evidence::record::RecordError;
use crate::ports::{EvidenceError, InputError};

/// A message for the user: what is wrong, and the remedy apart.
pub fn message(error: &InputError) -> String {
    match &error.help {
        Some(help) => format!("{}\n  help: {help}", error.what),
        None => error.what.clone(),
    }
}

/// A configuration that cannot be read, with the remedy of one who has none.
pub fn no_config(error: &FileError) -> InputError {
    let help = match error {
        FileError::NotText { .. } | FileError::TooLarge { .. } => error.help(),
        _ => Some(
            "write one, or name it with `--config FILE`; docs/configuration.md says how".to_owned(),
        ),
    };
    InputError {
        what: error.to_string(),
        help,
    }
}

/// Every message with a prefix of its own but the first, which gets it where it is printed.
pub fn messages(errors: &[InputError]) -> String {
    let all: Vec<String> = errors.iter().map(message).collect();
    all.join("\nerror: ")
}

/// An error with its causes and, where the parts below know one, the remedy.
pub fn explained(error: &anyhow::Error) -> String {
    let help = error.chain().find_map(|cause| {
        let of_store = cause.downcast_ref::<StoreError>();
        let of_store = of_store.map(|error| error.help().to_owned());
        let of_file = || cause.downcast_ref::<FileError>().and_then(FileError::help);
        let of_record = || cause.downcast_ref::<RecordError>().map(record_help);
        of_store.or_else(of_file).or_else(of_record)
    });
    message(&InputError {
        what: format!("{error:#}"),
        help,
    })
}

fn record_help(error: &RecordError) -> String {
    let help = match error {
        RecordError::Unreadable { .. } => {
            "run `driftwarden-verify` on the folder: it names every file that is wrong"
        }
        RecordError::NewerForm { .. } => "use the driftwarden that wrote it, or a newer one",
        RecordError::Unwritable(_) => "this is a fault of driftwarden: please report it",
    };
    help.to_owned()
}

pub(super) fn unusable(error: EvidenceError) -> anyhow::Error {
    anyhow::anyhow!(message(&InputError {
        what: error.what,
        help: error.help
    }))
}

/// Files are read and written by parts that name them: an error without a name is that of stdout.
pub fn unwritten(error: &std::io::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot write the result: {}", error.kind())
}

pub(super) fn no_key(error: KeyFileError) -> anyhow::Error {
    let help = Some(error.help().to_owned());
    let what = format!("{:#}", anyhow::Error::new(error));
    anyhow::anyhow!(message(&InputError { what, help }))
}

pub(super) fn explain(failure: Failure) -> anyhow::Error {
    match failure {
        Failure::Inputs(errors) => anyhow::anyhow!(messages(&errors)),
        Failure::Evidence(error) => {
            let error = InputError {
                what: error.what,
                help: error.help,
            };
            anyhow::anyhow!("no result without evidence: {}", message(&error))
        }
        Failure::Internal(what) => anyhow::anyhow!("driftwarden is at fault: {what}"),
    }
}
