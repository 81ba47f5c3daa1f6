/* What makes the pages handier where scripts run. Nothing here is needed: every form and link works without it. */
"use strict";

const root = document.documentElement;
root.classList.add("js");

const each = (selector, act, within = document) => within.querySelectorAll(selector).forEach(act);

/** Does `act` for every element that is there now and for every one that a swap brings. */
function live(selector, act) {
  const start = (part) => {
    if (part.matches?.(selector)) act(part);
    each(selector, act, part);
  };
  start(document.body);
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt !== document.body) start(event.detail.elt);
  });
}

/* menus: one open at a time; Escape and a click elsewhere close -------------------------------- */

const MENUS = "details.pick, details.who, details.menu, details.asking";

document.addEventListener("click", (event) => {
  each(MENUS, (menu) => {
    if (menu.open && !menu.contains(event.target) && !(menu.matches(".menu") && event.target.closest(".rail"))) menu.open = false;
  });
  const closer = event.target.closest("[data-close]");
  if (closer) closeAround(closer);
  if (event.target.closest("[data-print]")) window.print();
});

live("[data-print-now]", () => window.print());

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest(MENUS) ?? document.querySelector("details.menu[open]");
  if (menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

function closeAround(element) {
  const around = element.closest("dialog, details");
  if (!around) {
    const line = element.closest("[data-closes]");
    return line ? line.remove() : history.back(); // a question on a page of its own
  }
  if (around.close) around.close();
  around.open = false;
  around.querySelector("summary")?.focus();
}

/* a question in <details> becomes a real dialog ---------------------------------------------------- */

live("details.asking", (details) => {
  const box = details.querySelector(".ask");
  const summary = details.querySelector("summary");
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", box.getAttribute("aria-labelledby"));
  dialog.append(...box.childNodes);
  box.replaceWith(dialog);
  summary.setAttribute("aria-haspopup", "dialog");
  const show = () => {
    details.open = true;
    dialog.showModal();
  };
  summary.addEventListener("click", (event) => {
    event.preventDefault();
    show();
  });
  dialog.addEventListener("close", () => { details.open = false; });
  if (details.open) show();
});

/* a link that asks first opens its page's fragment in one dialog: <a data-ask href="…"> ------------------ */

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-ask]");
  const dialog = document.getElementById("asking");
  if (!link || !dialog || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  htmx.ajax("GET", link.href, { target: "#asked", swap: "outerHTML" }).then(() => {
    if (document.getElementById("asked").children.length && !dialog.open) dialog.showModal();
  });
});

document.getElementById("asking")?.addEventListener("close", () => {
  document.getElementById("asked").replaceChildren();
});

/* what has been revealed goes away by itself -------------------------------------------------------------- */

live("[data-hide-after]", (shown) => {
  const left = shown.querySelector("[data-left]");
  let seconds = Number(shown.dataset.hideAfter);
  const timer = setInterval(() => {
    seconds -= 1;
    if (left) left.textContent = `${Math.max(seconds, 0)} 秒后隐去`;
    if (seconds > 0 && shown.isConnected) return;
    clearInterval(timer);
    shown.textContent = shown.dataset.masked || "已隐去";
    shown.classList.remove("revealed");
    const dialog = shown.closest("dialog");
    if (dialog?.open) dialog.close();
  }, 1000);
});

/* forms: sent once, empty filters left out, choices that send themselves ------------------------------------ */

const SENT_FOR = 20000;   // a download leaves the page standing: the button comes back

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.sent) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.method === "post") sent(event.target);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches("form") && event.detail.requestConfig.verb === "post") sent(form);
});

/* A file that is too large is not even sent: the sentence beside the field says why. */
document.addEventListener("submit", (event) => {
  const box = event.target.querySelector("[data-drop] input[type=file][aria-invalid=true][data-large]");
  if (!box) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  box.focus();
  box.scrollIntoView({ block: "center" });
}, true);

function sent(form) {
  form.dataset.sent = "yes";
  setTimeout(() => busy(form, true));   // later: a button that is off would not send its name
  setTimeout(() => busy(form, false), form.hasAttribute("data-download") ? 3000 : SENT_FOR);
}

function busy(form, yes) {
  if (!yes) delete form.dataset.sent;
  for (const button of form.elements) {
    if (button.type !== "submit") continue;
    if (yes) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

window.addEventListener("pageshow", () => each("form[data-sent]", (form) => busy(form, false)));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-sent]");
  if (form) busy(form, false);
});

