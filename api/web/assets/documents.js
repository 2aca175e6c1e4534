// The list of documents: choosing rows, and the list as it is now while pages are drawn or files come in.
"use strict";

const LOOK_EVERY = 2000; // milliseconds
const chosen = new Set();
let last = ""; // the document that was chosen or let go last
let looking = false;

const region = () => document.getElementById("documents");
const boxes = () => [...document.querySelectorAll("input[name=documents]")];

// Choosing

function tell() {
  const all = boxes();
  chosen.clear();
  for (const box of all) if (box.checked) chosen.add(box.value);
  for (const box of all) box.closest("tr").classList.toggle("is-chosen", box.checked);
  const whole = document.getElementById("choose-all");
  if (!whole) return;
  whole.checked = all.length > 0 && chosen.size === all.length;
  whole.indeterminate = chosen.size > 0 && chosen.size < all.length;
  document.querySelector(".how-many").textContent = `${chosen.size} chosen`;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("input[name=documents]");
  if (!box) return;
  const all = boxes();
  const [from, to] = [all.findIndex((each) => each.value === last), all.indexOf(box)];
  if (event.shiftKey && from >= 0) {
    for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  }
  last = box.value;
  tell();
});

document.addEventListener("change", (event) => {
  if (event.target.id !== "choose-all") return;
  for (const box of boxes()) box.checked = event.target.checked;
  tell();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape") event.target.closest("form")?.querySelector("[data-leave]")?.click();
  if (event.key === "Escape" && !typing && chosen.size) {
    for (const box of boxes()) box.checked = false;
    tell();
  }
  if (event.key === "/" && !typing && document.getElementById("narrow-q")) {
    event.preventDefault();
    document.getElementById("narrow-q").select();
  }
});

// The list as it is now

function isTyping() {
  return [...region().querySelectorAll("input:not([type=checkbox], [type=hidden])")].some(
    (input) => input.value || input === document.activeElement,
  );
}

async function look() {
  if (looking || document.hidden || isTyping()) return;
  looking = true;
  try {
    const first = !document.getElementById("narrow"); // with the first document, all of the page is another one
    const place = first ? { target: "#main", select: "#main", swap: "outerHTML" } : { target: "#documents" };
    await window.htmx.ajax("GET", window.location.pathname + window.location.search, place);
  } finally {
    looking = false;
  }
}

// What somebody has begun meanwhile is not swept away.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "documents" || !looking) return;
  if (isTyping() || region().querySelector(".htmx-request")) event.detail.shouldSwap = false;
});

let cameIn = false;
document.addEventListener("folioscope:uploaded", () => { cameIn = true; });
window.setInterval(() => {
  if (!region()) return;
  if (!cameIn && !region().querySelector("[data-waiting]")) return;
  cameIn = false;
  look();
}, LOOK_EVERY);

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "documents") return;
  for (const box of boxes()) box.checked = chosen.has(box.value);
  tell();
});

tell();
