//! Order of work: reads, asks the pure core, writes evidence. No decisions.
