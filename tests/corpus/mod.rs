//! Odd but well-formed XML, which has to come through reading, storing and sending as it is.

/// Elements of any kind, that may stand anywhere.
pub(crate) const FRAGMENTS: &[&str] = &[
    "<entry xmlns='http://www.w3.org/2005/Atom'><title>plain</title></entry>",
    "<a:entry xmlns:a='http://www.w3.org/2005/Atom'><a:title>prefixed</a:title><plain/></a:entry>",
    "<x:item xmlns:x='urn:x' xmlns='http://www.w3.org/2005/Atom'><entry><x:y/></entry></x:item>",
    "<a:e xmlns:a='urn:1'><a:e xmlns:a='urn:2'><a:e xmlns:a='urn:1' a:k='v'/></a:e><a:f/></a:e>",
    "<e xmlns='urn:1'><f xmlns=''><g><h xmlns='urn:2'/></g></f></e>",
    "<e xml:lang='de' xml:base='http://example.org/a?b=1&amp;c=2'><f xml:lang=''/></e>",
    "<e><![CDATA[<not/> & not]]>and<![CDATA[]]><f><![CDATA[]]]]></f></e>",
    "<e a='&lt;&#10;&#x9;&apos;&quot;&amp;' b=\"it's\">&lt;&gt;&amp;&apos;&quot;&#x1F600;&#233;</e>",
    "<e title='𝔄𝔱𝔬𝔪'>😀 \u{10ffff} é <f>𝕏</f></e>",
    "<é:ü xmlns:é='urn:ö' é:ä='ß'/>",
    "<e xmlns:p='urn:p'><type>p:integer</type></e>",
    "<e><stream:features/><f stream:x='1'/></e>",
    "<e xmlns:stream='urn:other'><stream:f/><g xmlns:stream='http://etherx.jabber.org/streams' stream:a=''/></e>",
    "<e xmlns:q='urn:&apos;&quot;&amp;&lt;'><q:f/></e>",
    "<e  a = '1'\n\tb\r\n=\r\n\"2\"  ><f  /></e  >",
    "<e><!-- a comment <f> --><f/><!-- & --><g>te<!-- in -->xt</g></e>",
    "<e>]] &gt; ]</e>",
    "<e>line\r\nline\rline</e>",
    "<entry><title>in the stream's own namespace</title></entry>",
];

/// Entries that are odd from their root on; `{}` stands for what every entry needs.
const ENTRIES: &[&str] = &[
    "<entry xmlns='http://www.w3.org/2005/Atom'>{}</entry>",
    "<entry  xmlns = \"http://www.w3.org/2005/Atom\"\n  xml:lang='de'\txml:base='http://example.org/?a=1&amp;b=2' >{}</entry >",
    "<entry xmlns='http://www.w3.org/2005/Atom' xmlns:unused='urn:unused'>{}<category term='unused:term'/></entry>",
    "<entry xmlns='http://www.w3.org/2005/Atom'>\n\t{}\n  <summary type='html'>&lt;p&gt;a &amp;amp; b&lt;/p&gt;</summary>\n</entry>",
    "<entry xmlns='http://www.w3.org/2005/Atom'>{}<content type='html'><![CDATA[<p title=\"]]>]]&gt;<![CDATA[\">]]></content></entry>",
    "<entry xmlns='http://www.w3.org/2005/Atom'>{}<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>\
     <p>x <b>y</b> z<br/></p><svg xmlns='http://www.w3.org/2000/svg' xmlns:l='http://www.w3.org/1999/xlink'>\
     <a l:href='#x'/></svg></div></content></entry>",
    "<entry xmlns='http://www.w3.org/2005/Atom'>{}<content type='application/xml'><entry xmlns=''><id/></entry></content></entry>",
    "<entry xmlns='http://www.w3.org/2005/Atom'>{}<thr:in-reply-to xmlns:thr='http://purl.org/syndication/thread/1.0' \
     ref='tag:example.org,2005:1' thr:odd='&#x1F600;'/></entry>",
    "<entry xmlns='http://www.w3.org/2005/Atom'>{}<title xmlns='urn:not:atom'>no title</title><id xmlns=''/></entry>",
    "<a:entry xmlns:a='http://www.w3.org/2005/Atom' xmlns='http://www.w3.org/1999/xhtml'><a:title type='xhtml'>\
     <div>prefixed</div></a:title><a:id>tag:example.org,2024:a</a:id><a:updated>2024-02-14T18:30:02Z</a:updated>\
     <a:author><a:name>A</a:name></a:author><a:link href='http://example.org/a'/><plain/></a:entry>",
    "<entry xmlns='http://www.w3.org/2005/Atom' xmlns:a='http://www.w3.org/2005/Atom'><a:title>mixed</a:title>\
     <id>tag:example.org,2024:m</id><a:updated>2024-02-14T18:30:02Z</a:updated><author><a:name>M</a:name></author>\
     <link href='http://example.org/m'/></entry>",
];

/// What every entry needs.
const NEEDED: &str = "<title>odd</title><id>tag:example.org,2024:odd</id><updated>2024-02-14T18:30:02Z</updated>\
                      <author><name>O</name></author><link href='http://example.org/odd'/>";

/// Complete Atom entries: those that are odd themselves, and one around each fragment.
pub(crate) fn entries() -> Vec<String> {
    let odd = ENTRIES.iter().map(|entry| entry.replace("{}", NEEDED));
    let around = FRAGMENTS.iter().map(|fragment| {
        format!(
            "<entry xmlns='http://www.w3.org/2005/Atom'>{NEEDED}<odd xmlns='urn:odd'>{fragment}</odd></entry>"
        )
    });
    odd.chain(around).collect()
}
