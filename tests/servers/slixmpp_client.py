"""What slixmpp's own calls get from the service: run by slixmpp.rs, with the port of a server and a node's name.

Every call is the library's; a check that fails ends the program with its line.
"""

import asyncio
import sys
from datetime import timedelta

from slixmpp import ClientXMPP
from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0059 import Set
from slixmpp.plugins.xep_0060.stanza import Pubsub
from slixmpp.xmlstream import ET, register_stanza_plugin

PORT, NODE = int(sys.argv[1]), sys.argv[2]
SERVICE = "pubsub.capulet.example"
JULIET, ROMEO = "juliet@capulet.example", "romeo@montague.example"
PASSWORD = "wherefore"
ATOM = "{http://www.w3.org/2005/Atom}"
PATIENCE = 20
# A page, and how many items there are: three pages, the last of them shorter.
PAGE, ITEMS = 10, 25


# Without it the library's own iterator over items cannot say which page it wants.
register_stanza_plugin(Pubsub, Set)


class Client(ClientXMPP):
    """An account, and what it hears."""

    def __init__(self, jid):
        super().__init__(jid, PASSWORD)
        # The server of the test has no certificate.
        self.enable_plaintext, self.enable_starttls, self.enable_direct_tls = True, False, False
        self.plugin["feature_mechanisms"].unencrypted_plain = True
        self.plugin["feature_mechanisms"].unencrypted_scram = True
        for plugin in ("xep_0030", "xep_0059", "xep_0060", "xep_0313", "xep_0199"):
            self.register_plugin(plugin)
        self.heard = asyncio.Queue()
        for kind in ("publish", "retract", "purge", "delete", "config"):
            self.add_event_handler(f"pubsub_{kind}", lambda msg, kind=kind: self.heard.put_nowait((kind, msg)))

    async def enter(self):
        started = self.wait_until("session_start", PATIENCE)
        self.connect("127.0.0.1", PORT)
        await started
        self.send_presence()

    async def hear(self, kind):
        """The next event, which has to be of this kind."""
        while True:
            heard, msg = await asyncio.wait_for(self.heard.get(), PATIENCE)
            if NODE in str(msg):
                assert heard == kind, f"{heard} instead of {kind}: {msg}"
                return msg


def entry(title):
    payload = ET.Element(f"{ATOM}entry")
    ET.SubElement(payload, f"{ATOM}title").text = title
    ET.SubElement(payload, f"{ATOM}id").text = f"tag:capulet.example,2024:{title}"
    ET.SubElement(payload, f"{ATOM}updated").text = "2024-02-14T18:30:02Z"
    return payload


def ids(iq):
    return [item["id"] for item in iq["pubsub"]["items"]]


async def refused(condition, call):
    try:
        await call
    except IqError as error:
        assert error.condition == condition, error.condition
    else:
        raise AssertionError(f"not refused with {condition}")


async def nodes(juliet, pubsub):
    """Create, configure, find."""
    form = juliet.plugin["xep_0004"].make_form("submit")
    form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#node_config")
    form.add_field(var="pubsub#title", value="Verona")
    made = await pubsub.create_node(SERVICE, NODE, config=form)
    assert made["type"] == "result"
    await refused("conflict", pubsub.create_node(SERVICE, NODE))
    found = await pubsub.get_node_config(SERVICE, NODE)
    config = found["pubsub_owner"]["configure"]["form"]
    assert config.get_values()["pubsub#title"] == "Verona"
    config["type"] = "submit"
    config.set_values({"pubsub#title": "Fair Verona", "pubsub#notify_config": True})
    await pubsub.set_node_config(SERVICE, NODE, config)
    info = await juliet.plugin["xep_0030"].get_info(SERVICE, NODE)
    assert ("pubsub", "leaf", None, "Fair Verona") in info["disco_info"]["identities"]
    listed = await pubsub.get_nodes(SERVICE)
    assert any(node == NODE for _, node, _ in listed["disco_items"]["items"])


async def items(juliet, romeo, pubsub):
    """Publish, hear, retrieve, page in both directions."""
    subscription = await romeo.plugin["xep_0060"].subscribe(SERVICE, NODE)
    assert subscription["pubsub"]["subscription"]["subscription"] == "subscribed"
    wanted = []
    for number in range(ITEMS):
        wanted.append(f"item-{number:02}")
        answer = await pubsub.publish(SERVICE, NODE, id=wanted[-1], payload=entry(wanted[-1]))
        assert answer["pubsub"]["publish"]["item"]["id"] == wanted[-1]
        msg = await romeo.hear("publish")
        heard = msg["pubsub_event"]["items"]["item"]
        assert (heard["id"], heard["publisher"]) == (wanted[-1], JULIET), msg
        assert heard["payload"].findtext(f"{ATOM}title") == wanted[-1]
    answer = await pubsub.publish(SERVICE, NODE, payload=entry("nameless"))
    nameless = answer["pubsub"]["publish"]["item"]["id"]
    assert nameless
    await romeo.hear("publish")
    await pubsub.retract(SERVICE, NODE, nameless, notify=True)
    msg = await romeo.hear("retract")
    assert msg["pubsub_event"]["items"]["retract"]["id"] == nameless, msg

    reader = romeo.plugin["xep_0060"]
    one = await reader.get_item(SERVICE, NODE, "item-03")
    assert ids(one) == ["item-03"]
    assert ids(await reader.get_items(SERVICE, NODE)) == wanted
    assert ids(await reader.get_items(SERVICE, NODE, max_items=2)) == wanted[-2:]
    assert ids(await reader.get_items(SERVICE, NODE, item_ids=["item-07", "item-01"])) == ["item-07", "item-01"]
    pages = [ids(page) async for page in reader.get_items(SERVICE, NODE, iterator=True)]
    assert pages == [wanted[:PAGE], wanted[PAGE : 2 * PAGE], wanted[2 * PAGE :]], pages
    backward = reader.get_items(SERVICE, NODE, iterator=True)
    backward.reverse = True
    pages = [ids(page) async for page in backward]
    assert pages == [wanted[-PAGE:], wanted[-2 * PAGE : -PAGE], wanted[: -2 * PAGE]], pages
    await refused("item-not-found", reader.get_items(SERVICE, f"{NODE}/nowhere"))
    for reverse, expected in ((False, wanted), (True, wanted)):
        names = []
        iterator = await reader.get_item_ids(SERVICE, NODE, iterator=True)
        iterator.reverse = reverse
        async for page in iterator:
            found = [name for _, _, name in sorted(page["disco_items"]["items"], key=lambda item: item[2])]
            names = found + names if reverse else names + found
        assert names == expected, (reverse, names)


