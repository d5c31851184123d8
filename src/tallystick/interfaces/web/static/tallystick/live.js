/* Live: ask every second for the mark of what has happened (one read of an index), and only when it has changed for the page itself.
   Text, figures and rows are brought up to date in place. What is typed, ticked, opened or focused is the reader's and stays. */
"use strict";

{
  const EVERY = 1000;
  const SLOW = 15000;
  const OURS = "input, select, textarea, [data-still], [data-lines], .desk, [role='status'], [aria-live], [id^='said-'], .error-summary, .tells";
  /* What a button beside it means goes with its words; what proves which state somebody decided about (version, revision) stays. */
  const SAYS = "input[type=hidden]:not([name=form_key], [name=version], [name=revision], [name=csrfmiddlewaretoken])";
  const RECKONS = "form[data-outcome], form[data-hx-post], form[hx-post]";
  const STATES = new Set(["open", "hidden", "aria-pressed", "aria-invalid", "aria-describedby", "data-sent", "data-live", "data-version"]);
  const main = document.querySelector("main[data-live]");
  const isElement = (node) => node?.nodeType === Node.ELEMENT_NODE;
  const isBusy = (node) => node.contains(document.activeElement);

  /* A row is known by what it ticks or opens; where several open the same (movements of one invoice) by its words. Others by their id. */
  const words = (row) => row.textContent.replace(/\s+/g, " ");
  const opens = (row) => row.querySelector("[data-tick]")?.value ?? row.querySelector("a[href]")?.getAttribute("href") ?? "";
  const naming = (...lists) => {
    const often = new Set();
    for (const list of lists) {
      const seen = new Set();
      for (const row of list) if (row.localName === "tr") (seen.has(opens(row)) ? often : seen).add(opens(row));
    }
    return (node) => node.id || (node.localName === "tr" ? (opens(node) && !often.has(opens(node)) ? opens(node) : words(node)) : "");
  };

  /* What the server reckoned from what is ticked and typed here is not the fresh page's to say; it is reckoned anew. */
  let ours = OURS;
  const reckoned = () => [...main.querySelectorAll(RECKONS)].map((form) => form.dataset.hxTarget ?? form.getAttribute("hx-target")).filter((place) => place?.startsWith("#"));
  const reckon = (form) => form?.dispatchEvent(new Event("change", { bubbles: true }));

  const follow = (old, fresh, changes) => {
    if (!isElement(old)) { if (old.data !== fresh.data) old.data = fresh.data; return; }
    if (old.matches(SAYS)) old.value = fresh.value;
    if (old.matches(ours)) return;
    for (const { name, value } of fresh.attributes) if (!STATES.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!STATES.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
    const before = words(old);
    children(old, fresh, changes);
    if (old.matches(".ledger tbody tr") && before !== words(old)) changes.push(old);
  };

  const children = (old, fresh, changes) => {
    const name = naming(old.children, fresh.children);
    const known = new Map([...old.children].filter(name).map((node) => [name(node), node]));
    const kept = new Set();
    const alike = (one, other) => one?.nodeName === other.nodeName && (!isElement(one) || (!name(one) && !name(other) && one.classList[0] === other.classList[0] && one.getAttribute("name") === other.getAttribute("name")));
    let at = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      while (kept.has(at)) at = at.nextSibling;
      const named = isElement(wanted) ? known.get(name(wanted)) : undefined;
      const same = named ?? (alike(at, wanted) ? at : undefined);
      if (same) {
        known.delete(isElement(wanted) ? name(wanted) : "");
        kept.add(same);
        if (same === at) at = at.nextSibling; else if (!isBusy(same)) old.insertBefore(same, at);
        follow(same, wanted, changes);
      } else {
        const made = document.importNode(wanted, true);
        old.insertBefore(made, at);
        kept.add(made);
        if (isElement(made) && made.matches(".ledger tbody tr")) arrive(made, changes);
      }
    }
    for (const node of [...old.childNodes]) if (!kept.has(node)) leave(node, changes);
  };

  /* Nobody pays what they have not seen: a row that comes is not ticked. A row in which somebody types goes when they leave it. */
  const arrive = (row, changes) => {
    row.querySelectorAll("[data-tick]").forEach((box) => { box.checked = false; });
    changes.push(row);
  };
  const leave = (node, changes) => {
    if (isElement(node) && node.matches(ours)) return;
    if (!isElement(node) || !isBusy(node)) { node.remove(); return; }
    const form = node.closest(RECKONS);
    node.addEventListener("focusout", () => setTimeout(() => { if (!isBusy(node)) { node.remove(); reckon(form); } }));
    if (node.matches(".ledger tbody tr")) changes.push(node);
  };

  const show = (row) => {
    row.classList.add("changed");
    const seen = () => { row.classList.remove("changed"); };
    row.addEventListener("pointerover", seen, { once: true });
    row.addEventListener("focusin", seen, { once: true });
  };

  const update = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Live": "again" } });
    if (!answer.ok || answer.redirected) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main[data-live]");
    if (!fresh) return false;
    const changes = [];
    ours = [OURS, ...reckoned()].join();
    follow(main, fresh, changes);
    for (const line of document.querySelectorAll(".rail li a")) {
      const now = page.querySelector(`.rail li a[href="${CSS.escape(line.getAttribute("href"))}"]`);
      if (now && words(now) !== words(line)) line.replaceChildren(...now.childNodes);
    }
    changes.forEach(show);
    const says = document.getElementById("live-says");
    says.textContent = [says.dataset.none, says.dataset.one][changes.length] ?? says.dataset.many;
    main.querySelectorAll(RECKONS).forEach(reckon);
    main.dataset.version = fresh.dataset.version;
    return true;
  };

  let waiting = 0;
  const next = (pause) => { clearTimeout(waiting); waiting = setTimeout(look, pause); };
  const look = async () => {
    if (document.hidden) return; // asked again as soon as somebody looks
    let pause = EVERY;
    try {
      const answer = await fetch(main.dataset.live, { cache: "no-store" });
      if (answer.status === 410) return;
      if (!answer.ok) pause = SLOW;
      else if (await answer.text() !== main.dataset.version) pause = await update() ? EVERY : SLOW;
    } catch { pause = SLOW; } // the server is away, or the page is being left
    next(pause);
  };
  if (main) {
    next(EVERY);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) next(0); });
  }
}
