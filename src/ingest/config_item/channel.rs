//! What the keys around items mean, in the forms in which items come: snapshots and history files,
//! answers of the API, notifications in SNS, SQS and EventBridge envelopes, events of Config rules.

/// The meaning of one member of an object that is no item itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A list of items.
    Items,
    /// Rows of an advanced query: texts that each hold one item.
    Rows,
    /// Keys of resources that the API was asked for and did not answer.
    Unanswered,
    /// An object, or a list of objects, in which items may be.
    Wrapper,
    /// A text that holds such an object.
    Text,
    /// A sign of what the file is instead.
    Other(Other),
    /// A member of an item, or nothing to us.
    Own,
}

/// What a file without items is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Other {
    Listing,
    Summary,
    Recorder,
    Plan,
    State,
}

impl Part {
    pub(super) fn of(key: &str) -> Self {
        match key {
            "configurationItems"
            | "ConfigurationItems"
            | "baseConfigurationItems"
            | "BaseConfigurationItems" => Self::Items,
            "Results" => Self::Rows,
            "unprocessedResourceKeys"
            | "UnprocessedResourceKeys"
            | "unprocessedResourceIdentifiers"
            | "UnprocessedResourceIdentifiers" => Self::Unanswered,
            "configurationItem" | "ConfigurationItem" | "data" | "detail" | "Records"
            | "Messages" | "Sns" => Self::Wrapper,
            "Message" | "body" | "Body" | "invokingEvent" => Self::Text,
            "resourceIdentifiers" | "ResourceIdentifiers" => Self::Other(Other::Listing),
            "configurationItemSummary" => Self::Other(Other::Summary),
            "ConfigurationRecorders" | "ConfigurationRecordersStatus" => {
                Self::Other(Other::Recorder)
            }
            "resource_changes" | "planned_values" => Self::Other(Other::Plan),
            "lineage" | "values" => Self::Other(Other::State),
            _ => Self::Own,
        }
    }
}

impl Other {
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Listing => "the file lists resources and does not say how they are configured",
            Self::Summary => {
                "the notification is too large for Config to send, so it holds only a summary"
            }
            Self::Recorder => "the file describes a recorder of AWS Config, not resources",
            Self::Plan => "this is a plan, not a file of AWS Config items",
            Self::State => "this is a state, not a file of AWS Config items",
        }
    }

    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Listing => {
                "give the answer of `aws configservice batch-get-resource-config` for these resources"
            }
            Self::Summary => "give the item itself, from the bucket that the notification names",
            Self::Recorder => super::read::WANTED,
            Self::Plan | Self::State => "name it in a `baseline` block",
        }
    }
}
