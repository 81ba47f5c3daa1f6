/* Nothing typed is lost: unsent forms are kept in this tab for the same person, and the idle limit is told before it strikes.
   A form opts in with data-keep="name". Passwords, files, hidden fields and data-no-keep fields are never kept. */
"use strict";

const PREFIX = "draft:";
const person = document.body.dataset.person ?? "";
const keyOf = (form) => `${PREFIX}${person}:${location.pathname}:${form.dataset.keep}`;

function drafts() {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];   // storage switched off: nothing is kept
  }
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, draft) {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch { /* full or switched off: the form still works */ }
}

const keepable = (box) =>
  box.name && !box.disabled && !["hidden", "password", "file", "submit", "button"].includes(box.type) && !("noKeep" in box.dataset);
const ticked = (box) => box.type === "checkbox" || box.type === "radio";

/** What stands in the form: [name, value, ticked] for each field in order. */
function values(form) {
  return [...form.elements].filter(keepable).map((box) => [box.name, box.value, ticked(box) ? box.checked : null]);
}

function putBack(form, kept) {
  for (const box of [...form.elements].filter(keepable)) {
    const found = kept.find(([name, value]) => name === box.name && (!ticked(box) || value === box.value));
    if (!found) continue;
    if (ticked(box)) box.checked = found[2];
    else box.value = found[1];
  }
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function offer(form, key, kept) {
  const line = document.createElement("div");
  line.className = "notice soon whole";
  line.setAttribute("role", "status");
  line.append("上次填的还没有存上，还留着。");
  const button = (word, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "link";
    made.textContent = word;
    made.addEventListener("click", () => {
      act();
      line.remove();
    });
    line.append(made);
  };
  button("放回来", () => putBack(form, kept));
  button("不要了", () => sessionStorage.removeItem(key));
  form.prepend(line);
}

/* Whoever sits down next finds nothing of the one before. */
if (person) drafts().filter((key) => !key.startsWith(`${PREFIX}${person}:`)).forEach((key) => sessionStorage.removeItem(key));

/* A form that was sent has arrived when this page says so, or does not show it again and tells of no trouble. */
const here = [...document.querySelectorAll("form[data-keep]")];
if (person && !document.querySelector("[data-trouble]")) {
  const standing = document.querySelector("#notices .toast-line") ? [] : here.map(keyOf);
  drafts().filter((key) => read(key)?.sent && !standing.includes(key)).forEach((key) => sessionStorage.removeItem(key));
}

for (const form of here) {
  const key = keyOf(form);
  const kept = read(key);
  if (kept && !form.querySelector("[aria-invalid=true]") && JSON.stringify(kept.values) !== JSON.stringify(values(form))) offer(form, key, kept.values);
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => write(key, { values: values(form) }), 400);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    write(key, { values: values(form), sent: true });
  });
}

for (const form of document.querySelectorAll("form[data-forget]")) {
  form.addEventListener("submit", () => drafts().forEach((key) => sessionStorage.removeItem(key)));
}

/* the idle limit ------------------------------------------------------------------------------- */

const dialog = document.getElementById("idle");

if (dialog) {
  const WARNED = 120000;
  const limit = Number(dialog.dataset.seconds) * 1000;
  let asked = Date.now();    // the last request: only a request moves the server's clock
  let touched = 0;           // the last key or press
  let staying = false;
  const stay = async () => {
    if (staying) return;
    staying = true;
    const answer = await fetch(dialog.dataset.stay, { method: "POST", headers: { "X-CSRFToken": dialog.dataset.token } }).catch(() => null);
    if (answer?.redirected || answer?.status === 401) location.reload();
    else if (answer?.ok) asked = Date.now();
    staying = false;
    if (dialog.open) dialog.close();
  };
  for (const name of ["keydown", "pointerdown"]) document.addEventListener(name, () => { touched = Date.now(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.headers["X-Polling"] !== "1") asked = Date.now();   // what asks by itself moves no clock
  });
  document.getElementById("idle-stay").addEventListener("click", stay);
  setInterval(() => {
    const left = asked + limit - Date.now();
    if (left <= 0 && dialog.open) return location.reload();
    if (left > WARNED) return;
    if (Date.now() - touched < WARNED && !dialog.open) return stay();
    document.getElementById("idle-left").textContent = `${Math.max(0, Math.ceil(left / 1000))} 秒`;
    if (!dialog.open) dialog.showModal();
  }, 1000);
}
