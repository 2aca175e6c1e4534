// A page looked at closely: enlarged, turned, moved by hand, and boxes drawn on it for the model to read.
"use strict";

const viewer = document.getElementById("viewer");
const paper = document.getElementById("paper");
const turned = document.getElementById("turned");
const STEP = 1.25;
const LEAST = 0.1;
const MOST = 8;
const SMALLEST = 0.004; // of the page's sides: less is a slip of the hand

// How it is looked at, kept while a person goes through a document

const kept = viewer ? `view ${viewer.dataset.document}` : "";
const view = { scale: null, angles: {} }; // pixels on the screen for each of the picture's; null: as wide as there is room

function recall() {
  try {
    Object.assign(view, JSON.parse(window.sessionStorage.getItem(kept) || "{}"));
  } catch {
    // nothing is kept: it begins anew
  }
}

function keep() {
  try {
    window.sessionStorage.setItem(kept, JSON.stringify(view));
  } catch {
    // the browser keeps nothing
  }
}

function size() {
  const [width, height] = [Number(paper.dataset.width), Number(paper.dataset.height)];
  const angle = view.angles[viewer.dataset.page] || 0;
  return { width, height, angle, across: angle % 180 ? height : width, down: angle % 180 ? width : height };
}

function scaleNow() {
  return view.scale ?? paper.getBoundingClientRect().width / size().across;
}

function show() {
  const { width, height, angle, across, down } = size();
  const moves = { 0: "", 90: `translate(${height} 0)`, 180: `translate(${width} ${height})`, 270: `translate(0 ${width})` };
  turned.setAttribute("transform", `${moves[angle]} rotate(${angle})`);
  paper.setAttribute("viewBox", `0 0 ${across} ${down}`);
  paper.style.width = view.scale === null ? "100%" : `${across * view.scale}px`;
  paper.style.maxWidth = "none";
}

// Enlarges around a point of the screen, by default the middle of what is seen.
function zoom(scale, x, y) {
  const frame = viewer.getBoundingClientRect();
  const [atX, atY] = [(x ?? frame.left + frame.width / 2) - frame.left, (y ?? frame.top + frame.height / 2) - frame.top];
  const before = scaleNow();
  const [left, top] = [viewer.scrollLeft + atX, viewer.scrollTop + atY];
  view.scale = scale === null ? null : Math.min(MOST, Math.max(LEAST, scale));
  show();
  const grown = scaleNow() / before;
  viewer.scrollTo(left * grown - atX, top * grown - atY);
  keep();
}

const SIZES = {
  in: () => zoom(scaleNow() * STEP),
  out: () => zoom(scaleNow() / STEP),
  fit: () => zoom(null),
  full: () => zoom(1),
};

function turn(by) {
  const page = viewer.dataset.page;
  view.angles[page] = ((view.angles[page] || 0) + by + 360) % 360;
  show();
  keep();
}

// Brings the box of a value into what is seen.
function showBox(name) {
  bring(paper?.querySelector(`rect[data-value="${CSS.escape(name)}"]`));
}

function bring(box) {
  if (!box) return;
  const [there, frame] = [box.getBoundingClientRect(), viewer.getBoundingClientRect()];
  if (there.top < frame.top || there.bottom > frame.bottom) viewer.scrollTop += there.top - frame.top - frame.height / 3;
  if (there.left < frame.left || there.right > frame.right) viewer.scrollLeft += there.left - frame.left - frame.width / 4;
}

// Boxes drawn by hand

let drawing = null; // the form that waits for a box, where its corner is, and what is drawn of it

function place(event) {
  const at = document.getElementById("boxes").getScreenCTM().inverse();
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(at);
  return [Math.min(1, Math.max(0, point.x)), Math.min(1, Math.max(0, point.y))];
}

function say(form, text, busy = false) {
  const told = form.querySelector("output");
  told.textContent = text;
  told.setAttribute("aria-busy", String(busy));
}

function draw(form) {
  if (!paper) return;
  stopDrawing();
  drawing = { form, from: null, rect: null };
  paper.classList.add("drawing");
  say(form, "Draw a box around it on the page.");
  viewer.scrollIntoView({ block: "nearest" });
}

