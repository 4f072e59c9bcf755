//! The names of all actions.

macro_rules! action_ids {
    ($($variant:ident = $name:literal,)*) => {
        /// Every action, by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ActionId { $($variant,)* }

        impl ActionId {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name by which the configuration gives it other keys.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

action_ids! {
    Interrupt = "stop",
    Suspend = "suspend",
    Repaint = "repaint",
    Help = "help",
    Tour = "tour",
    Palette = "palette",
    Jobs = "jobs",
    Journal = "journal",
    Command = "command",
    FormCommand = "form-command",
    Copy = "copy",
    Export = "export",
    Theme = "theme",
    Mouse = "mouse",
    Back = "back",
    Quit = "quit",
    Clear = "clear",
    Up = "up",
    Down = "down",
    PageUp = "page-up",
    PageDown = "page-down",
    First = "first",
    Last = "last",
    OpenTable = "open",
    OpenItem = "open-item",
    NextTab = "next-tab",
    PreviousTab = "previous-tab",
    ShowState = "state",
    ShowObjects = "objects",
    ShowHistory = "history",
    ShowPreview = "next-rows",
    ShowFindings = "findings",
    ShowColumns = "columns",
    Ingest = "ingest",
    Preview = "preview",
    Edit = "edit",
    LastObject = "object",
    Details = "details",
    Doctor = "doctor",
    Repair = "repair",
    RepairAll = "repair-all",
    Backfill = "backfill",
    PlanBackfill = "plan-backfill",
    RunBackfill = "run-backfill",
    TakeOver = "take-over",
    ForgetBackfill = "forget-backfill",
    Trouble = "error",
    AskOwner = "ask-owner",
    Revert = "revert",
    Filter = "filter",
    Mark = "mark",
    MarkAll = "mark-all",
    MarkRange = "mark-range",
    Sort = "sort",
    ChooseColumns = "choose-columns",
    Age = "age",
    Refresh = "refresh",
    CancelJob = "cancel",
    CancelQueue = "cancel-queue",
    Retry = "retry",
    RunPlan = "run-plan",
    Pretty = "pretty",
    Search = "search",
    NextMatch = "next-match",
    PreviousMatch = "previous-match",
    Pager = "pager",
    Editor = "editor",
    Left = "left",
    Right = "right",
    NextField = "next-field",
    PreviousField = "previous-field",
    Force = "force",
    WriteReason = "write-reason",
    Apply = "apply",
    Abandon = "abandon",
    Accept = "accept",
    Yes = "yes",
    No = "no",
    Switch = "switch",
    Choose = "choose",
    ChooseTyped = "confirm",
    Pick = "pick",
    NextItem = "next-item",
    PreviousItem = "previous-item",
    Run = "run",
}
