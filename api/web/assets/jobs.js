// A job's progress as it comes: by events, or by asking now and then where a browser hears none.
"use strict";

const PAUSE = 2000; // milliseconds

const live = document.querySelector("#live[data-job]");

function ended() {
  window.location.reload(); // what follows the end, records and buttons, stands on the whole page
}

async function ask(place) {
  try {
    const answer = await fetch(`${place}/live`);
    if (answer.ok) {
      live.innerHTML = await answer.text();
      if (live.querySelector("[role=status]")) return ended();
    }
  } catch {
    // the service is away: it is asked again
  }
  window.setTimeout(ask, PAUSE, place);
  return undefined;
}

function listen(place) {
  const events = new EventSource(`${place}/events`);
  events.addEventListener("progress", (event) => {
    if (!live.contains(document.activeElement)) live.innerHTML = JSON.parse(event.data); // nobody loses their place
  });
  events.addEventListener("end", () => {
    events.close();
    ended();
  });
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) ask(place); // refused; what only broke off is tried again by itself
  });
}

if (live) listen(`/jobs/${live.dataset.job}`);