function stopDrawing() {
  drawing?.rect?.remove();
  drawing = null;
  paper?.classList.remove("drawing");
}

function stretch(event) {
  const [x, y] = place(event);
  const [x0, y0] = drawing.from;
  const sides = { x: Math.min(x, x0), y: Math.min(y, y0), width: Math.abs(x - x0), height: Math.abs(y - y0) };
  for (const [name, side] of Object.entries(sides)) drawing.rect.setAttribute(name, side);
  return sides;
}

function startBox(event) {
  drawing.from = place(event);
  drawing.rect?.remove();
  drawing.rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  drawing.rect.classList.add("drawn");
  document.getElementById("boxes").append(drawing.rect);
  stretch(event);
}

function endBox(event) {
  const { x, y, width, height } = stretch(event);
  const { form } = drawing;
  drawing.from = null;
  if (width < SMALLEST || height < SMALLEST) return;
  paper.classList.remove("drawing");
  drawing.form = null;
  const box = [x, y, x + width, y + height].map((side) => Number(side.toFixed(5)));
  readBox(form, JSON.stringify(box));
}

async function readBox(form, box) {
  const input = form.querySelector("input[type=text]");
  const said = { page: viewer.dataset.page, box };
  for (const [name, text] of Object.entries(said)) form.querySelector(`input[name=${name}]`).value = text;
  say(form, "The model reads the box…", true);
  const headers = { "X-Folioscope-Word": document.body.dataset.word || "" };
  try {
    const answer = await fetch(`/documents/${viewer.dataset.document}/read`, {
      method: "POST",
      headers,
      body: new URLSearchParams(said),
    });
    if (!form.isConnected) return;
    if (answer.ok) input.value = (await answer.json()).text;
    say(form, answer.ok ? "This stands in the box, as the model reads it. Keep it, or change it first." : saidIn(await answer.text()));
  } catch {
    say(form, "The service does not answer; is it there?");
  }
  input.focus();
  input.select();
}

// Hands

function grab(event) {
  if (event.button !== 0 || event.pointerType === "touch") return;
  const from = { x: event.clientX, y: event.clientY, left: viewer.scrollLeft, top: viewer.scrollTop };
  const move = (moved) => viewer.scrollTo(from.left - moved.clientX + from.x, from.top - moved.clientY + from.y);
  const end = () => {
    viewer.classList.remove("grabbed");
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", end);
    window.removeEventListener("pointercancel", end);
  };
  viewer.classList.add("grabbed");
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", end);
  window.addEventListener("pointercancel", end);
}

function listen() {
  viewer.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(scaleNow() * (event.deltaY < 0 ? STEP : 1 / STEP), event.clientX, event.clientY);
  }, { passive: false });
  paper.addEventListener("pointerdown", (event) => {
    if (drawing?.form && event.button === 0) {
      event.preventDefault();
      paper.setPointerCapture(event.pointerId);
      startBox(event);
    } else if (!event.target.closest("rect")) {
      grab(event);
    }
  });
  paper.addEventListener("pointermove", (event) => { if (drawing?.from) stretch(event); });
  paper.addEventListener("pointerup", (event) => { if (drawing?.from) endBox(event); });
  paper.addEventListener("dragstart", (event) => event.preventDefault());
  document.querySelector(".zooming").hidden = false;
}

document.addEventListener("click", (event) => {
  const tool = event.target.closest?.("[data-zoom], [data-turn]");
  if (!tool) return;
  if (tool.dataset.zoom) SIZES[tool.dataset.zoom]();
  else turn(Number(tool.dataset.turn));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stopDrawing();
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key === "=" ? "+" : event.key;
  const tool = document.querySelector(`.tools [data-key="${CSS.escape(key)}"]`);
  if (tool) tool.click();
});

if (viewer) {
  recall();
  show();
  listen();
  bring(paper?.querySelector("rect.cited"));
}
document.querySelector("#strip [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

window.folioscope = { draw, show: showBox };
