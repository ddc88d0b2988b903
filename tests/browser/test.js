"use strict";
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");
const { pathToFileURL } = require("url");
const assert = require("assert");
const { chromium } = require("playwright-core");
const { make } = require("./documents.js");

const [dehusk, work, pictures] = process.argv.slice(2).map((p) => p && path.resolve(p));
const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(dehusk, args, { encoding: "utf8" });
  return { status, stdout, stderr };
};
const cleaned = (args, out) => {
  const { status, stderr } = run("clean", "-q", "--isolated", ...args, "-o", out);
  assert.equal(status, 0, stderr);
  return path.join(out + ".report", "index.html");
};
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const tests = [];
const test = (name, body) => tests.push({ name, body });
const shown = (page) => page.$$eval("#linetable tbody tr", (rows) => rows.map((r) => [...r.cells].map((c) => c.textContent)));

test("it is under 5 MB and opens with the totals of the summary", async ({ page, file }) => {
  assert.ok(fs.statSync(file).size < 5e6);
  const summary = JSON.parse(fs.readFileSync(path.join(path.dirname(file), "summary.json")));
  const states = await page.textContent("#states");
  for (const [name, n] of Object.entries(summary.status)) if (n) assert.ok(states.includes(`${n.toLocaleString("en-US")}${name.replace("_", " ")}`), `${name} ${n}: ${states}`);
  const kinds = await page.$$eval("#chart tbody tr", (rows) => rows.map((r) => [r.cells[0].textContent, r.cells[3].textContent]));
  assert.deepEqual(Object.fromEntries(kinds), Object.fromEntries(Object.entries(summary.categories).map(([k, v]) => [k, v.removals.toLocaleString("en-US")])));
});

test("lines are sorted by any column, both ways", async ({ page }) => {
  const counts = async () => (await shown(page)).map((r) => Number(r[1].replace(/,/g, "")));
  const first = await counts();
  assert.deepEqual(first, [...first].sort((a, b) => b - a));
  await page.click("#linetable th:nth-child(2) button");
  assert.equal(await page.getAttribute("#linetable th:nth-child(2)", "aria-sort"), "ascending");
  const second = await counts();
  assert.deepEqual(second, [...second].sort((a, b) => a - b));
  await page.click("#linetable th:nth-child(4) button");
  const kinds = (await shown(page)).map((r) => r[3]);
  assert.deepEqual(kinds, [...kinds].sort());
  await page.click("#ruletable th:nth-child(6) button");
  assert.equal(await page.getAttribute("#ruletable th:nth-child(6)", "aria-sort"), "descending");
});

test("lines are filtered by words and by kind", async ({ page }) => {
  await page.fill("#search", "NEWSLETTER sign");
  const some = await shown(page);
  assert.ok(some.length > 0 && some.every((r) => r.join(" ").toLowerCase().includes("newsletter")));
  assert.match(await page.textContent("#found"), /of/);
  await page.fill("#search", "");
  await page.selectOption("#kind", "cookie-consent");
  assert.ok((await shown(page)).every((r) => r[3] === "cookie-consent"));
  await page.selectOption("#kind", "");
  await page.click("#chart tbody button >> nth=1");
  assert.equal(await page.inputValue("#kind"), await page.textContent("#chart tbody button >> nth=1"));
});

test("removals are walked with the keyboard, and documents too", async ({ page }) => {
  await page.focus("#page");
  await page.keyboard.press("n");
  const at = () => page.evaluate(() => [document.activeElement.tagName, document.querySelector("#where").textContent]);
  const [tag, first] = await at();
  assert.equal(tag, "DEL");
  assert.match(first, /^Removal 1 of/);
  assert.ok(await page.isVisible("#why"));
  const all = await page.$$eval("#page del", (d) => d.length);
  for (let i = 0; i < all; i++) await page.keyboard.press("n");
  assert.match((await at())[1], /^Removal 1 of/);
  await page.keyboard.press("p");
  assert.match((await at())[1], new RegExp(`^Removal ${all} of ${all}`));
  await page.keyboard.press("Escape");
  assert.ok(!(await page.isVisible("#why")));
  const before = await page.textContent("#page-name");
  await page.keyboard.press("]");
  assert.notEqual(await page.textContent("#page-name"), before);
  await page.keyboard.press("[");
  assert.equal(await page.textContent("#page-name"), before);
});

