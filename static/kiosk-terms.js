"use strict";
/* Step 3: 同意 opens once the end was seen. Read aloud only where a Chinese voice stands on the machine itself. */
kiosk.screens.terms = root => {
  const text = root.querySelector("#text");
  const clauses = [...text.querySelectorAll("[data-clause]")];
  const [up, down, go, seen] = ["#up", "#down", "#agree-go", "#seen"].map(name => root.querySelector(name));
  let furthest = 0;
  let whole = false;

  function look() {
    const bottom = text.scrollTop + text.clientHeight;
    whole = whole || bottom >= text.scrollHeight - 8;
    const passed = clauses.filter(one => one.offsetTop + one.offsetHeight / 2 - text.offsetTop <= bottom).length;
    furthest = whole ? clauses.length : Math.max(furthest, passed, 1);
    root.querySelector("#gauge").setAttribute("height", String(whole ? 100 : Math.round((bottom / text.scrollHeight) * 100)));
    up.setAttribute("aria-disabled", String(text.scrollTop <= 0));
    const atEnd = bottom >= text.scrollHeight - 8;
    down.setAttribute("aria-disabled", String(atEnd));
    up.classList.toggle("off", text.scrollTop <= 0);
    down.classList.toggle("off", atEnd);
    down.classList.toggle("mark", !atEnd);
    seen.querySelector("b").textContent = whole ? `${clauses.length} 条都看过了` : `看到第 ${furthest} 条，共 ${clauses.length} 条`;
    seen.querySelector("progress").value = furthest;
    seen.querySelector("progress").hidden = whole;
    seen.querySelector("[data-going]").hidden = whole;
    seen.querySelector("[data-all]").hidden = !whole;
    go.classList.toggle("wait", !whole);
    go.setAttribute("aria-disabled", String(!whole));
    go.querySelector("[data-not-yet]").hidden = whole;
    go.querySelector("[data-now]").hidden = !whole;
  }

  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const turn = way => text.scrollBy({ top: way * text.clientHeight * 0.85, behavior: calm ? "auto" : "smooth" });
  up.addEventListener("click", () => turn(-1));
  down.addEventListener("click", () => turn(1));
  text.addEventListener("scroll", look, { passive: true });
  root.querySelector("#agree").addEventListener("submit", event => { if (!whole) event.preventDefault(); });
  const watch = new ResizeObserver(look);
  watch.observe(text);

  const hush = readAloud(root.querySelector("#aloud"), [...text.querySelectorAll("p:not(.fin)")]);
  look();
  return () => { watch.disconnect(); hush(); };

  /** Offer 朗读 where a local voice exists: a voice that is not local sends the text away. */
  function readAloud(button, paragraphs) {
    const speech = window.speechSynthesis;
    if (!speech) return () => {};
    const voice = () => speech.getVoices().find(one => one.localService && /^zh/i.test(one.lang));
    const offer = () => { button.hidden = !voice(); };
    let reading = false;
    function stop() {
      reading = false;
      speech.cancel();
      paragraphs.forEach(one => one.classList.remove("reading"));
      button.querySelector("span").textContent = "朗读";
    }
    function readFrom(place) {
      paragraphs.forEach((one, at) => one.classList.toggle("reading", at === place));
      if (!reading || place >= paragraphs.length) return stop();
      paragraphs[place].scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
      const words = new SpeechSynthesisUtterance(paragraphs[place].textContent);
      words.voice = voice();
      words.lang = "zh-CN";
      words.rate = 0.9;
      words.onend = () => { if (reading) readFrom(place + 1); };
      words.onerror = stop;
      speech.speak(words);
    }
    button.addEventListener("click", () => {
      if (reading) return stop();
      reading = true;
      button.querySelector("span").textContent = "停";
      readFrom(0);
    });
    speech.addEventListener("voiceschanged", offer);
    offer();
    return () => { speech.removeEventListener("voiceschanged", offer); stop(); };
  }
};
