"""Reads a feed as programs with feedparser do: everything once, then only what is new.

feed_reader.py URL, and on standard input, a line each, what is expected next:
  titles A B ...   the entries, newest first
  unchanged        nothing has changed since the last time
  gone URL         what was an entry's page is gone
"""

import sys
import urllib.error
import urllib.request

import feedparser

url = sys.argv[1]
etag = modified = None
for line in sys.stdin:
    what, *words = line.split()
    if what == "gone":
        try:
            urllib.request.urlopen(words[0])
            raise SystemExit(f"{words[0]} is there")
        except urllib.error.HTTPError as error:
            assert error.code == 410, error
    else:
        feed = feedparser.parse(url, etag=etag, modified=modified)
        if what == "unchanged":
            assert feed.status == 304, feed.status
            assert not feed.entries, feed.entries
        else:
            assert feed.status == 200, feed.status
            assert not feed.bozo, feed.bozo_exception
            assert feed.version == "atom10", feed.version
            assert feed.headers["content-encoding"] == "gzip", feed.headers
            assert [entry.title for entry in feed.entries] == words, [entry.title for entry in feed.entries]
            etag, modified = feed.etag, feed.get("modified")
            for entry in feed.entries:
                # Where a reader goes when somebody opens the entry.
                assert entry.link == f"{url.removesuffix('/feed.atom')}/i/{entry.title.lower()}", entry.link
                assert entry.author == "Juliet", entry.author
                assert entry.id.startswith("tag:capulet.example,2024:"), entry.id
                assert entry.updated_parsed, entry.updated
                with urllib.request.urlopen(entry.link) as page:
                    assert entry.title in page.read().decode()
    print("ok", flush=True)