document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

document.addEventListener("htmx:configRequest", (event) => {
  const { verb, formData } = event.detail;
  if (verb === "get") for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
});

/* search: half-typed Chinese is not sent ------------------------------------------------------------------------- */

document.addEventListener("input", (event) => {
  if (event.isComposing && event.target.type === "search") event.stopPropagation();
}, true);
document.addEventListener("compositionend", (event) => {
  if (event.target.type === "search") event.target.dispatchEvent(new Event("input", { bubbles: true }));
});

live(".search .clear[data-clear]", (button) => {
  const box = button.parentElement.querySelector("input");
  const look = () => { button.hidden = !box.value; };
  look();
  box.addEventListener("input", look);
  button.addEventListener("click", () => {
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });
});

live(".pick", (pick) => {
  const word = pick.querySelector("summary b");
  pick.addEventListener("change", () => {
    const on = [...pick.querySelectorAll("input:checked")];
    word.textContent = on.length === 0 ? "全部" : on.length < 3 ? on.map((box) => box.dataset.word).join("、") : `${on.length} 项`;
  });
});

/* ticked rows and the bar that acts on them --------------------------------------------------------------------- */

live("[data-picked]", (bar) => {
  const list = bar.closest(".list, .sheet");
  const boxes = [...list.querySelectorAll("td.tick input")];
  const all = list.querySelector("th.tick input");
  const look = () => {
    const on = boxes.filter((box) => box.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("on", box.checked));
    bar.hidden = on.length === 0;
    bar.querySelector("[data-count]").textContent = on.length;
    if (all) {
      all.checked = on.length > 0 && on.length === boxes.length;
      all.indeterminate = on.length > 0 && on.length < boxes.length;
    }
  };
  const tick = (yes) => {
    boxes.forEach((box) => { box.checked = yes; });
    look();
  };
  list.addEventListener("change", (event) => {
    if (event.target === all) tick(all.checked);
    else if (event.target.closest("td.tick")) look();
  });
  bar.querySelector("[data-untick]")?.addEventListener("click", () => tick(false));
  look();
});

/* passwords: show, and say when capitals are locked ---------------------------------------------------------------- */

live("[data-show]", (button) => {
  const box = document.getElementById(button.dataset.show);
  button.addEventListener("click", () => {
    const shown = box.type === "password";
    box.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    box.focus();
  });
  box.form?.addEventListener("submit", () => { box.type = "password"; });
});

live("[data-capitals]", (hint) => {
  const box = document.getElementById(hint.dataset.capitals);
  const look = (event) => { hint.hidden = !event.getModifierState?.("CapsLock"); };
  box.addEventListener("keydown", look);
  box.addEventListener("keyup", look);
  box.addEventListener("blur", () => { hint.hidden = true; });
});

/* files: drop them on the field; say what was chosen ------------------------------------------------------------------ */

live("[data-drop]", (drop) => {
  const box = drop.querySelector("input[type=file]");
  const said = drop.querySelector("output");
  const over = (yes) => (event) => {
    event.preventDefault();
    drop.classList.toggle("over", yes);
  };
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
    if (!event.dataTransfer.files.length) return;
    box.files = event.dataTransfer.files;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
  box.addEventListener("change", () => {
    const most = Number(drop.dataset.most || Infinity);
    const file = box.files[0];
    const size = file && `${(file.size / 1e6).toFixed(1)} MB`;
    said.textContent = !file ? "" : file.size > most ? `${file.name} 有 ${size}，超过 ${(most / 1e6).toFixed(0)} MB，传不上来` : `${file.name} · ${size}`;
    const large = Boolean(file) && file.size > most;
    said.classList.toggle("late-ink", large);
    box.classList.toggle("is-invalid", large);
    box.toggleAttribute("data-large", large);
    if (large) box.setAttribute("aria-invalid", "true");
    else box.removeAttribute("aria-invalid");
  });
});

/* what a swap or a page says first takes the keyboard --------------------------------------------------------------------- */

live("[data-focus]", (first) => first.focus());

document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) event.detail.elt.classList.add("appear");
});

/* messages: a line at the foot that goes away; errors stay -------------------------------------------------------------------- */

