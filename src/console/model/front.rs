//! What is in front: where keys go, and what actions work on.

use super::page::{Tab, TablePage};
use super::question::Strength;
use super::row::Row;
use super::viewer::Viewer;
use super::{Model, Screen};
use crate::backend::TableName;
use crate::console::action::Scope;

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

    /// The scope of the screen in front, whatever is asked over it.
    #[must_use]
    pub fn screen_scope(&self) -> Scope {
        match self.stack.last() {
            None => Scope::Tables,
            Some(Screen::Table(page)) if page.tab == Tab::Preview => Scope::Viewer,
            Some(Screen::Table(_)) => Scope::Table,
            Some(Screen::Plan(_)) => Scope::Plan,
            Some(Screen::Viewer(_)) => Scope::Viewer,
            Some(Screen::Edit(_)) => Scope::Edit,
            Some(Screen::Jobs(_)) => Scope::Jobs,
            Some(Screen::Journal(_)) => Scope::Journal,
            Some(Screen::Details(_)) => Scope::Details,
            Some(Screen::Help(_)) => Scope::Help,
        }
    }

    /// The table that the screen in front is about: the one whose page it is, else the one under
    /// the cursor.
    #[must_use]
    pub fn row(&self) -> Option<&Row> {
        match self.page() {
            Some(page) => self.tables.row(&page.table),
            None => self.tables.current(),
        }
    }

    /// What an action works on: the table whose page is in front, the marked ones, or else the one
    /// under the cursor.
    #[must_use]
    pub fn targets(&self) -> Vec<TableName> {
        match self.page() {
            Some(page) => vec![page.table.clone()],
            None => self.tables.targets(),
        }
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

    /// The lines in front, of a screen of their own or as a tab of a table.
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
