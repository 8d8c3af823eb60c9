// A page that is open shows what is new: when it hears of a change, it reads itself again.
"use strict";
const address = document.body.dataset.events;
if (address && window.EventSource) {
  const events = new EventSource(address);
  let waiting = null;
  const refresh = async () => {
    waiting = null;
    const answer = await fetch(location.href, { cache: "no-cache" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = new Set([...document.querySelectorAll("article")].map((article) => article.id));
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    document.title = fresh.title;
    for (const article of document.querySelectorAll("article")) {
      if (!before.has(article.id)) article.classList.add("new");
    }
  };
  // Not all readers at the same moment.
  const soon = () => { waiting ??= setTimeout(refresh, 100 + Math.random() * 400); };
  for (const kind of ["entry", "deleted", "node", "reset"]) events.addEventListener(kind, soon);
}
