//! Where keys go.

/// Where keys go at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    Tables,
    /// One table.
    Table,
    Plan,
    BackfillPlan,
    Viewer,
    Jobs,
    Journal,
    /// What is wrong, as a screen or as a tab of a table.
    Doctor,
    Details,
    Help,
    Edit,
    /// The form for a range that is read again.
    Backfill,
    /// A line being typed: a filter, a search.
    Prompt,
    /// A question with yes and no.
    Question,
    /// A question that wants a name typed.
    TypedQuestion,
    /// A choice of a few things.
    Menu,
    /// All actions, found by typing.
    Palette,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Tables,
        Self::Table,
        Self::Plan,
        Self::BackfillPlan,
        Self::Viewer,
        Self::Jobs,
        Self::Journal,
        Self::Doctor,
        Self::Details,
        Self::Help,
        Self::Edit,
        Self::Backfill,
        Self::Prompt,
        Self::Question,
        Self::TypedQuestion,
        Self::Menu,
        Self::Palette,
    ];

    /// Its name in the help.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tables => "Tables",
            Self::Table => "Table",
            Self::Plan => "Ingest plan",
            Self::BackfillPlan => "Backfill plan",
            Self::Viewer => "Preview",
            Self::Jobs => "Jobs",
            Self::Journal => "Journal",
            Self::Doctor => "Doctor",
            Self::Details => "Details",
            Self::Help => "Help",
            Self::Edit => "Edit",
            Self::Backfill => "Backfill",
            Self::Prompt => "Filter and search",
            Self::Question | Self::TypedQuestion => "Confirmation",
            Self::Menu => "Menu",
            Self::Palette => "Palette",
        }
    }

    /// Whether it is a screen or a form, rather than a box that asks something over one.
    #[must_use]
    pub const fn is_opened(self) -> bool {
        !matches!(
            self,
            Self::Prompt | Self::Question | Self::TypedQuestion | Self::Menu | Self::Palette
        )
    }

    /// Whether characters are typed here, so that none of them can be a key.
    #[must_use]
    pub const fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Edit
                | Self::Backfill
                | Self::Prompt
                | Self::TypedQuestion
                | Self::Menu
                | Self::Palette
        )
    }
}