const STAYS = 8000;

function say(text, kind = "fine") {
  const line = document.createElement("div");
  line.className = kind === "late" ? "notice late" : "toast-line";
  line.setAttribute("role", kind === "late" ? "alert" : "status");
  line.dataset.closes = "";
  line.textContent = text;
  document.getElementById("notices")?.replaceChildren(line);
  if (kind !== "late") leave(line);
  else line.scrollIntoView({ block: "center" });
}

function leave(line) {
  setTimeout(() => (line.matches(":hover, :focus-within") ? leave(line) : line.remove()), STAYS);
}

live("#notices .toast-line", leave);

/* HX-Trigger: {"say": {"text": "已保存", "kind": "fine"}} */
document.body.addEventListener("say", (event) => say(event.detail.text ?? event.detail.value, event.detail.kind));

/* A refusal of a service (409) brings its own line for #notices, whatever was to be swapped. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const line = document.getElementById("notices");
  if (!line || xhr.status !== 409 || !xhr.responseText.includes('id="notices"')) return;
  event.detail.target = line;
  event.detail.swapOverride = "outerHTML";
});

const TROUBLE = {
  403: "您的岗位不能办这件事。需要的话，请找安全管理员授权。",
  404: "这条记录不在了，或不归您管。请刷新后再看。",
  413: "文件太大，请压缩后再传。",
  429: "操作太快了，请等一会儿再试。",
};
document.addEventListener("htmx:responseError", (event) => {
  say(TROUBLE[event.detail.xhr.status] ?? "没有办成，系统已记下这个错误。请过一会儿再试。", "late");
});
document.addEventListener("htmx:sendError", () => say("网络不通，没有送出去。填的内容还在，请检查网线后再试。", "late"));

/* one search over all rooms: / begins, arrows move, Enter opens, Escape ends ---------------------------------- */

live("form.find", (form) => {
  const field = form.querySelector("input");
  const out = form.querySelector(".find-out");
  const said = form.querySelector("#find-said");
  let timer = 0;
  const close = () => {
    out.hidden = true;
    out.replaceChildren();
    said.textContent = "";
  };
  const ask = () => {
    if (!window.htmx || !field.value.trim()) return close();
    if (document.querySelector("main #found")) return;  // the page of finds itself: Enter asks it anew
    htmx.ajax("GET", `${form.dataset.find}?q=${encodeURIComponent(field.value.trim())}`, { target: "#find-out", swap: "innerHTML", headers: { "HX-Target": "found" } })
      .then(() => {
        if (!field.value.trim()) return close();
        const hits = out.querySelectorAll(".hits a").length;
        out.hidden = false;
        said.textContent = hits ? `找到 ${hits} 条，按向下键逐条看` : "没有找到";
      });
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  });
  form.addEventListener("keydown", (event) => {
    const links = [...out.querySelectorAll(".hits a")];
    const place = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      close();
      field.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !out.hidden && links.length) {
      event.preventDefault();
      const next = place + (event.key === "ArrowDown" ? 1 : -1);
      (next < 0 ? field : links[Math.min(next, links.length - 1)]).focus();
    }
  });
  document.addEventListener("click", (event) => { if (!form.contains(event.target)) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
});

/* the bell asks by itself, less often while nothing changes or nobody looks; the window's title counts with it ---- */

(() => {
  const least = 15000;
  const most = () => (document.hidden ? 120000 : 60000);
  const title = document.title;
  let wait = least;
  const ask = async () => {
    const bell = document.getElementById("bell");
    if (!bell) return;
    try {
      const answer = await fetch(bell.dataset.bell, { headers: { "X-Polling": "1", "HX-Request": "true", "HX-Target": "bell" } });
      if (!answer.ok) return;  // the session is over: whoever comes back finds out with the next click
      const made = document.createElement("template");
      made.innerHTML = (await answer.text()).trim();
      const fresh = made.content.firstElementChild;
      wait = fresh.textContent === bell.textContent ? Math.min(wait * 2, most()) : least;
      bell.replaceChildren(...fresh.childNodes);
      const count = bell.querySelector("b")?.textContent;
      document.title = count ? `（${count}）${title}` : title;
    } catch {
      wait = Math.min(wait * 2, most());
    }
    setTimeout(ask, wait);
  };
  if (document.getElementById("bell")) setTimeout(ask, wait);
})();
