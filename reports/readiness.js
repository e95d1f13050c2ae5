"use strict";
(() => {
  const rows = [...document.querySelectorAll("[data-row]")].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const rules = [...document.querySelectorAll("[data-rule]")].map((rule) => ({
    rule,
    text: [...rule.querySelectorAll("header, .rule-facts")].map((part) => part.textContent).join(" ").toLowerCase(),
    rows: rows.filter((entry) => rule.contains(entry.row)),
    folds: [...rule.querySelectorAll("details.objects")].map((fold) => ({ fold, open: fold.open })),
  }));
  const loose = rows.filter((entry) => !entry.row.closest("[data-rule]"));

  function openAround(id) {
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
  }

  function fragment() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return "";
    }
  }

  function show(entries, wanted) {
    let shown = 0;
    for (const { row, text } of entries) {
      const matches = text.includes(wanted);
      row.hidden = !matches;
      shown += matches;
    }
    return shown;
  }

  function filter(wanted) {
    let shown = show(loose, wanted);
    for (const { rule, text, rows: own, folds } of rules) {
      const whole = text.includes(wanted);
      const found = show(own, whole ? "" : wanted);
      rule.hidden = !whole && !found;
      shown += found;
      for (const { fold, open } of folds) fold.open = wanted && !whole ? true : open;
    }
    for (const group of document.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("[data-rule]:not([hidden])");
    document.querySelector(".no-match").hidden = shown > 0 || !wanted;
    return wanted ? `${shown} of ${rows.length}` : "";
  }

  function offerFilter(box) {
    const field = box.querySelector("input");
    const told = box.querySelector("output");
    field.addEventListener("input", () => { told.textContent = filter(field.value.trim().toLowerCase()); });
    box.hidden = false;
  }

  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  function offerCopy(block) {
    const button = document.createElement("button");
    const code = block.querySelector("code");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      select(code);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Press Ctrl+C";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.append(button);
  }

  document.querySelectorAll("[data-filter]").forEach(offerFilter);
  document.querySelectorAll("[data-copy]").forEach(offerCopy);
  addEventListener("hashchange", () => openAround(fragment()));
  openAround(fragment());
})();
