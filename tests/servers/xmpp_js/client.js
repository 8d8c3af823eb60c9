// What @xmpp/client hears from the service: run by xmpp_js.rs, with the port of a server and a node's name.
//
// It sends and reads stanzas with the library's own elements; a check that fails ends the program with its line.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { client, xml } from "@xmpp/client";

// Node 18, which Debian 12 has, keeps to itself what the library takes for given.
globalThis.crypto ??= webcrypto;

const [port, NODE] = process.argv.slice(2);
const SERVICE = "pubsub.capulet.example";
const PUBSUB = "http://jabber.org/protocol/pubsub";
const OWNER = `${PUBSUB}#owner`;
const EVENT = `${PUBSUB}#event`;
const INFO = "http://jabber.org/protocol/disco#info";
const ITEMS = "http://jabber.org/protocol/disco#items";
const RSM = "http://jabber.org/protocol/rsm";
const ATOM = "http://www.w3.org/2005/Atom";
const PATIENCE = 20_000;
// A page, and how many items there are: three pages, the last of them shorter.
const PAGE = 2;
const COUNT = 5;

/** An account, and what it hears. */
class Account {
  constructor(username, domain) {
    this.bare = `${username}@${domain}`;
    const service = `xmpp://127.0.0.1:${port}`;
    this.xmpp = client({ service, domain, username, password: "wherefore", resource: NODE });
    this.xmpp.reconnect.stop();
    this.xmpp.on("error", (error) => fail(error));
    this.events = [];
    this.waiting = [];
    this.xmpp.on("stanza", (stanza) => this.#take(stanza));
  }

  async enter() {
    await this.xmpp.start();
    await this.xmpp.send(xml("presence"));
  }

  #take(stanza) {
    const event = stanza.is("message") && stanza.getChild("event", EVENT);
    const news = event && event.getChildElements().find((child) => child.attrs.node === NODE);
    if (!news) return;
    assert.equal(stanza.attrs.from, SERVICE);
    assert.equal(stanza.attrs.type, "headline");
    assert.ok(stanza.attrs.id);
    const taker = this.waiting.shift();
    if (taker) taker(news);
    else this.events.push(news);
  }

  /** The next news of the node, which has to be of this kind. */
  async hear(kind) {
    const news = this.events.shift() ?? (await new Promise((taker) => this.waiting.push(taker)));
    assert.equal(news.name, kind, String(news));
    return news;
  }

  /** The next item of the node: its id, its publisher and its entry. */
  async hearItem() {
    const item = (await this.hear("items")).getChild("item");
    return [item.attrs.id, item.attrs.publisher, item.getChild("entry", ATOM)];
  }

  get(query) {
    return this.xmpp.iqCaller.get(query, SERVICE);
  }

  set(query) {
    return this.xmpp.iqCaller.set(query, SERVICE);
  }

  publish(id, payload) {
    return this.set(pubsub(xml("publish", { node: NODE }, xml("item", { id }, payload))));
  }
}

function pubsub(...children) {
  return xml("pubsub", { xmlns: PUBSUB }, ...children);
}

function owner(child) {
  return xml("pubsub", { xmlns: OWNER }, child);
}

function entry(id, title) {
  return xml(
    "entry",
    { xmlns: ATOM },
    xml("title", {}, title),
    xml("id", {}, `tag:capulet.example,2024:${id}`),
    xml("updated", {}, "2024-02-14T18:30:02Z"),
    xml("author", {}, xml("name", {}, "Juliet")),
    xml("content", { type: "xhtml" }, xml("div", { xmlns: "http://www.w3.org/1999/xhtml" }, xml("b", {}, title))),
  );
}

function checkEntry(found, id, title) {
  assert.equal(found.getChildText("title"), title);
  assert.equal(found.getChildText("id"), `tag:capulet.example,2024:${id}`);
  const bold = found.getChild("content").getChild("div", "http://www.w3.org/1999/xhtml").getChild("b");
  assert.equal(bold.text(), title);
}

async function refused(condition, application, call) {
  await assert.rejects(call, (error) => {
    assert.equal(error.name, "StanzaError");
    assert.equal(error.condition, condition);
    assert.equal(error.application?.name, application);
    assert.ok(error.text, "a refusal says more than its condition");
    return true;
  });
}

