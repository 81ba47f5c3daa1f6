"use strict";
/* Silence: after 120 s 还在吗 with 60 s to stay, then the wipe (WCAG 2.2.1). While somebody is there the portal is told
   once a minute, so that its own five minutes do not run out under a slow reader. */
(() => {
  const { set } = kiosk;
  const seconds = name => Number(set[name]);
  const box = document.getElementById("still-there");
  const ring = box.querySelector(".on");
  const clock = () => performance.now() / 1000;
  let touched = clock();
  let told = clock();
  let silentSince = touched;

  const here = () => { if (!box.open) touched = clock(); };
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "compositionupdate"]) {
    addEventListener(kind, here, { capture: true, passive: true });
  }
  kiosk.entered.push(() => { touched = clock(); });

  function stay() {
    touched = clock();
    box.close();
    tell(true);
  }
  box.querySelector("[data-stay]").addEventListener("click", stay);
  box.addEventListener("cancel", event => { event.preventDefault(); stay(); });

  async function tell(somebody) {
    told = clock();
    try {
      await kiosk.post(set.pulseTo, somebody ? { here: "1" } : {});
    } catch { /* the next press says so, or the wipe does */ }
  }

  function warn(left) {
    if (!box.open) { document.querySelectorAll("dialog[open]").forEach(other => other.close()); box.showModal(); }
    const shown = String(Math.ceil(left));
    if (box.querySelector("text").textContent !== shown) {
      box.querySelector("text").textContent = shown;
      box.querySelector("[data-left]").textContent = shown;
    }
    ring.setAttribute("stroke-dasharray", `${Math.max(0, (left / seconds("warn")) * 100)} 100`);
  }

  function look() {
    const name = kiosk.screen().dataset.name;
    const silent = clock() - touched;
    const active = touched > silentSince;
    if (clock() - told >= seconds("pulse")) { tell(active && name !== "start"); silentSince = clock(); }
    if (name === "done" || name === "away") return;
    if (name === "start") {
      if (silent >= seconds("idle")) { touched = clock(); document.dispatchEvent(new Event("kiosk:silent")); }
      return;
    }
    const left = seconds("idle") + seconds("warn") - silent;
    if (left <= 0) kiosk.wipe();
    else if (silent >= seconds("idle")) warn(left);
  }
  setInterval(look, 200);
})();
