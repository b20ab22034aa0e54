//! Configuration: the file, the files it names, and `driftwarden check`.

#[cfg(test)]
mod check;
#[cfg(test)]
mod files;
mod fixes;
#[cfg(test)]
mod live;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod parse;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod signer;
mod unclosed;
