//! `driftwarden rules`.
