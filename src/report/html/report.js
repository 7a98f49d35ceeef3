"use strict";

// Everything is on the page already: this script hides what is not asked for. It never hides what could not be
// audited, and it writes text, never markup.

(() => {
  // More rows than this are shown on demand.
  const MOST_ROWS = 100;
  // So few findings are unfolded where a filter leaves no more.
  const FEW = 40;

  const byId = (id) => document.getElementById(id);
  const number = (count) => count.toLocaleString("en");
  const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

  const groups = [...document.querySelectorAll("details.group")].map((element) => {
    const count = element.querySelector("summary .count");
    return { element, count, whole: count.textContent, total: 0, shown: 0 };
  });
  const groupOf = new Map(groups.map((group) => [group.element, group]));
  const findings = [...document.querySelectorAll("article.finding")].map((element) => {
    const group = groupOf.get(element.closest("details.group"));
    group.total += 1;
    return { element, group, ...element.dataset, area: element.dataset.rule.split("/")[0], out: false, text: null };
  });
  const lists = [...document.querySelectorAll("section.list")].map((element) => ({
    count: element.querySelector("h2 .count"),
    nothing: element.querySelector(".nothing"),
    groups: groups.filter((group) => element.contains(group.element)),
  }));
  const rows = [...document.querySelectorAll("#heat-map tbody tr")].map((element) => ({
    element, ...element.dataset, unseen: element.classList.contains("unseen"), out: false,
  }));
  const unseen = document.querySelectorAll("li.unaudited").length;

  const form = byId("filters");
  const only = byId("only");
  const paging = byId("paging");
  const table = byId("heat-map");
  const narrowed = { target: "", area: "" };
  let allRows = false;

  const checked = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((input) => input.value);

  function asked() {
    return {
      q: byId("q").value.trim().toLowerCase(),
      rule: byId("rule").value,
      account: byId("account").value,
      stage: byId("stage").value,
      severity: checked("severity"),
      disposition: checked("disposition"),
      ...narrowed,
    };
  }

  function textOf(finding) {
    finding.text ??= `${finding.element.textContent} ${finding.rule} ${finding.group.element.dataset.title}`.toLowerCase();
    return finding.text;
  }

  function matches(finding, filter, words) {
    return (!filter.rule || finding.rule === filter.rule)
      && (!filter.account || finding.account === filter.account)
      && (!filter.stage || finding.stage === filter.stage)
      && (!filter.target || finding.target === filter.target)
      && (!filter.area || finding.area === filter.area)
      && (!filter.severity.length || filter.severity.includes(finding.severity))
      && (!filter.disposition.length || filter.disposition.includes(finding.disposition))
      && words.every((word) => textOf(finding).includes(word));
  }

  function hide(thing, out) {
    if (thing.out !== out) {
      thing.out = out;
      thing.element.classList.toggle("out", out);
    }
  }

  function apply() {
    const filter = asked();
    const words = filter.q.split(/\s+/).filter(Boolean);
    const targets = new Set();
    let shown = 0;
    for (const group of groups) group.shown = 0;
    for (const finding of findings) {
      const is = matches(finding, filter, words);
      hide(finding, !is);
      if (is) {
        shown += 1;
        finding.group.shown += 1;
        targets.add(finding.target);
      }
    }
    const filtered = Object.values(filter).some((value) => value.length);
    for (const group of groups) {
      hide(group, group.shown === 0);
      group.count.textContent = group.shown === group.total ? group.whole : `${number(group.shown)} of ${group.whole}`;
      if (filtered && shown <= FEW && group.shown > 0) group.element.open = true;
    }
    for (const list of lists) {
      const of = list.groups.reduce((sum, group) => sum + group.total, 0);
      const now = list.groups.reduce((sum, group) => sum + group.shown, 0);
      list.count.textContent = now === of ? number(of) : `${number(now)} of ${number(of)}`;
      list.nothing.hidden = now > 0 || of === 0;
    }
    page(filter, targets);
    only.hidden = !filter.target && !filter.area;
    const chosen = [filter.target, filter.area].filter(Boolean).join(" · ");
    only.textContent = `${chosen} ✕`;
    only.setAttribute("aria-label", `Show more than ${chosen} again`);
    const count = shown === findings.length
      ? `All ${plural(shown, "finding")} shown, of ${plural(targets.size, "target")}.`
      : `${number(shown)} of ${plural(findings.length, "finding")} shown, of ${plural(targets.size, "target")}.`;
    const aside = unseen ? ` ${plural(unseen, "target")} not audited: always listed.` : "";
    byId("shown").textContent = count + aside;
    measure();
  }

  // The heat map has the targets that have what is asked for, and those that nobody could look at.
  function page(filter, targets) {
    const byFinding = filter.q || filter.rule || filter.area || filter.severity.length || filter.disposition.length;
    let left = allRows ? Infinity : MOST_ROWS;
    let more = 0;
    for (const row of rows) {
      const is = (!filter.account || row.account === filter.account)
        && (!filter.stage || row.stage === filter.stage)
        && (!filter.target || row.target === filter.target)
        && (!byFinding || row.unseen || targets.has(row.target));
      if (is && left === 0) more += 1;
      hide(row, !is || left === 0);
      if (is && left > 0) left -= 1;
    }
    if (table) {
      const none = rows.every((row) => row.out);
      table.parentElement.classList.toggle("out", none);
      table.closest("section").querySelector(".nothing").hidden = !none;
    }
    if (paging) {
      paging.hidden = more === 0;
      byId("all-rows").textContent = `Show ${plural(more, "more target")}`;
    }
  }

  // A filter is in the address, so that it can be bookmarked and sent: `#?severity=high&q=mfa`.
  function remember() {
    const query = new URLSearchParams(Object.entries(asked()).filter(([, value]) => value.length));
    const hash = query.size ? `#?${query}` : location.pathname + location.search;
    history.replaceState(null, "", hash);
  }

  function recall() {
    if (!location.hash.startsWith("#?")) return false;
    const query = new URLSearchParams(location.hash.slice(2));
    for (const name of ["q", "rule", "account", "stage"]) {
      const field = byId(name);
      const value = query.get(name) ?? "";
      field.value = value;
      if (field.options && field.value !== value) {
        // A link to a rule that finds nothing any more: no other findings stand in for its own.
        field.add(new Option(value, value));
        field.value = value;
      }
    }
    for (const name of ["severity", "disposition"]) {
      const values = (query.get(name) ?? "").split(",");
      for (const input of form.querySelectorAll(`input[name=${name}]`)) input.checked = values.includes(input.value);
    }
    narrowed.target = query.get("target") ?? "";
    narrowed.area = query.get("area") ?? "";
    return true;
  }

  // A link to a finding that a filter hides, or that is folded.
  function reveal() {
    let place = null;
    try {
      place = byId(location.hash.slice(1)) ?? byId(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; // no percent-encoding: no anchor of ours
    }
    if (!place) return;
    if (place.closest(".out")) {
      form.reset();
      return;
    }
    for (let at = place.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    place.scrollIntoView();
  }

  // What is scrolled to stands below the filters, however many rows they take.
  function measure() {
    const sticks = getComputedStyle(form).position === "sticky";
    document.documentElement.style.scrollPaddingTop = sticks ? `${form.offsetHeight + 16}px` : "";
  }

  function changed() {
    apply();
    remember();
  }

  if (findings.length) form.hidden = false;
  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, event.target.type === "search" ? 120 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    narrowed.target = narrowed.area = "";
    setTimeout(() => {
      apply();
      if (location.hash.startsWith("#?")) remember();
      else reveal();
    });
  });
  only.addEventListener("click", () => {
    narrowed.target = narrowed.area = "";
    changed();
    byId("q").focus();
  });
  byId("all-rows")?.addEventListener("click", () => {
    allRows = true;
    apply();
  });
  byId("heat-map")?.addEventListener("click", (event) => {
    const link = event.target.closest("td a[href^='#f-']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const cell = link.closest("td");
    form.reset();
    setTimeout(() => {
      narrowed.target = cell.parentElement.dataset.target;
      narrowed.area = byId("heat-map").tHead.rows[0].cells[cell.cellIndex].dataset.area;
      changed();
      const first = byId(link.hash.slice(1));
      first.closest("details").open = true;
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
      first.scrollIntoView();
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (form.hidden || event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    byId("q").focus();
    byId("q").select();
  });
  addEventListener("hashchange", () => {
    if (recall()) apply();
    else reveal();
  });

  addEventListener("resize", measure);

  // On paper everything is unfolded.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    for (const details of unfolded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of unfolded) details.open = false;
  });

  recall();
  apply();
  if (location.hash && !location.hash.startsWith("#?")) reveal();
})();
