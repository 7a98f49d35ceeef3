// The html report in a browser:
//
//     MODULES=… BROWSER=… node .ci/html.mjs PROGRAM                  checks it; what is wrong ends in exit code 1
//     MODULES=… BROWSER=… node .ci/html.mjs PROGRAM --screenshots    writes docs/screenshots/
//     MODULES=… BROWSER=… node .ci/html.mjs PROGRAM --bench          prints sizes and times of a large report
//
// PROGRAM is a built `audit`. MODULES is a folder with node_modules (playwright-core, axe-core), BROWSER Chromium;
// `bash .ci/run` checks with them, and `bash .ci/run screenshots` takes pictures.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { counted, fleet } from "./fleet.mjs";
import { page as terminal } from "./terminal.mjs";

const [program, mode = "--check"] = process.argv.slice(2);
const require = createRequire(join(process.env.MODULES, "node_modules", "from-here.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Every element of the template; another one came out of a value.
const KNOWN = new Set(`html head meta title style body a header p div h1 h2 h3 h4 span strong small dl dt dd main section details summary
  ul li form label input select option fieldset legend button table thead tbody tr th td code pre mark bdi br time article footer
  script`.split(/\s+/));

const folder = mkdtempSync(join(tmpdir(), "audit-html-"));
const browser = await chromium.launch({
  executablePath: process.env.BROWSER,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  await { "--check": check, "--screenshots": screenshots, "--bench": bench }[mode]();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

// What the program writes to standard output, with whatever verdict.
function audit(...args) {
  try {
    return execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if ([1, 3].includes(error.status) && error.stdout) return error.stdout;
    throw error;
  }
}

// What it writes to a terminal of 80 columns: `script` (util-linux) makes one.
function onTerminal(...args) {
  const words = [program, ...args, "--no-progress", "--color", "always"].map((word) => `'${word}'`).join(" ");
  const command = `stty cols 80 rows 50; ${words}`;
  return execFileSync("script", ["--quiet", "--command", command, "/dev/null"], { encoding: "utf8" }).replaceAll("\r", "");
}

function examples(name = "") {
  return JSON.parse(audit("--config", `examples/${name}audit.toml`, "--format", "json"));
}

// The file of a report in html, made by the program of its JSON.
function html(name, report) {
  const json = join(folder, `${name}.json`);
  writeFileSync(json, JSON.stringify(report));
  const file = join(folder, `${name}.html`);
  writeFileSync(file, audit("merge", json, "--format", "html"));
  return file;
}

// Opens a file where nothing but the file may be loaded, and nothing may be said.
async function open(file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.route("**/*", (route) => {
    if (route.request().url().split("#")[0] === url) return route.continue();
    wrong.push(`request: ${route.request().url().slice(0, 200)}`);
    return route.abort();
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(url);
  return { page, context, wrong };
}

async function check() {
  const whole = examples();
  const reports = {
    examples: whole,
    incomplete: examples("incomplete/"),
    hostile: fleet(whole, { targets: 26, hostile: true }),
    nothing: counted({ ...whole, findings: [], notices: [] }),
  };
  for (const [name, report] of Object.entries(reports)) {
    const file = html(name, report);
    await accessible(name, file, { colorScheme: "light" });
    await accessible(name, file, { colorScheme: "dark", viewport: { width: 400, height: 800 } });
    await still(name, file, report);
    await prints(name, file, report);
    console.log(`${name}: ${report.findings.length} findings, ${report.targets.length} targets`);
  }
  const large = fleet(whole, { targets: 110 });
  const file = html("fleet", large);
  await filters(file, large);
  await keyboard(file);
  console.log("filters and keyboard");
}

// No violation of WCAG that axe knows, with everything unfolded, and nothing wider than the window.
async function accessible(name, file, options) {
  const { page, context, wrong } = await open(file, options);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  assert(passes.length > 10, `${name}: axe looked at nothing`);
  const said = violations.map((violation) => `${violation.id}: ${violation.nodes.length} × ${violation.nodes[0].html.slice(0, 200)} ${violation.nodes[0].failureSummary}`);
  assert.deepEqual(said, [], `${name} ${JSON.stringify(options)}`);
  const [wide, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert(wide <= window_, `${name}: ${wide} pixels wide in a window of ${window_}`);
  assert.deepEqual(wrong, [], name);
  await context.close();
}

// Everything of the report is on the page, also without its script, and nothing else.
async function still(name, file, report) {
  const { page, context, wrong } = await open(file, { javaScriptEnabled: false });
  assert.equal(await page.locator("article.finding").count(), report.findings.length, name);
  assert.equal(await page.locator("#heat-map tbody tr").count(), report.targets.length, name);
  const unaudited = report.targets.filter((target) => target.status === "unaudited").length;
  assert.equal(await page.locator("li.unaudited").count(), unaudited, name);
  assert.equal(await page.locator("section.rule").count(), report.rules.length, name);
  await says(name, page, report);
  const elements = await page.evaluate(() => [...document.querySelectorAll("*")].map((element) => [element.localName, ...element.getAttributeNames()]));
  const strange = elements.filter(([tag, ...names]) => !KNOWN.has(tag) || names.some((name) => /^on|^src|^style$/.test(name)));
  assert.deepEqual(strange.slice(0, 3), [], `${name}: elements of no template`);
  assert.equal(elements.filter(([tag]) => tag === "script").length, 1, `${name}: scripts`);
  assert.equal(await page.locator("#filters").isVisible(), false, `${name}: filters without a script`);
  assert.deepEqual(wrong, [], name);
  await context.close();
}

// Each finding, rule and unaudited target says what the report says of it. Texts with controls are escaped: of them, only that they are there.
async function says(name, page, report) {
  const there = await page.evaluate(() => {
    const text = (element, selector) => element.querySelector(selector)?.textContent ?? "";
    return {
      findings: [...document.querySelectorAll("article.finding")].map((article) => ({
        rule: article.dataset.rule,
        target: text(article, "code.target"),
        member: article.dataset.path,
        path: [...article.querySelectorAll("dl.values div")].find((row) => text(row, "dt") === "At")?.querySelector("dd").textContent ?? "",
        message: text(article, ".message"),
        excerpt: text(article, "pre.excerpt"),
        first: Number(article.querySelector("pre.excerpt [data-line]")?.dataset.line ?? 0),
        marked: [...article.querySelectorAll("pre.excerpt mark")].map((mark) => mark.textContent),
        expected: text(article, "code.expected"),
        actual: text(article, "code.actual"),
        location: text(article, ".location code"),
      })),
      rules: [...document.querySelectorAll("section.rule")].map((section) => ({ rule: section.dataset.rule, remedy: text(section, ".fix") })),
      unaudited: [...document.querySelectorAll("li.unaudited")].map((item) => ({
        target: text(item, "code"),
        said: item.closest(".alike").textContent,
      })),
      text: document.body.textContent,
    };
  });
  const plain = (text) => /^[\x20-\x7e]*$/.test(text);
  // The words of a text, in order, whatever stands for what is between them.
  const speaks = (text, said) => new RegExp(said.match(/[a-z]{3,}/gi)?.join("[^]*") ?? "").test(text);
  const same = (got, expected, what) => {
    assert.equal(got.length, expected.length, `${name}: ${what}`);
    const left = new Map();
    for (const text of expected.filter(plain)) left.set(text, (left.get(text) ?? 0) + 1);
    for (const text of got) left.set(text, (left.get(text) ?? 0) - 1);
    assert.deepEqual([...left].filter(([, count]) => count > 0).slice(0, 3), [], `${name}: ${what} that are not on the page`);
  };
  const valueOf = (json) => {
    try {
      return JSON.parse(json);
    } catch {
      return json;
    }
  };
  const squeezed = (text) => text.replace(/\s+/g, " ").trim();
  const key = (finding) => squeezed([finding.rule, finding.target, finding.path, finding.message].join(" | "));
  same(there.findings.map(key), report.findings.map(key), "findings");
  // There is one finding for a rule, a target and a path.
  const place = ({ rule, target, path }) => [rule, target, path].join(" | ");
  const articles = new Map(there.findings.map((article) => [place({ ...article, path: article.member }), article]));
  for (const finding of report.findings) {
    const what = `${name}: ${place(finding)}`;
    const article = articles.get(place(finding));
    assert(article, `${what} is not on the page`);
    const { file, line, column } = finding.location;
    assert.equal(article.location, `${file}:${line}:${column}`, `${what}: where`);
    for (const part of ["expected", "actual"]) {
      const [said, value] = [article[part], finding[part] ?? null];
      if (value === null || said === "") assert.equal(said, value === null ? "" : value, `${what}: ${part}`);
      else if (plain(JSON.stringify(value))) assert.deepEqual(valueOf(said), value, `${what}: ${part}`);
      else assert(speaks(said, JSON.stringify(value)), `${what}: ${part}: ${said}`);
    }
    const { text = "", first_line: first = 0, marks = [] } = finding.excerpt ?? {};
    if (!plain(text.replaceAll("\n", " "))) continue;
    assert.deepEqual([article.excerpt.trimEnd(), article.first], [text.trimEnd(), first], `${what}: excerpt`);
    // Marks are bytes, and what is marked is cut at the ends of lines.
    const marked = [...text].filter((character, at) => character !== "\n" && marks.some(([from, to]) => from <= at && at < to));
    assert.equal(article.marked.join(""), marked.join(""), `${what}: what is marked`);
  }
  assert(report.findings.length === 0 || there.findings.some(({ marked }) => marked.length > 0), `${name}: nothing is marked`);
  const remedy = new Map(there.rules.map(({ rule, remedy }) => [rule, squeezed(remedy)]));
  for (const rule of report.rules.filter(({ remediation }) => remediation)) {
    assert(remedy.get(rule.id)?.replace("How to fix it:", "").trim(), `${name}: ${rule.id} has no remedy`);
  }
  const blind = report.targets.filter((target) => target.status === "unaudited");
  same(there.unaudited.map(({ target }) => target), blind.map(({ id }) => id), "unaudited targets");
  for (const { id, error } of blind.filter((target) => plain(target.id))) {
    const { said } = there.unaudited.find(({ target }) => target === id);
    const why = squeezed(error.message);
    if (plain(error.message)) assert(squeezed(said).includes(why), `${name}: ${id} does not say why: ${why}`);
  }
  const text = squeezed(there.text);
  for (const { message } of report.notices.filter(({ message }) => plain(message))) {
    assert(text.includes(squeezed(message)), `${name}: nothing is said of: ${message}`);
  }
}

// On paper: everything, unfolded, whatever the filters say; no controls.
async function prints(name, file, report) {
  const { page, context, wrong } = await open(file, { colorScheme: "dark" });
  if (report.findings.length > 0) await page.fill("#q", "nothing has this in it");
  await page.waitForTimeout(200);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const { shown, folded, controls, background } = await page.evaluate(() => {
    dispatchEvent(new Event("beforeprint"));
    const visible = (element) => element.checkVisibility({ contentVisibilityAuto: false });
    return {
      shown: [...document.querySelectorAll("article.finding")].filter(visible).length,
      folded: document.querySelectorAll("details:not([open])").length,
      controls: [...document.querySelectorAll("input, select, button, .skip")].filter(visible).length,
      background: getComputedStyle(document.body).backgroundColor,
    };
  });
  assert.deepEqual({ shown, folded, controls, background }, {
    shown: report.findings.length, folded: 0, controls: 0, background: "rgb(255, 255, 255)",
  }, `${name} on paper`);
  assert.deepEqual(wrong, [], name);
  await context.close();
}

async function filters(file, report) {
  const { page, context, wrong } = await open(file);
  const shown = () => page.evaluate(() => document.querySelectorAll("article.finding:not(.out)").length);
  const expect = async (is, what) => {
    const count = report.findings.filter(is).length;
    assert(count > 0 && count < report.findings.length, `${what}: a filter that filters nothing`);
    await page.waitForTimeout(200);
    assert.equal(await shown(), count, what);
    const said = await page.textContent("#shown");
    assert(said.startsWith(`${count.toLocaleString("en")} of ${report.findings.length.toLocaleString("en")} findings`), said);
    assert(page.url().includes("#?"), `${what} is not in the address`);
    const reopened = await open(file);
    await reopened.page.goto(page.url());
    await reopened.page.reload();
    assert.equal(await reopened.page.evaluate(() => document.querySelectorAll("article.finding:not(.out)").length), count, `${what} from the address`);
    await reopened.context.close();
    // What nobody could look at is never filtered away.
    const unaudited = report.targets.filter((target) => target.status === "unaudited").length;
    const listed = await page.evaluate(() => [...document.querySelectorAll("li.unaudited")].filter((item) => !item.closest(".out")).length);
    assert.equal(listed, unaudited, what);
    await page.click("#clear");
    await page.waitForTimeout(50);
    assert.equal(await shown(), report.findings.length, `${what}, reset`);
    assert(!page.url().includes("#?"), `${what} stays in the address`);
  };
  const targetOf = new Map(report.targets.map((target) => [target.id, target]));

  await page.check("input[name=severity][value=medium]");
  assert.equal(await page.locator("tr.unseen:visible").count(), await page.locator("tr.unseen").count(), "rows of unaudited targets");
  await expect((finding) => finding.severity === "medium", "severity");
  await page.check("input[name=severity][value=medium]");
  await page.check("input[name=severity][value=low]");
  await expect((finding) => ["medium", "low"].includes(finding.severity), "two severities");
  await page.check("input[name=disposition][value=waived]");
  await expect((finding) => finding.disposition === "waived", "disposition");
  const rule = report.findings[0].rule;
  await page.selectOption("#rule", rule);
  await expect((finding) => finding.rule === rule, "rule");
  await page.selectOption("#account", "444455556666");
  await expect((finding) => targetOf.get(finding.target).account === "444455556666", "account");
  await page.selectOption("#stage", "staging");
  await expect((finding) => targetOf.get(finding.target).stage === "staging", "stage");
  await page.fill("#q", `  ${report.targets[0].id.toUpperCase()} `);
  await expect((finding) => finding.target === report.targets[0].id, "text");
  await page.selectOption("#stage", "production");
  await page.check("input[name=severity][value=high]");
  await expect((finding) => finding.severity === "high" && targetOf.get(finding.target).stage === "production", "two filters");

  // A link to a rule whose findings are mended.
  const mended = await open(file);
  await mended.page.goto(`${mended.page.url()}#?rule=mended/rule`);
  await mended.page.reload();
  const left = await mended.page.evaluate(() => document.querySelectorAll("article.finding:not(.out)").length);
  assert.equal(left, 0, "a rule that finds nothing shows other findings");
  await mended.page.click("#clear");
  assert.equal(await mended.page.inputValue("#rule"), "", "a rule that finds nothing cannot be reset");
  await mended.context.close();

  const cell = page.locator("#heat-map td a[href^='#f-']").first();
  const [target, column] = await cell.evaluate((link) => [link.closest("tr").dataset.target, link.closest("td").cellIndex]);
  const area = await page.locator("#heat-map thead th").nth(column).getAttribute("data-area");
  await cell.click();
  await page.waitForTimeout(200);
  const [bar, title] = await page.evaluate(() => [document.getElementById("filters"), document.activeElement.querySelector("h4")]
    .map((element) => element.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom })));
  assert(bar.bottom <= title.top && title.bottom <= 900, `the title of a finding at ${title.top} is below the filters at ${bar.bottom}`);
  await expect((finding) => finding.target === target && finding.rule.startsWith(`${area}/`), "cell of the heat map");

  assert.equal(await page.locator("#heat-map tbody tr:visible").count(), 100, "rows of the first page");
  await page.click("#all-rows");
  assert.equal(await page.locator("#heat-map tbody tr:visible").count(), report.targets.length, "rows");

  // A link to a finding that a filter hides shows it.
  await page.fill("#q", "nothing has this in it");
  await page.waitForTimeout(200);
  assert.equal(await shown(), 0);
  const last = await page.locator("article.finding").last().getAttribute("id");
  await page.evaluate((id) => (location.hash = id), last);
  await page.waitForTimeout(200);
  assert(await page.locator(`#${last}`).isVisible(), "a link to a hidden finding");
  assert.deepEqual(wrong, []);
  await context.close();
}

async function keyboard(file) {
  const { page, context, wrong } = await open(file);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName);
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "skip");
  await page.keyboard.press("/");
  assert.equal(await focused(), "q", "`/` goes to the search");
  await page.keyboard.type("a/b");
  assert.equal(await page.inputValue("#q"), "a/b", "`/` in the search is a character");
  await page.fill("#q", "");
  const order = [];
  for (let step = 0; step < 15; step += 1) {
    order.push(await focused());
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(ring, "none", `${order.at(-1)} shows no focus`);
    await page.keyboard.press("Tab");
  }
  for (const name of ["q", "rule", "account", "stage", "clear", "scroll"]) {
    assert(order.includes(name), `the keyboard does not reach ${name}: ${order}`);
  }
  const group = page.locator("details.group > summary").first();
  await group.focus();
  const open_ = () => group.evaluate((summary) => summary.parentElement.open);
  const before = await open_();
  await page.keyboard.press("Enter");
  assert.equal(await open_(), !before, "a group folds by keyboard");
  assert.deepEqual(wrong, []);
  await context.close();
}

async function screenshots() {
  const target = "docs/screenshots";
  mkdirSync(target, { recursive: true });
  const whole = examples();
  const open_ = (finding) => finding.disposition === "below_threshold" && finding.severity === "medium";
  const findings = whole.findings.map((finding) => (open_(finding) ? { ...finding, disposition: "open" } : finding));
  const file = html("report", fleet({ ...whole, fail_on: "medium", findings }, { targets: 48, unaudited: 40 }));
  for (const width of [1280, 400]) {
    for (const colorScheme of ["light", "dark"]) {
      const { page, context, wrong } = await open(file, { colorScheme, viewport: { width, height: width === 400 ? 1600 : 1500 } });
      await page.screenshot({ path: join(target, `report-${width}-${colorScheme}.png`) });
      assert.deepEqual(wrong, []);
      await context.close();
    }
  }
  const context = await browser.newContext({ viewport: { width: 740, height: 600 } });
  const page = await context.newPage();
  await page.setContent(terminal(onTerminal("--config", "examples/audit.toml", "--target", "d2k7v9q4m1x8ra/dev", "--rule", "mfa/off", "--rule", "oauth/admin_scope")));
  await page.screenshot({ path: join(target, "terminal.png"), fullPage: true });
  await context.close();
}

async function bench() {
  const report = fleet(examples(), { targets: 2000, each: 2 });
  const before = performance.now();
  const file = html("bench", report);
  const written = performance.now() - before;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(pathToFileURL(file).href);
  const { metrics } = await session.send("Performance.getMetrics");
  const cpu = Math.round(1000 * metrics.find((metric) => metric.name === "ThreadTime").value);
  const load = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    return { load: Math.round(navigation.loadEventEnd), paint: Math.round(paint?.startTime ?? 0), nodes: document.querySelectorAll("*").length };
  });
  const times = {};
  const time = async (name, change) => {
    times[name] = await page.evaluate(async (code) => {
      const start = performance.now();
      new Function(code)();
      document.getElementById("filters").dispatchEvent(new Event("input", { bubbles: true }));
      // Behind the page's own timer, and one frame.
      await new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done))));
      return Math.round(performance.now() - start);
    }, change);
  };
  await time("severity", "document.querySelector('[name=severity][value=high]').checked = true");
  await time("first text", "document.getElementById('q').value = 'implicit'");
  await time("another text", "document.getElementById('q').value = 'loopback prod'");
  await time("reset", "document.getElementById('filters').reset()");
  const unfolded = await page.evaluate(() => {
    const start = performance.now();
    document.querySelectorAll("details").forEach((details) => (details.open = true));
    document.body.getBoundingClientRect();
    return Math.round(performance.now() - start);
  });
  console.log(`${report.targets.length} targets, ${report.findings.length} findings, ${report.rules.length} rules`);
  console.log(`file ${(statSync(file).size / 1e6).toFixed(1)} MB; read and written in ${Math.round(written)} ms; ${load.nodes} elements`);
  console.log(`first paint ${load.paint} ms, loaded ${load.load} ms (${cpu} ms of CPU)`);
  console.log(`filters: ${Object.entries(times).map(([name, ms]) => `${name} ${ms} ms`).join(", ")}; everything unfolded ${unfolded} ms`);
  await context.close();
}
