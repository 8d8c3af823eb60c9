//! What leaves goes only where it may, and what comes back is bounded.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use atomsub::client::{Answer, Ask, Failed, Found, Guard, Lookup, Network, Settings};
use atomsub::limits::{FETCH_BYTES_MAX, FETCH_INFLATED_BYTES_MAX};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::web::{Page, Web};

/// Names that we give; each may be said to be elsewhere the next time.
#[derive(Clone, Debug, Default)]
struct Names {
    known: BTreeMap<&'static str, Vec<&'static [&'static str]>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    fn new(known: &[(&'static str, &[&'static [&'static str]])]) -> Self {
        let known = known.iter().map(|(name, answers)| (*name, answers.to_vec())).collect();
        Self { known, ..Self::default() }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Lookup for Names {
    fn lookup(&self, name: String) -> Found {
        let mut asked = self.asked.lock().unwrap();
        let before = asked.iter().filter(|known| **known == name).count();
        let answers = self.known.get(name.as_str());
        let answer = answers.and_then(|answers| answers.get(before).or(answers.last()));
        let found = answer.map(|found| found.iter().map(|one| one.parse().unwrap()).collect::<Vec<IpAddr>>());
        asked.push(name);
        Box::pin(async move { found.ok_or_else(|| io::Error::other("no such name")) })
    }
}

fn guard(allow: &[&str], names: &Names) -> Guard {
    let allow: Vec<Network> = allow.iter().map(|network| network.parse().unwrap()).collect();
    let settings = Settings { patience: Duration::from_secs(2), ..Settings::new("atomsub/test", allow) };
    let names: Arc<dyn Lookup> = Arc::new(names.clone());
    Guard::with_names(&settings, &names).unwrap()
}

async fn fetch(guard: &Guard, url: &str) -> Result<Answer, Failed> {
    guard.send(Ask::get(url.parse().unwrap())).await
}

/// Where nothing goes, in all the ways in which one can write it.
const INSIDE: &[&str] = &[
    "http://169.254.169.254/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://127.0.0.1:{port}/",
    // How the web reads numbers.
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://0:{port}/",
    "http://127.1:{port}/",
    "http://0x7f000001:{port}/",
    "http://0X7F.0x0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.1%2e:{port}/",
    // Full-width and circled digits, and full stops of other scripts.
    "http://１２７.０.０.１:{port}/",
    "http://①②⑦。⓪。⓪。①:{port}/",
    "http:\\\\127.0.0.1:{port}\\",
    "http:127.0.0.1:{port}/",
    "http://[::1]:{port6}/",
    "http://[0:0::0:1]:{port6}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[::ffff:0:127.0.0.1]:{port}/",
    "http://[0:0:0:0:0:ffff:7f00:1]:{port}/",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://LOCALHOST:{port}/",
    "http://loop.example:{port}/",
    "http://loop6.example:{port6}/",
    "http://mapped.example:{port}/",
    "http://ten.example/",
    "https://ten.example/",
    "http://several.example/",
    "http://[fe80::1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::127.0.0.1]/",
    "http://nat64.example/",
    "http://[2001:0:7f00:1::]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://[2002:7f00:1::]/",
    "http://100.64.0.1/",
    // A public address, but another service.
    "http://1.1.1.1:25/",
    "https://1.1.1.1:5222/",
    "ftp://1.1.1.1/",
    "file:///etc/passwd",
    "gopher://1.1.1.1/",
    "http://user@1.1.1.1/",
    "http://user:secret@1.1.1.1/",
    "http://1.1.1.1:80@127.0.0.1/",
    "http://:@127.0.0.1:{port}/",
];

#[tokio::test]
async fn nothing_goes_to_where_only_this_machine_can_reach() {
    let (web, web6) = (Web::start(), Web::on("[::1]:0"));
    let (port, port6) = (web.address.port(), web6.address.port());
    let names = Names::new(&[
        ("ten.example", &[&["10.0.0.1"]]),
        ("loop.example", &[&["127.0.0.1"]]),
        ("loop6.example", &[&["::1"]]),
        ("mapped.example", &[&["::ffff:127.0.0.1"]]),
        ("several.example", &[&["192.168.0.1", "169.254.169.254", "fd00::1"]]),
        ("localhost", &[&["127.0.0.1", "::1"]]),
        ("localhost.", &[&["127.0.0.1", "::1"]]),
        ("nat64.example", &[&["64:ff9b::a9fe:a9fe"]]),
    ]);
    let guard = guard(&[], &names);
    for url in INSIDE {
        // At another port, where somebody listens, and at that which is connected to elsewhere.
        let there = url.replace("{port}", &port.to_string()).replace("{port6}", &port6.to_string());
        let usual = url.replace(":{port}", "").replace(":{port6}", "");
        for url in [there, usual] {
            let failed = fetch(&guard, &url).await;
            assert!(matches!(failed, Err(Failed::Forbidden(_))), "{url}: {failed:?}");
        }
    }
    assert_eq!((web.asked().len(), web6.asked().len()), (0, 0));
}

#[tokio::test]
async fn each_hop_is_looked_at() {
    let (web, hidden) = (Web::start(), Web::on("127.0.0.2:0"));
    let names = Names::new(&[("hidden.example", &[&["127.0.0.2"]]), ("open.example", &[&["127.0.0.1"]])]);
    let guarding = |names: &Names| guard(&["127.0.0.1"], names);
    let guard = guarding(&names);
    let port = hidden.address.port();
    let locations = [
        hidden.url("/"),
        format!("http://hidden.example:{port}/"),
        format!("//127.0.0.2:{port}/"),
        "http://10.0.0.1/".to_owned(),
        "http://[::1]/".to_owned(),
        format!("http://2130706434:{port}/"),
        format!("http://0177.2:{port}/"),
        format!("http://0x7f000002:{port}/"),
        format!("http://127.0.0.2.:{port}/"),
        format!("http://[::ffff:127.0.0.2]:{port}/"),
        "http://[64:ff9b::7f00:2]/".to_owned(),
        format!("\\\\127.0.0.2:{port}"),
        "data:text/xml,<rss/>".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://me@1.1.1.1/".to_owned(),
    ];
    for location in locations {
        for status in [301, 302, 303, 307, 308] {
            web.put("/", Page::to(status, location.as_str()));
            let failed = fetch(&guard, &web.url("/")).await;
            assert!(matches!(failed, Err(Failed::Forbidden(_))), "{location}: {failed:?}");
        }
    }
    assert_eq!(hidden.asked().len(), 0);

    // The host may be elsewhere at the next hop.
    web.put("/", Page::to(302, "/next"));
    let turning = Names::new(&[("turning.example", &[&["127.0.0.1"], &["127.0.0.2"]])]);
    let failed = fetch(&guarding(&turning), &format!("http://turning.example:{}/", web.address.port())).await;
    assert!(matches!(failed, Err(Failed::Forbidden(_))), "{failed:?}");
    assert_eq!((hidden.asked().len(), turning.asked()), (0, 2));

    web.put("/", Page::to(302, "/é"));
    web.put("/%C3%A9", Page::ok("there"));
    assert_eq!(&fetch(&guard, &web.url("/")).await.unwrap().body[..], b"there");

    web.put("/", Page::to(302, "a?b#c"));
    web.put("/a?b", Page::to(301, format!("http://open.example:{}/end", web.address.port())));
    web.put("/end", Page::ok("there"));
    let answer = fetch(&guard, &web.url("/")).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"there"[..]));
    assert_eq!(answer.url.path(), "/end");
    assert_eq!(answer.moved, None, "the first hop was not for good");

    web.put("/round", Page::to(302, "/round"));
    assert_eq!(fetch(&guard, &web.url("/round")).await.unwrap_err(), Failed::TooManyRedirects);
}

