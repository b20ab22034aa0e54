//! terraform_source
