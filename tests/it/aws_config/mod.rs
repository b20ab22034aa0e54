//! AWS Config as a source, without a network: what is asked, what is made of failures, and what a scan
//! then says.

mod again;
mod fake;
mod reading;
mod scan;