#[tokio::test]
async fn what_moved_for_good_is_told() {
    let web = Web::start();
    let guard = guard(&["127.0.0.1"], &Names::default());
    web.put("/1", Page::to(301, "/2"));
    web.put("/2", Page::to(308, "/3"));
    web.put("/3", Page::to(307, "/4"));
    web.put("/4", Page::to(301, "/5"));
    web.put("/5", Page::ok(""));
    let answer = fetch(&guard, &web.url("/1")).await.unwrap();
    assert_eq!(answer.moved.unwrap().path(), "/3");
    assert_eq!(answer.url.path(), "/5");
    let posted = guard.send(Ask::post(web.url("/1").parse().unwrap(), "x".into())).await.unwrap();
    assert_eq!((posted.status.as_u16(), posted.moved), (301, None), "what is handed over goes nowhere else");
    web.put("/long", Page::ok(vec![b' '; FETCH_BYTES_MAX + 1]));
    let posted = guard.send(Ask::post(web.url("/long").parse().unwrap(), "x".into())).await.unwrap();
    assert_eq!((posted.status.as_u16(), posted.body.len()), (200, 0), "what is said to it is not read");
}

#[tokio::test]
async fn what_was_looked_at_is_connected_to() {
    let web = Web::start();
    web.put("/", Page::ok("there"));
    // The second time it is said to be elsewhere: there is no second time.
    let names = Names::new(&[
        ("turning.example", &[&["127.0.0.1"], &["127.0.0.2"]]),
        ("mixed.example", &[&["127.0.0.2", "::1", "127.0.0.1"]]),
    ]);
    let guard = guard(&["127.0.0.1"], &names);
    let port = web.address.port();
    let answer = fetch(&guard, &format!("http://turning.example:{port}/")).await.unwrap();
    assert_eq!((&answer.body[..], names.asked()), (&b"there"[..], 1));
    let failed = fetch(&guard, &format!("http://turning.example:{port}/")).await;
    assert!(
        matches!(failed, Err(Failed::Forbidden(_))),
        "no connection is kept for the next time: {failed:?}"
    );
    let answer = fetch(&guard, &format!("http://mixed.example:{port}/")).await.unwrap();
    assert_eq!(&answer.body[..], b"there");
}

