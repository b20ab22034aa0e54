//! What a scan shows, in each of its forms.
#![cfg(test)]

mod estate;
mod findings;
mod json;
mod kinds;
mod property;
mod sarif;
mod text;
mod values;
