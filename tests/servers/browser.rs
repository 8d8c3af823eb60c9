//! The pages in a real browser, Chromium, driven by playwright-core: what is published appears on a page that is open, a
//! page says all without its script, and it can be read on a phone and on a desk, by day and by night.
//!
//! What the browser does is in `browser/browser.js`. playwright-core comes from the npm registry, as
//! `browser/package-lock.json` says, into a directory under `target/`, where the pictures are too.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::harness::process::is_installed;
use crate::harness::server::Kind;
use crate::harness::skip;
use crate::library::{node_in, npm};
use crate::stage::{SERVICE, Stage, create, publish, publish_payload, pubsub};

/// The version that is in `package-lock.json`.
const VERSION: &str = "1.65.1";

/// What entries have to show.
const RICH: &str = "<entry xmlns='http://www.w3.org/2005/Atom'><id>tag:capulet.example,2024:rich</id>\
    <title>O Romeo, Romeo, wherefore art thou Romeo? Deny thy father and refuse thy name</title>\
    <updated>2024-02-14T18:30:02Z</updated><published>2024-02-13T18:30:02Z</published>\
    <author><name>Juliet</name></author><category term='love'/><category term='names'/>\
    <link rel='enclosure' type='audio/ogg' href='https://capulet.example/soliloquy.ogg'/>\
    <content type='html'>&lt;p&gt;What's in a &lt;a href='https://capulet.example/name'&gt;name&lt;/a&gt;? that which \
    we call a rose&lt;br&gt;By any other name would smell as sweet;&lt;/p&gt;&lt;blockquote&gt;&lt;p&gt;So Romeo would, were he \
    not Romeo call'd&lt;/p&gt;&lt;/blockquote&gt;&lt;pre&gt;&lt;code&gt;a_very_long_line_that_does_not_fit_on_any_phone_and_has_to_be_scrolled_inside_its_box_alone()\
    &lt;/code&gt;&lt;/pre&gt;&lt;p&gt;https://capulet.example/a/very/long/address/without/any/place/to/break/it/at/the/end/of/a/line&lt;/p&gt;\
    &lt;table&gt;&lt;tr&gt;&lt;th&gt;House&lt;/th&gt;&lt;th&gt;Who&lt;/th&gt;&lt;th&gt;Where they are to be found in the morning&lt;/th&gt;&lt;/tr&gt;\
    &lt;tr&gt;&lt;td&gt;Capulet&lt;/td&gt;&lt;td&gt;Juliet&lt;/td&gt;&lt;td&gt;On the balcony&lt;/td&gt;&lt;/tr&gt;&lt;/table&gt;</content></entry>";

#[test]
fn pages_in_a_browser() {
    let Some(stage) = Stage::of(Kind::Prosody) else { return };
    let Some(mut browser) = Browser::start() else { return skip("chromium, or playwright-core") };
    let web = stage.service.web();
    let mut juliet = stage.juliet();
    let node = "window";
    let about = ("description", "What light through yonder window breaks? All that is said below it.");
    create(&mut juliet, node, &[("title", "At the window"), ("language", "en"), about]);
    juliet.ok("set", SERVICE, &publish(node, "one", "First words"));
    let page = format!("http://{web}/n/{node}");
    browser.does(&format!("open {page}"));
    browser.does("see First words");

    juliet.ok("set", SERVICE, &publish(node, "two", "Second words"));
    browser.does("see Second words");
    juliet.ok("set", SERVICE, &publish(node, "one", "First words, changed"));
    browser.does("see First words, changed");
    juliet.ok("set", SERVICE, &pubsub(&format!("<retract node='{node}'><item id='two'/></retract>")));
    browser.does("not Second words");

    juliet.ok("set", SERVICE, &publish_payload(node, "rich", RICH));
    browser.does("see On the balcony");
    browser.does(&format!("plain {page} On the balcony"));
    browser.does(&format!("plain {page}/i/rich On the balcony"));
    browser.does(&format!("plain http://{web}/ At the window"));
    browser.does(&format!("sizes {page} {}", env!("CARGO_TARGET_TMPDIR")));
}

/// A browser and somebody before it.
struct Browser {
    child: Child,
    /// Until it ends.
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Browser {
    fn start() -> Option<Self> {
        let library = library().filter(|_| is_installed("chromium"))?;
        let mut node = node_in(library);
        node.arg("browser.js").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().unwrap();
        let (asks, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, asks, answers })
    }

    /// Does something, which has to succeed.
    fn does(&mut self, what: &str) {
        writeln!(self.asks.as_mut().unwrap(), "{what}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "ok\n", "{what}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends with its input, and takes the browser with it.
        drop(self.asks.take());
        let end = Instant::now() + Duration::from_secs(10);
        while self.child.try_wait().unwrap().is_none() && Instant::now() < end {
            sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn library() -> Option<&'static Path> {
    static LIBRARY: LazyLock<Option<PathBuf>> =
        LazyLock::new(|| npm("playwright-core", VERSION, "browser", "browser.js"));
    LIBRARY.as_deref()
}
