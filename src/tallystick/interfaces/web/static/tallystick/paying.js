/* Pay Invoice and Deposit Funds: htmx fetches what the server reckoned; this only carries marks and unsent work. */
"use strict";
{
  const kept = new Map(); /* what was unticked or typed, so that a filter loses nothing */
  const field = (name) => document.getElementById(name);

  /* Marks: a sentence beside each amount that cannot be right, none beside the others. */
  const mark = (marks) => {
    const said = new Map([...marks.querySelectorAll("[data-mark]")].map((one) => [one.dataset.mark, one.textContent]));
    document.querySelectorAll("input.amount").forEach((input) => {
      const place = field(`${input.id}-said`);
      const sentence = said.get(input.id) ?? "";
      if (sentence) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
      if (place && place.textContent !== sentence) place.textContent = sentence;
      if (place) place.hidden = !sentence;
    });
  };

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!detail.elt.closest(".paying")) return;
    if (detail.verb === "post") detail.parameters.typing = document.activeElement?.matches("input.amount") ? document.activeElement.id : "";
    if (detail.verb === "get") [...detail.formData.entries()].forEach(([name, value]) => { if (value === "") detail.formData.delete(name); });
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, elt } = event.detail;
    if (!elt.closest(".paying")) return;
    if (new URL(xhr.responseURL).pathname.startsWith("/sign-in")) { event.detail.shouldSwap = false; location.reload(); return; }
    const marks = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("template[data-marks]");
    if (marks) mark(marks.content);
  });

  /* Typing an amount means to pay it. */
  document.addEventListener("input", ({ target }) => {
    if (!target.matches("#pay input.amount")) return;
    const box = target.closest("tr").querySelector("[data-tick]");
    if (!box.checked) { box.checked = true; box.dispatchEvent(new Event("change", { bubbles: true })); }
    kept.set(target.id, target.value);
  });
  /* The boxes that stand for all follow what is ticked: one in the head of the table, one above the cards. */
  const follow = () => {
    const boxes = [...document.querySelectorAll("#pay [data-tick]")];
    const ticked = boxes.filter((box) => box.checked).length;
    document.querySelectorAll("#pay [data-tick-all]").forEach((all) => { all.checked = ticked === boxes.length; all.indeterminate = ticked > 0 && ticked < boxes.length; });
  };
  follow();
  document.addEventListener("change", ({ target }) => {
    if (target.id === "pay" || target.matches("#pay [data-tick], #pay [data-tick-all]")) follow();
    if (target.matches("#pay [data-tick]")) kept.set(target.value, target.checked);
    if (target.matches("#pay [data-tick-all]")) {
      document.querySelectorAll("#pay [data-tick]").forEach((box) => { kept.set(box.value, target.checked); });
      field("elsewhere")?.replaceChildren(); /* all or nothing: no row that is not drawn is an exception any more */
    }
  });
  document.querySelectorAll("#elsewhere [name=out]").forEach(({ value }) => { kept.set(value, false); });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    document.querySelectorAll("#pay [data-script-only]").forEach((part) => { part.hidden = false; });
    if (detail.target?.id !== "rows") return;
    let changed = false;
    document.querySelectorAll("#rows [data-tick]").forEach((box) => { const was = kept.get(box.value); if (was !== undefined && was !== box.checked) { box.checked = was; changed = true; } });
    document.querySelectorAll("#rows input.amount").forEach((input) => { const was = kept.get(input.id); if (was !== undefined && was !== input.value) { input.value = was; changed = true; } });
    follow();
    if (!changed) return;
    field("pay").dispatchEvent(new Event("change"));
  });

  /* A row that came or went by what a colleague did (live.js), or figures that moved: the server adds up anew. */
  const main = document.getElementById("main");
  let soon = 0;
  new MutationObserver((changes) => {
    if (!changes.some(({ type, target }) => type === "attributes" || target.matches("#rows tbody"))) return;
    clearTimeout(soon);
    document.querySelectorAll("#rows [data-tick]:not(:checked)").forEach((box) => { kept.set(box.value, false); });
    soon = setTimeout(() => { follow(); document.querySelector("form.paying[data-hx-post]")?.dispatchEvent(new Event("change")); }, 20);
  }).observe(main, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-version"] });
}
