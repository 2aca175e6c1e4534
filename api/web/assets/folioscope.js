// What every page does: the word against forgeries, notices of what went wrong, questions before deletions.
"use strict";

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
