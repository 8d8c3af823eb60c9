//! Walks over the pages of a node, as different clients make them, while others publish, modify and retract — XEP-0059
//! over XEP-0060 [#subscriber-retrieve-returnsome], XEP-0413.
//!
//! What comes is compared with plain lists of ItemIDs.

use std::collections::BTreeSet;

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::paging::{Cursor, OrderBy, Stock};

use crate::stage::{Stage, get, set};

const NODE: &str = "princely_musings";
const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const HAMLET: &str = "hamlet@denmark.lit/blogbot";

/// How a client asks for the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// `after=<last>`, as XEP-0059 says.
    After,
    /// `before=<first>`, as XEP-0059 says: slixmpp, gajim.
    Before,
    /// `before=<last>` for older ones: Movim.
    BeforeLast,
    /// `after=<first>` for newer ones: Movim.
    AfterFirst,
    /// The first page with `max_items` alone, then `before=` of either end: Converse.
    MaxItems,
    /// `after=` the ItemID of the last item.
    ItemId,
}

/// A page as a client reads it.
#[derive(Debug)]
struct Page {
    /// ItemIDs, each with the number of its publication.
    items: Vec<(String, u64)>,
    first: Option<String>,
    last: Option<String>,
    index: Option<usize>,
    count: usize,
}

/// A stage, and the plain lists beside it.
struct World {
    stage: Stage,
    /// In the order of modification.
    modified: Vec<String>,
    /// In the order of creation.
    created: Vec<String>,
    publications: u64,
    /// What was published again or retracted since this was last emptied.
    touched: BTreeSet<String>,
    retracted: BTreeSet<String>,
}

impl World {
    fn new() -> Self {
        let (modified, created) = (Vec::new(), Vec::new());
        let (touched, retracted) = (BTreeSet::new(), BTreeSet::new());
        Self { stage: Stage::with_musings(), modified, created, publications: 0, touched, retracted }
    }

    fn publish(&mut self, id: &str) {
        self.publications += 1;
        let entry = format!(
            "<entry xmlns='http://www.w3.org/2005/Atom'><title>{}</title></entry>",
            self.publications
        );
        let publish = format!("<publish node='{NODE}'><item id='{id}'>{entry}</item></publish>");
        self.stage.send(&set(HAMLET, &publish));
        self.modified.retain(|known| known != id);
        self.modified.push(id.to_owned());
        if !self.created.iter().any(|known| known == id) {
            self.created.push(id.to_owned());
        }
        self.touched.insert(id.to_owned());
    }

    fn retract(&mut self, id: &str) {
        self.stage.send(&set(HAMLET, &format!("<retract node='{NODE}'><item id='{id}'/></retract>")));
        self.modified.retain(|known| known != id);
        self.created.retain(|known| known != id);
        self.touched.insert(id.to_owned());
        self.retracted.insert(id.to_owned());
    }

    /// Something that somebody else does.
    fn happens(&mut self, u: &mut Unstructured<'_>) -> Arbitrary<()> {
        let id = format!("i{}", u.int_in_range(0..=9)?);
        if self.modified.contains(&id) && u.ratio(2, 5)? {
            self.retract(&id);
        } else {
            self.publish(&id);
        }
        Ok(())
    }

    /// The whole result in this order.
    fn list(&self, order: Option<(OrderBy, bool)>) -> Vec<String> {
        let (by, descending) = order.unwrap_or((OrderBy::Modification, false));
        let mut list = match by {
            OrderBy::Creation => self.created.clone(),
            OrderBy::Modification => self.modified.clone(),
        };
        if descending {
            list.reverse();
        }
        list
    }

    fn page(&mut self, items: &str, rest: &str) -> Page {
        read(&self.stage.send(&get(FRANCISCO, &format!("<items node='{NODE}'{items}/>{rest}"))))
    }
}

