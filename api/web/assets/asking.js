// A conversation: the box of the next question is empty and ready again, and what was asked comes into view.
"use strict";

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-follow]");
  if (!form || event.detail.elt !== form || !event.detail.successful) return;
  form.reset();
  form.querySelector("input[type=text]").focus();
  document.querySelector("#turns > :last-child")?.scrollIntoView({ block: "start", behavior: "smooth" });
});
