//! AWS Config as a source, without a network: what is asked, what is made of failures, and what a scan
//! then says.

#[cfg(test)]
mod again;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod scan;
