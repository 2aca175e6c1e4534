// Uploads by drop or choice, on every page: a bar for each file under way, one for the whole, and what became of them.
"use strict";

const uploads = (() => {
  const AT_ONCE = 3;
  const SHOWN = 8; // rows of files under way or next
  const PAUSES = [1000, 4000, 10000]; // milliseconds before a file is sent again whose connection broke
  const OURS = /^(\.|Thumbs\.db$|desktop\.ini$)/; // what systems leave in folders
  const queue = [];
  const going = new Set();
  const pausing = new Set(); // until they are sent again
  const broken = new Map(); // of each file that did not come through, the row that says so
  const sum = { files: 0, bytes: 0, ended: 0, gone: 0, taken: 0, known: 0, refused: 0 };
  let panel = null;
  let drawn = false;

  const one = (name) => panel.querySelector(`[data-${name}]`);
  const count = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;

  function size(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let at = 0;
    for (; bytes >= 1000 && at < units.length - 1; at += 1) bytes /= 1000;
    return `${bytes >= 100 || !at ? Math.round(bytes) : bytes.toFixed(1)} ${units[at]}`;
  }

  function open() {
    if (panel) return;
    panel = document.getElementById("uploads-panel").content.firstElementChild.cloneNode(true);
    document.body.append(panel);
    one("again").addEventListener("click", () => { for (const file of [...broken.keys()]) again(file); });
    one("stop").addEventListener("click", stop);
    one("close").addEventListener("click", close);
  }

  function close() {
    panel.remove();
    panel = null;
    broken.clear();
    for (const name of Object.keys(sum)) sum[name] = 0;
  }

  function add(file, path) {
    if (OURS.test(path.split("/").pop())) return;
    open();
    sum.files += 1;
    sum.bytes += file.size;
    queue.push({ file, path, sent: 0, tries: 0 });
    go();
  }

  function go() {
    while (going.size < AT_ONCE && queue.length) send(queue.shift());
    draw();
  }

  function send(upload) {
    const form = new FormData();
    form.append("files", upload.file, upload.path);
    const request = new XMLHttpRequest();
    upload.request = request;
    going.add(upload);
    request.open("POST", "/upload");
    request.setRequestHeader("X-Folioscope-Word", document.body.dataset.word || "");
    request.upload.addEventListener("progress", (event) => {
      upload.sent = Math.min(event.loaded, upload.file.size);
      draw();
    });
    request.addEventListener("loadend", () => ended(upload, request));
    request.send(form);
  }

  function ended(upload, request) {
    going.delete(upload);
    upload.sent = 0;
    if (request.status === 200 && request.responseURL.endsWith("/upload")) {
      through(upload, request.responseText);
    } else if (request.status === 200) {
      lost(upload, "You are signed out: sign in in another tab, and try again.");
    } else if ((request.status === 0 || request.status >= 500) && upload.tries < PAUSES.length && !upload.stopped) {
      pausing.add(upload);
      window.setTimeout(() => { if (pausing.delete(upload)) { queue.unshift(upload); go(); } }, PAUSES[upload.tries]);
      upload.tries += 1;
    } else if (upload.stopped) {
      lost(upload, "Not sent.");
    } else {
      lost(upload, saidIn(request.responseText || "") || "The service does not answer, or the connection broke.");
    }
    go();
  }

  function past(upload) {
    sum.ended += 1;
    sum.gone += upload.file.size;
  }

  function through(upload, text) {
    past(upload);
    const said = new DOMParser().parseFromString(text, "text/html");
    sum.taken += said.querySelectorAll("[data-taken]").length;
    sum.known += said.querySelectorAll("[data-known]").length;
    for (const told of said.querySelectorAll("[data-refused], [data-locked]")) {
      if (told.matches("[data-refused]")) sum.refused += 1;
      const row = document.createElement("li");
      row.append(...told.childNodes);
      one("told").append(row);
      window.htmx?.process(row);
    }
    document.dispatchEvent(new CustomEvent("folioscope:uploaded"));
  }

  function lost(upload, why) {
    past(upload);
    const row = document.createElement("li");
    const name = document.createElement("strong");
    const button = document.createElement("button");
    name.textContent = upload.path;
    button.textContent = "Try again";
    button.className = "small";
    button.addEventListener("click", () => again(upload));
    row.append(name, `: ${why} `, button);
    one("told").append(row);
    broken.set(upload, row);
  }

  // Whoever has signed in anew meanwhile has another word.
  async function renewWord() {
    const answer = await window.fetch("/");
    const word = new DOMParser().parseFromString(await answer.text(), "text/html").body.dataset.word;
    if (word) document.body.dataset.word = word;
  }

  function again(upload) {
    broken.get(upload).remove();
    broken.delete(upload);
    sum.ended -= 1;
    sum.gone -= upload.file.size;
    Object.assign(upload, { tries: 0, stopped: false });
    pausing.add(upload);
    draw();
    renewWord().catch(() => {}).finally(() => {
      if (pausing.delete(upload)) queue.push(upload);
      go();
    });
  }

  function stop() {
    for (const upload of [...pausing, ...queue.splice(0)]) {
      pausing.delete(upload);
      lost(upload, "Not sent.");
    }
    for (const upload of [...going]) {
      upload.stopped = true;
      upload.request.abort();
    }
    draw();
  }

  // Drawn once a frame, however many files there are.
  function draw() {
    if (drawn) return;
    drawn = true;
    window.requestAnimationFrame(() => {
      drawn = false;
      if (panel) show();
    });
  }

  function show() {
    const open_ = sum.files - sum.ended;
    const sent = sum.gone + [...going].reduce((all, upload) => all + upload.sent, 0);
    const whole = one("whole");
    whole.max = sum.bytes + sum.files; // a file without bytes counts, too
    whole.value = sent + sum.ended;
    one("sum").textContent = open_
      ? `${sum.ended.toLocaleString("en")} of ${count(sum.files, "file")}, ${size(sent)} of ${size(sum.bytes)}`
      : "";
    one("done").textContent = open_ ? "" : outcome();
    one("sum").hidden = !open_;
    whole.hidden = !open_;
    one("stop").hidden = !open_;
    one("close").hidden = Boolean(open_);
    one("list").hidden = Boolean(open_) || Boolean(document.getElementById("documents"));
    one("again").hidden = broken.size < 2;
    rows([...going, ...pausing, ...queue].slice(0, SHOWN));
    const more = open_ - Math.min(open_, SHOWN);
    one("more").textContent = more > 0 ? `and ${more.toLocaleString("en")} more` : "";
  }

  function outcome() {
    const said = [`${sum.taken.toLocaleString("en")} of ${count(sum.taken + sum.refused + broken.size, "file")} are in`];
    if (sum.taken === 1 && !sum.refused && !broken.size) said[0] = "The file is in";
    if (sum.known) said.push(`${sum.known} of them ${sum.known === 1 ? "was" : "were"} there already`);
    if (sum.refused) said.push(`${sum.refused} ${sum.refused === 1 ? "was" : "were"} refused`);
    if (broken.size) said.push(`${broken.size} did not come through`);
    return `${said.join("; ")}.`;
  }

  function rows(shown) {
    const list = one("going");
    while (list.children.length > shown.length) list.lastElementChild.remove();
    while (list.children.length < shown.length) {
      const row = document.createElement("li");
      row.append(document.createElement("span"), document.createElement("progress"));
      list.append(row);
    }
    shown.forEach((upload, at) => {
      const [name, bar] = list.children[at].children;
      name.textContent = upload.path;
      bar.setAttribute("aria-label", upload.path);
      bar.max = upload.file.size || 1;
      bar.value = upload.sent;
    });
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
      for (const each of some) await walk(each, `${path}${entry.name}/`);
    }
  }

  return { add, walk, busy: () => sum.files > sum.ended };
})();

if (document.getElementById("uploads-panel")) {
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    for (const item of event.dataTransfer.items) {
      const entry = item.webkitGetAsEntry?.();
      if (entry) uploads.walk(entry, "").catch(() => notice("A folder could not be read; choose its files instead."));
      else if (item.getAsFile()) uploads.add(item.getAsFile(), item.getAsFile().name);
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("input[data-upload]")) return;
    for (const file of event.target.files) uploads.add(file, file.webkitRelativePath || file.name);
    event.target.value = "";
  });
  window.addEventListener("beforeunload", (event) => {
    if (uploads.busy()) event.preventDefault();
  });
}
