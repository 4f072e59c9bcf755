//! Where keys go.

/// The screen or dialog that keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    Tables,
    /// The page of a table.
    Table,
    Plan,
    BackfillPlan,
    Viewer,
    Jobs,
    Journal,
    /// Findings, as a separate screen or as a tab of a table.
    Doctor,
    Details,
    Help,
    Edit,
    /// The form for a backfill.
    Backfill,
    /// A filter or a search being typed.
    Prompt,
    /// A question answered with yes or no.
    Question,
    /// A question answered by typing a name or a number.
    TypedQuestion,
    /// A menu of a few items.
    Menu,
    /// All actions, found by typing.
    Palette,
}

impl Scope {
    /// All scopes.
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

    /// The name of the scope in the help.
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

    /// Whether the scope is a screen or a form, rather than a dialog over one.
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
