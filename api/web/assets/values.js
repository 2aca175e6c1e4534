// A document's values: boxes and values that light each other, and deciding by the keyboard.
"use strict";

// Values and boxes

function light(name, on) {
  for (const one of document.querySelectorAll("[data-value]")) {
    if (one.dataset.value === name) one.classList.toggle("lit", on);
  }
}

for (const [begin, end] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
  for (const [kind, on] of [[begin, true], [end, false]]) {
    document.addEventListener(kind, (event) => {
      const one = event.target.closest?.("[data-value]");
      if (one) light(one.dataset.value, on);
    });
  }
}

function goTo(value) {
  value.scrollIntoView({ block: "center" });
  value.focus({ preventScroll: true });
  window.folioscope.show(value.dataset.value);
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("rect[data-value]");
  const value = box && document.getElementById(box.dataset.value);
  if (value) goTo(value);
});

// The page that an address leads to shows the value that it names.
function arrive() {
  const value = document.getElementById(window.location.hash.slice(1));
  if (value?.dataset.value) goTo(value);
}
window.addEventListener("hashchange", arrive);
arrive();

// Deciding by the keyboard

function current() {
  return document.activeElement?.closest("[data-value]");
}

function nextUnsure() {
  const all = [...document.querySelectorAll("#record [data-value]")];
  const at = all.indexOf(current());
  const next = [...all.slice(at + 1), ...all.slice(0, at + 1)].find((one) => one.classList.contains("unsure"));
  if (!next) return;
  const page = next.dataset.page;
  const shown = document.getElementById("viewer")?.dataset.page;
  const link = next.querySelector("td a[href*='page=']")?.href;
  if (page && shown && page !== shown) {
    const there = new URL(link || window.location.href);
    there.searchParams.set("page", page);
    there.hash = next.id;
    window.location.href = there;
    return;
  }
  goTo(next);
}

const ON_A_VALUE = { a: "[data-accept]", e: "[data-edit]", b: "[data-edit]", x: "[data-edit]" };
let meant; // the key by which a value is being changed: `b` draws once the form is there, `x` says absent

document.addEventListener("keydown", (event) => {
  const value = current();
  if (event.key === "Escape" && value) value.querySelector("[data-leave]")?.click();
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n") nextUnsure();
  const button = value?.querySelector(ON_A_VALUE[event.key] || "[data-none]");
  if (!button || event.repeat) return;
  event.preventDefault();
  meant = event.key;
  button.click();
});

document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-draw]")?.closest("form");
  if (form) window.folioscope.draw(form);
});

// A value that somebody else decided comes as a form with an error's status: it is shown, not only told.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 409 && event.detail.xhr.responseText.includes("data-value=")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

function count() {
  const left = document.getElementById("left");
  const unsure = document.querySelectorAll("#record .unsure").length;
  if (!left || Number(left.dataset.unsure) === unsure) return;
  left.dataset.unsure = unsure;
  left.textContent = unsure ? `${unsure} ${unsure === 1 ? "value needs" : "values need"} a review.` : "No value needs a review.";
}

document.addEventListener("htmx:load", (event) => {
  const value = event.detail.elt;
  if (!value.matches("[data-value]")) return;
  const key = meant;
  meant = undefined;
  count();
  const box = document.querySelector(`rect[data-value="${CSS.escape(value.id)}"]`);
  box?.classList.toggle("unsure", value.classList.contains("unsure"));
  const form = value.querySelector("form");
  if (form) begin(form, key);
  else value.focus({ preventScroll: true });
});

function begin(form, key) {
  form.querySelector("[data-draw]").hidden = !document.getElementById("paper");
  const input = form.querySelector("input[type=text]");
  input.focus();
  input.select();
  if (key === "b") window.folioscope.draw(form);
  if (key === "x") form.querySelector("[data-absent]").click();
}
