//! What is in front: where keys go, and what actions apply to.

use super::doctor::Doctor;
use super::ledger::Subject;
use super::page::{Tab, TablePage};
use super::question::Strength;
use super::row::Row;
use super::viewer::{Source, Viewer};
use super::{Model, Screen};
use crate::console::action::Scope;
use crate::vocabulary::TableName;

impl Model {
    /// Where keys go.
    #[must_use]
    pub fn scope(&self) -> Scope {
        if let Some(question) = &self.question {
            return match question.strength {
                Strength::YesNo => Scope::Question,
                Strength::Typed(_) => Scope::TypedQuestion,
            };
        }
        if self.palette.is_some() {
            return Scope::Palette;
        }
        if self.menu.is_some() {
            return Scope::Menu;
        }
        if self.prompt.is_some() {
            return Scope::Prompt;
        }
        self.screen_scope()
    }

    /// The scope of the screen in front, regardless of any dialog over it.
    #[must_use]
    pub fn screen_scope(&self) -> Scope {
        match self.stack.last() {
            None => Scope::Tables,
            Some(Screen::Table(page)) if page.tab == Tab::Preview => Scope::Viewer,
            Some(Screen::Table(page)) if page.tab == Tab::Findings => Scope::Doctor,
            Some(Screen::Table(_)) => Scope::Table,
            Some(Screen::Plan(_)) => Scope::Plan,
            Some(Screen::Viewer(_)) => Scope::Viewer,
            Some(Screen::Edit(_)) => Scope::Edit,
            Some(Screen::Backfill(_)) => Scope::Backfill,
            Some(Screen::BackfillPlan(_)) => Scope::BackfillPlan,
            Some(Screen::Jobs(_)) => Scope::Jobs,
            Some(Screen::Journal(_)) => Scope::Journal,
            Some(Screen::Doctor(_)) => Scope::Doctor,
            Some(Screen::Details(_)) => Scope::Details,
            Some(Screen::Help(_)) => Scope::Help,
        }
    }

    /// The tab in front; for a separate screen, the tab with the same content.
    #[must_use]
    pub fn tab(&self) -> Option<Tab> {
        match self.stack.last()? {
            Screen::Table(page) => Some(page.tab),
            Screen::Doctor(_) => Some(Tab::Findings),
            Screen::Viewer(viewer) => Some(match viewer.source {
                Source::Preview(_) => Tab::Preview,
                Source::Object(..) => Tab::Objects,
            }),
            _ => None,
        }
    }

    /// The table that the screen in front is about: that of the page, of the finding under the cursor,
    /// or of the viewer; otherwise the one under the cursor of the list.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        match self.stack.last() {
            Some(Screen::Table(page)) => self.tables.row(&page.table),
            Some(Screen::Doctor(doctor)) => self.tables.row(doctor.current_table()?),
            Some(Screen::Viewer(viewer)) => self.tables.row(viewer.source.table()),
            _ => self.tables.current(),
        }
    }

    /// The tables an action applies to: the one that the screen in front is about, or the marked ones.
    #[must_use]
    pub fn targets(&self) -> Vec<TableName> {
        match self.stack.last() {
            Some(Screen::Table(page)) => vec![page.table.clone()],
            Some(Screen::Doctor(_) | Screen::Viewer(_)) => self
                .row()
                .map(|row| row.table().clone())
                .into_iter()
                .collect(),
            _ => self.tables.targets(),
        }
    }

    /// Why the filter of the screen in front is invalid.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        if let Some(doctor) = self.doctor() {
            return doctor.complaint();
        }
        let tables = self.stack.is_empty().then_some(&self.tables);
        Some(tables?.filter.complaint()?.to_owned())
    }

    /// The page of a table, if one is in front.
    #[must_use]
    pub fn page(&self) -> Option<&TablePage> {
        match self.stack.last() {
            Some(Screen::Table(page)) => Some(page),
            _ => None,
        }
    }

    /// The page of a table, if one is in front.
    pub fn page_mut(&mut self) -> Option<&mut TablePage> {
        match self.stack.last_mut() {
            Some(Screen::Table(page)) => Some(page),
            _ => None,
        }
    }

    /// The examination in front, as a separate screen or as a tab of a table.
    #[must_use]
    pub fn doctor(&self) -> Option<&Doctor> {
        match self.stack.last() {
            Some(Screen::Doctor(doctor)) => Some(doctor),
            Some(Screen::Table(page)) if page.tab == Tab::Findings => page.doctor.as_ref(),
            _ => None,
        }
    }

    /// The examination in front.
    pub fn doctor_mut(&mut self) -> Option<&mut Doctor> {
        match self.stack.last_mut() {
            Some(Screen::Doctor(doctor)) => Some(doctor),
            Some(Screen::Table(page)) if page.tab == Tab::Findings => page.doctor.as_mut(),
            _ => None,
        }
    }

    /// The examination whose questions have this `subject`, wherever it is on the stack.
    pub fn doctor_of(&mut self, subject: Subject) -> Option<&mut Doctor> {
        let doctors = self.stack.iter_mut().filter_map(|screen| match screen {
            Screen::Doctor(doctor) => Some(doctor),
            Screen::Table(page) => page.doctor.as_mut(),
            _ => None,
        });
        doctors.into_iter().find(|doctor| doctor.subject == subject)
    }

    /// The lines in front, as a separate screen or as a tab of a table.
    #[must_use]
    pub fn viewer(&self) -> Option<&Viewer> {
        match self.stack.last() {
            Some(Screen::Viewer(viewer)) => Some(viewer),
            Some(Screen::Table(page)) if page.tab == Tab::Preview => page.next_rows.as_ref(),
            _ => None,
        }
    }

    /// The lines in front.
    pub fn viewer_mut(&mut self) -> Option<&mut Viewer> {
        match self.stack.last_mut() {
            Some(Screen::Viewer(viewer)) => Some(viewer),
            Some(Screen::Table(page)) if page.tab == Tab::Preview => page.next_rows.as_mut(),
            _ => None,
        }
    }
}
