"use strict";
/* The kiosk's frame. Screens are fetched and put in place of #screen: the history keeps one entry, a press while the
   network is gone loses nothing, and a screen that has just come takes no press for 0.4 s (a double tap passes nothing).
   Each screen's own script registers itself: kiosk.screens.sign = root => () => { leave }. */
const kiosk = (() => {
  const body = document.body;
  const set = body.dataset;
  const screens = {};
  const entered = [];
  let leave = null;
  let takesPressesFrom = 0;
  let busy = false;
  let wiping = false;

  const screen = () => document.getElementById("screen");
  const step = () => Number(screen().dataset.step);
  const isReset = url => new URL(url, location.href).pathname === new URL(set.reset, location.href).pathname;

  /** Ask the portal; throws where no proper answer came (no network, a fault, 20 s of silence). */
  async function ask(url, options = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 20000);
    try {
      const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", signal: stop.signal, ...options });
      if (answer.status >= 500) throw new Error(`answered ${answer.status}`);
      return { status: answer.status, text: await answer.text() };
    } finally {
      clearTimeout(timer);
    }
  }

  function post(url, fields = {}) {
    return ask(url, { method: "POST", body: new URLSearchParams({ csrf_token: set.token, ...fields }) });
  }

  /** Put a fetched page's screen in place; a page that is none of the kiosk's begins anew. */
  function show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const fresh = page.getElementById("screen");
    if (!fresh) return void location.replace(set.start);
    if (leave) leave();
    screen().replaceWith(document.adoptNode(fresh));
    document.title = page.title;
    enter();
  }

  function enter() {
    takesPressesFrom = performance.now() + Number(set.still);
    const root = screen();
    leave = screens[root.dataset.name] ? screens[root.dataset.name](root) : null;
    const head = root.querySelector("h1[tabindex]");
    if (head) head.focus({ preventScroll: true });
    entered.forEach(tell => tell(root));
  }

  /** Fetch a screen. `trouble(again)` is told when the network is gone; without it the frame shows so and tries again. */
  async function go(url, options, trouble) {
    if (busy || wiping) return;
    busy = true;
    screen().classList.add("busy");
    let answer = null;
    try {
      answer = await ask(url, options);
    } catch {
      answer = null;
    }
    busy = false;
    screen().classList.remove("busy");
    if (wiping) return;
    if (answer) return void show(answer.text);
    (trouble || cutOff)(() => go(url, options, trouble));
  }

  function send(form, trouble, submitter) {
    const fields = new URLSearchParams(new FormData(form));
    if (submitter && submitter.name) fields.append(submitter.name, submitter.value);
    return go(form.action, { method: "POST", body: fields }, trouble);
  }

  /** Count down to the next try: tells `tick(left, of, times)` each second; returns { now, stop }. */
  let tries = 0;
  function tryLater(again, tick) {
    const wait = [2, 4, 8, 12][Math.min(tries, 3)];
    tries += 1;
    let left = wait;
    const fire = () => { clearInterval(timer); again(); };
    const timer = setInterval(() => { left -= 1; if (left <= 0) fire(); else tick(left, wait, tries); }, 1000);
    tick(left, wait, tries);
    return { now: fire, stop: () => clearInterval(timer) };
  }
  entered.push(() => { tries = 0; });

  function cutOff(again) {
    const box = document.getElementById("cut");
    const waiting = tryLater(() => { box.close(); again(); }, left => {
      box.querySelector("[data-left]").textContent = `第 ${tries} 次，${left} 秒后再连`;
    });
    box.querySelector("[data-retry]").onclick = () => waiting.now();
    if (!box.open) box.showModal();
  }

  /** Forget whoever was here: first from the screen, then at the portal, then with a document of its own (I12). */
  async function wipe() {
    if (wiping) return;
    wiping = true;
    if (leave) leave();
    document.querySelectorAll("dialog[open]").forEach(box => box.close());
    screen().replaceWith(document.getElementById("away").content.cloneNode(true));
    screen().classList.add("wiped");
    document.title = "自助签订";
    for (;;) {
      try {
        await post(set.reset);
        return void location.replace(set.start);
      } catch {
        screen().classList.remove("wiped");
        await new Promise(done => setTimeout(done, 3000));
      }
    }
  }

  // Nothing takes a press too early; a press that hits a screen leads on by fetch.
  const early = event => {
    if (performance.now() >= takesPressesFrom || !screen().contains(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  for (const kind of ["click", "submit"]) document.addEventListener(kind, early, true);

  document.addEventListener("click", event => {
    const opener = event.target.closest("[data-open]");
    const closer = event.target.closest("[data-close]");
    const link = event.target.closest("#screen a[href]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.open).showModal();
    } else if (closer) {
      closer.closest("dialog").close();
    } else if (link && link.origin === location.origin && !link.hash) {
      event.preventDefault();
      go(link.href);
    } else if (event.target.closest("[aria-disabled=true]")) {
      event.preventDefault();
    }
  });

  document.addEventListener("submit", event => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (isReset(event.target.action)) wipe();
    else send(event.target, null, event.submitter);
  });

  // A page that the browser kept is of somebody who has left.
  addEventListener("pageshow", event => { if (event.persisted) location.replace(set.start); });
  addEventListener("contextmenu", event => event.preventDefault());
  addEventListener("DOMContentLoaded", () => {
    if (screen().dataset.leftOpen !== undefined) return void wipe();
    enter();
  });

  return { screens, entered, screen, step, set, ask, post, go, send, show, tryLater, wipe };
})();
