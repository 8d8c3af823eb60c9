//! The guard: the same stanzas come out however the stream is cut, and nothing over a limit gets far.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure is a failed test")]

use atomsub::xml::{Limit, Limits, Tree, XmlError};
use atomsub::xmpp::guard::{Arrival, Frame, Guard, NotXml, read};
use atomsub::xmpp::head::Head;

/// All frames of `stream`, fed in pieces of these sizes, the last one repeated.
fn frames(stream: &[u8], limits: &Limits, sizes: &[usize]) -> Result<Vec<Frame>, NotXml> {
    let (mut guard, mut frames) = (Guard::new(limits), Vec::new());
    let (mut rest, mut sizes) = (stream, sizes.iter().copied().peekable());
    let mut size = 1;
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size).clamp(1, rest.len());
        let (piece, after) = rest.split_at(size);
        guard.feed(piece);
        while let Some(frame) = guard.next_frame()? {
            let is_last = frame == Frame::Footer;
            frames.push(frame);
            if is_last {
                return Ok(frames);
            }
        }
        assert!(guard.held() <= limits.bytes, "nothing beyond the limit is kept");
        rest = after;
    }
    Ok(frames)
}

/// Cuts at once, byte by byte and in odd pieces; all must agree.
fn cut(stream: &str, limits: &Limits) -> Result<Vec<Frame>, NotXml> {
    let whole = frames(stream.as_bytes(), limits, &[stream.len().min(limits.bytes)]);
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(frames(stream.as_bytes(), limits, &[size]), whole, "pieces of {size} of {stream:.200}");
    }
    whole
}

fn stanza(xml: &str) -> Frame {
    Frame::Stanza(xml.to_owned().into())
}

fn head(name: &str, from: &str, to: &str, id: &str, kind: &str) -> Head {
    let given = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    Head { name: name.to_owned(), from: given(from), to: given(to), id: given(id), kind: given(kind) }
}

#[test]
fn stanzas_come_out_one_by_one() {
    let check = |stream: &str, expected: &[&str]| {
        let expected = expected.iter().map(|xml| stanza(xml)).collect();
        assert_eq!(cut(stream, &Limits::default()), Ok(expected), "{stream}");
    };
    check("", &[]);
    check(" \n\r\t ", &[]);
    check("<a/>", &["<a/>"]);
    check("<a></a><b/>\n<c>\n</c> ", &["<a></a>", "<b/>", "<c>\n</c>"]);
    check("<a><b><c/></b>text<b/></a><d", &["<a><b><c/></b>text<b/></a>"]);
    check("<a b='/'/><a b='>'></a>", &["<a b='/'/>", "<a b='>'></a>"]);
    check("<a b=\"'/>\" c='\"</a>'>></a >", &["<a b=\"'/>\" c='\"</a>'>></a >"]);
    check("<a / ></a>", &["<a / ></a>"]);
    check("<a><![CDATA[</a>]]></a>", &["<a><![CDATA[</a>]]></a>"]);
    check("<a><![CDATA[</a>]]]></a>", &["<a><![CDATA[</a>]]]></a>"]);
    check("<a><![CDATA[]]></a>", &["<a><![CDATA[]]></a>"]);
    check("<a><!-- </a> - -- > ---></a>", &["<a><!-- </a> - -- > ---></a>"]);
    check("<a><!----></a>", &["<a><!----></a>"]);
    check("<a><?php </a> ? ??></a>", &["<a><?php </a> ? ??></a>"]);
    check("<é ü='😀'>ß</é>", &["<é ü='😀'>ß</é>"]);
}

#[test]
fn the_stream_ends_with_its_footer() {
    for footer in ["</stream:stream>", " </stream:stream \n>ignored", "</stream:stream></more>"] {
        let stream = format!("<a/>{footer}");
        assert_eq!(cut(&stream, &Limits::default()), Ok(vec![stanza("<a/>"), Frame::Footer]));
    }
}

