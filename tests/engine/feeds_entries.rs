//! What the entries of a fetched feed change in the nodes that it goes to: what is told, retracted and left out.

use atomsub::pubsub::import::{Fetched, Version};

use crate::feeds::{ADMIN, DAY, OWNER, URL, add, feed, fetched, item, items, list, rss, stage, told};
use crate::stage::{SERVICE, Stage, set};

#[test]
fn what_was_there_comes_quietly_and_what_is_new_is_told() {
    let mut stage = stage();
    let old: Vec<String> = (1..=30).rev().map(|n| item(&format!("urn:x:{n}"), &format!("{n}."))).collect();
    let first = rss(&stage, &old);
    assert_eq!(stage.fetched(&first), "");
    let items = stage.send(&items("news"));
    assert!(!items.contains("10.</title>") && items.contains("11.</title>"), "the newest twenty: {items}");
    assert!(items.find("11.</title>") < items.find("30.</title>"), "oldest first");
    assert_eq!(items.matches(&format!("publisher='{SERVICE}'")).count(), 20);
    assert_eq!(items.matches(&format!("<source><id>{URL}</id>")).count(), 20);

    assert_eq!(stage.fetched(&first), "", "nothing has changed");
    let mut new = old.clone();
    new.insert(0, item("not an iri", "32."));
    new.insert(1, item("urn:x:31", "31."));
    let second = rss(&stage, &new);
    assert_eq!(told(&stage.fetched(&second)), ["+31.", "+32."]);
    assert_eq!(stage.fetched(&second), "");
    assert_eq!(stage.fetched(&rss(&stage, &new[..3])), "", "what drops out of the window stays");
    assert_eq!(stage.fetched(&second), "", "and is not new when it comes back");
}

#[test]
fn an_edit_is_told_once_with_the_same_item() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:1", "Harbour reopnes")]));
    let edited = rss(&stage, &[item("urn:x:1", "Harbour reopens")]);
    let told_of = stage.fetched(&edited);
    assert_eq!(told(&told_of), ["+Harbour reopens"]);
    let id = atomsub::atom::id::generated(SERVICE, "news", "urn:x:1");
    assert!(told_of.contains(&format!("<item id='{id}'")), "{told_of}");
    assert_eq!(stage.fetched(&edited), "");
    // The date of an entry without one is that of its first sight, however often it is edited.
    stage.wait(60);
    let again = stage.fetched(&rss(&stage, &[item("urn:x:1", "Harbour open")]));
    let published = "<published>2003-12-13T18:30:02Z</published><updated>2003-12-13T18:31:02Z</updated>";
    assert!(again.contains(published), "{again}");
}

#[test]
fn who_edits_all_the_time_has_to_wait() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:1", "0 comments")]));
    let edit = |stage: &mut Stage, n: u32| {
        let edited = rss(stage, &[item("urn:x:1", &format!("{n} comments"))]);
        stage.fetched(&Fetched {
            version: Version { etag: Some("1".to_owned()), ..Version::default() },
            ..edited
        })
    };
    for n in 1..=3 {
        assert_eq!(told(&edit(&mut stage, n)), [format!("+{n} comments")]);
        assert_eq!(feed(&mut stage).etag.as_deref(), Some("1"));
    }
    assert_eq!(edit(&mut stage, 4), "");
    assert_eq!(feed(&mut stage).etag, None, "it is not enough to hear that nothing has changed");
    stage.wait(DAY);
    assert_eq!(told(&edit(&mut stage, 5)), ["+5 comments"]);
}

#[test]
fn tombstones_and_complete_feeds_retract() {
    let mut stage = stage();
    let atom = |inside: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0' xmlns:fh='http://purl.org/syndication/history/1.0'><title>Blog</title><id>urn:x:feed</id>{inside}</feed>"
        )
    };
    let entry = |id: &str, date: &str| {
        format!(
            "<entry><id>{id}</id><title>{id}</title><updated>{date}</updated><link href='https://blog.example/'/></entry>"
        )
    };
    let (one, two) = (entry("urn:x:1", "2003-12-10T00:00:00Z"), entry("urn:x:2", "2003-12-11T00:00:00Z"));
    let gone = |when: &str| format!("<at:deleted-entry ref='urn:x:1' when='{when}'/>");
    stage.fetched(&fetched(&stage, &atom(&format!("{one}{two}"))));

    let void = atom(&format!("{}{one}{two}", gone("2003-12-09T00:00:00Z")));
    assert_eq!(stage.fetched(&fetched(&stage, &void)), "", "it was modified after it was deleted");
    let deleted = atom(&format!("{}{two}", gone("2003-12-12T00:00:00Z")));
    assert_eq!(told(&stage.fetched(&fetched(&stage, &deleted))), ["-"]);
    assert_eq!(stage.fetched(&fetched(&stage, &deleted)), "");
    let back = entry("urn:x:1", "2003-12-13T00:00:00Z");
    let back = atom(&format!("{}{back}{two}", gone("2003-12-12T00:00:00Z")));
    assert_eq!(told(&stage.fetched(&fetched(&stage, &back))), ["+urn:x:1"]);

    let complete = atom(&format!("<fh:complete/>{two}"));
    assert_eq!(told(&stage.fetched(&fetched(&stage, &complete))), ["-"]);
    assert!(!stage.send(&items("news")).contains("urn:x:1<"));
}