fn read(answer: &str) -> Page {
    let (items, set) = answer.split_once("<set xmlns='http://jabber.org/protocol/rsm'>").unwrap();
    let item = |text: &str| {
        let id = text.split('\'').next().unwrap().to_owned();
        (id, between(text, "<title>", "</title>").map_or(0, |number| number.parse().unwrap()))
    };
    let first = between(set, "<first", "</first>");
    Page {
        items: items.split("<item id='").skip(1).map(item).collect(),
        first: first.map(|first| first.split('>').nth(1).unwrap().to_owned()),
        last: between(set, "<last>", "</last>").map(str::to_owned),
        index: first.and_then(|first| between(first, "index='", "'")).map(|index| index.parse().unwrap()),
        count: between(set, "<count>", "</count>").unwrap().parse().unwrap(),
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

fn ask_for(order: Option<(OrderBy, bool)>) -> String {
    let Some((by, descending)) = order else { return String::new() };
    let by = match by {
        OrderBy::Creation => "creation",
        OrderBy::Modification => "modification",
    };
    let desc = if descending { " desc='true'" } else { "" };
    format!("<order xmlns='urn:xmpp:order-by:1' by='{by}'{desc}/>")
}

fn rsm(max: usize, page: &str) -> String {
    format!("<set xmlns='http://jabber.org/protocol/rsm'><max>{max}</max>{page}</set>")
}

/// Walks to the end; `between` happens before each page but the first. All items in the order in which they came.
fn walk(
    world: &mut World,
    dialect: Dialect,
    order: Option<(OrderBy, bool)>,
    max: usize,
    mut between: impl FnMut(&mut World) -> Arbitrary<()>,
) -> Arbitrary<Vec<Page>> {
    let asked = ask_for(order);
    let mut quiet = true;
    let mut pages: Vec<Page> = Vec::new();
    loop {
        let next = pages.last().map(|page| {
            let (first, last) = (page.first.as_deref().unwrap(), page.last.as_deref().unwrap());
            match dialect {
                Dialect::After => format!("<after>{last}</after>"),
                Dialect::AfterFirst => format!("<after>{first}</after>"),
                Dialect::Before => format!("<before>{first}</before>"),
                Dialect::BeforeLast | Dialect::MaxItems => format!("<before>{last}</before>"),
                Dialect::ItemId => format!("<after>{}</after>", page.items.last().unwrap().0),
            }
        });
        let page = match (next, dialect) {
            (None, Dialect::MaxItems) => world.page(&format!(" max_items='{max}'"), &asked),
            (None, Dialect::Before | Dialect::BeforeLast) => {
                world.page("", &(asked.clone() + &rsm(max, "<before/>")))
            }
            (None, Dialect::After | Dialect::AfterFirst | Dialect::ItemId) => {
                world.page("", &(asked.clone() + &rsm(max, "")))
            }
            (Some(next), _) => world.page("", &(asked.clone() + &rsm(max, &next))),
        };
        // slixmpp would end its walk.
        let is_untold = pages.is_empty() && matches!(dialect, Dialect::Before | Dialect::BeforeLast);
        check(world, &page, order, max, quiet && dialect != Dialect::ItemId && !is_untold);
        if page.items.is_empty() {
            return Ok(pages);
        }
        let cursors = [page.first.clone().unwrap(), page.last.clone().unwrap()];
        assert_eq!(cursors[0] == cursors[1], page.items.len() == 1, "{page:?}");
        pages.push(page);
        assert!(pages.len() < 100, "the walk does not end");
        let publications = (world.publications, world.modified.len());
        between(world)?;
        quiet &= publications == (world.publications, world.modified.len());
    }
}

/// A page is a piece of the list, as it is at this time, and says where it is.
fn check(world: &World, page: &Page, order: Option<(OrderBy, bool)>, max: usize, has_index: bool) {
    let list = world.list(order);
    assert_eq!(page.count, list.len(), "{page:?}");
    assert!(page.items.len() <= max, "{page:?}");
    let Some((first, _)) = page.items.first() else {
        assert_eq!((&page.first, &page.last), (&None, &None));
        return;
    };
    let start = list.iter().position(|id| id == first).unwrap();
    let ids: Vec<&String> = page.items.iter().map(|(id, _)| id).collect();
    let piece: Vec<&String> = list.iter().skip(start).take(ids.len()).collect();
    assert_eq!(ids, piece, "{list:?}");
    assert!(page.index.is_none_or(|index| index == start), "{page:?} is at {start} of {list:?}");
    assert!(page.index.is_some() || !has_index, "{page:?} of {list:?}");
}

/// Random histories, and a walk during which nothing else or something else happens.
fn random_walk(u: &mut Unstructured<'_>) -> Arbitrary<()> {
    let mut world = World::new();
    for _ in 0..u.int_in_range(0..=20)? {
        world.happens(u)?;
    }
    let orders = [
        None,
        Some((OrderBy::Modification, false)),
        Some((OrderBy::Modification, true)),
        Some((OrderBy::Creation, false)),
        Some((OrderBy::Creation, true)),
    ];
    let order = *u.choose(&orders)?;
    let descending = order.is_some_and(|(_, descending)| descending);
    // Movim and Converse know one order: theirs.
    let dialects: &[Dialect] = if descending {
        &[Dialect::After, Dialect::Before, Dialect::BeforeLast, Dialect::AfterFirst, Dialect::ItemId]
    } else {
        &[
            Dialect::After,
            Dialect::Before,
            Dialect::BeforeLast,
            Dialect::AfterFirst,
            Dialect::MaxItems,
            Dialect::ItemId,
        ]
    };
    let dialect = *u.choose(dialects)?;
    let max = u.int_in_range(1..=4)?;
    let disturbed = u.arbitrary::<bool>()?;
    let before = world.list(order);
    world.touched.clear();
    world.retracted.clear();
    let pages = walk(&mut world, dialect, order, max, |world| {
        // An ItemID is a cursor only as long as the item is there.
        if disturbed && dialect != Dialect::ItemId {
            for _ in 0..u.int_in_range(0..=2)? {
                world.happens(u)?;
            }
        }
        Ok(())
    })?;
    judge(&world, &pages, &before, order);
    Ok(())
}

/// Nothing is lost and nothing comes twice.
fn judge(world: &World, pages: &[Page], before: &[String], order: Option<(OrderBy, bool)>) {
    let came: Vec<&(String, u64)> = pages.iter().flat_map(|page| &page.items).collect();
    let different: BTreeSet<_> = came.iter().collect();
    assert_eq!(different.len(), came.len(), "a publication came twice: {came:?}");
    let ids: Vec<&String> = came.iter().map(|(id, _)| id).collect();
    let by_creation = order.is_some_and(|(by, _)| by == OrderBy::Creation);
    for id in before {
        // Who is modified moves in one of the orders only.
        let moved = if by_creation { &world.retracted } else { &world.touched };
        if !moved.contains(id) {
            let times = ids.iter().filter(|came| **came == id).count();
            assert_eq!(times, 1, "{id} of {before:?} in {ids:?}");
        }
    }
    if world.touched.is_empty() {
        let mut whole: Vec<&String> = before.iter().collect();
        whole.sort_unstable();
        let mut came = ids;
        came.sort_unstable();
        assert_eq!(came, whole);
    }
}

#[test]
fn no_client_loses_or_repeats_anything() {
    arbtest::arbtest(random_walk).budget_ms(4_000);
}

/// Items so large that an answer cannot hold all of them.
#[test]
fn a_page_cut_by_its_bytes_is_gone_on_from() {
    let mut world = World::new();
    let padding = "x".repeat(600);
    for number in 1..=400 {
        let entry = format!(
            "<entry xmlns='http://www.w3.org/2005/Atom'><title>{number}</title><content>{padding}</content></entry>"
        );
        let publish = format!("<publish node='{NODE}'><item id='i{number}'>{entry}</item></publish>");
        world.stage.send(&set(HAMLET, &publish));
        world.modified.push(format!("i{number}"));
    }
    let whole = world.modified.clone();
    for dialect in [Dialect::After, Dialect::Before, Dialect::BeforeLast, Dialect::MaxItems] {
        let mut pages = walk(&mut world, dialect, None, 500, |_| Ok(())).unwrap();
        assert_eq!(pages.len(), 2, "{dialect:?}");
        if dialect != Dialect::After {
            pages.reverse();
        }
        let came: Vec<String> = pages.into_iter().flat_map(|page| page.items).map(|(id, _)| id).collect();
        assert_eq!(came, whole, "{dialect:?}");
    }
    let answer = world.stage.send(&get(FRANCISCO, &format!("<items node='{NODE}'/>")));
    assert!(answer.len() < 300 * 1024, "{} bytes", answer.len());
}

/// Names that take six times their bytes when they are written.
#[test]
fn an_answer_is_bounded_whatever_the_names_are() {
    let mut stage = Stage::with_musings();
    for number in 100..600 {
        stage.publish(NODE, &format!("{number}{}", "&apos;".repeat(1020)));
    }
    let items = stage.send(&get(FRANCISCO, &format!("<items node='{NODE}'/>")));
    assert!(items.len() < 300 * 1024, "{} bytes", items.len());
    assert!(items.matches("<item ").count() > 12);
}

/// Movim keeps cursors in URLs and has markers of its own.
#[test]
fn cursors_are_safe_for_clients() {
    arbtest::arbtest(|u| {
        let by = *u.choose(&[OrderBy::Creation, OrderBy::Modification])?;
        let stock = Stock { count: u.arbitrary()?, newest: u.arbitrary()? };
        let older = u.arbitrary::<bool>()?.then_some((u.arbitrary()?, stock));
        let cursor = Cursor { by, low: u.arbitrary()?, high: u.arbitrary()?, len: u.arbitrary()?, older };
        let (first, last) = cursor.ends();
        for text in [first, last] {
            assert_eq!(Cursor::decode(&text), Some(cursor));
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'), "{text}");
            assert!(text != "empty" && !text.starts_with("b="), "{text}");
        }
        Ok(())
    });
    for text in ["", "p", "c-a", "p1-2-3-4-a", "p1-2-3-b", "x1-2-3-a", "p1-2-3", "pg-2-3-a", "é"] {
        assert_eq!(Cursor::decode(text), None, "{text}");
    }
}

/// A cursor is somebody else's input.
#[test]
fn forged_cursors_do_no_harm() {
    let mut world = World::new();
    for id in ["1", "2", "3"] {
        world.publish(id);
    }
    let huge = "ffffffffffffffff";
    for cursor in [
        format!("p{huge}-{huge}-{huge}-{huge}-3-3-a"),
        format!("p0-0-{huge}-{huge}-3-3-a"),
        "p3-1-0-0-3-3-z".to_owned(),
    ] {
        for ask in [format!("<after>{cursor}</after>"), format!("<before>{cursor}</before>")] {
            let page = world.page("", &rsm(2, &ask));
            assert!(page.items.len() <= 2);
        }
    }
}