#[test]
fn a_broken_stream_is_noticed() {
    let check =
        |stream: &str, expected| assert_eq!(cut(stream, &Limits::default()), Err(expected), "{stream}");
    check("text", NotXml::TextOutside);
    check("<a/>&amp;", NotXml::TextOutside);
    check("<a/>\u{feff}", NotXml::TextOutside);
    check("<!DOCTYPE a>", NotXml::Declaration);
    check("<!-- outside -->", NotXml::Declaration);
    check("<?xml version='1.0'?>", NotXml::Declaration);
    check("<a><!DOCTYPE a></a>", NotXml::Declaration);
    check("<a><!ENTITY b 'c'></a>", NotXml::Declaration);
    check("<a><![CDAT></a>", NotXml::Declaration);
    check("<a><!-></a>", NotXml::Declaration);
    check("</a>", NotXml::StrayEndTag);
    check("<a></a></a>", NotXml::StrayEndTag);
    check("</stream>", NotXml::StrayEndTag);
    check("</stream:streams>", NotXml::StrayEndTag);
    check("<a <b/>/>", NotXml::TagInTag);
    check("<a><></a>", NotXml::TagInTag);
}

#[test]
fn what_is_over_a_limit_is_refused_with_its_head() {
    let limits = Limits { bytes: 200, depth: 3, ..Limits::default() };
    let check = |xml: &str, head: Head, limit: Limit| {
        let stream = format!("<before/>{xml} <after/>");
        let expected = vec![stanza("<before/>"), Frame::Refused { head, limit }, stanza("<after/>")];
        assert_eq!(cut(&stream, &limits), Ok(expected), "{xml}");
    };
    let iq = head("iq", "a@b/\u{1f600}<'", "c", "1", "set");
    let open = "<iq to='c' from='a@b/&#x1F600;&lt;&apos;' id=\"1\" type='set' xmlns:x='urn:x' x:id='2'>";
    check(&format!("{open}<a><b><c>deep</c></b></a></iq>"), iq.clone(), Limit::Depth);
    check(&format!("{open}<a><b><c/><d/></b></a></iq>"), iq.clone(), Limit::Depth);
    check(&format!("{open}{}</iq>", "long".repeat(50)), iq.clone(), Limit::Bytes);
    check(&format!("{open}<a b='{}'/></iq>", "<>".repeat(100)), iq.clone(), Limit::Bytes);
    check(&format!("{open}<![CDATA[{}]]></iq>", "</iq>".repeat(100)), iq.clone(), Limit::Bytes);
    check(&format!("{open}<!--{}--></iq>", "</iq>".repeat(100)), iq.clone(), Limit::Bytes);
    // Twice over is refused once.
    check(&format!("{open}{}<a><b><c/></b></a></iq>", "long".repeat(50)), iq.clone(), Limit::Bytes);
    check(&format!("{open}<a><b><c/></b></a>{}</iq>", "long".repeat(50)), iq, Limit::Depth);
    // A start tag that does not end within the limit tells nothing.
    check(&format!("<iq id='1' b='{}'/>", "/>".repeat(100)), Head::default(), Limit::Bytes);
    // A start tag that no parser would read neither.
    check("<iq id='1' id='1'><a><b><c/></b></a></iq>", Head::default(), Limit::Depth);
    check("<iq xmlns='jabber:client' id='1'><a><b><c/></b></a></iq>", Head::default(), Limit::Depth);
}

#[test]
fn limits_refuse_nothing_less() {
    let limits = Limits { bytes: 40, depth: 3, ..Limits::default() };
    let check = |xml: &str, expected: Result<(), Limit>| {
        let frame = match expected {
            Ok(()) => stanza(xml),
            Err(limit) => Frame::Refused { head: head("iq", "", "", "", ""), limit },
        };
        assert_eq!(cut(&format!("{xml}<b/>"), &limits), Ok(vec![frame, stanza("<b/>")]));
    };
    check(&format!("<iq>{}</iq>", "x".repeat(31)), Ok(()));
    check(&format!("<iq>{}</iq>", "x".repeat(32)), Err(Limit::Bytes));
    check("<iq><a><b></b></a></iq>", Ok(()));
    check("<iq><a><b/><b/></a></iq>", Ok(()));
    check("<iq><a><b><c/></b></a></iq>", Err(Limit::Depth));
}

