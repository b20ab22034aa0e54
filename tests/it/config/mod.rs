//! Configuration: the file, the files it names, and `driftwarden check`.

mod check;
mod files;
mod parse;
mod reference;
