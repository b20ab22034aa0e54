//! `driftwarden evidence`.
