//! Configuration: HCL to validated values, with source positions in messages.
