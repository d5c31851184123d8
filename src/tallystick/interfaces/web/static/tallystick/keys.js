/* Keys. A single key acts only where no field has the focus, and never for who has switched that off (WCAG 2.1.4). */
"use strict";

{
  const isField = (target) => target.matches("input, textarea, select, [contenteditable]");
  const isOff = () => document.documentElement.dataset.singleKeys === "off";
  const rows = () => [...document.querySelectorAll("[data-keys] tbody tr")].filter((row) => row.checkVisibility());
  const move = (step) => {
    const all = rows();
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const row = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    (row?.querySelector(".lead a") ?? row?.querySelector("a, summary, input"))?.focus(); // the link first: a ticked box would swallow the next key
  };
  const find = document.querySelector(".topbar .find");
  const single = {
    "/": () => { const field = find?.querySelector("input"); field?.focus(); field?.select(); },
    "?": () => document.getElementById("keys")?.togglePopover(),
    j: () => move(1),
    k: () => move(-1),
    x: () => document.activeElement.closest("tr")?.querySelector("[type=checkbox]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    if (isOff() || isField(event.target) || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (Object.hasOwn(single, event.key)) { event.preventDefault(); single[event.key](); return; }
    const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (pressed) { event.preventDefault(); pressed.focus(); pressed.click(); }
  });

  /* The palette: arrows walk through what was found, Escape puts it away, Enter in the field opens the page of all finds. */
  find?.addEventListener("keydown", (event) => {
    const stops = [find.querySelector("input"), ...find.querySelectorAll(".found a")];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at + step >= 0 && at + step < stops.length) { event.preventDefault(); stops[at + step].focus(); }
    if (event.key === "Escape") { find.querySelector(".found").replaceChildren(); stops[0].focus(); }
  });
}