#[test]
fn a_stanza_that_cannot_be_read_is_refused_and_the_stream_goes_on() {
    let limits = Limits::default();
    let refused = |xml: &str| {
        let frames = cut(&format!("{xml}<after/>"), &limits).unwrap();
        let [first, after] = &frames[..] else { panic!("{xml} gave {frames:?}") };
        assert!(matches!(read(after.clone(), &limits), Arrival::Stanza(_)));
        match read(first.clone(), &limits) {
            Arrival::Refused { head, why } => (head, why),
            arrival @ (Arrival::Stanza(_) | Arrival::Footer) => panic!("{xml} gave {arrival:?}"),
        }
    };
    let iq = head("iq", "", "", "1", "get");
    let malformed =
        ["<b></c>", "&nbsp;", "&#1;", "<?php?>", "\u{1}", "]]>", "<b c=d/>", "<b c='<'/>", "<b:c:d/>"];
    for inside in malformed {
        let (head, why) = refused(&format!("<iq type='get' id='1'>{inside}</iq>"));
        assert!(matches!(why, XmlError::Malformed(_)), "{inside} gave {why}");
        assert_eq!(head, iq);
    }
    let over = |inside: &str| refused(&format!("<iq type='get' id='1'>{inside}</iq>"));
    assert_eq!(
        over(&format!("<b c='{}'/>", "x".repeat(70_000))),
        (iq.clone(), XmlError::Over(Limit::AttributeBytes))
    );
    assert_eq!(over(&"<b/>".repeat(40_000)), (iq.clone(), XmlError::Over(Limit::Elements)));
    let attributes = (0..200).map(|n| format!(" a{n}=''")).collect::<Vec<_>>().concat();
    assert_eq!(over(&format!("<b{attributes}/>")), (iq.clone(), XmlError::Over(Limit::Attributes)));
    assert_eq!(over("<p:b/>"), (iq.clone(), XmlError::UndeclaredPrefix("p".into())));
    assert_eq!(over("<b c='' c=''/>"), (iq.clone(), XmlError::DuplicateAttribute("c".into())));
    // Too many attributes on the stanza itself still leave it answerable.
    let (head, why) = refused(&format!("<iq{attributes} type='get' id='1'/>"));
    assert_eq!((head, why), (iq, XmlError::Over(Limit::Attributes)));
}

#[test]
fn only_requests_want_an_answer() {
    let check = |name, kind, expected| assert_eq!(head(name, "a", "b", "1", kind).wants_answer(), expected);
    check("iq", "get", true);
    check("iq", "set", true);
    check("iq", "result", false);
    check("iq", "error", false);
    check("iq", "", false);
    check("message", "get", false);
    check("presence", "", false);
    assert!(!Head::default().wants_answer());
}

/// Feeds `count` times `piece` between `open` and `close`, then checks that one refusal and the next stanza came out.
fn flood(open: &str, piece: &str, count: usize, close: &str, expected: Limit) {
    let limits = Limits::default();
    let mut guard = Guard::new(&limits);
    let mut frames = Vec::new();
    let pieces = [(open, 1), (piece, count), (close, 1), ("<after/>", 1)];
    for (piece, count) in pieces {
        for _ in 0..count {
            guard.feed(piece.as_bytes());
            while let Some(frame) = guard.next_frame().unwrap() {
                frames.push(frame);
            }
            assert!(guard.held() <= limits.bytes + piece.len());
        }
    }
    let [Frame::Refused { limit, .. }, after] = &frames[..] else { panic!("{frames:?}") };
    assert_eq!((*limit, after), (expected, &stanza("<after/>")));
}

