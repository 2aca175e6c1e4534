// Uploads by drop or choice, each file with its bar.
"use strict";

const AT_ONCE = 3;

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
