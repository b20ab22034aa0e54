//! View models, then text, JSON, SARIF.
