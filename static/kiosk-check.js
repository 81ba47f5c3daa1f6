"use strict";
/* Checking a certificate: ten signs from the pad, a keyboard, or a scanner that reads the code's own address. */
kiosk.screens.aside = root => {
  const form = root.querySelector("#lookup");
  if (!form) return null;
  const field = root.querySelector("#code");
  const bare = text => text.normalize("NFKC").toUpperCase().replace(/^.*\/CHECK\//, "").replace(/[^0-9A-Z]/g, "").slice(0, 10);
  const grouped = text => [text.slice(0, 4), text.slice(4, 8), text.slice(8)].filter(Boolean).join("-");
  const put = text => { if (!field.disabled) field.value = grouped(bare(text)); };

  root.querySelector(".keys").addEventListener("click", event => {
    const key = event.target.closest("button");
    if (!key) return;
    if (key.dataset.sign !== undefined) put(field.value + key.dataset.sign);
    else if (key.dataset.rub !== undefined) put(bare(field.value).slice(0, -1));
    else put("");
  });
  form.addEventListener("submit", event => {
    event.preventDefault();
    put(field.value);
    kiosk.go(`${form.action}?code=${encodeURIComponent(field.value)}`);
  });
  field.focus({ preventScroll: true });
  return null;
};
