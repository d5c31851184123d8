/* Live: ask every second for the mark of what has happened (one read of an index), and only when it has changed for the page itself.
   Text, figures and rows are brought up to date in place. What is typed, ticked, opened or focused is the reader's and stays. */
"use strict";

{
  const EVERY = 1000;
  const SLOW = 15000;
  const OURS = "input, select, textarea, [data-still], [data-lines], [aria-live], [id^='said-'], .error-summary, .tells, [data-part]";
  const STATES = new Set(["open", "hidden", "checked", "value", "aria-pressed", "aria-invalid", "aria-describedby", "data-sent", "data-live", "data-version"]);
  const main = document.querySelector("main[data-live]");

  const key = (node) => node.id || (node.localName === "tr" && (node.querySelector("[data-tick]")?.value || node.querySelector("a[href]")?.getAttribute("href"))) || "";
  const said = (row) => row.textContent.replace(/\s+/g, " ");
  const show = (row) => {
    row.classList.add("changed");
    row.querySelectorAll("[data-tick]").forEach((box) => { if (row.dataset.isNew) box.checked = false; });
    const seen = () => { row.classList.remove("changed"); };
    row.addEventListener("pointerover", seen, { once: true });
    row.addEventListener("focusin", seen, { once: true });
  };

  const follow = (old, fresh, changes) => {
    if (old.nodeType !== Node.ELEMENT_NODE) { if (old.data !== fresh.data) old.data = fresh.data; return; }
    if (old.matches(OURS)) return;
    for (const { name, value } of fresh.attributes) if (!STATES.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!STATES.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
    const before = old.localName === "tr" ? said(old) : "";
    children(old, fresh, changes);
    if (before && before !== said(old)) changes.push(old);
  };

  const children = (old, fresh, changes) => {
    const keyed = new Map([...old.children].filter(key).map((node) => [key(node), node]));
    let at = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      const same = wanted.nodeType === Node.ELEMENT_NODE && key(wanted) ? keyed.get(key(wanted)) : null;
      const alike = at && !same && at.nodeType === wanted.nodeType && at.nodeName === wanted.nodeName && !(at.nodeType === Node.ELEMENT_NODE && (key(at) || key(wanted)));
      if (same) {
        if (same === at) at = at.nextSibling; else if (!same.contains(document.activeElement)) old.insertBefore(same, at);
        follow(same, wanted, changes);
      } else if (alike) {
        const next = at.nextSibling;
        follow(at, wanted, changes);
        at = next;
      } else {
        const made = document.importNode(wanted, true);
        old.insertBefore(made, at);
        if (made.localName === "tr") { made.dataset.isNew = "yes"; changes.push(made); }
      }
    }
    while (at) {
      const next = at.nextSibling;
      const stays = at.nodeType === Node.ELEMENT_NODE && (at.contains(document.activeElement) || at.matches(OURS) || fresh.querySelector(`#${CSS.escape(at.id || "-")}`));
      if (stays) { if (at.localName === "tr") changes.push(at); } else at.remove();
      at = next;
    }
  };

  const update = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main[data-live]");
    if (!fresh) return false;
    const changes = [];
    follow(main, fresh, changes);
    document.querySelectorAll(".rail .count").forEach((count, place) => { const now = page.querySelectorAll(".rail .count")[place]; if (now) count.textContent = now.textContent; });
    changes.forEach(show);
    const says = document.getElementById("live-says");
    says.textContent = [says.dataset.none, says.dataset.one][changes.length] ?? says.dataset.many;
    main.querySelectorAll("form[data-outcome]").forEach((form) => form.dispatchEvent(new Event("change", { bubbles: true })));
    main.dataset.version = fresh.dataset.version;
    document.dispatchEvent(new CustomEvent("tallystick:live", { detail: { changes } }));
    return true;
  };

  const look = async () => {
    if (document.hidden) return; // asked again as soon as somebody looks
    let pause = EVERY;
    try {
      const answer = await fetch(main.dataset.live, { cache: "no-store" });
      if (answer.status === 410) return;
      if (!answer.ok) pause = SLOW;
      else if (await answer.text() !== main.dataset.version) pause = await update() ? EVERY : SLOW;
    } catch { pause = SLOW; } // the server is away; a page that is being left
    next(pause);
  };
  let waiting = 0;
  const next = (pause) => { clearTimeout(waiting); waiting = setTimeout(look, pause); };
  if (main) {
    next(EVERY);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) next(0); });
  }
}
