//! docs/configuration.md against the parser.
