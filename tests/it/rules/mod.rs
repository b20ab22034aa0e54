//! Rules as their writers and readers meet them. `cfg(test)` tells the lints that helpers are tests too.

#[cfg(test)]
mod case;
#[cfg(test)]
mod command;
#[cfg(test)]
mod deciding;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod shipped_table;
#[cfg(test)]
mod when;
