// Uploads by drop or choice, each file with its bar; boxes and values that light each other; questions before deletions.
"use strict";

const AT_ONCE = 3;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Folioscope-Word"] = document.body.dataset.word || "";
});

function notice(text) {
  document.getElementById("notice").textContent = text;
}

function saidIn(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  return [...page.querySelectorAll("main h1, main article > p:first-of-type")].map((one) => one.textContent).join(": ");
}

document.addEventListener("htmx:beforeRequest", () => notice(""));
document.addEventListener("htmx:responseError", (event) => notice(saidIn(event.detail.xhr.responseText)));
document.addEventListener("htmx:sendError", () => notice("The service does not answer; is it there?"));

document.addEventListener("submit", (event) => {
  const asked = event.target.dataset.ask;
  if (asked && !window.confirm(asked)) event.preventDefault();
});

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

// Uploads

const waiting = [];
let underWay = 0;

function add(file, path) {
  const row = document.createElement("div");
  const label = document.createElement("label");
  const bar = document.createElement("progress");
  label.textContent = path;
  bar.max = file.size || 1;
  bar.value = 0;
  label.append(bar);
  row.append(label);
  document.getElementById("uploads").append(row);
  waiting.push({ file, path, row, bar });
  go();
}

function go() {
  while (underWay < AT_ONCE && waiting.length) send(waiting.shift());
  if (underWay === 0 && document.getElementById("documents")) {
    window.htmx.ajax("GET", "/", { target: "#documents" });
  }
}

function send({ file, path, row, bar }) {
  underWay += 1;
  const form = new FormData();
  form.append("files", file, path);
  const request = new XMLHttpRequest();
  request.open("POST", "/upload");
  request.setRequestHeader("X-Folioscope-Word", document.body.dataset.word || "");
  request.upload.addEventListener("progress", (event) => { bar.value = event.loaded; });
  request.addEventListener("loadend", () => {
    underWay -= 1;
    if (request.status === 200) {
      row.innerHTML = request.responseText;
    } else {
      row.textContent = `${path}: ${saidIn(request.responseText) || "the service does not answer; try it again"}`;
      row.setAttribute("role", "alert");
    }
    go();
  });
  request.send(form);
}

async function walk(entry, path) {
  if (entry.isFile) {
    add(await new Promise((done, failed) => entry.file(done, failed)), path + entry.name);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return;
    for (const one of some) await walk(one, `${path}${entry.name}/`);
  }
}

const drop = document.getElementById("drop");
if (drop) {
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    for (const item of event.dataTransfer.items) {
      const entry = item.webkitGetAsEntry?.();
      if (entry) walk(entry, "");
    }
  });
  document.getElementById("files").addEventListener("change", (event) => {
    for (const file of event.target.files) add(file, file.webkitRelativePath || file.name);
    event.target.value = "";
  });
}