/** Discover, create. */
async function nodes(juliet) {
  const info = await juliet.get(xml("query", { xmlns: INFO }));
  const identities = info.getChildren("identity").map(({ attrs }) => `${attrs.category}/${attrs.type}`);
  assert.ok(identities.includes("pubsub/service"), String(info));
  const features = info.getChildren("feature").map((feature) => feature.attrs.var);
  for (const name of ["publish", "subscribe", "retrieve-items", "create-nodes"]) {
    assert.ok(features.includes(`${PUBSUB}#${name}`), name);
  }
  await juliet.set(pubsub(xml("create", { node: NODE })));
  await refused("conflict", undefined, juliet.set(pubsub(xml("create", { node: NODE }))));
  const leaf = await juliet.get(xml("query", { xmlns: INFO, node: NODE }));
  assert.equal(leaf.getChild("identity").attrs.type, "leaf");
  const listed = await juliet.get(xml("query", { xmlns: ITEMS }));
  assert.ok(listed.getChildByAttr("node", NODE), String(listed));
}

/** Subscribe, publish, edit, hear. */
async function publishing(juliet, romeo) {
  const answer = await romeo.set(pubsub(xml("subscribe", { node: NODE, jid: romeo.bare })));
  assert.equal(answer.getChild("subscription").attrs.subscription, "subscribed");
  for (let number = 0; number < COUNT; number += 1) {
    const id = `item-${number}`;
    const published = await juliet.publish(id, entry(id, `Güte & <${number}>`));
    assert.equal(published.getChild("publish").getChild("item").attrs.id, id);
    const [heard, publisher, found] = await romeo.hearItem();
    assert.deepEqual([heard, publisher], [id, juliet.bare]);
    checkEntry(found, id, `Güte & <${number}>`);
  }
  await juliet.publish("item-0", entry("item-0", "Edited"));
  const [edited, , found] = await romeo.hearItem();
  assert.equal(edited, "item-0");
  checkEntry(found, "item-0", "Edited");
  const rss = xml("rss", { xmlns: "", version: "2.0" });
  await refused("bad-request", "invalid-payload", juliet.publish("rss", rss));
  await refused("forbidden", undefined, romeo.publish("item-9", entry("item-9", "Mine")));
}

/** Pages, from the first to the last. */
async function pages(romeo) {
  const found = [];
  let after;
  for (;;) {
    const where = after === undefined ? [] : [xml("after", {}, after)];
    const set = xml("set", { xmlns: RSM }, xml("max", {}, String(PAGE)), ...where);
    const answer = await romeo.get(pubsub(xml("items", { node: NODE }), set));
    const items = answer.getChild("items").getChildren("item");
    if (items.length === 0) break;
    assert.equal(answer.getChild("set", RSM).getChildText("count"), String(COUNT));
    found.push(items.map((item) => item.attrs.id));
    after = answer.getChild("set", RSM).getChildText("last");
  }
  // What was edited is the newest.
  assert.deepEqual(found, [["item-1", "item-2"], ["item-3", "item-4"], ["item-0"]]);
}

/** Retract, delete, hear. */
async function end(juliet, romeo) {
  await juliet.set(pubsub(xml("retract", { node: NODE, notify: "true" }, xml("item", { id: "item-1" }))));
  const gone = (await romeo.hear("items")).getChild("retract");
  assert.equal(gone.attrs.id, "item-1");
  await juliet.set(owner(xml("delete", { node: NODE })));
  await romeo.hear("delete");
  await refused("item-not-found", undefined, juliet.set(owner(xml("delete", { node: NODE }))));
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

setTimeout(() => fail(new Error("nothing came in time")), PATIENCE).unref();
const juliet = new Account("juliet", "capulet.example");
const romeo = new Account("romeo", "montague.example");
try {
  await juliet.enter();
  await romeo.enter();
  await nodes(juliet);
  await publishing(juliet, romeo);
  await pages(romeo);
  await end(juliet, romeo);
  await Promise.all([juliet.xmpp.stop(), romeo.xmpp.stop()]);
} catch (error) {
  fail(error);
}
