// A document's values: boxes and values that light each other, and correcting by the keyboard.
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

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("rect[data-value]");
  const value = box && document.getElementById(box.dataset.value);
  if (!value) return;
  value.scrollIntoView({ block: "center" });
  value.focus();
});

// Correcting by the keyboard

function nextUnsure() {
  const rows = [...document.querySelectorAll("tr.unsure")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement?.closest("tr"));
  const row = rows[(at + 1) % rows.length];
  row.scrollIntoView({ block: "center" });
  row.focus();
}

document.addEventListener("keydown", (event) => {
  const row = document.activeElement?.closest("tr[data-value]");
  if (event.key === "Escape" && row) row.querySelector("[data-leave]")?.click();
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "n") nextUnsure();
  if (event.key === "e" && row) {
    event.preventDefault();
    row.querySelector("[data-edit]")?.click();
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  const row = event.detail.elt.closest?.("tr[data-value]");
  if (!row) return;
  const input = row.querySelector("input[type=text]");
  (input || row).focus();
  input?.select();
});
