"use strict";
/* 叫工作人员: the press is sent behind the open dialog, so that nothing on the screen is lost (not even a signature);
   while the dialog stands open it looks whether somebody is coming. How the call stands is read from the help page. */
(() => {
  const box = document.getElementById("call");
  let asking = false;
  let looked = 0;

  function say(state) {
    box.dataset.state = state;
    box.querySelectorAll("[data-when]").forEach(one => { one.hidden = !one.dataset.when.split(" ").includes(state); });
  }

  function read(answer) {
    const said = new DOMParser().parseFromString(answer.text, "text/html").getElementById("call-said");
    return said ? said.dataset.state : "failed";
  }

  async function call() {
    if (asking) return;
    asking = true;
    looked = 0;
    if (box.dataset.state !== "called") say("calling");
    try {
      say(read(await kiosk.post(box.dataset.to)));
    } catch {
      say("failed");
    }
    asking = false;
  }

  async function look() {
    if (!box.open || asking || box.dataset.state !== "called" || looked >= 60) return;
    looked += 1;
    try {
      const state = read(await kiosk.ask(box.dataset.from));
      if (state === "coming" && box.open && !asking) say(state);
    } catch { /* it looks again, or the person goes and asks */ }
  }
  setInterval(look, 5000);

  document.addEventListener("click", event => {
    if (event.target.closest("[data-call]")) call();
  });
})();
