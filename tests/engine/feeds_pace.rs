//! What is known of a feed itself: when it is asked for again and where, and how it fails, stops and ends.

use atomsub::limits::FEED_TITLE_CHARS_MAX;
use atomsub::pubsub::import::{Fetched, Outcome, Version};

use crate::feeds::{ADMIN, DAY, OWNER, URL, add, come, feed, fetched, import, item, list, rss, stage};
use crate::stage::{Stage, owner_set};

#[test]
fn a_feed_ends_with_its_node() {
    let mut stage = stage();
    stage.send(&owner_set(OWNER, "<delete node='news'/>"));
    assert_eq!(stage.transact(|_, tx| tx.feed(URL)), None);
    assert_eq!(stage.transact(|_, tx| tx.imports_by(Some("hamlet@denmark.lit"), 9)), []);
    assert_eq!(stage.fetched(&rss(&stage, &[item("urn:x:1", "One")])), "");
}

#[test]
fn what_is_gone_for_good_stops_and_the_owner_is_told() {
    let mut stage = stage();
    let message = stage.fetched(&come(Outcome::Gone));
    let text = format!(
        "<body>The feed {URL} does not reach the node news any more: the server says that it is gone for good. It is not tried again.</body>"
    );
    assert!(message.contains("to='hamlet@denmark.lit'") && message.contains(&text), "{message}");
    assert!(message.contains("type='normal'"), "{message}");
    assert_eq!(feed(&mut stage).next, None);
    assert!(stage.send(&list(OWNER)).contains("stopped"));
    // It can be begun again.
    stage.send(&add(OWNER, URL, "news"));
    assert_eq!(feed(&mut stage).next, Some(stage.now()));
}

#[test]
fn failures_make_patient_and_are_told_after_three_days() {
    let mut stage = stage();
    let failed = || come(Outcome::Failed("the server answers 500".to_owned()));
    assert_eq!(stage.fetched(&failed()), "");
    assert_eq!(feed(&mut stage).next, Some(stage.now().plus_seconds(15 * 60)));
    assert_eq!(stage.fetched(&Fetched { rest: 7200, ..failed() }), "");
    assert_eq!(feed(&mut stage).next, Some(stage.now().plus_seconds(7200)), "as the server asks");
    assert!(stage.send(&add(OWNER, URL, "news")).contains("fetched now"), "it may have been mended");
    assert_eq!((feed(&mut stage).next, feed(&mut stage).failures), (Some(stage.now()), 2));
    stage.wait(3 * DAY);
    let message = stage.fetched(&failed());
    assert!(message.contains("since 2003-12-13T18:30:02Z: the server answers 500"), "{message}");
    stage.wait(DAY);
    assert_eq!(stage.fetched(&failed()), "", "once");
    assert!(stage.send(&list(OWNER)).contains("failing since"));

    stage.fetched(&come(Outcome::Unchanged));
    assert_eq!((feed(&mut stage).failures, feed(&mut stage).is_told), (0, false));
    assert!(stage.send(&list(OWNER)).contains("<value>fine</value>"));
}

#[test]
fn what_a_feed_is_called_may_be_long() {
    let mut stage = stage();
    let long =
        format!("<rss version='2.0'><channel><title>{}</title></channel></rss>", "word ".repeat(100_000));
    stage.fetched(&fetched(&stage, &long));
    assert_eq!(feed(&mut stage).title.len(), FEED_TITLE_CHARS_MAX);
}

#[test]
fn a_feed_is_left_alone_as_it_asks() {
    const HOUR: u64 = 60 * 60;
    let evening = "<hour>19</hour><hour>20</hour><hour>21</hour><hour>22</hour>";
    let day = "<sy:updatePeriod xmlns:sy='urn:x'>daily</sy:updatePeriod>".to_owned();
    for (asks, wait) in [
        (String::new(), HOUR),
        ("<ttl>300</ttl>".to_owned(), 5 * HOUR),
        (day, DAY),
        // It is half past six in the evening, on a Saturday.
        (format!("<skipHours>{evening}</skipHours>"), 5 * HOUR),
        ("<ttl>360</ttl><skipDays><day>Sunday</day></skipDays>".to_owned(), 30 * HOUR),
    ] {
        let mut stage = stage();
        let next = Some(stage.now().plus_seconds(wait));
        let asked = format!("<rss version='2.0'><channel><title>Blog</title>{asks}</channel></rss>");
        stage.fetched(&fetched(&stage, &asked));
        assert_eq!(feed(&mut stage).next, next, "{asks}");
        stage.fetched(&come(Outcome::Unchanged));
        assert_eq!(feed(&mut stage).next, next, "it holds where nothing has changed: {asks}");
    }
}

#[test]
fn a_feed_that_moved_is_asked_for_where_it_is_after_a_while() {
    let mut stage = stage();
    let (now, there) = (stage.now(), "https://blog.example/new".to_owned());
    let moved = Fetched { moved: Some(there.clone()), ..come(Outcome::Unchanged) };
    stage.fetched(&moved);
    assert_eq!(feed(&mut stage).place(now), URL);
    stage.wait(8 * DAY);
    stage.fetched(&moved);
    assert_eq!(feed(&mut stage).place(stage.now()), there);
    // It was a mistake, or is one now.
    let lost = Fetched { place: there.clone(), ..come(Outcome::Gone) };
    assert_eq!(stage.fetched(&lost), "");
    assert_eq!(feed(&mut stage).place(stage.now()), URL);
    assert!(feed(&mut stage).next.is_some());

    // The same place over TLS needs no patience.
    let mut plain = Stage::new();
    let url = "http://blog.example/feed";
    plain.send(&add(OWNER, url, "news"));
    let secured = Fetched {
        url: url.to_owned(),
        place: url.to_owned(),
        moved: Some(URL.to_owned()),
        ..come(Outcome::Unchanged)
    };
    plain.fetched(&secured);
    assert_eq!(plain.transact(|_, tx| tx.feed(url)).unwrap().place(now), URL);
}

#[test]
fn what_the_server_calls_a_version_is_kept() {
    let mut stage = stage();
    let version = |etag: &str, date: &str| Version {
        etag: Some(etag.to_owned()),
        last_modified: Some(date.to_owned()),
    };
    let first = rss(&stage, &[item("urn:x:1", "One")]);
    stage.fetched(&Fetched { version: version("W/\"1\"", "yesterday"), ..first.clone() });
    assert_eq!(
        (feed(&mut stage).etag.as_deref(), feed(&mut stage).last_modified.as_deref()),
        (Some("W/\"1\""), Some("yesterday"))
    );
    assert!(!feed(&mut stage).is_wanted_whole(stage.now()));
    let unchanged = Fetched {
        version: Version { etag: Some("2".to_owned()), last_modified: None },
        ..come(Outcome::Unchanged)
    };
    stage.fetched(&unchanged);
    assert_eq!(
        (feed(&mut stage).etag.as_deref(), feed(&mut stage).last_modified.as_deref()),
        (Some("2"), Some("yesterday"))
    );
    stage.fetched(&first);
    assert_eq!((feed(&mut stage).etag, feed(&mut stage).last_modified), (None, None), "only of this version");
    stage.wait(8 * DAY);
    assert!(feed(&mut stage).is_wanted_whole(stage.now()), "once a week");
    // Whoever comes later has not got what others have.
    stage.send(&add(ADMIN, URL, "copy"));
    assert!(feed(&mut stage).is_wanted_whole(stage.now()));
    assert!(import(&mut stage, "copy").is_some_and(|import| !import.is_begun));
}