#[test]
fn floods_are_skipped_in_bounded_memory() {
    flood("<iq>", "<a>", 100_000, &format!("{}</iq>", "</a>".repeat(100_000)), Limit::Depth);
    flood("<iq>", "<a><b/></a>some text\n", 400_000, "</iq>", Limit::Bytes);
    flood("<iq>", &"endless text ".repeat(1000), 1_000, "</iq>", Limit::Bytes);
    flood("<iq a='", &"endless value ".repeat(1000), 1_000, "'/>", Limit::Bytes);
    flood("<iq", &" endless='attributes'".repeat(1000), 500, "/>", Limit::Bytes);
    flood("<iq><![CDATA[", &"]]&gt;<a>".repeat(1000), 1_000, "]]></iq>", Limit::Bytes);
    flood("<iq><!--", &"- -&gt;</a>".repeat(1000), 1_000, "--></iq>", Limit::Bytes);
}

/// A random stream of stanzas, now and then with something broken in it.
fn stream(u: &mut arbtest::arbitrary::Unstructured<'_>) -> arbtest::arbitrary::Result<String> {
    let pieces = [
        "<a>",
        "<a>",
        "<a x='1'>",
        "<a x=\"'>\" />",
        "</a>",
        "</a>",
        "</a >",
        "<b/>",
        "text",
        " ",
        "\n",
        "&lt;",
        "<![CDATA[</a>]]>",
        "<!-- <a> -->",
        "<?pi?>",
        "é😀",
        "]]>",
        "<",
        ">",
        "'",
        "<!",
        "--",
        "</stream:stream>",
    ];
    let mut stream = String::new();
    for _ in 0..u.int_in_range(0..=40)? {
        // The broken ones are last, and rarer.
        let choices = if u.ratio(1, 20)? { &pieces[..] } else { &pieces[..14] };
        stream += u.choose(choices)?;
    }
    Ok(stream)
}

#[test]
fn any_chunking_gives_the_same_frames() {
    arbtest::arbtest(|u| {
        let limits =
            Limits { bytes: u.int_in_range(20..=120)?, depth: u.int_in_range(1..=6)?, ..Limits::default() };
        let stream = stream(u)?;
        let sizes: Vec<usize> = (0..20).map(|_| u.int_in_range(1..=12)).collect::<Result<_, _>>()?;
        let bytewise = frames(stream.as_bytes(), &limits, &[1]);
        assert_eq!(frames(stream.as_bytes(), &limits, &sizes), bytewise, "{stream}");
        Ok(())
    });
}

#[test]
fn guard_and_parser_agree_where_a_stanza_ends() {
    arbtest::arbtest(|u| {
        let limits = Limits::default();
        let stream = stream(u)?;
        // What the parser takes for one element, the guard must too, whatever follows.
        if let Ok(tree) = Tree::parse_stanza(stream.clone().into(), &limits) {
            let xml = tree.root().raw();
            let followed = format!("{xml}<after/>");
            if !stream.trim_start().starts_with("<!") && !stream.trim_start().starts_with("<?") {
                assert_eq!(cut(&followed, &limits), Ok(vec![stanza(xml), stanza("<after/>")]), "{stream}");
            }
        }
        // And a frame that is read is read whole.
        for frame in frames(stream.as_bytes(), &limits, &[5]).unwrap_or_default() {
            if let (Frame::Stanza(bytes), Arrival::Stanza(tree)) = (&frame, read(frame.clone(), &limits)) {
                assert_eq!(tree.root().raw().as_bytes(), &bytes[..]);
            }
        }
        Ok(())
    });
}

#[test]
fn any_bytes_are_cut_or_refused() {
    arbtest::arbtest(|u| {
        let limits = Limits { bytes: 60, depth: 4, ..Limits::default() };
        let mut bytes = stream(u)?.into_bytes();
        if !bytes.is_empty() {
            let at = u.choose_index(bytes.len())?;
            bytes[at] = u.arbitrary()?;
        }
        let bytewise = frames(&bytes, &limits, &[1]);
        assert_eq!(frames(&bytes, &limits, &[3, 1, 4, 1, 5]), bytewise);
        for frame in bytewise.unwrap_or_default() {
            read(frame, &limits);
        }
        Ok(())
    });
}
