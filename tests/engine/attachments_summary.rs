//! What the summary of attachments says, and what a signature does — XEP-0470, XEP-0475.

use std::collections::{BTreeMap, BTreeSet};

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::affiliation::Affiliation;

use crate::attachments::{
    HAMLET, ROMEO, attach, attachments_of, blog, reactions, retract, summary, summary_of,
};
use crate::stage::{ENTRY, Stage, get};

#[test]
fn what_is_counted() {
    const PEOPLE: [&str; 3] = ["romeo@montague.lit/1", "juliet@capulet.lit/1", "nurse@capulet.lit/1"];
    let long = "x".repeat(65);
    let many: Vec<String> = (0..33).map(|n| format!("r{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let most = reactions(&many[..32]);
    let cases: Vec<(Vec<String>, String)> = vec![
        (vec![String::new()], String::new()),
        (vec!["<noticed/>".into(); 3], "<noticed count='3'/>".into()),
        (vec!["<noticed/><noticed/>".into()], "<noticed count='1'/>".into()),
        (
            vec![reactions(&["👍"]), reactions(&["🎉", "👍"]), reactions(&["🚧", "🎉"])],
            "<reactions><reaction count='2'>👍</reaction><reaction count='2'>🎉</reaction>\
             <reaction>🚧</reaction></reactions>"
                .into(),
        ),
        // Once for each person.
        (vec![reactions(&["👍", " 👍 ", "👍"])], "<reactions><reaction>👍</reaction></reactions>".into()),
        (
            vec![format!("{}{}", reactions(&["👍"]), reactions(&["👍", "🎉"]))],
            "<reactions><reaction>👍</reaction><reaction>🎉</reaction></reactions>".into(),
        ),
        // What is no emoji by any means, and more than anybody means.
        (vec![reactions(&["", "  ", &long])], String::new()),
        (vec![reactions(&many)], most),
        (vec![reactions(&["&lt;&amp;"])], "<reactions><reaction>&lt;&amp;</reaction></reactions>".into()),
        // What is not known is kept, and not summed up.
        (vec!["<rating xmlns='urn:example:rating' stars='5'/>".into()], String::new()),
        (vec!["<noticed xmlns='urn:example:other'/>".into()], String::new()),
        (
            vec![
                signature(&["<signer>romeo@montague.lit</signer>", "<signer>juliet@capulet.lit</signer>"]),
                signature(&["<signer jid='juliet@capulet.lit'/>"]),
                // Nobody signs for others.
                signature(&["<signer>juliet@capulet.lit</signer>"]),
            ],
            "<signature xmlns='urn:xmpp:pubsub-signing:0'><signer>romeo@montague.lit</signer>\
             <signer>juliet@capulet.lit</signer></signature>"
                .into(),
        ),
    ];
    for (attachments, expected) in cases {
        let mut stage = blog();
        for (from, attachments) in PEOPLE.iter().zip(&attachments) {
            stage.send(&attach(from, "blog", "1", attachments));
        }
        assert_eq!(summary(&mut stage, "blog", "1").as_deref(), Some(expected.as_str()), "{attachments:?}");
        // What somebody takes back is taken off, down to nothing.
        for from in PEOPLE.iter().zip(&attachments).map(|(from, _)| from) {
            stage.send(&attach(from, "blog", "1", ""));
        }
        assert_eq!(summary(&mut stage, "blog", "1").as_deref(), Some(""), "{attachments:?}");
    }
}

fn signature(signers: &[&str]) -> String {
    let time = "<time stamp='2022-10-16T18:39:03Z'/>";
    format!("<signature xmlns='urn:xmpp:pubsub-signing:0'>{time}{}</signature>", signers.concat())
}

/// The author of an entry has signed what he published, so that is what is given from then on.
#[test]
fn a_signed_entry_is_given_as_it_was_published() {
    for (signer, is_author) in [(HAMLET, true), ("horatio@denmark.lit/1", true), (ROMEO, false)] {
        let mut stage = blog();
        stage.affiliate("blog", "horatio@denmark.lit", Affiliation::Publisher);
        let is_original = |stage: &mut Stage| {
            let items = stage.send(&get(ROMEO, "<items node='blog'/>"));
            let ids: Vec<&str> = items.split("<item id='").skip(1).filter_map(|item| item.get(..1)).collect();
            assert_eq!(ids, ["1", "2"], "none of them is newer than it was");
            items.contains(ENTRY)
        };
        for others in [signature(&[]), signature(&["<signer>polonius@denmark.lit</signer>"])] {
            stage.send(&attach(signer, "blog", "1", &others));
            assert!(!is_original(&mut stage), "{signer}");
        }
        let own = format!("<signer>{}</signer>", signer.split('/').next().unwrap());
        stage.send(&attach(signer, "blog", "1", &signature(&[&own])));
        assert_eq!(is_original(&mut stage), is_author, "{signer}");
    }
}

#[test]
fn a_summary_has_an_end_and_whoever_is_not_refused_is_counted() {
    let mut stage = blog();
    for person in 0..8 {
        let own: Vec<String> = (0..32).map(|n| format!("{person}-{n}")).collect();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        stage.send(&attach(&format!("p{person}@capulet.lit/1"), "blog", "1", &reactions(&own)));
    }
    stage.refuses(&[(attach(ROMEO, "blog", "1", &reactions(&["👍"])), "modify/not-acceptable/-")]);
    stage.send(&attach(ROMEO, "blog", "1", &reactions(&["0-0"])));
    stage.send(&retract("p1@capulet.lit/1", &attachments_of("blog", "1"), "p1@capulet.lit"));
    stage.send(&attach(ROMEO, "blog", "1", &reactions(&["👍"])));
    let written = summary(&mut stage, "blog", "1").unwrap();
    assert_eq!(written.matches("<reaction>").count(), 7 * 32 + 1);
    for person in 0..32 {
        let jid = format!("s{person}@capulet.lit");
        let signed = signature(&[&format!("<signer>{jid}</signer>")]);
        stage.send(&attach(&format!("{jid}/1"), "blog", "2", &signed));
    }
    let signed = signature(&["<signer>romeo@montague.lit</signer>"]);
    stage.refuses(&[(attach(ROMEO, "blog", "2", &signed), "modify/not-acceptable/-")]);
}

#[test]
fn only_a_change_of_the_summary_is_told() {
    let mut stage = blog();
    stage.send(&attach(ROMEO, "blog", "1", "<noticed/>"));
    stage.subscribe(&summary_of("blog"), "hamlet@denmark.lit");
    let unchanged =
        ["<noticed timestamp='2022-07-11T12:07:24Z'/>", "<noticed/><rating xmlns='urn:example:rating'/>"];
    for attachments in unchanged {
        assert!(!stage.send(&attach(ROMEO, "blog", "1", attachments)).contains("<message"));
    }
    let changed = [
        (attach(ROMEO, "blog", "1", ""), "<summary xmlns='urn:xmpp:pubsub-attachments:summary:1'/>"),
        (attach(ROMEO, "blog", "1", &reactions(&["👍"])), "<reaction>👍</reaction>"),
        (retract(ROMEO, &attachments_of("blog", "1"), "romeo@montague.lit"), "<retract id='1'/>"),
    ];
    for (stanza, told) in changed {
        let heard = stage.send(&stanza);
        assert!(heard.contains("<message") && heard.contains(told), "{told}: {heard}");
    }
}

const REACTIONS: [&str; 3] = ["👍", "🎉", "🚧"];

/// Whether somebody has noticed, and his reactions.
type Share = (bool, BTreeSet<&'static str>);

fn share(u: &mut Unstructured<'_>) -> Arbitrary<Share> {
    let mut reactions = BTreeSet::new();
    for reaction in REACTIONS {
        if u.arbitrary()? {
            reactions.insert(reaction);
        }
    }
    Ok((u.arbitrary()?, reactions))
}

/// A summary says what counting these gives.
fn check_counts(written: Option<&str>, shares: &[&Share]) {
    assert_eq!(written.is_some(), !shares.is_empty(), "{written:?}");
    let written = written.unwrap_or_default();
    let noticed = shares.iter().filter(|(noticed, _)| *noticed).count();
    let says = written.contains(&format!("<noticed count='{noticed}'/>"));
    assert_eq!(says, noticed > 0, "{noticed}: {written}");
    for reaction in REACTIONS {
        let expected = match shares.iter().filter(|(_, reactions)| reactions.contains(reaction)).count() {
            0 => {
                assert!(!written.contains(reaction), "{reaction}: {written}");
                continue;
            }
            1 => format!("<reaction>{reaction}</reaction>"),
            count => format!("<reaction count='{count}'>{reaction}</reaction>"),
        };
        assert!(written.contains(&expected), "{expected}: {written}");
    }
}

/// A summary that is kept by differences is the one that counting all attachments gives.
#[test]
fn a_summary_is_what_counting_gives() {
    const PEOPLE: [&str; 3] = ["romeo@montague.lit", "juliet@capulet.lit", "nurse@capulet.lit"];
    arbtest::arbtest(|u| {
        let mut stage = blog();
        let mut attached: BTreeMap<(&str, &str), Share> = BTreeMap::new();
        for _ in 0..u.int_in_range(1..=25)? {
            let (who, item) = (*u.choose(&PEOPLE)?, *u.choose(&["1", "2"])?);
            let from = format!("{who}/1");
            match u.int_in_range(0..=6)? {
                0 => {
                    stage.any(&retract(&from, &attachments_of("blog", item), who));
                    attached.remove(&(item, who));
                }
                1 => {
                    // The post itself goes, and comes again without anything.
                    stage.send(&retract(HAMLET, "blog", item));
                    stage.publish("blog", item);
                    attached.retain(|(of, _), _| *of != item);
                }
                2 => stage.publish("blog", item),
                _ => {
                    let (noticed, picked) = share(u)?;
                    let picks: Vec<&str> = picked.iter().copied().collect();
                    let xml = if noticed { "<noticed/>" } else { "" };
                    stage.send(&attach(&from, "blog", item, &format!("{xml}{}", reactions(&picks))));
                    attached.insert((item, who), (noticed, picked));
                }
            }
            for item in ["1", "2"] {
                let its = attached.iter().filter(|((of, _), _)| *of == item);
                let shares: Vec<&Share> = its.map(|(_, share)| share).collect();
                check_counts(summary(&mut stage, "blog", item).as_deref(), &shares);
            }
        }
        Ok(())
    })
    .budget_ms(3_000);
}
