//! The tour of the demo: offering it, starting it, advancing it, leaving it.

use super::opening;
use crate::config::Safety;
use crate::console::action::{ActionId, Danger};
use crate::console::effect::Effect;
use crate::console::model::question::{Order, Question};
use crate::console::model::tour::{Tour, Visit};
use crate::console::model::{Model, Notice, Said, Tone};

/// Mentions the tour in the notice, until it has been offered.
pub fn announce(model: &mut Model) {
    if model.is_toured() || !model.can_tour() {
        return;
    }
    let tour = format!("{} offers a two-minute tour.", model.key(ActionId::Help));
    let before = model.notice.take();
    let text = before.map_or_else(|| tour.clone(), |notice| format!("{tour} {}", notice.text));
    model.notice = Some(Notice {
        tone: Tone::Text,
        text,
        until: None,
    });
}

/// Opens the help; the first time on the demo, offers the tour instead.
pub fn help(model: &mut Model) -> Vec<Effect> {
    if model.is_toured() || !model.can_tour() {
        return opening::toggle_help(model);
    }
    model.tour = Tour::Known;
    let title = "A two-minute tour?".to_owned();
    let mut question = Question::about(&[], Danger::Writes, Safety::Normal, Order::Tour, title);
    question.lines = [
        "What a row says, how to ingest, and five tables",
        "in trouble, each of which is put right.",
        "It all happens in the demo; Esc leaves at any time.",
    ]
    .map(Said::plain)
    .to_vec();
    // The cursor starts on yes: the tour touches nobody's data, and a user asking for help does not
    // know the way yet.
    question.yes = true;
    model.notice = None;
    model.question = Some(question);
    vec![Effect::Remember(model.preferences())]
}

/// Starts the tour, or leaves it.
pub fn toggle(model: &mut Model) -> Vec<Effect> {
    if model.visit().is_some() {
        leave(model);
        return Vec::new();
    }
    begin(model)
}

/// Starts the tour at the list of tables.
pub fn begin(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    while !model.stack.is_empty() {
        effects.extend(opening::back(model));
    }
    model.notice = None;
    let toured = model.is_toured();
    model.tour = Tour::UnderWay(Visit::new(model));
    if !toured {
        effects.push(Effect::Remember(model.preferences()));
    }
    effects
}

/// Leaves the tour, if it is under way.
pub fn leave(model: &mut Model) {
    if model.visit().is_some() {
        model.tour = Tour::Known;
        let key = model.key(ActionId::Tour);
        model.say(
            Tone::Text,
            format!("the tour is over; {key} starts it again"),
        );
    }
}

/// Advances the tour if what it asks for has been done.
pub fn follow(model: &mut Model) {
    if let Some(visit) = model.visit().cloned() {
        model.tour = Tour::UnderWay(visit.follow(model));
    }
}
