// Keys, and a draft that outlives a reload; the page works without any of this.
"use strict";
(() => {
  const find = (css) => document.querySelector(css);
  const help = find("#help");
  const keys = find("#keys");
  if (help && keys) {
    keys.hidden = false;
    keys.addEventListener("click", () => help.showModal());
  }
  const form = find("form#rate");

  // What is entered and not saved yet, for this text as it was shown.
  const radios = form ? [...form.querySelectorAll("input[type=radio]")] : [];
  const draft = form && ["draft", form.elements.item.value, form.elements.language.value, form.elements.digest.value].join(" ");
  const stored = (work) => {
    try { return work(sessionStorage); } catch { return null; }
  };
  const keep = () => {
    const marks = radios.filter((r) => r.checked).map((r) => r.name + "=" + r.value);
    const all = { marks, unsafe: form.elements.unsafe.checked, comment: form.elements.comment.value };
    stored((storage) => storage.setItem(draft, JSON.stringify(all)));
  };
  // A draft that was sent goes when another page of ours shows that it was taken.
  stored((storage) => {
    const sent = storage.getItem("sent");
    if (sent && sent !== draft && find("header.top")) storage.removeItem(sent);
    if (find("header.top")) storage.removeItem("sent");
  });
  if (form) {
    const before = stored((storage) => JSON.parse(storage.getItem(draft)));
    if (before) {
      for (const radio of radios) radio.checked = before.marks.includes(radio.name + "=" + radio.value);
      form.elements.unsafe.checked = before.unsafe;
      form.elements.comment.value = before.comment;
    }
    form.addEventListener("input", keep);
    form.addEventListener("submit", () => stored((storage) => storage.setItem("sent", draft)));
  }

  const sets = form ? [...form.querySelectorAll("fieldset")] : [];
  const save = find("button.save");
  let current = -1;
  const focus = (n, options) => {
    current = Math.max(0, Math.min(n, sets.length));
    const set = sets[current];
    (set ? set.querySelector("input:checked") ?? set.querySelector("input") : save)?.focus(options);
  };
  form?.addEventListener("focusin", (event) => {
    const set = sets.indexOf(event.target.closest("fieldset"));
    if (set >= 0) current = set;
  });
  const first = sets.findIndex((set) => !set.querySelector("input:checked"));
  // In a narrow window the form is below the text, which is read first.
  if (form) focus(first < 0 ? sets.length : first, { preventScroll: true });

  const mark = (value) => {
    const set = sets[current];
    const radio = set?.querySelector(`input[value="${value}"]`);
    if (!radio) return;
    radio.checked = true;
    keep();
    focus(sets.indexOf(set) + 1);
  };
  const alarm = () => {
    form.elements.unsafe.checked = !form.elements.unsafe.checked;
    keep();
  };
  const does = {
    j: () => focus(current + 1),
    k: () => focus(current - 1),
    u: alarm,
    c: () => form.elements.comment.focus(),
    s: () => find("button[value=skip]").click(),
  };
  const go = { b: "a[rel=prev]", n: "a[rel=next]" };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (help?.open || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    const writes = target.matches("textarea");
    if (form && key === "Enter" && event.ctrlKey) return form.requestSubmit(save);
    if (writes && key === "Escape") return focus(current);
    if (writes || event.ctrlKey) return;
    let act = go[key] && (() => find(go[key])?.click());
    if (key === "?") act = () => help?.showModal();
    if (form && /^[1-5]$/.test(key)) act = () => mark(key);
    if (form && does[key]) act = does[key];
    // Links and buttons keep their own Enter.
    if (form && key === "Enter" && !target.closest("a, button, summary")) act = () => form.requestSubmit(save);
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
