/* What the operator's pages gain with script: approvals that run in a moment are followed, and a rejection asks for its reason first. */
"use strict";
{
  const strip = document.querySelector("[data-follow]");
  const LATE = 8; /* questions a second apart; then one in five seconds, until the work behind the pages runs again */
  let asked = 0;
  let second = 0;

  const ask = async () => {
    const answer = await fetch(strip.dataset.follow, { headers: { "X-Part": "scheduled" } }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    const states = (root) => root.querySelector("[data-states]")?.dataset.states ?? "";
    if (states(fresh) === states(strip)) return;
    const held = strip.contains(document.activeElement);
    strip.replaceChildren(...fresh.childNodes);
    if (held) (strip.querySelector("button, a") ?? document.getElementById("main")).focus();
    if (document.querySelector("[data-scheduled]")) location.reload();
  };
  const tick = () => {
    second += 1;
    const waiting = [...strip.querySelectorAll("[data-left]")];
    if (!waiting.length) return;
    for (const left of waiting) {
      left.dataset.left = Math.max(0, Number(left.dataset.left) - 1);
      left.textContent = left.dataset.left;
    }
    if (!waiting.some((left) => left.dataset.left === "0")) return;
    asked += 1;
    if (asked <= LATE || second % 5 === 0) ask();
  };
  if (strip) setInterval(tick, 1000);
}
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-needs-tick]");
  if (!button) return;
  const boxes = [...button.form.querySelectorAll(`[name="${CSS.escape(button.dataset.needsTick)}"]`)];
  if (boxes.some((box) => box.checked)) return;
  event.preventDefault();
  boxes[0].focus();
});

/* The proof of the books is followed while it runs. */
{
  const proof = document.querySelector("[data-proof]");
  const follow = async () => {
    if (!proof.querySelector("[data-proving]")) return;
    const answer = await fetch(proof.dataset.proof).catch(() => null);
    if (answer?.ok) proof.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
  };
  if (proof) setInterval(follow, 1500);
}

/* A document's frame is shown when it is drawn; until then its ground is paper. */
{
  const frame = document.querySelector(".sheet > iframe");
  const drawn = () => frame.classList.remove("drawing");
  if (frame) {
    frame.classList.add("drawing");
    frame.addEventListener("load", () => setTimeout(drawn, 800)); /* the viewer is loaded before its first page is drawn */
    setTimeout(drawn, 4000); /* it may have been loaded before this ran */
  }
}
