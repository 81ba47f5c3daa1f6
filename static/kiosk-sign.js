"use strict";
/* Step 5: the glass. signature_pad draws; the points are ours: kept in pixels of the glass, drawn again whenever it
   changes its size, so that rotation and zoom lose nothing and ink stays under the finger. No pressure is sent. */
kiosk.screens.sign = root => {
  const glass = root.querySelector("#glass");
  const canvas = root.querySelector("#ink");
  const form = root.querySelector("#agree");
  const [clear, sign, again, retry] = ["#clear", "#sign-go", "#again", "#retry"].map(name => root.querySelector(name));
  const least = form.dataset;
  const pad = new SignaturePad(canvas, { minWidth: 1.6, maxWidth: 5.5, penColor: "#1b2622", backgroundColor: "rgba(0,0,0,0)", throttle: 0, minDistance: 1 });
  // What was written, in the size of glass on which the last stroke ended; every other size is reckoned from it.
  let home = { width: 0, height: 0, strokes: [] };
  let locked = false;

  const size = () => ({ width: canvas.clientWidth, height: canvas.clientHeight });

  /** Shrink or grow a drawing evenly into another glass, in its middle; one that fits stays as large as it was. */
  function fitted(from, to) {
    const box = bounds(from.strokes);
    const fits = !box || (box.right <= to.width && box.bottom <= to.height && box.left >= 0 && box.top >= 0);
    const scale = fits ? 1 : Math.min(to.width / from.width, to.height / from.height);
    const left = fits ? 0 : (to.width - from.width * scale) / 2;
    const top = fits ? 0 : (to.height - from.height * scale) / 2;
    return from.strokes.map(stroke => ({
      ...stroke,
      points: stroke.points.map(point => ({ ...point, x: point.x * scale + left, y: point.y * scale + top })),
    }));
  }

  function bounds(strokes) {
    const points = strokes.flatMap(stroke => stroke.points);
    if (!points.length) return null;
    const [xs, ys] = [points.map(point => point.x), points.map(point => point.y)];
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  }

  function keep() {
    home = { ...size(), strokes: structured(pad.toData()) };
  }

  const structured = data => JSON.parse(JSON.stringify(data));

  function redraw() {
    const now = size();
    if (!now.width || !now.height) return;
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = Math.round(now.width * ratio);
    canvas.height = Math.round(now.height * ratio);
    canvas.getContext("2d").scale(ratio, ratio);
    const strokes = home.width ? fitted(home, now) : [];
    pad.clear();
    if (strokes.length) pad.fromData(strokes);
    paint();
  }

  /** What is on the glass, as the portal takes it: [[[x, y, milliseconds], …], …]. */
  function strokes() {
    const data = pad.toData().filter(stroke => stroke.points.length);
    const begin = data.length ? data[0].points[0].time : 0;
    const round = number => Math.round(number * 10) / 10;
    return data.map(stroke => stroke.points.map(point => [round(point.x), round(point.y), Math.max(0, Math.round(point.time - begin))]));
  }

  /** Blank, dots and tiny strokes are no signature; the portal looks again (PLEDGE-1). */
  function isTooShort(written) {
    const points = written.flat();
    if (points.length < Number(least.leastPoints)) return true;
    let length = 0;
    for (const stroke of written) for (let at = 1; at < stroke.length; at += 1) length += Math.hypot(stroke[at][0] - stroke[at - 1][0], stroke[at][1] - stroke[at - 1][1]);
    const [xs, ys] = [points.map(point => point[0]), points.map(point => point[1])];
    const side = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
    return length < Number(least.leastLength) || side < Number(least.leastSide);
  }

  function paint() {
    const refused = glass.classList.contains("refused");
    clear.hidden = sign.hidden = refused || locked;
    again.hidden = !refused || locked;
    retry.hidden = !locked;
    for (const button of root.querySelectorAll(".k-help form button:not([data-call])")) {
      button.classList.toggle("off", locked);
      button.setAttribute("aria-disabled", String(locked));
    }
    root.querySelector(".k-help [data-call]").classList.toggle("mark", locked);
  }

  function refuse(on) {
    glass.classList.toggle("refused", on);
    if (on) pad.off(); else pad.on();
    paint();
    if (on) again.focus({ preventScroll: true });
  }

  function wipeInk() {
    pad.clear();
    keep();
    refuse(false);
  }

  let waiting = null;
  /** The network is gone with a signature on the glass: it stays, and the same form with the same key goes again. */
  function trouble(once) {
    locked = true;
    pad.off();
    glass.classList.add("kept");
    root.querySelector(".k-main").classList.add("waiting");
    paint();
    const box = root.querySelector(".k-wait");
    waiting = kiosk.tryLater(once, (left, of, times) => {
      box.querySelector("[data-left]").textContent = `第 ${times} 次，${left} 秒后再连`;
      box.querySelector("progress").max = of;
      box.querySelector("progress").value = of - left;
    });
  }

  pad.addEventListener("endStroke", keep);
  clear.addEventListener("click", wipeInk);
  again.addEventListener("click", wipeInk);
  retry.addEventListener("click", () => { if (waiting) waiting.now(); });
  form.addEventListener("submit", event => {
    event.preventDefault();
    if (locked) return;
    const written = strokes();
    if (isTooShort(written)) return refuse(true);
    form.elements.strokes.value = JSON.stringify(written);
    kiosk.send(form, trouble);
  });
  root.querySelector(".k-help").addEventListener("submit", event => {
    if (locked) { event.preventDefault(); event.stopPropagation(); }
  });

  const watch = new ResizeObserver(redraw);
  watch.observe(canvas);
  const zoom = () => redraw();
  addEventListener("resize", zoom);
  bring();
  return () => { watch.disconnect(); removeEventListener("resize", zoom); if (waiting) waiting.stop(); pad.off(); };

  /** Ink that the portal sent back with a refusal is shown again, grey. */
  function bring() {
    let sent = [];
    try { sent = JSON.parse(form.elements.strokes.value || "[]"); } catch { sent = []; }
    form.elements.strokes.value = "";
    const usable = Array.isArray(sent) && sent.every(stroke => Array.isArray(stroke) && stroke.every(point => Array.isArray(point) && point.length === 3));
    if (usable && sent.length) {
      const strokesSent = sent.map(stroke => ({ penColor: "#1b2622", dotSize: 0, minWidth: 1.6, maxWidth: 5.5, velocityFilterWeight: 0.7, compositeOperation: "source-over", points: stroke.map(([x, y, time]) => ({ x, y, time, pressure: 0.5 })) }));
      home = { ...size(), strokes: strokesSent };
    }
    redraw();
    if (glass.classList.contains("refused")) refuse(true);
  }
};
