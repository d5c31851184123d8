/* Choose days by dragging over a balance line: the two date fields of its form are filled in and the form is sent. The fields do the same by keyboard. */
"use strict";
{
  const least = 4;
  let held = null;
  const dayAt = (line, share) => {
    const first = Date.parse(line.dataset.since);
    const last = Date.parse(line.dataset.until);
    return new Date(first + Math.round((last - first) * share / 864e5) * 864e5).toISOString().slice(0, 10);
  };
  const shareAt = (picture, x) => {
    const box = picture.getBoundingClientRect();
    return Math.min(Math.max((x - box.left) / box.width, 0), 1);
  };
  document.addEventListener("pointerdown", (event) => {
    const picture = event.target.closest?.("[data-brush] > svg");
    if (!picture || event.button !== 0) return;
    event.preventDefault();
    held = { picture, line: picture.parentElement, from: event.clientX, pointer: event.pointerId };
    picture.setPointerCapture(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    const [start, end] = [shareAt(held.picture, held.from), shareAt(held.picture, event.clientX)].sort((a, b) => a - b);
    const chosen = held.picture.querySelector(".chosen");
    chosen.setAttribute("x", `${start * 100}%`);
    chosen.setAttribute("width", `${(end - start) * 100}%`);
  });
  document.addEventListener("pointerup", (event) => {
    if (!held || event.pointerId !== held.pointer) return;
    const { picture, line, from } = held;
    held = null;
    if (Math.abs(event.clientX - from) < least) return;
    const [start, end] = [shareAt(picture, from), shareAt(picture, event.clientX)].sort((a, b) => a - b);
    const form = document.getElementById(line.dataset.brush);
    /* the first point is the close of the day before the first day */
    const after = new Date(Date.parse(dayAt(line, start)) + 864e5).toISOString().slice(0, 10);
    const until = dayAt(line, end);
    form.elements.since.value = after > until ? until : after;
    form.elements.until.value = until;
    form.requestSubmit();
  });
  /* A part that is swapped in can not speak by itself: what it found is said by a line that stays. */
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-repeats]").forEach((line) => {
    line.textContent = document.getElementById(line.dataset.repeats)?.textContent ?? "";
  }));
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("#history [data-script-only]").forEach((hint) => { hint.hidden = false; }));
  document.addEventListener("pointercancel", () => { held = null; });
}
