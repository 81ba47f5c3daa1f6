"use strict";
/* Step 6: the paper is asked for at once, printed on a press, and everything goes after 60 s or with 结束. */
kiosk.screens.done = root => {
  const form = root.querySelector("#make");
  const print = root.querySelector("#print");
  const dial = root.querySelector(".k-dial");
  const total = Number(kiosk.set.done);
  let until = performance.now() + total * 1000;
  let span = total;
  let state = form.dataset.made === undefined ? "making" : "now";
  let frame = null;

  function paint() {
    for (const name of ["now", "making", "failed"]) print.querySelector(`[data-${name}]`).hidden = name !== state;
    print.setAttribute("aria-disabled", String(state === "making"));
    print.classList.toggle("wait", state === "making");
  }

  /** POST /papers/<id>/issue: harmless twice; the file exists once it has answered. */
  async function make() {
    state = "making";
    paint();
    try {
      const answer = await kiosk.ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
      state = answer.status >= 400 ? "failed" : "now";
    } catch {
      state = "failed";
    }
    paint();
  }

  function printPaper() {
    if (frame) frame.remove();
    frame = document.createElement("iframe");
    frame.className = "k-print";
    frame.title = "证书";
    frame.addEventListener("load", () => { frame.contentWindow.focus(); frame.contentWindow.print(); });
    frame.src = form.dataset.file;
    document.body.append(frame);
    stayLonger();
  }

  function stayLonger() {
    span = total;
    until = performance.now() + span * 1000;
    kiosk.post(kiosk.set.pulseTo, { here: "1" }).catch(() => {});
  }

  form.addEventListener("submit", event => {
    event.preventDefault();
    if (state === "now") printPaper();
    else if (state === "failed") make();
  });
  root.querySelector("#longer").addEventListener("click", stayLonger);

  const timer = setInterval(() => {
    const left = (until - performance.now()) / 1000;
    if (left <= 0) { clearInterval(timer); return void kiosk.wipe(); }
    const shown = String(Math.ceil(left));
    dial.querySelector("text").textContent = shown;
    root.querySelector(".wipe [data-left]").textContent = shown;
    dial.querySelector(".on").setAttribute("stroke-dasharray", `${(left / span) * 100} 100`);
  }, 200);

  paint();
  if (state === "making") make();
  return () => { clearInterval(timer); if (frame) frame.remove(); };
};
