//! `driftwarden check`.
