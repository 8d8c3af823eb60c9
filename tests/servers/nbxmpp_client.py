"""What nbxmpp's own calls get from the service, and what its dispatcher makes of the events: run by nbxmpp.rs, with the
port of a server and a node's name.

A check that fails ends the program with its line.
"""

import sys
from collections import deque

from gi.repository import GLib
from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType
from nbxmpp.errors import StanzaError
from nbxmpp.modules.rsm import parse_rsm
from nbxmpp.namespaces import Namespace
from nbxmpp.protocol import Iq, JID, Node, Presence
from nbxmpp.structs import StanzaHandler

PORT, NODE = sys.argv[1:]
SERVICE = JID.from_string("pubsub.capulet.example")
ATOM = "http://www.w3.org/2005/Atom"
PATIENCE = 20
# A page, and how many items there are: three pages, the last of them shorter.
PAGE, ITEMS = 2, 5


def wait(is_done):
    """Runs the library's loop until it is so."""
    late = []
    timer = GLib.timeout_add_seconds(PATIENCE, lambda: late.append(True) or GLib.SOURCE_CONTINUE)
    while not is_done():
        assert not late, "nothing came in time"
        GLib.MainContext.default().iteration(True)
    GLib.source_remove(timer)


class Account:
    """An account, and what it hears."""

    def __init__(self, user, domain):
        self.bare = f"{user}@{domain}"
        self.client = Client(log_context=user)
        self.client.set_domain(domain)
        self.client.set_username(user)
        self.client.set_password("wherefore")
        self.client.set_resource(NODE)
        # The server of the test has no certificate.
        self.client.set_custom_host(f"127.0.0.1:{PORT}", ConnectionProtocol.TCP, ConnectionType.PLAIN)
        self.heard = deque()
        # Behind the library's own handler of events, as Gajim's are.
        hear = StanzaHandler(name="message", callback=self.on_message, ns=Namespace.PUBSUB_EVENT, priority=50)
        self.client.register_handler(hear)
        self.signals = set()
        for signal in ("connected", "connection-failed", "disconnected"):
            self.client.subscribe(signal, self.on_signal)
        self.pubsub = self.client.get_module("PubSub")
        self.disco = self.client.get_module("Discovery")

    def on_signal(self, _client, signal, *_args):
        self.signals.add(signal)

    def on_message(self, _client, stanza, properties):
        event = properties.pubsub_event
        # Of all that the service tells, the library knows nothing of one thing: what owners hear of subscriptions.
        is_known = not stanza.getTag("event").getTag("subscription")
        assert (event is not None) == is_known, f"the library makes this of {stanza}: {event}"
        if event and event.node == NODE:
            assert properties.jid == SERVICE, stanza
            self.heard.append(event)

    def enter(self):
        self.client.connect()
        wait(lambda: self.signals)
        assert self.signals == {"connected"}, (self.signals, self.client.get_error())
        self.client.send_stanza(Presence())

    def leave(self):
        self.client.disconnect()
        wait(lambda: "disconnected" in self.signals)

    def hear(self):
        """The next event of the node, as the library's handler left it."""
        wait(lambda: self.heard)
        return self.heard.popleft()

    def send(self, iq):
        """An IQ of which the library has no call."""
        answers = []
        self.client.send_stanza(iq, callback=lambda _client, answer: answers.append(answer))
        wait(lambda: answers)
        assert not answers[0].isError(), answers[0]
        return answers[0]


def done(call, *args, **kwargs):
    """What comes of a call of the library."""
    results = []
    # The library holds the callback weakly.
    callback = lambda task: results.append(task.get_result())
    call(*args, callback=callback, timeout=PATIENCE, **kwargs)
    wait(lambda: results)
    return results[0]


def ok(call, *args, **kwargs):
    result = done(call, *args, **kwargs)
    assert not isinstance(result, Exception), result
    return result


def refused(condition, app_condition, call, *args, **kwargs):
    error = done(call, *args, **kwargs)
    assert isinstance(error, StanzaError), error
    assert (error.condition, error.app_condition) == (condition, app_condition), error
    assert error.get_text(), "a refusal says more than its condition"


def entry(number, title):
    entry = Node("entry", attrs={"xmlns": ATOM})
    entry.addChild("title", payload=[title])
    entry.addChild("id", payload=[f"tag:capulet.example,2024:{number}"])
    entry.addChild("updated", payload=["2024-02-14T18:30:02Z"])
    entry.addChild("author").addChild("name", payload=["Juliet"])
    return entry


def title(item):
    return item.getTag("entry", namespace=ATOM).getTagData("title")


