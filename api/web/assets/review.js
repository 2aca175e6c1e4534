// The queue of reviews by the keyboard: one key, one decision, and never one about a value that nobody has seen yet.
"use strict";

let waiting = false; // for an answer: keys that are pressed meanwhile were meant for the value before

function keyed(key) {
  return document.querySelector(`#review [data-key~="${CSS.escape(key)}"]`);
}

function typeAnother() {
  const input = keyed("e");
  input?.focus();
  input?.select();
}

function press(key) {
  const one = keyed(key);
  if (!one) return false;
  one.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select")) {
    if (event.key === "Escape") document.querySelector("#review .value")?.focus({ preventScroll: true });
    return;
  }
  if (event.repeat || waiting) return;
  const onControl = event.target.closest("button, a, summary");
  if (event.key === "Enter") {
    if (onControl) return;
    event.preventDefault();
    if (!press("a")) typeAnother();
  } else if (event.key === "e") {
    event.preventDefault();
    typeAnother();
  } else if (event.key.length === 1 || event.key.startsWith("Arrow")) {
    if (press(event.key)) event.preventDefault();
  }
});

document.addEventListener("htmx:beforeRequest", () => { waiting = true; });
document.addEventListener("htmx:afterRequest", () => { waiting = false; });

// A value that somebody else decided comes as an answer with an error's status: it is shown, not only told.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && event.detail.xhr.responseText.includes('id="review"')) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

function arrive() {
  const review = document.getElementById("review");
  review?.querySelector(".value")?.focus({ preventScroll: true });
  if (review?.dataset.ahead) new Image().src = review.dataset.ahead;
}

document.addEventListener("htmx:afterSettle", arrive);
arrive();
