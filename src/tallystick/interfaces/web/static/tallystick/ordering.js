/* Making an order, and waiting for a file: what these two gain with script. The server decides; lines and totals are asked for in tallystick.js. */
"use strict";

const order = document.querySelector("form#order");
const field = order?.querySelector(".drop input[type=file]");

/* A document may be dropped anywhere on the page, not only on its field. */
if (field) {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  let inside = 0;
  addEventListener("dragenter", (event) => { if (carriesFiles(event)) { inside += 1; document.body.classList.add("dragging"); } });
  addEventListener("dragleave", (event) => { if (carriesFiles(event)) { inside = Math.max(0, inside - 1); document.body.classList.toggle("dragging", inside > 0); } });
  addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    inside = 0;
    document.body.classList.remove("dragging");
    if (!carriesFiles(event) || event.target.closest?.(".drop")) return; // its field takes it itself
    event.preventDefault();
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
}

/* While one types, totals and requirements are asked for: the document stays here until the order is sent. */
if (order) {
  let sending = false;
  order.addEventListener("submit", () => { sending = true; });
  addEventListener("pageshow", () => { sending = false; });
  order.addEventListener("formdata", (event) => { if (!sending) event.formData.delete("document"); });
}

/* Whoever takes a line away goes on in the one that stands there now; Backspace in an empty line takes it away. */
const focusLine = (place) => {
  const lines = document.querySelector("[data-lines]")?.rows;
  lines?.[Math.min(place, lines.length - 1)]?.querySelector("textarea").focus();
};
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("[data-remove-line]")?.closest("tr");
  if (row) setTimeout(focusLine, 0, row.sectionRowIndex);
}, true);
document.addEventListener("keydown", (event) => {
  const row = event.key === "Backspace" ? event.target.closest?.("[data-lines] textarea")?.closest("tr") : null;
  if (!row || row.parentElement.rows.length < 2) return;
  const typed = [...row.querySelectorAll("textarea, input")].some((one) => one.value !== "" && !one.name.startsWith("quantity"));
  if (typed) return;
  event.preventDefault();
  const place = row.sectionRowIndex;
  row.querySelector("[data-remove-line]").click();
  setTimeout(focusLine, 0, Math.max(0, place - 1));
});

/* A file that is being made: look every second until it is there. */
const waited = document.querySelector("[data-look]");
const look = async () => {
  try {
    const answer = await fetch(waited.dataset.look, { headers: { "X-Part": "download" } });
    if (answer.ok) {
      const part = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      const before = waited.querySelector("[data-told]")?.textContent;
      if (part.querySelector("[data-told]")?.textContent !== before) waited.replaceChildren(...part.childNodes);
    }
  } catch { /* the network is away: look again */ }
  if (waited.querySelector("[data-progress=going]")) setTimeout(look, 1000);
};
if (waited?.querySelector("[data-progress=going]")) setTimeout(look, 1000);