test("everything is reached with Tab", async ({ browser, file }) => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  const seen = new Set();
  for (let i = 0; i < 250 && !seen.has("kind"); i++) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName));
  }
  for (const id of ["skip", "theme", "prev", "next", "view", "page", "search", "kind"]) assert.ok(seen.has(id), `${id}: ${[...seen]}`);
  await page.close();
});

test("pointing at a removal says why, and leaving hides it", async ({ page }) => {
  await page.evaluate(() => document.activeElement.blur());
  const one = page.locator("#page del").first();
  await one.scrollIntoViewIfNeeded();
  await one.hover();
  const why = await page.textContent("#why");
  assert.match(why, /% sure/);
  assert.ok((await page.$$("#why li")).length > 0);
  await page.mouse.move(2, 2);
  await page.waitForSelector("#why", { state: "hidden" });
});

test("a copied keep-rule passes the check and keeps its line", async ({ page, pages }) => {
  await page.fill("#search", "for our newsletter");
  await page.selectOption("#kind", "newsletter-signup");
  await page.locator("#linetable tbody tr").filter({ has: page.getByRole("cell", { name: "Sign up for our newsletter", exact: true }) }).getByRole("button").first().click();
  const rule = await page.evaluate(() => navigator.clipboard.readText());
  const pack = path.join(work, "keep.toml");
  fs.writeFileSync(pack, rule);
  const checked = run("rules", "test", pack);
  assert.equal(checked.status, 0, checked.stderr + rule);
  const written = path.join(pages, "written");
  const file = fs.readdirSync(written).map((n) => path.join(written, n)).find((f) => fs.readFileSync(f, "utf8").includes("Sign up for our newsletter"));
  assert.ok(!run("clean", "-q", "--isolated", file).stdout.includes("newsletter"));
  assert.ok(run("clean", "-q", "--isolated", "-r", pack, file).stdout.includes("Sign up for our newsletter"));
});

test("keep-rules of many lines pass the check together", async ({ page }) => {
  await page.fill("#search", "");
  await page.selectOption("#kind", "");
  for (let i = 0; i < 3; i++) if (await page.isVisible("#more")) await page.click("#more");
  const boxes = await page.$$("#linetable tbody input");
  for (const box of boxes.slice(0, 400)) await box.evaluate((b) => b.click());
  await page.click("#traycopy");
  const pack = path.join(work, "many.toml");
  fs.writeFileSync(pack, await page.evaluate(() => navigator.clipboard.readText()));
  const checked = run("rules", "test", pack);
  assert.equal(checked.status, 0, checked.stderr.slice(0, 3000));
  await page.click("#trayclear");
  assert.ok(!(await page.isVisible("#tray")));
});

test("light and dark follow the system and the button", async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await ground();
  assert.notEqual(light, dark);
  await page.click("#theme");
  assert.equal(await ground(), light);
  await page.click("#theme");
  await page.emulateMedia({ colorScheme: "light" });
  assert.equal(await ground(), dark);
  await page.click("#theme");
  assert.equal(await ground(), light);
});

test("hostile pages are text and do nothing", async ({ page, hostile, file }) => {
  await page.goto(pathToFileURL(hostile).href);
  for (const link of await page.$$("#shelf button")) await link.click();
  assert.equal((await page.$$("#shelf button")).length, 10);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  const made = await page.evaluate(() => [document.scripts.length, document.querySelectorAll("img, svg, iframe, base, link, object, embed, form").length,
    [...document.querySelectorAll("a")].filter((a) => !a.getAttribute("href").startsWith("#")).length]);
  assert.deepEqual(made, [2, 0, 0]);
  const open = (name) => page.click(`#shelf button:has-text("${name}")`);
  await open("end-of-script.txt");
  assert.match(await page.textContent("#page del"), /Mark this line <\/script><script>/);
  await open("bidi.txt");
  assert.match(await page.textContent("#page"), /U\+202E/);
  assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(await page.textContent("body > main")));
  await open("template.txt");
  assert.match(await page.textContent("#page"), /\{\{data\}\} \{\{csp\}\}/);
  assert.ok(fs.statSync(hostile).size < 1e6);
  await page.goto(pathToFileURL(file).href);
});

test("the policy lets nothing else run", async ({ page }) => {
  const errors = await page.evaluate(() => {
    const out = [];
    for (const act of [() => { document.createElement("p").innerHTML = "<b>x</b>"; }, () => { document.createElement("script").text = "1"; }, () => document.write("x")]) try { act(); out.push("ran"); } catch (e) { out.push(e.name); }
    return out;
  });
  assert.deepEqual(errors, ["TypeError", "TypeError", "TypeError"]);
});