async def history(romeo):
    """XEP-0313 of a node: the library knows no node, so it is put into its query."""
    for reverse in (False, True):
        iterator = romeo.plugin["xep_0313"].retrieve(SERVICE, iterator=True, reverse=reverse, rsm={"max": PAGE})
        iterator.query["mam"].xml.set("node", NODE)
        titles = []
        async for page in iterator:
            found = []
            for message in page["mam"]["results"]:
                result = message["mam_result"]
                assert result["id"]
                forwarded = result["forwarded"]
                assert forwarded["delay"]["stamp"].utcoffset() == timedelta(0)
                found.append(forwarded["stanza"]["pubsub_event"]["items"]["item"]["id"])
            titles = found + titles if reverse else titles + found
        assert titles == [f"item-{number:02}" for number in range(ITEMS)], (reverse, titles)


async def people(juliet, romeo, pubsub):
    """Affiliations, subscriptions, options."""
    await pubsub.modify_affiliations(SERVICE, NODE, affiliations=[(ROMEO, "publisher")])
    listed = await pubsub.get_node_affiliations(SERVICE, NODE)
    held = {str(row["jid"]): row["affiliation"] for row in listed["pubsub_owner"]["affiliations"]}
    assert held == {JULIET: "owner", ROMEO: "publisher"}, held
    own = await romeo.plugin["xep_0060"].get_affiliations(SERVICE)
    assert (NODE, "publisher") in [(row["node"], row["affiliation"]) for row in own["pubsub"]["affiliations"]]

    listed = await pubsub.get_node_subscriptions(SERVICE, NODE)
    held = [(str(row["jid"]), row["subscription"]) for row in listed["pubsub_owner"]["subscriptions"]]
    assert held == [(ROMEO, "subscribed")], held
    own = await romeo.plugin["xep_0060"].get_subscriptions(SERVICE, NODE)
    assert [str(row["jid"]) for row in own["pubsub"]["subscriptions"]] == [ROMEO]
    found = await romeo.plugin["xep_0060"].get_subscription_options(SERVICE, NODE, ROMEO)
    options = found["pubsub"]["options"]["options"]
    assert options.get_values()["pubsub#deliver"] in (True, "1", "true"), options
    options["type"] = "submit"
    options.set_values({"pubsub#deliver": False})
    await set_options(romeo, options)
    # What Juliet has heard was sent, or not sent, to Romeo too.
    await pubsub.subscribe(SERVICE, NODE)
    await pubsub.publish(SERVICE, NODE, id="unheard", payload=entry("unheard"))
    await juliet.hear("publish")
    options.set_values({"pubsub#deliver": True})
    await set_options(romeo, options)


async def set_options(romeo, options):
    """As the library's call does, which sends an IQ of the wrong type."""
    iq = romeo.Iq(sto=SERVICE, stype="set")
    iq["pubsub"]["options"]["node"] = NODE
    iq["pubsub"]["options"]["jid"] = ROMEO
    iq["pubsub"]["options"].append(options)
    await iq.send()


async def end(romeo, pubsub):
    """Purge, delete, unsubscribe."""
    await refused("forbidden", romeo.plugin["xep_0060"].purge(SERVICE, NODE))
    await pubsub.purge(SERVICE, NODE)
    await romeo.hear("purge")
    assert ids(await romeo.plugin["xep_0060"].get_items(SERVICE, NODE)) == []
    await romeo.plugin["xep_0060"].unsubscribe(SERVICE, NODE)
    await refused("unexpected-request", romeo.plugin["xep_0060"].unsubscribe(SERVICE, NODE))
    await romeo.plugin["xep_0060"].subscribe(SERVICE, NODE)
    await pubsub.delete_node(SERVICE, NODE)
    await romeo.hear("delete")
    await refused("item-not-found", pubsub.delete_node(SERVICE, NODE))


async def main():
    juliet, romeo = Client(f"{JULIET}/{NODE}"), Client(f"{ROMEO}/{NODE}")
    await juliet.enter()
    await romeo.enter()
    pubsub = juliet.plugin["xep_0060"]
    await nodes(juliet, pubsub)
    await items(juliet, romeo, pubsub)
    await history(romeo)
    await people(juliet, romeo, pubsub)
    await end(romeo, pubsub)
    await asyncio.gather(juliet.disconnect(), romeo.disconnect())


asyncio.run(main())
