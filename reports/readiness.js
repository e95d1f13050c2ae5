"use strict";
(() => {
  const STEP = { mailboxes: 100, findings: 20 };
  const FEW_RULES = 10;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const number = (value) => value.toLocaleString("en-US");
  const counted = (value, noun, nouns = `${noun}s`) => `${number(value)} ${value === 1 ? noun : nouns}`;

  // Texts become text nodes, never markup.
  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children.flat().filter((child) => child !== null && child !== ""));
    return made;
  }

  /* chunks: base64 of gzip of columns, each different value once */

  async function unpacked(template) {
    const text = atob(template.content.textContent);
    const bytes = new Uint8Array(text.length);
    for (let place = 0; place < text.length; place += 1) bytes[place] = text.charCodeAt(place);
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).json();
  }

  async function table(templates) {
    const made = { rows: 0, columns: {} };
    for (const { rows, columns } of await Promise.all(templates.map(unpacked))) {
      for (const [name, { of, at }] of Object.entries(columns)) {
        const values = (made.columns[name] ??= []);
        for (const place of at) values.push(of[place]);
      }
      made.rows += rows;
    }
    return made;
  }

  function textsOf({ rows, columns }, names) {
    const told = names.map((name) => columns[name] ?? []);
    return Array.from({ length: rows }, (_, row) => told.map((values) => values[row] ?? "").join(" ").toLowerCase());
  }

  function matching(texts, wanted) {
    const found = [];
    for (let row = 0; row < texts.length; row += 1) if (texts[row].includes(wanted)) found.push(row);
    return found;
  }

  /* copying */

  function select(part) {
    const range = document.createRange();
    range.selectNodeContents(part);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  async function copy(button) {
    const code = one("code", button.parentElement);
    select(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  function offerCopy(block) {
    const button = element("button", { type: "button" }, "Copy");
    button.addEventListener("click", () => copy(button));
    block.append(button);
    return block;
  }

  const lines = (text) => text.split("\n").flatMap((line) => [element("span", { class: "line" }, line), "\n"]);

  function commandBlock(text) {
    return offerCopy(element("div", { class: "command", role: "group" }, element("pre", {}, element("code", {}, lines(text)))));
  }

  /* what a rule names */

  function marked(value) {
    if (value === "") return element("span", { class: "nothing" }, "nothing");
    const [before, differs, after, length] = Array.isArray(value) ? value : [value, "", "", 0];
    const inside = element("bdi", {}, before, differs ? element("mark", {}, differs) : null, after);
    const cut = length ? element("span", { class: "quiet" }, ` (${number(length)} characters; findings.csv holds them all)`) : null;
    return [element("code", {}, inside), cut];
  }

  function compared(expected, found) {
    const line = (name, value, style) => value === null ? null
      : element("div", { class: style }, element("dt", {}, name), element("dd", {}, marked(value)));
    return expected === null && found === null ? null
      : element("dl", { class: "compared" }, line("Expected", expected, ""), line("Found", found, "is-found"));
  }

  function finding(rule, row) {
    const cell = (name) => rule.table.columns[name][row];
    const tag = (text, style = "") => text ? element("span", { class: `tag ${style}` }, text) : null;
    const name = element("bdi", {}, cell("name"));
    const mailbox = cell("mailbox");
    const tags = [
      tag(cell("verdict") === rule.fold.dataset.state ? "" : cell("verdict_word"), `tag-${cell("verdict")}`),
      tag(cell("count") > 1 ? `stands for ${counted(cell("count"), "object")}` : ""),
      tag(cell("wave") && !one("main").dataset.wave ? `wave ${cell("wave")}` : ""),
      tag(cell("owner")),
    ];
    const told = [
      compared(cell("expected"), cell("found")),
      cell("reason") ? element("p", {}, cell("reason")) : null,
      cell("until") ? element("p", {}, `Settles by itself by ${cell("until")}.`) : null,
      cell("fix") ? element("p", {}, element("strong", {}, "Fix here: "), cell("fix")) : null,
      cell("command") && !rule.script ? commandBlock(cell("command")) : null,
    ];
    const whose = [
      element("p", { class: "object-name" }, mailbox ? element("a", { href: `#mailbox/${encodeURIComponent(mailbox)}` }, name) : name),
      cell("id") ? element("p", { class: "quiet" }, element("bdi", {}, cell("id"))) : null,
      element("p", { class: "tags" }, tags),
    ];
    return element("li", { class: "finding", "data-row": "" }, element("div", {}, whose), element("div", { class: "finding-facts" }, told));
  }

  function moreButton(shown, matches, step, press) {
    const next = Math.min(step, matches - shown);
    const button = element("button", { type: "button", class: "more" }, `Show ${number(next)} more of ${number(matches - shown)}`);
    button.addEventListener("click", press);
    return next > 0 ? button : "";
  }

  function ruleOf(fold) {
    const rule = {
      fold,
      opened: fold.open,
      text: all("summary, .rule-facts", fold).map((part) => part.textContent).join(" ").toLowerCase(),
      rows: all("[data-row]", fold).map((row) => ({ row, text: row.textContent.toLowerCase() })),
      templates: all("template", fold),
      more: one("[data-more]", fold),
      script: one(".script code", fold),
      table: null,
      texts: [],
      matches: [],
      limit: STEP.findings,
    };
    fold.addEventListener("toggle", () => showFindings(rule));
    return rule;
  }

  async function load(rule) {
    rule.loading ??= table(rule.templates).then((made) => {
      rule.table = made;
      rule.texts = textsOf(made, ["name", "id", "verdict_word", "wave", "expected", "found", "owner", "reason"]);
      narrow(rule, wanted());
    });
    return rule.loading;
  }

  // How many objects of the rule match; a rule whose own words match shows all of them.
  function narrow(rule, text) {
    const whole = rule.text.includes(text);
    const inside = whole ? "" : text;
    if (rule.table) {
      rule.matches = matching(rule.texts, inside);
      rule.limit = STEP.findings;
      showFindings(rule);
    } else {
      for (const { row, text: own } of rule.rows) row.hidden = !own.includes(inside);
    }
    const found = rule.table ? rule.matches.length : rule.rows.filter(({ row }) => !row.hidden).length;
    rule.fold.hidden = !whole && !found;
    return { found, byRow: !whole && found > 0 };
  }

  function showFindings(rule) {
    if (!rule.fold.open || !rule.table) return;
    const shown = rule.matches.slice(0, rule.limit);
    one(".findings", rule.fold).replaceChildren(...shown.map((row) => finding(rule, row)));
    rule.more.replaceChildren(moreButton(shown.length, rule.matches.length, 10 * STEP.findings, () => {
      rule.limit += 10 * STEP.findings;
      showFindings(rule);
    }));
    if (!rule.script) return;
    const commands = shown.map((row) => rule.table.columns.command[row]).filter((command) => command);
    rule.script.replaceChildren(...lines([...new Set(commands)].join("\n")));
  }

  /* mailboxes */

  const list = { place: one("[data-mailboxes]"), table: null, texts: [], matches: [], limit: STEP.mailboxes };

  function ruleLinks(words, before) {
    const links = words.split(" ").flatMap((rule) => [element("a", { class: "rule-link", href: `#${rule}` }, rule), " "]);
    return words ? element("span", { class: "rule-links" }, before ? [element("span", { class: "quiet" }, before), " "] : [], links) : null;
  }

  function inTheWay(cell) {
    return [ruleLinks(cell("blocking"), ""), ruleLinks(cell("undetermined"), "undetermined:"), ruleLinks(cell("accepted"), "waived or stated:")];
  }

  const verdictOf = (cell) => element("span", { class: `state state-${cell("verdict")}` }, cell("verdict"));
  const sizeOf = (cell) => [cell("size") || "not seen", cell("archive") ? element("span", { class: "quiet" }, ` + ${cell("archive")} archive`) : null];
  const cellsOf = (row) => (name) => list.table.columns[name][row];

  function mailboxRow(row) {
    const cell = cellsOf(row);
    const columns = list.place.dataset.columns;
    const link = element("a", { href: `#mailbox/${encodeURIComponent(cell("id"))}` }, element("bdi", {}, cell("id")));
    return element("tr", {},
      element("th", { scope: "row" }, link),
      element("td", {}, verdictOf(cell)),
      element("td", {}, inTheWay(cell)),
      element("td", {}, cell("stage") ?? "not seen"),
      columns.includes("size") ? element("td", { class: "size" }, sizeOf(cell)) : null,
      columns.includes("wave") ? element("td", {}, cell("wave") ?? "–") : null,
      element("td", { class: "address" }, element("bdi", {}, cell("target"))));
  }

  function showMailboxes() {
    const shown = list.matches.slice(0, list.limit);
    one("tbody", list.place).replaceChildren(...shown.map(mailboxRow));
    list.more.replaceChildren(moreButton(shown.length, list.matches.length, STEP.mailboxes, () => {
      list.limit += STEP.mailboxes;
      showMailboxes();
    }));
  }

  function narrowMailboxes(text) {
    if (!list.table) return 0;
    list.matches = matching(list.texts, text);
    list.limit = STEP.mailboxes;
    showMailboxes();
    return list.matches.length;
  }

  async function loadMailboxes() {
    if (!list.place) return;
    list.table = await table(all("[data-mailbox-chunks] template"));
    list.texts = textsOf(list.table, ["id", "target", "verdict", "blocking", "undetermined", "accepted", "stage", "wave"]);
    list.more = one("[data-more-mailboxes]") ?? element("p", {});
    if (!list.more.isConnected) one("#mailboxes .table").after(list.more);
    narrowMailboxes(wanted());
    for (const part of all(".script-only")) part.hidden = false;
    list.place.dataset.ready = "";
  }

  /* one mailbox */

  const dialog = one("dialog.mailbox");

  async function factsOf(place) {
    let first = 0;
    for (const template of all("[data-fact-chunks] template")) {
      const rows = Number(template.dataset.chunk);
      if (place < first + rows) {
        const { columns } = await unpacked(template);
        return Object.entries(columns).map(([name, { of, at }]) => [name, of[at[place - first]]]);
      }
      first += rows;
    }
    return [];
  }

  function value(told) {
    if (told === undefined) return element("span", { class: "quiet" }, "–");
    if (told === null) return element("span", { class: "unseen-fact" }, "not collected");
    return told === "" ? element("span", { class: "quiet" }, "none") : element("bdi", {}, told);
  }

  function factRow(key, label, cells) {
    const name = element("th", { scope: "row" }, key.replaceAll("_", " "), label ? element("span", { class: "fact-label" }, label) : null);
    return element("tr", {}, name, cells);
  }

  function factsTable(columns, rows, style) {
    const head = element("tr", {}, columns.map((text) => element("th", { scope: "col" }, text)));
    const made = element("table", { class: `side-by-side ${style}` }, element("thead", {}, head), element("tbody", {}, rows));
    return element("div", { class: `table ${style}`, role: "region", "aria-label": columns.join(", "), tabindex: "0" }, made);
  }

  function sideBySide(facts, labels) {
    const named = new Map();
    for (const [name, told] of facts) {
      const [side, key] = name.split(/\.(.*)/s);
      if (!named.has(key)) named.set(key, { label: labels[name] });
      named.get(key)[side] = told;
    }
    const has = (...sides) => ([, told]) => sides.every((side) => told[side] !== undefined);
    const row = ([key, told]) => factRow(key, told.label, ["source", "target"].map((side) => element("td", {
      "data-side": side,
      class: told[side] === undefined ? "absent" : has("source", "target")([key, told]) && told.source !== told.target ? "differs" : "",
    }, value(told[side]))));
    const all = [...named];
    const both = all.filter(has("source", "target"));
    const rest = all.filter((fact) => !both.includes(fact) && (has("source")(fact) || has("target")(fact)));
    const plan = all.filter(has("plan")).map(([key, told]) => factRow(key, "", [element("td", {}, value(told.plan))]));
    return [factsTable(["Fact", "Source", "Target"], [...both, ...rest].map(row), ""), plan.length ? factsTable(["Plan", ""], plan, "planned") : ""];
  }

  function ruleList(cell) {
    const words = ["blocking", "undetermined"].flatMap((name) => cell(name).split(" ").filter((rule) => rule).map((rule) => [rule, name]));
    const line = ([rule, name]) => element("li", {}, element("a", { class: "rule-link", href: `#${rule}` }, rule), " ",
      one("h4", document.getElementById(rule) ?? document)?.textContent ?? "", name === "undetermined" ? element("span", { class: "quiet" }, " (undetermined)") : null);
    return words.length ? element("ul", { class: "held-by" }, words.map(line)) : element("p", {}, "No rule stands in its way.");
  }

  function placeOf(key) {
    const ids = list.table?.columns.id ?? [];
    const exact = ids.indexOf(key);
    return exact >= 0 ? exact : ids.findIndex((id) => id.toLowerCase() === key.toLowerCase());
  }

  async function mailboxParts(key) {
    const place = placeOf(key);
    const heading = element("h2", { id: "mailbox-name" }, element("bdi", {}, place < 0 ? key : list.table.columns.id[place]));
    if (place < 0) return [heading, element("p", {}, "This mailbox is not on this page; mailboxes.parquet holds every mailbox of the run.")];
    const cell = cellsOf(place);
    const wave = cell("wave") ? `, wave ${cell("wave")}` : "";
    const facts = await factsOf(place);
    const labels = await unpacked(one("[data-fact-labels] template"));
    return [
      heading,
      element("p", {}, "to ", element("bdi", {}, cell("target")), wave),
      element("p", {}, verdictOf(cell), ` · ${cell("stage") ?? "stage not seen"} · `, sizeOf(cell)),
      ruleList(cell),
      facts.length ? sideBySide(facts, labels)
        : element("p", { class: "left-out" }, "Its facts are not on this page, which would be too large; mailboxes.parquet holds them."),
    ];
  }

  async function showMailbox(key) {
    await ready;
    const close = element("button", { type: "button", class: "close" }, "Close");
    close.addEventListener("click", () => dialog.close());
    dialog.replaceChildren(close, ...(await mailboxParts(key)).flat());
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  /* deep links */

  function fragment() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return "";
    }
  }

  function follow() {
    const name = fragment();
    if (name.startsWith("mailbox/")) return showMailbox(name.slice("mailbox/".length));
    dialog.close();
    const target = name && document.getElementById(name);
    if (!target) return undefined;
    if (target.closest("[hidden]")) clearFilter();
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
    return undefined;
  }

  dialog.addEventListener("close", () => {
    if (fragment().startsWith("mailbox/")) history.replaceState(null, "", "#mailboxes");
  });

  /* the filter */

  const field = one("#filter");
  const loose = all("[data-row]").filter((row) => !row.closest("[data-rule]")).map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const rules = all("[data-rule]").map(ruleOf);
  const wanted = () => field.value.trim().toLowerCase();

  function filter() {
    const text = wanted();
    const told = rules.map((rule) => narrow(rule, text));
    const shown = rules.filter((rule) => !rule.fold.hidden).length;
    const byRow = told.filter((each) => each.byRow).length;
    rules.forEach((rule, place) => { rule.fold.open = (told[place].byRow && byRow <= FEW_RULES && text) ? true : rule.opened; });
    for (const { row, text: own } of loose) row.hidden = !own.includes(text);
    for (const group of all("[data-group]")) group.hidden = !one("[data-rule]:not([hidden])", group);
    const mailboxes = narrowMailboxes(text);
    one(".no-match").hidden = shown + mailboxes > 0 || !text;
    one("output").textContent = text ? `${counted(shown, "rule")}, ${counted(mailboxes, "mailbox", "mailboxes")}` : "";
  }

  function clearFilter() {
    field.value = "";
    filter();
  }

  for (const rule of rules) one("summary", rule.fold).addEventListener("click", () => { rule.opened = !rule.fold.open; });
  field.addEventListener("input", filter);
  one("[data-filter]").hidden = false;
  all("[data-copy]").forEach(offerCopy);
  const ready = loadMailboxes();
  addEventListener("hashchange", follow);
  follow();
  ready.then(async () => {
    for (const rule of rules.filter(({ templates }) => templates.length)) await load(rule);
    document.documentElement.dataset.ready = "";
    if (wanted()) filter();
  });
})();
