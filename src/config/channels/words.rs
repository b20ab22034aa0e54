//! The user's own words: files of templates, and the attributes that name them.

use std::path::PathBuf;

use super::super::blocks::path;
use super::super::sections::Section;
use super::super::vocabulary::{AttributeSpec, Shape, optional};

/// Files of templates. Absent: our own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Templates {
    pub title: Option<PathBuf>,
    pub body: Option<PathBuf>,
    /// Of a mail alone.
    pub html: Option<PathBuf>,
}

pub(super) const TITLE: AttributeSpec = optional("title_template", Shape::Text, "our own words");
pub(super) const BODY: AttributeSpec = optional("body_template", Shape::Text, "our own words");
pub(super) const HTML: AttributeSpec = optional("html_template", Shape::Text, "our own words");

pub(super) fn read(section: &Section) -> Templates {
    Templates {
        title: path(section, "title_template"),
        body: path(section, "body_template"),
        html: path(section, "html_template"),
    }
}