#[tokio::test]
async fn it_says_who_it_is_and_nothing_more() {
    let web = Web::start();
    web.put("/", Page::ok("").with("Set-Cookie", "a=b"));
    let guard = guard(&["127.0.0.1"], &Names::default());
    for _ in 0..2 {
        fetch(&guard, &web.url("/")).await.unwrap();
    }
    for asked in web.asked() {
        assert_eq!(asked.header("user-agent"), Some("atomsub/test"));
        assert_eq!(asked.header("accept-encoding"), Some("gzip"));
        assert_eq!((asked.header("cookie"), asked.header("referer")), (None, None));
    }
}

#[tokio::test]
async fn answers_are_inflated_up_to_a_limit() {
    let web = Web::start();
    let guard = guard(&["127.0.0.1"], &Names::default());
    let gzip = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let zlib = |body: &[u8]| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let mebibyte = vec![0; 1024 * 1024];
    for _ in 0..1024 {
        bomb.write_all(&mebibyte).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < FETCH_BYTES_MAX, "a gibibyte in {} bytes", bomb.len());
    let deflate = |body: &[u8]| {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let (layered, raw) = (gzip(&bomb), deflate(&mebibyte));
    let many = gzip(b"").repeat(FETCH_BYTES_MAX / gzip(b"").len());
    let two = [gzip(b"one"), gzip(b"two")].concat();
    let cases = [
        ("gzip", gzip(b"text"), Ok(&b"text"[..])),
        ("X-GZIP", gzip(b"text"), Ok(b"text")),
        ("gzip", two, Ok(b"onetwo")),
        ("deflate", zlib(b"text"), Ok(b"text")),
        ("identity", b"text".to_vec(), Ok(b"text")),
        ("gzip", b"text".to_vec(), Err(Failed::NotInflated)),
        ("br", b"text".to_vec(), Err(Failed::NotInflated)),
        // What is inside stays as it is, and is no feed.
        ("gzip", gzip(&gzip(b"text")), Ok(&gzip(b"text"))),
        ("gzip, gzip", layered.clone(), Err(Failed::NotInflated)),
        ("gzip, deflate", layered, Err(Failed::NotInflated)),
        ("deflate", raw, Err(Failed::NotInflated)),
        ("deflate", zlib(&mebibyte.repeat(17)), Err(Failed::TooLong(FETCH_INFLATED_BYTES_MAX))),
        ("gzip", many, Ok(b"")),
        ("gzip", gzip(b"text")[..10].to_vec(), Err(Failed::NotInflated)),
        ("gzip", bomb, Err(Failed::TooLong(FETCH_INFLATED_BYTES_MAX))),
        ("identity", vec![b' '; FETCH_BYTES_MAX + 1], Err(Failed::TooLong(FETCH_BYTES_MAX))),
    ];
    for (encoding, body, expected) in cases {
        web.put("/", Page::ok(body).with("Content-Encoding", encoding));
        let answer = fetch(&guard, &web.url("/")).await.map(|answer| answer.body);
        assert_eq!(answer.as_deref().map_err(Clone::clone), expected, "{encoding}");
    }
    // A gibibyte was never in memory.
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let most: usize = most.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(most < 600 * 1024, "{most} kB");
}

#[tokio::test]
async fn nothing_waits_for_ever() {
    let web = Web::start();
    web.put("/", Page { is_silent: true, ..Page::ok("") });
    let guard = guard(&["127.0.0.1"], &Names::default());
    assert_eq!(fetch(&guard, &web.url("/")).await.unwrap_err(), Failed::TooSlow);
    let closed = fetch(&guard, "http://127.0.0.1:1/").await;
    assert!(matches!(closed, Err(Failed::Unreachable(_))), "{closed:?}");
    let unknown = fetch(&guard, "http://unknown.example/").await;
    assert!(matches!(unknown, Err(Failed::Unreachable(_))), "{unknown:?}");
}
