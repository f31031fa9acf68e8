// Keys and small comforts; the page works without any of this.
"use strict";
(() => {
  const find = (css) => document.querySelector(css);
  const go = (css) => find(css)?.click();
  const main = find("main");

  // The address says all that is shown, also where the first sample was taken for want of another.
  const query = main?.dataset.query;
  if (query) history.replaceState(null, "", "?" + query);

  // A choice of a menu counts at once, and an empty one says nothing in the address.
  for (const form of document.querySelectorAll("form.filters, form.beside")) {
    form.classList.add("quick");
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.value === "") field.disabled = true;
    });
    // Arrow keys walk through a closed menu: what they pass is not chosen before Enter.
    let walking = false;
    form.addEventListener("pointerdown", () => (walking = false));
    form.addEventListener("keydown", (event) => {
      walking = true;
      if (event.key !== "Enter" || !event.target.matches("select")) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("change", (event) => {
      if (event.target.matches("select") && !walking) form.requestSubmit();
    });
  }

  for (const form of document.querySelectorAll(".marking form")) {
    const set = () => {
      form.elements.comment.required = form.elements.opinion.value === "wrong";
    };
    form.addEventListener("change", set);
    set();
  }

  const help = find("#help");
  const copy = find("#copy");
  const keys = find("#keys");
  if (copy && keys) {
    copy.hidden = keys.hidden = false;
    keys.addEventListener("click", () => help.showModal());
    copy.addEventListener("click", async () => {
      const text = location.search.slice(1);
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        prompt("The link:", text);
      }
    });
  }

  find("nav.list [aria-current]")?.scrollIntoView({ block: "nearest" });

  const mark = () => {
    const details = find("details.marking");
    if (!details) return;
    details.open = true;
    details.querySelector("input[type=radio]").focus();
  };
  const plain = {
    j: () => go("a[rel=next]"),
    k: () => go("a[rel=prev]"),
    "/": () => find("input[name=text]")?.select(),
    b: () => find("select[name=beside]")?.focus(),
    l: () => find("select[name=with]")?.focus(),
    m: mark,
    c: () => go("#copy"),
    "?": () => help?.showModal(),
  };
  const filters = { t: "task", l: "language", m: "model", s: "state", v: "verdict", k: "marks" };
  let filtering = false;
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if (event.key === "Escape" && field) return field.blur();
    if (field || help?.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key;
    let does = plain[key];
    if (filtering) {
      does = key === "x" ? () => go("#clear") : () => find(`form.filters [name=${filters[key]}]`)?.focus();
      if (key !== "x" && !filters[key]) does = null;
    }
    filtering = key === "f" && !filtering;
    if (does || filtering) event.preventDefault();
    if (does) does();
  });
})();
