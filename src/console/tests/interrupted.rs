//! Interrupted backfills that are forgotten rather than resumed, and how often they are counted.

use super::backfilling::{ID, is_search, left};
use super::support::*;
use crate::config::Safety;
use crate::jobs::{Output, Request};

#[test]
fn an_interrupted_backfill_is_forgotten_once_that_is_confirmed() {
    const OLDER: &str = "20260515T090000-00c0ffee";
    let mut console = Console::filled((80, 24));
    console.press("jjb");
    let asked = console.asked(is_search);
    let found = vec![left(ID, 1), left(OLDER, 2)];
    console.done(&asked, Output::InterruptedBackfills(found));
    // The second one fills the form, so that it is the one to forget.
    console.press("<ctrl-r><ctrl-r><ctrl-x>");
    assert!(console.shows(&format!("Forget backfill {OLDER}?")));
    assert!(console.shows("2 of 3 objects written, 4,401 rows left"));
    assert!(console.shows("what it has written stays"));
    console.press("n<ctrl-x>y");
    let job = console.last();
    assert!(
        matches!(&job.request, Request::ForgetBackfill { id, .. } if id.to_string() == OLDER),
        "{:?}",
        job.request
    );
    assert!(!console.shows(OLDER), "nothing is typed any more");
    console.done(&job, Output::Forgotten(left(OLDER, 2).backfill));
    let said = format!("forget sales_order: backfill {OLDER} is forgotten");
    assert!(console.shows(&said), "{}", console.frame());
    let again = console.asked(is_search);
    assert!(
        matches!(&again.request, Request::InterruptedBackfills { counted, .. } if counted.len() == 2),
        "what is left of the others is as it was"
    );
    assert_ne!(again.job, asked.job, "it is looked again what there is");
    console.done(&again, Output::InterruptedBackfills(vec![left(ID, 1)]));
    // While no id is typed, it is the one that is offered.
    console.press("<ctrl-x>");
    assert!(console.shows(&format!("Forget backfill {ID}?")));
    let mut console = Console::with((80, 24), Safety::Careful, false).fill();
    console.press("jjb");
    console.press("<ctrl-x>");
    assert!(console.shows("forget: interrupted ones are still being looked for"));
    let asked = console.asked(is_search);
    console.done(&asked, Output::InterruptedBackfills(vec![left(ID, 1)]));
    console.press("<ctrl-x>");
    assert!(console.shows("type sales_order to confirm"));
}

#[test]
fn what_is_left_is_not_counted_again_before_something_may_have_changed() {
    let counted = |console: &Console| match console.asked(is_search).request {
        Request::InterruptedBackfills { counted, .. } => counted.len(),
        _ => unreachable!("it was looked for"),
    };
    let answer = |console: &mut Console| {
        let asked = console.asked(is_search);
        console.done(&asked, Output::InterruptedBackfills(vec![left(ID, 1)]));
    };
    let mut console = Console::filled((80, 24));
    console.press("jj<enter>");
    assert_eq!(counted(&console), 0);
    answer(&mut console);
    console.press("<esc><enter>");
    assert_eq!(counted(&console), 1, "the page is opened again");
    answer(&mut console);
    console.press("b");
    assert_eq!(counted(&console), 1, "and the form");
    console.press("<esc>R");
    assert_eq!(counted(&console), 0, "everything is fetched anew");
    answer(&mut console);
    console.wait(601.0);
    console.press("<esc><enter>");
    assert_eq!(counted(&console), 0, "another program may have gone on");
}
