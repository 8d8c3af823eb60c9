//! Items in another order — XEP-0413.

use crate::stage::{Stage, get};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";

/// The node of XEP-0413, "Use with RSM": A, B, C and D; C was overwritten, and after it A.
fn balcony() -> Stage {
    let mut stage = Stage::new();
    stage.node("balcony", &[]);
    for id in ["A", "B", "C", "D", "C", "A"] {
        stage.publish("balcony", id);
    }
    stage
}

/// The ItemIDs of an answer, the index of the first and the count.
fn ids(stage: &mut Stage, items: &str, rest: &str) -> (String, String) {
    let answer = stage.send(&get(FRANCISCO, &format!("<items node='balcony'{items}/>{rest}")));
    let ids = answer.split("<item id='").skip(1).map(|rest| rest.split('\'').next().unwrap());
    let index = answer.split("<first index='").nth(1).map_or("", |rest| rest.split('\'').next().unwrap());
    let count = answer.split("<count>").nth(1).unwrap().split('<').next().unwrap();
    (ids.collect::<Vec<_>>().join(" "), format!("{index}/{count}"))
}

fn order(by: &str, desc: &str) -> String {
    format!("<order xmlns='urn:xmpp:order-by:1' by='{by}'{desc}/>")
}

fn rsm(page: &str) -> String {
    format!("<set xmlns='http://jabber.org/protocol/rsm'>{page}</set>")
}

#[test]
fn items_come_in_the_order_that_is_asked_for() {
    let max2 = rsm("<max>2</max>");
    let (creation, modification) = (order("creation", ""), order("modification", ""));
    let (created_last, modified_last) =
        (order("creation", " desc='true'"), order("modification", " desc='1'"));
    let table = [
        ("", String::new(), ("B D C A", "0/4")),
        ("", creation.clone(), ("A B C D", "0/4")),
        ("", modification.clone(), ("B D C A", "0/4")),
        ("", created_last.clone(), ("D C B A", "0/4")),
        ("", order("creation", " desc='no'"), ("A B C D", "0/4")),
        // The 3 most recent ones, whichever way they are told.
        (" max_items='3'", created_last.clone(), ("D C B", "0/4")),
        (" max_items='3'", modified_last.clone(), ("A C D", "0/4")),
        (" max_items='3'", creation.clone(), ("B C D", "1/4")),
        // The pages of XEP-0413's examples; ItemIDs are good as cursors too.
        ("", modification.clone() + &max2, ("B D", "0/4")),
        ("", modification.clone() + &rsm("<max>2</max><after>D</after>"), ("C A", "2/4")),
        ("", created_last.clone() + &max2, ("D C", "0/4")),
        ("", created_last.clone() + &rsm("<max>2</max><after>C</after>"), ("B A", "2/4")),
        ("", created_last.clone() + &rsm("<max>1</max><before/>"), ("A", "/4")),
        ("", created_last.clone() + &rsm("<max>1</max><before>B</before>"), ("C", "/4")),
        ("", modified_last + &rsm("<max>9</max><before>D</before>"), ("A C", "0/4")),
        // Where the first order leaves nothing open, further ones decide nothing.
        ("", creation + &modification + &max2, ("A B", "0/4")),
        ("", created_last + &rsm("<max>0</max>"), ("", "/4")),
    ];
    let mut stage = balcony();
    for (items, rest, expected) in table {
        let (ids, place) = ids(&mut stage, items, &rest);
        assert_eq!((ids.as_str(), place.as_str()), expected, "{items} {rest}");
    }
}

#[test]
fn errors() {
    let items = |rest: &str| get(FRANCISCO, &format!("<items node='balcony'/>{rest}"));
    let mut stage = balcony();
    let answer = stage.send(&items(&(order("creation", "") + &rsm("<max>2</max>"))));
    let cursor = answer.split("<last>").nth(1).unwrap().split('<').next().unwrap();
    stage.refuses(&[
        (items(&order("filename", "")), "cancel/feature-not-implemented/-"),
        (items("<order xmlns='urn:xmpp:order-by:1'/>"), "modify/bad-request/-"),
        // A place in one order says nothing in another.
        (items(&rsm(&format!("<after>{cursor}</after>"))), "cancel/item-not-found/-"),
        (items(&rsm("<max>2</max><index>2</index>")), "cancel/feature-not-implemented/-"),
    ]);
}
