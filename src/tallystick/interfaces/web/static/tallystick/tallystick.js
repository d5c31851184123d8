/* What the pages gain with script; every one of them works without. Behavior hangs on data- attributes, never on ids of one page. */
"use strict";

const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);
const on = (kind, selector, act) => document.addEventListener(kind, (event) => { const found = event.target.closest?.(selector); if (found) act(found, event); });

/* A form that came back with errors: the summary takes the focus. */
document.querySelector("[data-focus]")?.focus();

/* A choice that only shows something else: sent at once. */
on("change", "[data-send-on-change] :is(select, input), [data-send]", (field) => { field.form.requestSubmit(); });

/* A theme is put on at once; the form's answer only keeps it. */
on("click", "[data-theme-choice]", (button, event) => {
  event.preventDefault();
  const root = document.documentElement;
  if (button.value) root.dataset.theme = button.value; else delete root.dataset.theme;
  each("[data-theme-choice]", (other) => { other.setAttribute("aria-pressed", other.value === button.value); });
  const said = new FormData(button.form);
  said.set("theme", button.value);
  fetch(button.form.action, { method: "POST", body: said, redirect: "manual" });
});

/* A form is sent once: the second press of an impatient finger does nothing. The form's key guards the server all the same. */
on("submit", "form[method=post]:not([data-again])", (form, event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => each("form[data-sent]", (form) => { delete form.dataset.sent; }));

/* One menu open at a time; keys.js closes it with Escape. */
document.addEventListener("click", (event) => each("details.menu[open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; }));

/* Tick all: the box in the head follows the boxes of its form, wherever they stand, and leads them. */
const ofForm = (form, selector) => [...form.elements].filter((field) => field.matches(selector));
on("change", "[data-tick-all]", (box) => {
  ofForm(box.form, "[data-tick]").forEach((other) => { other.checked = box.checked; });
  box.form.dispatchEvent(new Event("change", { bubbles: true }));
});
on("change", "[data-tick]", (box) => {
  const boxes = ofForm(box.form, "[data-tick]");
  const [all] = ofForm(box.form, "[data-tick-all]");
  const ticked = boxes.filter((other) => other.checked).length;
  if (all) { all.checked = ticked === boxes.length; all.indeterminate = ticked > 0 && ticked < boxes.length; }
});

/* Pay invoice, create purchase order: the server adds up, this asks it. The newest question wins. */
let asking = null;
let soon = 0;
const ask = async (form) => {
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.outcome, { method: "POST", body: new FormData(form), signal: asking.signal, headers: { "X-Part": "outcome" } });
    if (!answer.ok) return;
    const parts = new DOMParser().parseFromString(await answer.text(), "text/html");
    each("[data-part]", (part) => { document.getElementById(part.dataset.part)?.replaceChildren(...part.childNodes); }, parts);
    each("[data-mark]", (mark) => {
      const field = form.elements[mark.dataset.mark];
      field?.setAttribute("aria-invalid", mark.textContent !== "");
      const place = field?.parentElement.querySelector("[data-said]");
      if (place) { place.textContent = mark.textContent; place.hidden = mark.textContent === ""; }
    }, parts);
    each("[data-met]", (need) => { document.querySelector(`[data-need="${need.dataset.met}"]`)?.classList.toggle("met", need.textContent === "met"); }, parts);
  } catch (problem) { if (problem.name !== "AbortError") throw problem; }
};
const askSoon = (form) => { clearTimeout(soon); soon = setTimeout(ask, 150, form); };
on("input", "form[data-outcome]", askSoon);
on("change", "form[data-outcome]", askSoon);

/* Lines of an order: add one (button, or Enter in the last field), take one away. */
const renumber = (body) => [...body.rows].forEach((row, place) => {
  each("[name]", (field) => { field.name = field.name.replace(/\d+$/, place + 1); }, row);
  each("[id]", (field) => { field.id = field.id.replace(/\d+$/, place + 1); }, row);
  each("[aria-label]", (part) => { part.ariaLabel = part.ariaLabel.replace(/\d+/, place + 1); }, row);
});
const addLine = (body) => {
  const row = body.lastElementChild.cloneNode(true);
  each("input, textarea", (field) => { field.value = ""; field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); }, row);
  each("[data-said]", (said) => { said.remove(); }, row);
  each("[data-line-total]", (total) => { total.textContent = ""; }, row);
  body.append(row);
  renumber(body);
  row.querySelector("textarea").focus();
};
on("click", "[data-add-line]", (button, event) => { event.preventDefault(); addLine(button.form.querySelector("[data-lines]")); });
on("click", "[data-remove-line]", (button, event) => {
  const body = button.closest("[data-lines]");
  event.preventDefault();
  if (body.rows.length > 1) button.closest("tr").remove(); else each("input, textarea", (field) => { field.value = ""; }, button.closest("tr"));
  renumber(body);
  askSoon(body.closest("form"));
});
on("keydown", "[data-lines] :is(input, textarea)", (field, event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const body = field.closest("[data-lines]");
  const last = field.closest("tr") === body.lastElementChild && [...field.closest("tr").querySelectorAll("input")].at(-1) === field;
  if (last) addLine(body);
});

/* Drop a file on its field; say which one was taken. */
each(".drop", (drop) => {
  const field = drop.querySelector("input[type=file]");
  const say = () => { const said = drop.querySelector("[data-file]"); if (said && field.files[0]) said.textContent = field.files[0].name; };
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); field.files = event.dataTransfer.files; field.dispatchEvent(new Event("change", { bubbles: true })); });
  field.addEventListener("change", say);
});

/* Copy a text that stands on the page (a reference, a new key). */
on("click", "[data-copy]", (button) => {
  navigator.clipboard?.writeText(document.getElementById(button.dataset.copy).textContent.trim()).then(() => { button.textContent = button.dataset.copied; });
});

/* What happens elsewhere (a card processor's word) is looked for again, a few times and then no more. */
const again = document.querySelector("[data-look-again]");
if (again) {
  const looked = Number(sessionStorage.getItem(location.pathname) ?? 0);
  if (looked < 20) setTimeout(() => { sessionStorage.setItem(location.pathname, looked + 1); location.reload(); }, 2000);
}

/* Print. */
on("click", "[data-print]", () => { print(); });
each("[data-script-only]", (part) => { part.hidden = false; });
