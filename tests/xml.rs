//! XML: what is read keeps its bytes, stands alone when cut out, and stays within its limits.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failure is a failed test")]
#![expect(clippy::format_push_string, reason = "short beats fast here")]

mod corpus;

use atomsub::xml::{Element, Limit, Limits, Node, Tree, Writer, XmlError, infoset_equal, write};
use bytes::Bytes;

const ATOM: &str = "http://www.w3.org/2005/Atom";

fn stanza(xml: &str) -> Result<Tree, XmlError> {
    Tree::parse_stanza(Bytes::copy_from_slice(xml.as_bytes()), &Limits::default())
}

fn alone(xml: &str) -> Result<Tree, XmlError> {
    Tree::parse(Bytes::copy_from_slice(xml.as_bytes()), &Limits::default())
}

/// Every element of a tree, in document order.
fn all(root: Element<'_>) -> Vec<Element<'_>> {
    let (mut found, mut next) = (Vec::new(), vec![root]);
    while let Some(element) = next.pop() {
        found.push(element);
        next.extend(element.children().collect::<Vec<_>>().into_iter().rev());
    }
    found
}

/// Cuts out every element of `tree` and checks that it says on its own what it said in its place.
fn stands_alone(tree: &Tree) {
    for element in all(tree.root()) {
        let cut = element.self_contained();
        let again = alone(&cut).unwrap_or_else(|error| panic!("{error} in {cut}"));
        infoset_equal(element, again.root()).unwrap_or_else(|difference| panic!("{difference} in {cut}"));
        // Only its own start tag grew.
        let name_end = element.raw().find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap();
        let (name, kept) = element.raw().split_at(name_end);
        assert!(cut.starts_with(name) && cut.ends_with(kept), "{kept} is not the end of {cut}");
        // Cutting again adds nothing.
        assert_eq!(again.root().self_contained(), cut);
    }
}

#[test]
fn odd_entries_stand_alone() {
    let entries = corpus::entries();
    for entry in corpus::FRAGMENTS.iter().copied().chain(entries.iter().map(String::as_str)) {
        let xml =
            format!("<iq xmlns:out='urn:out' type='set'><b xmlns='urn:b' xmlns:in='urn:in'>{entry}</b></iq>");
        stands_alone(&stanza(&xml).unwrap());
        let bare = stanza(entry).unwrap();
        assert_eq!(bare.root().raw(), entry);
        stands_alone(&bare);
    }
}

#[test]
fn cut_out_elements_read_as_expected() {
    let check = |xml: &str, expected: &str| {
        let tree = stanza(xml).unwrap();
        let cut = all(tree.root()).into_iter().find(|element| element.name() == "e").unwrap();
        assert_eq!(cut.self_contained(), expected);
    };
    // The stream's default namespace is one too.
    check("<iq><e/></iq>", "<e xmlns='jabber:component:accept'/>");
    check("<iq xmlns=''><e/></iq>", "<e/>");
    check("<iq><e xmlns=''/></iq>", "<e xmlns=''/>");
    check("<iq xmlns='urn:i' xml:lang='en'><e  a=\"1\"></e></iq>", "<e xmlns='urn:i'  a=\"1\"></e>");
    // The nearest declaration counts, used or not.
    check(
        "<iq xmlns:p='urn:1' xmlns:q='urn:q'><i xmlns:p='urn:2'><e xmlns:q='urn:own'/></i></iq>",
        "<e xmlns:p='urn:2' xmlns='jabber:component:accept' xmlns:q='urn:own'/>",
    );
    check(
        "<iq xmlns='urn:i'><p:e xmlns:p='urn:p'><f/></p:e></iq>",
        "<p:e xmlns='urn:i' xmlns:p='urn:p'><f/></p:e>",
    );
    check(
        "<iq xmlns='urn:i'><e><stream:f/></e></iq>",
        "<e xmlns='urn:i' xmlns:stream='http://etherx.jabber.org/streams'><stream:f/></e>",
    );
    check("<iq xmlns='a&apos;&lt;&#10;'><e/></iq>", "<e xmlns='a&apos;&lt;&#10;'/>");
}

#[test]
fn an_element_is_read_by_expanded_name() {
    let xml = format!(
        "<iq xmlns:a='{ATOM}' id='1' a:id='2'>one<a:entry/>&lt;two&gt;<entry>in<b>side</b></entry><![CDATA[three]]></iq>"
    );
    let tree = stanza(&xml).unwrap();
    let iq = tree.root();
    assert!(iq.is("iq", "jabber:component:accept"));
    assert_eq!((iq.attr("id"), iq.attr_ns("id", ATOM), iq.attr("xmlns:a")), (Some("1"), Some("2"), None));
    assert_eq!(iq.text(), "one<two>three");
    assert_eq!(iq.deep_text(), "one<two>insidethree");
    assert!(iq.child("entry", ATOM).is_some_and(|entry| entry.nodes().next().is_none()));
    assert_eq!(iq.children().map(Element::name).collect::<Vec<_>>(), ["entry", "entry"]);
    let nodes: Vec<_> = iq
        .nodes()
        .map(|node| match node {
            Node::Text(text) => text,
            Node::Element(element) => element.ns(),
        })
        .collect();
    assert_eq!(nodes, ["one", ATOM, "<two>", "jabber:component:accept", "three"]);
    assert_eq!(iq.child("entry", "jabber:component:accept").unwrap().raw(), "<entry>in<b>side</b></entry>");
}

#[test]
fn a_fragment_alone_has_nothing_in_scope() {
    let tree = alone("<?xml version='1.0' encoding='UTF-8'?>\n<!-- hello --><e k='v'><f/></e>\n").unwrap();
    assert_eq!((tree.root().ns(), tree.root().raw()), ("", "<e k='v'><f/></e>"));
    assert_eq!(alone("<stream:e/>").unwrap_err(), XmlError::UndeclaredPrefix("stream".into()));
}

#[test]
fn what_is_not_xml_is_refused() {
    let malformed = [
        "",
        " ",
        "text",
        "<e>",
        "<e></f>",
        "<e/><e/>",
        "<e/>text",
        "</e>",
        "<e a=1/>",
        "<e a='1'b='2'/>",
        "<e a='<'/>",
        "<e>&nbsp;</e>",
        "<e>&#1;</e>",
        "<e>\u{1}</e>",
        "<e>\u{ffff}</e>",
        "<e>]]></e>",
        "<a:b:c xmlns:a='urn:a'/>",
        "<e xmlns:p=''/>",
        "<e xmlns:xml='urn:x'/>",
        "<e xmlns:xmlns='urn:x'/>",
        "<?xml version='1.0'?><e/>",
        "<e><?php echo ?></e>",
        "<!DOCTYPE e><e/>",
        "<!DOCTYPE e [<!ENTITY a 'b'>]><e>&a;</e>",
        "<e><!DOCTYPE e></e>",
    ];
    for xml in malformed {
        assert!(matches!(stanza(xml), Err(XmlError::Malformed(_))), "{xml} gave {:?}", stanza(xml));
    }
    let invalid = Tree::parse(Bytes::from_static(b"<e>\xff</e>"), &Limits::default());
    assert!(matches!(invalid, Err(XmlError::Malformed(_))));
}

#[test]
fn names_that_clash_or_are_unknown_are_refused() {
    let undeclared = |prefix: &str| Err(XmlError::UndeclaredPrefix(prefix.into()));
    let duplicate = |name: &str| Err(XmlError::DuplicateAttribute(name.into()));
    let check =
        |xml: &str, expected: Result<(), XmlError>| assert_eq!(stanza(xml).map(|_| ()), expected, "{xml}");
    check("<p:e/>", undeclared("p"));
    check("<e p:a=''/>", undeclared("p"));
    check("<xmlns:e/>", undeclared("xmlns"));
    check("<e><f xmlns:p='urn:p'/><p:g/></e>", undeclared("p"));
    check("<e a='' a=''/>", duplicate("a"));
    check("<e xmlns:p='urn:1' xmlns:q='urn:1' p:a='' q:a=''/>", duplicate("a"));
    check("<e xmlns:p='urn:1' xmlns:p='urn:2'/>", duplicate("xmlns:p"));
    check("<e xmlns='urn:1' xmlns='urn:1'/>", duplicate("xmlns:"));
    check("<e xmlns='urn:1' xmlns:p='urn:1' a='' p:a=''/>", Ok(()));
    check("<p:e p:a='' xmlns:p='urn:p'/>", Ok(()));
    check("<e xml:lang='en' lang='en'/>", Ok(()));
}

#[test]
fn limits_hold_and_nothing_less_is_refused() {
    let limits =
        Limits { bytes: 2000, depth: 4, elements: 10, attributes: 3, attribute_bytes: 100, scope_bytes: 150 };
    let check = |xml: String, expected: Result<(), Limit>| {
        let read = Tree::parse_stanza(xml.clone().into(), &limits).map(|_| ());
        assert_eq!(read, expected.map_err(XmlError::Over), "{xml}");
    };
    let nested = |depth: usize| format!("{}{}", "<e>".repeat(depth), "</e>".repeat(depth));
    check(nested(4), Ok(()));
    check(nested(5), Err(Limit::Depth));
    let many = |count: usize| format!("<e>{}</e>", "<f/>".repeat(count - 1));
    check(many(10), Ok(()));
    check(many(11), Err(Limit::Elements));
    check("<e a='' b='' xmlns:c='urn:c'/>".into(), Ok(()));
    check("<e a='' b='' xmlns:c='urn:c' d=''/>".into(), Err(Limit::Attributes));
    check(format!("<e a='{}'/>", "v".repeat(100)), Ok(()));
    check(format!("<e a='{}'/>", "v".repeat(101)), Err(Limit::AttributeBytes));
    check(format!("<e a='{}'/>", "&amp;".repeat(100)), Ok(()));
    check(format!("<e a='{}'/>", "&amp;".repeat(101)), Err(Limit::AttributeBytes));
    check(format!("<e>{}</e>", "t".repeat(2000 - 7)), Ok(()));
    check(format!("<e>{}</e>", "t".repeat(2000 - 6)), Err(Limit::Bytes));
    // Only what is in scope at once counts.
    let space =
        |count: usize| format!("<e xmlns='{0}'><f xmlns='{0}'/><f xmlns='{0}'/></e>", "n".repeat(count));
    check(space(75), Ok(()));
    check(space(76), Err(Limit::ScopeBytes));
}

#[test]
fn the_usual_limits_hold_what_real_entries_need() {
    let nested = |depth: usize| format!("{}{}", "<e>".repeat(depth), "</e>".repeat(depth));
    assert!(stanza(&nested(64)).is_ok());
    assert_eq!(stanza(&nested(65)).unwrap_err(), XmlError::Over(Limit::Depth));
    let link = |bytes: usize| format!("<link href='data:,{}'/>", "x".repeat(bytes));
    assert!(stanza(&link(60_000)).is_ok());
    assert_eq!(stanza(&link(70_000)).unwrap_err(), XmlError::Over(Limit::AttributeBytes));
    let text = "long text, ".repeat(40_000);
    assert_eq!(stanza(&format!("<e>{text}</e>")).unwrap().root().text(), text);
    let cdata = format!("<e><!-- {text} --><f/><![CDATA[{}]]></e>", "<&".repeat(30_000));
    stands_alone(&stanza(&cdata).unwrap());
}

#[test]
fn a_tree_is_shared_between_threads() {
    let tree = stanza("<e>shared</e>").unwrap();
    let other = tree.clone();
    std::thread::spawn(move || assert_eq!(other.root().text(), "shared")).join().unwrap();
    assert_eq!(tree.root().text(), "shared");
}

#[test]
fn different_elements_are_told_apart() {
    let base = "<e xmlns='u' a='1' b='2'>x<f/>y</e>";
    let same = ["<p:e b='2' xmlns:p='u' a=\"&#49;\"><![CDATA[x]]><p:f></p:f>&#121;</p:e>"];
    let other = [
        "<e xmlns='v' a='1' b='2'>x<f/>y</e>",
        "<g xmlns='u' a='1' b='2'>x<f/>y</g>",
        "<e xmlns='u' a='1'>x<f/>y</e>",
        "<e xmlns='u' a='1' b='3'>x<f/>y</e>",
        "<e xmlns='u' a='1' b='2'>xy<f/></e>",
        "<e xmlns='u' a='1' b='2'>x<f/>y<f/></e>",
        "<e xmlns='u' a='1' b='2'>x<f xmlns=''/>y</e>",
        "<e xmlns='u' a='1' b='2'>x<f>y</f></e>",
    ];
    let equal = |xml: &str| infoset_equal(alone(base).unwrap().root(), alone(xml).unwrap().root()).is_ok();
    assert!(same.into_iter().all(equal));
    for xml in other {
        assert!(!equal(xml), "{xml}");
    }
}

#[test]
fn what_is_written_reads_back() {
    let mut writer = Writer::new();
    writer.open("iq").attr("xmlns", "urn:i").attr("to", "a'b\"<&>\t\n\r\u{1}\u{fffe}").attr_opt("id", None);
    writer.open("e").text("").close().open("f").text("<&>\r\n\u{0}").raw("<g/>").close();
    let xml = writer.finish();
    assert_eq!(
        xml,
        "<iq xmlns='urn:i' to='a&apos;b&quot;&lt;&amp;&gt;&#9;&#10;&#13;\u{fffd}\u{fffd}'>\
         <e/><f>&lt;&amp;&gt;&#13;\n\u{fffd}<g/></f></iq>"
    );
    let tree = alone(&xml).unwrap();
    assert_eq!(tree.root().attr("to"), Some("a'b\"<&>\t\n\r\u{fffd}\u{fffd}"));
    assert_eq!(tree.root().deep_text(), "<&>\r\n\u{fffd}");
}

#[test]
fn any_text_written_reads_back() {
    arbtest::arbtest(|u| {
        let text: String = u.arbitrary()?;
        let (mut inside, mut value) = (String::new(), String::new());
        write::escape_text(&mut inside, &text);
        write::escape_attr(&mut value, &text);
        let tree = alone(&format!("<e a='{value}' b=\"{value}\">{inside}</e>")).unwrap();
        let expected: String = text
            .chars()
            .map(|c| match c {
                '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'.. => c,
                _ => '\u{fffd}',
            })
            .collect();
        assert_eq!(tree.root().text(), expected);
        assert_eq!((tree.root().attr("a"), tree.root().attr("b")), (Some(&*expected), Some(&*expected)));
        Ok(())
    });
}

/// A random well-formed document: a few names, prefixes re-declared at will, all kinds of content.
fn document(u: &mut arbtest::arbitrary::Unstructured<'_>) -> arbtest::arbitrary::Result<String> {
    let (mut xml, mut open) = (String::new(), Vec::new());
    let mut scopes = vec![vec!["", "stream", "xml"]];
    for step in 0..u.int_in_range(1..=30)? {
        let inside = step > 0;
        if inside && open.is_empty() {
            break;
        }
        match if inside { u.int_in_range(0..=7)? } else { 0 } {
            0..=2 if open.len() < 10 => {
                let (start, scope) = start_tag(u, scopes.last().unwrap())?;
                xml += &start;
                if inside && u.ratio(1, 4)? {
                    xml += " />";
                } else {
                    xml += ">";
                    open.push(start[1..].split([' ', '\n']).next().unwrap().to_owned());
                    scopes.push(scope);
                }
            }
            3 => {
                xml += &format!("</{} >", open.pop().unwrap());
                scopes.pop();
            }
            4 => xml += "text é ",
            5 => xml += u.choose(&["<![CDATA[<x> ]] &]]>", "<![CDATA[]]>"])?,
            6 => xml += "<!-- <y> -->",
            _ => xml += "&amp;\r\n",
        }
    }
    for name in open.iter().rev() {
        xml += &format!("</{name}>");
    }
    Ok(xml)
}

/// A random start tag without its end, and the prefixes in scope inside.
fn start_tag(
    u: &mut arbtest::arbitrary::Unstructured<'_>,
    outer: &[&'static str],
) -> arbtest::arbitrary::Result<(String, Vec<&'static str>)> {
    let mut scope = outer.to_vec();
    let mut declarations = String::new();
    for prefix in ["", "p", "q", "stream"] {
        if u.ratio(1, 4)? {
            let ns = u.choose(&["urn:1", "urn:2", "http://etherx.jabber.org/streams", "a&amp;b"])?;
            declarations += &match prefix {
                "" if u.ratio(1, 3)? => " xmlns=''".to_owned(),
                "" => format!(" xmlns=\"{ns}\""),
                _ => format!(" xmlns:{prefix}='{ns}'"),
            };
            scope.push(prefix);
        }
    }
    let name = |prefix: &str, local: &str| {
        if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
    };
    let mut tag = format!("<{}{declarations}", name(u.choose(&scope)?, "e"));
    if u.ratio(1, 3)? {
        tag += &format!("\n{} = '&#x1F600; é'", name(u.choose(&scope)?, "a"));
    }
    Ok((tag, scope))
}

#[test]
fn any_element_of_any_document_stands_alone() {
    arbtest::arbtest(|u| {
        let xml = document(u)?;
        stands_alone(&stanza(&xml).unwrap_or_else(|error| panic!("{error} in {xml}")));
        Ok(())
    });
}

#[test]
fn any_bytes_are_read_or_refused() {
    arbtest::arbtest(|u| {
        let mut bytes = document(u)?.into_bytes();
        for _ in 0..u.int_in_range(0..=3)? {
            let at = u.choose_index(bytes.len())?;
            bytes[at] = *u.choose(b"<>&'\"/!?-[]: =a\xc3\x00")?;
        }
        if let Ok(tree) = Tree::parse_stanza(bytes.into(), &Limits::default()) {
            stands_alone(&tree);
        }
        Ok(())
    });
}