def nodes(juliet):
    """Discover, create, configure."""
    info = ok(juliet.disco.disco_info, SERVICE)
    assert any((one.category, one.type) == ("pubsub", "service") for one in info.identities), info
    assert info.supports(f"{Namespace.PUBSUB}#auto-create") and info.supports(Namespace.RSM)
    # The library has no call that creates: a node begins with its first publication.
    options = {"pubsub#persist_items": "true", "pubsub#access_model": "open"}
    published = ok(juliet.pubsub.publish, NODE, entry(0, "first"), id_="item-0", options=options, jid=SERVICE)
    assert (published.jid, published.node, published.id) == (SERVICE, NODE, "item-0"), published
    # Options that do not hold yet: refused, or brought about when the client insists, as it does for its own nodes.
    options = {"pubsub#title": "Fair Verona"}
    conflict = ("conflict", "precondition-not-met")
    refused(*conflict, juliet.pubsub.publish, NODE, entry(0, "first"), "item-0", options, SERVICE)
    ok(juliet.pubsub.publish, NODE, entry(0, "first"), "item-0", options, SERVICE, force_node_options=True)
    config = ok(juliet.pubsub.get_node_configuration, NODE, SERVICE)
    assert config.form["pubsub#title"].value == "Fair Verona"
    assert config.form["pubsub#access_model"].value == "open"
    leaf = ok(juliet.disco.disco_info, SERVICE, NODE)
    assert [(one.type, one.name) for one in leaf.identities] == [("leaf", "Fair Verona")], leaf
    listed = ok(juliet.disco.disco_items, SERVICE)
    assert (str(SERVICE), NODE) in [(str(item.jid), item.node) for item in listed.items], listed


def publishing(juliet, romeo):
    """Subscribe, publish, edit, hear."""
    subscription = ok(romeo.pubsub.subscribe, NODE, SERVICE)
    assert (subscription.node, str(subscription.jid)) == (NODE, romeo.bare), subscription
    assert subscription.subscription == "subscribed" and subscription.subid
    listed = ok(romeo.pubsub.get_subscriptions, SERVICE)
    assert subscription in listed, listed
    for number in range(ITEMS):
        name = f"Güte & <{number}>"
        ok(juliet.pubsub.publish, NODE, entry(number, name), id_=f"item-{number}", jid=SERVICE)
        event = romeo.hear()
        assert (event.id, event.item.getAttr("publisher")) == (f"item-{number}", juliet.bare), event
        assert title(event.item) == name, event
    ok(juliet.pubsub.publish, NODE, entry(0, "edited"), id_="item-0", jid=SERVICE)
    event = romeo.hear()
    assert (event.id, title(event.item)) == ("item-0", "edited"), event
    rss = Node("rss", attrs={"xmlns": "http://example.org/rss"})
    refused("bad-request", "invalid-payload", juliet.pubsub.publish, NODE, rss, id_="rss", jid=SERVICE)
    refused("forbidden", None, romeo.pubsub.publish, NODE, entry(9, "mine"), id_="item-9", jid=SERVICE)


def items(romeo):
    """Retrieve one, all, the newest, and page by page."""
    assert title(ok(romeo.pubsub.request_item, NODE, "item-0", SERVICE)) == "edited"
    ids = lambda found: [item.getAttr("id") for item in found]
    # What was edited is the newest.
    everything = [f"item-{number}" for number in (*range(1, ITEMS), 0)]
    assert ids(ok(romeo.pubsub.request_items, NODE, jid=SERVICE)) == everything
    assert ids(ok(romeo.pubsub.request_items, NODE, max_items=2, jid=SERVICE)) == everything[-2:]
    pages, after = [], None
    while True:
        request = Iq("get", to=SERVICE)
        pubsub = request.addChild("pubsub", namespace=Namespace.PUBSUB)
        pubsub.addChild("items", {"node": NODE})
        rsm = pubsub.addChild("set", namespace=Namespace.RSM)
        rsm.addChild("max", payload=[str(PAGE)])
        if after:
            rsm.addChild("after", payload=[after])
        answer = romeo.send(request).getTag("pubsub", namespace=Namespace.PUBSUB)
        found = ids(answer.getTag("items").getTags("item"))
        if not found:
            break
        pages.append(found)
        rsm = parse_rsm(answer)
        assert rsm.count == ITEMS, rsm
        after = rsm.last
    assert pages == [everything[:2], everything[2:4], everything[4:]], pages


def end(juliet, romeo):
    """Retract, purge, delete, unsubscribe."""
    ok(juliet.pubsub.retract, NODE, "item-1", SERVICE)
    event = romeo.hear()
    assert (event.id, event.retracted) == ("item-1", True), event
    ok(juliet.pubsub.purge, NODE, SERVICE)
    event = romeo.hear()
    assert event.purged, event
    ok(romeo.pubsub.unsubscribe, NODE, SERVICE)
    ok(romeo.pubsub.subscribe, NODE, SERVICE)
    ok(juliet.pubsub.delete, NODE, SERVICE)
    event = romeo.hear()
    assert event.deleted, event
    refused("item-not-found", None, juliet.pubsub.delete, NODE, SERVICE)


juliet, romeo = Account("juliet", "capulet.example"), Account("romeo", "montague.example")
juliet.enter()
romeo.enter()
nodes(juliet)
publishing(juliet, romeo)
items(romeo)
end(juliet, romeo)
juliet.leave()
romeo.leave()
