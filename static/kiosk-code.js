"use strict";
/* Step 1: six cells. Digits come from the pad, a keyboard, or a scanner that types quickly and ends with Enter.
   A Chinese input method may stand in between: then keys arrive as "Process" and letters as compositions, so what a
   scanner typed is read from the physical keys (`event.code`), and what a person typed when the composition ends. */
kiosk.screens.start = root => {
  const form = root.querySelector("#enter");
  const field = root.querySelector("#code");
  const cells = [...root.querySelectorAll(".cells li")];
  const go = root.querySelector("#enter-go");
  const said = root.querySelector("#code-said");
  const QUICK = 90; // milliseconds between a scanner's keys; people need longer
  let scanned = { text: "", at: 0, quick: true };
  let composing = false;

  const digitsOf = text => text.normalize("NFKC").replace(/[^0-9]/g, "").slice(0, 6);

  function paint() {
    const digits = field.value;
    cells.forEach((cell, place) => {
      cell.textContent = digits[place] || "";
      cell.classList.toggle("next", place === digits.length && !field.disabled);
    });
    const missing = 6 - digits.length;
    go.classList.toggle("wait", missing > 0);
    go.setAttribute("aria-disabled", String(missing > 0));
    if (missing > 0) go.textContent = missing === 6 ? "请输入 6 位签约码" : `还差 ${missing} 位`;
    else if (!go.querySelector("svg")) go.replaceChildren("下一步");
  }

  function put(digits) {
    if (field.disabled) return;
    if (digits && root.querySelector(".cells.refused")) {
      root.querySelector(".cells").classList.remove("refused", "said");
      said.replaceChildren();
    }
    field.value = digitsOf(digits);
    paint();
  }
  const add = digit => put(field.value + digit);
  const rub = () => put(field.value.slice(0, -1));

  function tell(words) {
    const line = document.createElement("p");
    line.className = "k-got";
    line.setAttribute("role", "status");
    line.textContent = words;
    root.querySelector(".cells").classList.remove("refused");
    root.querySelector(".cells").classList.add("said");
    said.replaceChildren(line);
  }

  /** What a scanner read: a code, a shop's label, or a certificate's 查验码. */
  function read(text) {
    const shop = text.toUpperCase().match(/[A-Z]{2}-[A-Z]{2,4}-\d{4}/);
    const check = text.toUpperCase().match(/(?:CHECK\/|^)([0-9A-Z]{4}-?[0-9A-Z]{4}-?[0-9A-Z]{2})$/);
    const others = document.querySelector("dialog[open]");
    if (others) others.close();
    if (/^\d{6}$/.test(text)) { put(text); kiosk.send(form); }
    else if (shop) { put(""); tell(`扫到店铺 ${shop[0]}，请再输签约码`); }
    else if (check) kiosk.go(`${root.querySelector(".to-check").href}?code=${encodeURIComponent(check[1])}`);
    else { put(""); tell("这个二维码不是店铺的，请换一个，或直接输签约码"); }
  }

  /** The sign that a physical key stands for, whatever the input method makes of it. */
  function signOf(event) {
    const key = event.code.match(/^(?:Digit|Numpad)(\d)$/) || event.code.match(/^Key([A-Z])$/);
    if (key) return key[1];
    return { Minus: "-", NumpadSubtract: "-", Slash: "/", NumpadDivide: "/", Period: ".", NumpadDecimal: ".", Semicolon: ":", Equal: "=" }[event.code]
      || (/^[!-~\uff01-\uff5e]$/.test(event.key) ? event.key.normalize("NFKC") : "");
  }

  function keydown(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const enter = event.code === "Enter" || event.code === "NumpadEnter" || event.key === "Enter";
    const now = performance.now();
    if (enter) {
      const whole = scanned.quick && scanned.text.length >= 6 && now - scanned.at < QUICK * 4;
      const text = scanned.text;
      scanned = { text: "", at: 0, quick: true };
      if (whole) {
        event.preventDefault();
        event.stopPropagation();
        composing = false;
        field.value = "";
        read(text);
      } else if (event.target === document.body || event.target === field || event.target.tagName === "H1") {
        event.preventDefault();
        if (!composing && field.value.length === 6) kiosk.send(form);
      }
      return;
    }
    const sign = signOf(event);
    if (sign) {
      const gap = now - scanned.at;
      scanned = gap > QUICK * 4
        ? { text: sign, at: now, quick: true }
        : { text: scanned.text + sign, at: now, quick: scanned.quick && gap < QUICK };
    }
    if (event.target === field) return; // the field itself takes it, also through an input method
    if (/^[0-9]$/.test(sign)) { event.preventDefault(); add(sign); }
    else if (event.code === "Backspace") { event.preventDefault(); rub(); }
    else if (event.code === "Escape") put("");
  }

  const press = event => {
    const key = event.target.closest("button");
    if (!key) return;
    if (key.dataset.digit !== undefined) add(key.dataset.digit);
    else if (key.dataset.rub !== undefined) rub();
    else if (key.dataset.empty !== undefined) put("");
  };
  const submit = event => { if (field.value.length !== 6) event.preventDefault(); };
  const silent = () => { put(""); said.replaceChildren(); root.querySelector(".cells").classList.remove("refused", "said"); };

  root.querySelector(".pad").addEventListener("click", press);
  form.addEventListener("submit", submit);
  field.addEventListener("compositionstart", () => { composing = true; });
  field.addEventListener("compositionend", () => { composing = false; put(field.value); });
  field.addEventListener("input", event => { if (!event.isComposing && !composing) put(field.value); });
  document.addEventListener("keydown", keydown);
  document.addEventListener("kiosk:silent", silent);
  put("");
  return () => {
    document.removeEventListener("keydown", keydown);
    document.removeEventListener("kiosk:silent", silent);
  };
};
