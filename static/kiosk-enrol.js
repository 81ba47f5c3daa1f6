"use strict";
/* The enrolment code on a machine without a keyboard: digits from the screen. */
(() => {
  document.documentElement.classList.add("js");
  const field = document.getElementById("code");
  document.querySelector(".pad").addEventListener("click", event => {
    const key = event.target.closest("button");
    if (!key) return;
    if (key.dataset.digit !== undefined) field.value += key.dataset.digit;
    else field.value = key.dataset.rub !== undefined ? field.value.slice(0, -1) : "";
  });
})();