#[test]
fn what_an_owner_took_out_does_not_come_back() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:2", "Two"), item("urn:x:1", "One")]));
    let id = atomsub::atom::id::generated(SERVICE, "news", "urn:x:1");
    stage.send(&set(OWNER, &format!("<retract node='news'><item id='{id}'/></retract>")));
    stage.notices();
    assert_eq!(stage.fetched(&rss(&stage, &[item("urn:x:2", "Two"), item("urn:x:1", "Changed")])), "");
    // Nor is anything overwritten that somebody else published under the id that an entry would have.
    let taken = atomsub::atom::id::generated(SERVICE, "news", "urn:x:3");
    stage.publish("news", &taken);
    stage.notices();
    assert_eq!(stage.fetched(&rss(&stage, &[item("urn:x:3", "Three"), item("urn:x:2", "Two")])), "");
    assert!(stage.send(&list(OWNER)).contains("an entry was not taken"));
}

#[test]
fn what_is_too_long_comes_without_its_content() {
    let mut stage = stage();
    let long = "long ".repeat(1000);
    stage.fetched(&rss(&stage, &[]));
    let content = format!(
        "<item><guid>urn:x:1</guid><title>One</title><link>https://blog.example/1</link><description>{long}</description></item>"
    );
    let told_of = stage.fetched(&rss(&stage, &[content]));
    assert_eq!(told(&told_of), ["+One"]);
    assert!(told_of.contains("https://blog.example/1") && !told_of.contains("long long"), "{told_of}");
    let title = format!("<item><guid>urn:x:2</guid><title>{long}</title></item>");
    assert_eq!(stage.fetched(&rss(&stage, &[title])), "");
    assert!(stage.send(&list(OWNER)).contains("bytes, at most 2048 are taken"));
}

#[test]
fn one_feed_goes_to_many_nodes() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:1", "One")]));
    for n in 0..20 {
        stage.send(&add(ADMIN, URL, &format!("copy {n}")));
        stage.subscribe(&format!("copy {n}"), "francisco@denmark.lit");
    }
    stage.notices();
    assert_eq!(
        stage.fetched(&rss(&stage, &[item("urn:x:1", "One")])),
        "",
        "each gets what is there, quietly"
    );
    assert!(stage.send(&items("copy 19")).contains("One"));
    let more: Vec<String> = (1..=5).rev().map(|n| item(&format!("urn:x:{n}"), "One")).collect();
    assert_eq!(told(&stage.fetched(&rss(&stage, &more))).len(), 21 * 4);
}

#[test]
fn what_comes_back_through_the_web_is_left_out() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[]));
    let (own, other) = ("xmpp:pubsub.shakespeare.lit?;node=news", "xmpp:pubsub.else.lit?;node=news");
    for (feed_id, entry_id, source, is_taken) in [
        ("urn:x:feed", "urn:x:1", "", true),
        (other, "urn:x:2", "", true),
        (own, "urn:x:3", "", false),
        ("xmpp:pubsub.shakespeare.lit?;node=another", "urn:x:4", "", false),
        ("urn:x:feed", "xmpp:pubsub.shakespeare.lit?;node=news;item=1", "", false),
        ("urn:x:feed", "urn:x:5", own, false),
        (own, "urn:x:6", "urn:x:planet", true),
    ] {
        let source = match source {
            "" => String::new(),
            id => format!("<source><id>{id}</id><title>x</title></source>"),
        };
        let atom = format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><id>{feed_id}</id>\
             <entry><id>{entry_id}</id><title>x</title><link href='https://blog.example/'/>{source}</entry></feed>"
        );
        let told_of = told(&stage.fetched(&fetched(&stage, &atom)));
        assert_eq!(told_of.len(), usize::from(is_taken), "{feed_id} {entry_id} {source}");
    }
}