test("it prints without its controls", async ({ page }) => {
  await page.emulateMedia({ media: "print" });
  assert.ok(!(await page.isVisible("#next")) && (await page.isVisible("#page")));
  await page.emulateMedia({ media: "screen" });
});

for (const [theme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
  test(`axe finds no fault, ${theme}, ${width} wide`, async ({ browser, file }) => {
    const page = await browser.newPage({ colorScheme: theme, viewport: { width, height: 850 }, bypassCSP: true });
    await page.goto(pathToFileURL(file).href);
    await page.click("#next");
    await page.evaluate(() => document.querySelectorAll("#linetable tbody tr:nth-child(n+12)").forEach((r) => r.remove()));
    await page.addScriptTag({ path: require.resolve("axe-core") });
    const { violations } = await page.evaluate(() => window.axe.run());
    const told = violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120) + " " + n.failureSummary).join(" | ")}`);
    assert.equal(told.length, 0, told.join("\n"));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it scrolls sideways");
    await page.close();
  });
}

test("no error on the console, no request to any network", async ({ complaints, requests }) => {
  // What the policy refuses above is told on the console by design.
  assert.deepEqual(complaints.filter((c) => !/Trusted(Type|HTML|Script)/.test(c)), []);
  assert.deepEqual(requests, []);
});

(async () => {
  const { pages, pack } = make(work, path.resolve(__dirname, "../sample"));
  const file = cleaned([pages, "-r", pack], path.join(work, "out"));
  const hostile = cleaned([path.join(pages, "hostile"), "-r", pack], path.join(work, "hostile"));
  const again = cleaned([pages, "-r", pack, "-j", "1"], path.join(work, "again"));
  test("it is the same page again, on one thread", async () => assert.ok(fs.readFileSync(file).equals(fs.readFileSync(again))));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
  const context = await browser.newContext({ viewport: { width: 1280, height: 850 }, colorScheme: "light", permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  const [complaints, requests] = [[], []];
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(String(e)));
  const url = pathToFileURL(file).href;
  page.on("request", (r) => ![url, pathToFileURL(hostile).href].includes(r.url()) && requests.push(r.url()));
  await page.goto(url);
  const opened = await page.evaluate(() => performance.timing.loadEventEnd - performance.timing.navigationStart);
  let [passed, failed] = [0, 0];
  for (const { name, body } of tests) {
    try {
      await body({ browser, page, file, hostile, pages, complaints, requests });
      passed++;
      console.log(`ok      ${name}`);
    } catch (e) {
      failed++;
      console.log(`FAILED  ${name}\n        ${String(e.stack || e).split("\n").slice(0, 14).join("\n        ")}`);
    }
  }
  if (pictures) await take(browser, cleaned([path.resolve(__dirname, "../sample")], path.join(work, "sample")), pictures);
  await browser.close();
  console.log(`the page: ${fs.statSync(file).size} bytes, opened in ${opened} ms`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
})();

// Pictures of the samples' page, to be looked at.
const take = async (browser, file, folder) => {
  fs.mkdirSync(folder, { recursive: true });
  for (const [theme, width, height] of [["light", 1280, 860], ["dark", 1280, 860], ["light", 390, 844], ["dark", 390, 844]]) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme });
    await page.goto(pathToFileURL(file).href);
    await page.evaluate(() => { document.documentElement.style.scrollBehavior = "auto"; });
    await page.screenshot({ path: path.join(folder, `${theme}-${width}-overview.png`) });
    await page.click('#shelf button:has-text("harbour")');
    await page.evaluate(() => document.getElementById("read").scrollIntoView());
    for (let i = 0; i < 3; i++) await page.click("#next");
    await page.waitForTimeout(150);
    await page.screenshot({ path: path.join(folder, `${theme}-${width}-read.png`) });
    const credit = page.locator("#page del", { hasText: "Photo by" });
    await credit.focus();
    await credit.evaluate((node) => { document.getElementById("page").scrollTop = node.offsetTop - document.getElementById("page").offsetTop - 260; document.querySelector(".reader").scrollIntoView(); });
    await page.waitForTimeout(150);
    await credit.hover();
    await page.screenshot({ path: path.join(folder, `${theme}-${width}-why.png`) });
    await page.keyboard.press("Escape");
    for (const part of ["lines", "rules"]) {
      await page.evaluate((id) => document.getElementById(id).scrollIntoView(), part);
      await page.screenshot({ path: path.join(folder, `${theme}-${width}-${part}.png`) });
    }
    await page.close();
  }
};
