"use strict";
(() => {
  // Everything from a page goes through here: it becomes a text node, and what cannot be seen is named.
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const put = (to, text) => {
    let at = 0;
    for (const found of text.matchAll(HIDDEN)) {
      if (found[0] === "\r" && text[found.index + 1] === "\n") continue;
      to.append(text.slice(at, found.index));
      to.append(make("span", "esc", "U+" + found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")));
      at = found.index + found[0].length;
    }
    to.append(text.slice(at));
  };
  function make(tag, kind, ...inside) {
    const node = document.createElement(tag);
    if (kind) node.className = kind;
    for (const part of inside) typeof part === "string" ? put(node, part) : node.append(part);
    return node;
  }
  const button = (text, press, label) => {
    const node = make("button", "", text);
    node.type = "button";
    if (label) node.setAttribute("aria-label", label);
    node.addEventListener("click", press);
    return node;
  };
  const number = (n) => n.toLocaleString("en-US");
  const plural = (n, one) => number(n) + " " + one + (n === 1 ? "" : "s");
  const percent = (x) => (100 * x).toFixed(x < 0.1 && x > 0 ? 1 : 0) + " %";
  const size = (n) => {
    for (const unit of ["B", "kB", "MB", "GB", "TB"]) {
      if (n < 1000 || unit === "TB") return (unit === "B" ? n : n.toPrecision(3)) + " " + unit;
      n /= 1000;
    }
  };
  const say = (text) => {
    $("say").textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { $("say").textContent = ""; }, 5000);
  };
  const tagOf = (category) => make("span", "tag k-" + category, category);

  // Keep-rules.
  const quote = (text) => JSON.stringify(text).replace(/\u007f/g, "\\u007f");
  const slug = (text) => {
    let sum = 2166136261;
    for (const c of text) sum = Math.imul(sum ^ c.codePointAt(0), 16777619) >>> 0;
    const words = text.normalize("NFKD").toLowerCase().match(/[a-z0-9]+/g) || [];
    return ["keep", ...words.slice(0, 5).map((w) => w.slice(0, 12)), sum.toString(36).slice(-4)].join("-");
  };
  // Words that stand for a line: the line itself, or the beginning of a long one.
  const phraseOf = (line) => {
    const cut = line.length > 199 && line.endsWith("…");
    const words = line.split(/\s+/);
    if (cut && words.length > 1) words.pop();
    if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(line) && line.length > 40) return [[...line.replace(/…$/, "")].slice(0, 24).join(""), true];
    return words.length > 40 || cut ? [words.slice(0, 12).join(" "), true] : [words.join(" "), false];
  };
  const stanza = (category, text) => {
    const trimmed = text.split(/[\r\n]+/).map((line) => line.trim().replace(/^[^\p{L}\p{N}]+/u, "").replace(/\s+/g, " "));
    const lines = [...new Set(trimmed)].filter((line) => /\p{L}/u.test(line)).slice(0, 12);
    if (!lines.length) return null;
    const phrases = lines.map(phraseOf);
    const part = phrases.some(([, cut]) => cut);
    const examples = lines.length > 1 ? lines : [lines[0], lines[0].endsWith(".") ? lines[0].slice(0, -1) : lines[0] + "."];
    return {
      category, id: slug(text),
      text: ["[[allow]]", "id = " + quote(slug(text)), "category = " + quote(category), 'why = "Belongs to the text; it was removed by mistake."',
        "phrases = [" + phrases.map(([phrase]) => quote(phrase)).join(", ") + "]", ...(part ? ['covers = "part"'] : []),
        "match = [" + examples.map(quote).join(", ") + "]",
        'keep = ["Some other line of the page is judged as before.", "So is the one that follows after it."]', ""].join("\n"),
    };
  };
  const copy = async (text, done) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const copied = document.execCommand("copy");
      area.remove();
      if (!copied) return say("This browser does not let the page copy.");
    }
    say(done);
  };
  const copyRule = (category, text) => {
    const rule = stanza(category, text);
    if (!rule) return say("Numbers and signs alone cannot be a phrase: see the packs' documentation for patterns.");
    return copy(rule.text, "Copied. Paste it into a file such as my.toml, and clean with -r my.toml.");
  };

  // Tables that can be sorted. A column: [name, class, key of a row, cell of a row].
  const table = (id, columns, rows, start, more) => {
    let [by, down, most] = [start, true, 200];
    let shown = rows;
    const heads = columns.map(([name, kind, key], i) => {
      const head = make("th", kind);
      head.scope = "col";
      if (!key) return head.append(name), head;
      head.append(button(name, () => { [by, down] = [i, by === i ? !down : kind.includes("num")]; draw(); }));
      return head;
    });
    $(id).tHead.append(make("tr", "", ...heads));
    const draw = (filtered = shown) => {
      shown = filtered;
      const key = columns[by][2], sign = down ? -1 : 1;
      heads.forEach((head, i) => { if (columns[i][2]) head.setAttribute("aria-sort", i !== by ? "none" : down ? "descending" : "ascending"); });
      const sorted = [...shown].sort((a, b) => { const [x, y] = [key(a), key(b)]; return x < y ? -sign : x > y ? sign : a.n - b.n; });
      $(id).tBodies[0].replaceChildren(...sorted.slice(0, most).map((row) => make("tr", "", ...columns.map(([, kind, , cell]) => make("td", kind, ...[cell(row)].flat())))));
      $(more).hidden = sorted.length <= most;
      $(more).textContent = "Show " + number(Math.min(500, sorted.length - most)) + " more of " + number(sorted.length - most);
    };
    $(more).addEventListener("click", () => { most += 500; draw(); });
    return draw;
  };

  // Overview.
  const [before, after] = data.bytes;
  const share = before ? (before - after) / before : 0;
  const others = data.found - data.status.skipped - data.status.failed;
  $("headline").textContent = before - after ? size(before - after) + " of chrome removed from " + plural(data.status.cleaned + data.status.emptied, "document") : "Nothing was removed";
  const odd = data.outliers.reduce((a, b) => a + b, 0);
  $("lede").textContent = size(before) + " came in and " + size(after) + " went out, " + percent(share) + " less, at level " + data.level + ". "
    + (odd ? number(odd) + " of " + plural(others, "document") + (odd === 1 ? " is" : " are") + " worth a look first." : "None of the " + plural(others, "document") + " stands out.")
    + (data.finished ? "" : " The run was stopped before all inputs were seen.");
  const categories = data.categories.map((c, n) => ({ n, ...c }));
  $("weight").setAttribute("aria-label", percent(1 - share) + " of the bytes were kept; the rest by kind is in the table");
  $("weight").append(make("span", "rest", "kept " + percent(1 - share)));
  // What is too small to be seen is shown together.
  const [large, small] = [true, false].map((is) => categories.filter((c) => (c.bytes / (before || 1) >= 0.006) === is));
  for (const c of [...large, { id: "unclassified", bytes: small.reduce((sum, c) => sum + c.bytes, 0), name: small.map((c) => c.id).join(", ") }]) {
    const piece = make("span", "k-" + c.id);
    piece.style.width = (100 * c.bytes) / (before || 1) + "%";
    piece.title = (c.name || c.id) + ", " + size(c.bytes);
    if (c.bytes) $("weight").append(piece);
  }
  for (const [name, n] of Object.entries(data.status)) if (n) $("states").append(make("li", "", make("b", "", number(n)), name.replace("_", " ")));
  const widest = Math.max(1, ...categories.map((c) => c.bytes));
  $("chart").tHead.append(make("tr", "", ...["Kind", "Bytes", "", "Pieces", "Documents"].map((name, i) => {
    const head = make(name ? "th" : "td", ["", "num", "track", "num", "num wide"][i], name);
    if (name) head.scope = "col";
    return head;
  })));
  for (const c of categories) {
    const bar = make("span", "k-" + c.id);
    bar.style.width = (100 * c.bytes) / widest + "%";
    const go = button(c.id, () => { $("kind").value = c.id; filter(); $("lines").scrollIntoView(); $("search").focus({ preventScroll: true }); });
    go.title = c.what;
    $("chart").tBodies[0].append(make("tr", "", make("td", "k-" + c.id, go), make("td", "num", size(c.bytes)), make("td", "track", bar), make("td", "num", number(c.removals)), make("td", "num wide", number(c.documents))));
    $("kind").append(make("option", "", c.id));
  }

  // Lines.
  const chosen = new Map();
  const rows = data.lines.map(([count, category, rule, text, path, line], n) => ({ n, count, category, rule: rule || "", text, path, line, find: [text, rule, path, category].join("\n").toLowerCase() }));
  const tray = () => {
    $("tray").hidden = !chosen.size;
    $("traycount").textContent = plural(chosen.size, "line") + " to keep";
  };
  const tick = (row) => {
    const box = make("input");
    box.type = "checkbox";
    box.checked = chosen.has(row.n);
    box.setAttribute("aria-label", "Keep: " + row.text.slice(0, 60));
    box.addEventListener("change", () => { box.checked ? chosen.set(row.n, row) : chosen.delete(row.n); tray(); });
    return box;
  };
  const drawLines = table("linetable", [
    ["Keep", "", null, tick],
    ["Count", "num", (r) => r.count, (r) => number(r.count)],
    ["Line", "text", (r) => r.text.toLowerCase(), (r) => r.text],
    ["Kind", "", (r) => r.category, (r) => tagOf(r.category)],
    ["Rule", "rule", (r) => r.rule, (r) => r.rule || "by its context"],
    ["First seen", "path", (r) => r.path, (r) => r.path + ":" + r.line],
    ["Keep-rule", "act", null, (r) => button("Copy keep-rule", () => copyRule(r.category, r.text), "Copy keep-rule for " + r.text.slice(0, 60))],
  ], rows, 1, "more");
  const filter = () => {
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean), kind = $("kind").value;
    const left = rows.filter((r) => (!kind || r.category === kind) && words.every((w) => r.find.includes(w)));
    drawLines(left);
    $("found").textContent = left.length === rows.length ? plural(rows.length, "line") : number(left.length) + " of " + plural(rows.length, "line");
  };
  $("search").addEventListener("input", filter);
  $("kind").addEventListener("change", filter);
  $("lines-note").textContent = "Distinct lines that went, the most frequent first: ten thousand pages share a few hundred. " + (data.lines.length < data.distinct
    ? "The " + number(data.lines.length) + " most frequent of " + number(data.distinct) + " are here; strings.csv has the rest" : "All " + number(data.distinct) + " are here")
    + (data.forgotten ? "; lines seen at most " + plural(data.forgotten, "time") + " may be missing, there were too many. " : ". ") + "Tick what should have stayed.";
  $("traycopy").addEventListener("click", () => {
    const made = [...chosen.values()].map((r) => stanza(r.category, r.text)).filter(Boolean).sort((a, b) => (a.category + " " + a.id < b.category + " " + b.id ? -1 : 1));
    copy(made.map((m) => m.text).join("\n"), plural(made.length, "keep-rule") + " copied. Paste into a file such as my.toml, and clean with -r my.toml.");
  });
  $("trayclear").addEventListener("click", () => { chosen.clear(); tray(); filter(); });
  filter();

  // Rules.
  const rules = data.rules.map((r, n) => ({ n, ...r }));
  table("ruletable", [
    ["Rule", "text", (r) => r.rule || "~" + r.category, (r) => [r.rule ? r.rule : make("i", "", "by context, no rule"), " ", tagOf(r.category), make("span", "small", (r.why || "") + (r.strength ? " (" + r.strength + ")" : ""))]],
    ["Pieces", "num", (r) => r.removals, (r) => number(r.removals)],
    ["Documents", "num", (r) => r.documents, (r) => number(r.documents)],
    ["Mean score", "num", (r) => r.mean, (r) => r.mean.toFixed(2)],
    ["Lowest", "num", (r) => r.lowest, (r) => r.lowest.toFixed(2)],
    ["Like prose", "num", (r) => r.prose, (r) => number(r.prose)],
    ["Longest, in words", "num", (r) => r.longest, (r) => number(r.longest)],
    ["Distinct lines", "num", (r) => r.distinct, (r) => number(r.distinct)],
  ], rules, 1, "morerules")();
  if (rules.length < data.rules_found) $("rules-note").append(" The " + number(rules.length) + " busiest of " + number(data.rules_found) + " are here.");
  if (data.errors.length) {
    $("trouble").hidden = false;
    $("errors").append(...data.errors.map((e) => make("li", "", make("b", "", e.path), ": " + e.error)));
    if (data.status.failed > data.errors.length) $("errors").append(make("li", "", "and " + number(data.status.failed - data.errors.length) + " more, in removals.jsonl"));
  }

  // Reading.
  const groups = ["Suspicious: passed through whole", "Emptied", "May have lost so much of their text", "A sample of the others"];
  const docs = data.documents;
  const links = docs.map((doc, i) => {
    const link = button("", () => open(i));
    link.append(make("span", "", doc.path), make("span", "", doc.class === 0 ? "held" : doc.class === 2 && doc.loss ? percent(doc.loss) : percent(doc.bytes[0] ? 1 - doc.bytes[1] / doc.bytes[0] : 0)));
    link.title = doc.path;
    return link;
  });
  groups.forEach((name, kind) => {
    const some = links.filter((_, i) => docs[i].class === kind);
    if (some.length) $("shelf").append(make("h3", "", name + " · " + (kind < 3 ? some.length < data.outliers[kind] ? some.length + " of " + number(data.outliers[kind]) : number(data.outliers[kind]) : number(some.length))), ...some);
  });
  $("read-note").textContent = docs.length ? "What is kept is plain, what went is struck through and coloured by kind; point at it to see why. Outliers come first, then "
    + plural(docs.filter((d) => d.class === 3).length, "document") + " of the other " + number(data.sampled_from) + ", drawn by their names with a fixed seed. Long documents are shortened to about " + size(data.cap) + " each, and say where."
    : "No document was read as text.";
  let [current, pieces, at, hide] = [0, [], -1, 0];
  const open = (i, focus = true) => {
    const doc = docs[i];
    if (!doc) return;
    links[current].removeAttribute("aria-current");
    links[(current = i)].setAttribute("aria-current", "true");
    const shelf = $("shelf"), top = links[i].offsetTop - shelf.offsetTop;
    if (top < shelf.scrollTop || top + 32 > shelf.scrollTop + shelf.clientHeight) shelf.scrollTop = top - 60;
    [pieces, at] = [[], -1];
    const name = make("b", "", doc.path);
    name.id = "page-name";
    $("title").replaceChildren(name, make("span", "", doc.status.replace("_", " ")), make("span", "", size(doc.bytes[0]) + " → " + size(doc.bytes[1])), make("span", "", doc.reason || (doc.loss >= 0.01 ? percent(doc.loss) + " of its text may be among what went" : "")));
    $("page").replaceChildren(...doc.parts.map((part) => {
      if (typeof part === "string") return make("span", "kept", part);
      if (part.omitted !== undefined) return make("span", "cut", "\n… " + plural(part.omitted, part.kept ? "byte that is kept, not in this report" : "character") + (part.kept ? "" : " left out here") + (part.removals ? ", with " + plural(part.removals, "removal") : "") + " …\n");
      const text = part.t.trim();
      if (!text) return make("span", "space", part.t);
      const start = part.t.indexOf(text);
      const node = make("del", "k-" + part.c + (doc.class === 0 ? " held" : ""), text);
      node.tabIndex = pieces.length ? -1 : 0;
      const mine = pieces.push({ node, part }) - 1;
      node.addEventListener("mouseenter", () => reason(mine));
      node.addEventListener("mouseleave", () => { hide = setTimeout(unreason, 250); });
      node.addEventListener("focus", () => { at = mine; step(); reason(mine); });
      return [make("span", "space", part.t.slice(0, start)), node, make("span", "space", part.t.slice(start + text.length))];
    }).flat());
    if (!docs[i].parts.length) $("page").replaceChildren(make("span", "empty", "The document is empty."));
    $("page").scrollTop = 0;
    unreason();
    step();
    if (focus) $("page").focus({ preventScroll: true });
  };
  const step = () => {
    pieces.forEach(({ node }, i) => { node.tabIndex = i === Math.max(at, 0) ? 0 : -1; node.classList.toggle("on", i === at); });
    $("where").textContent = pieces.length ? (at < 0 ? plural(pieces.length, "removal") : "Removal " + (at + 1) + " of " + pieces.length) : "No removals";
  };
  const move = (by) => {
    if (!pieces.length) return;
    if ($("view").value === "kept") { $("view").value = "all"; $("page").dataset.view = "all"; }
    const to = at < 0 ? (by > 0 ? 0 : pieces.length - 1) : (at + by + pieces.length) % pieces.length;
    pieces[to].node.scrollIntoView({ block: "center", behavior: "instant" });
    pieces[to].node.focus({ preventScroll: true });
  };
  const unreason = () => { $("why").hidden = true; };
  const reason = (i) => {
    clearTimeout(hide);
    const { node, part } = pieces[i], card = $("why");
    card.className = "k-" + part.c;
    card.replaceChildren(tagOf(part.c), " ", make("span", "rule", part.r || "by its context, no rule"),
      make("p", "", data.what[part.c] || ""), make("ul", "", ...part.w.map((w) => make("li", "", w))),
      make("p", "", "Line " + part.n + ", " + (part.s > 0.99 ? "over 99 %" : percent(part.s)) + " sure" + (docs[current].class === 0 ? "; held back, the document passed through whole" : "")),
      button("Copy keep-rule", () => copyRule(part.c, part.t)));
    card.hidden = false;
    for (const other of pieces) other.node.removeAttribute("aria-describedby");
    node.setAttribute("aria-describedby", "why");
    const box = node.getClientRects()[0] || node.getBoundingClientRect();
    const last = node.getBoundingClientRect(), high = card.offsetHeight;
    const below = Math.min(last.bottom, innerHeight - 40) + 8;
    card.style.left = Math.max(12, Math.min(box.left, innerWidth - card.offsetWidth - 12)) + "px";
    card.style.top = (below + high < innerHeight ? below : Math.max(8, box.top - high - 8)) + "px";
  };
  $("why").addEventListener("mouseenter", () => clearTimeout(hide));
  $("why").addEventListener("mouseleave", () => { hide = setTimeout(unreason, 250); });
  addEventListener("scroll", (e) => { if (e.target === document && !pieces.some(({ node }) => node === document.activeElement)) unreason(); }, true);
  $("next").addEventListener("click", () => move(1));
  $("prev").addEventListener("click", () => move(-1));
  $("view").addEventListener("change", () => { $("page").dataset.view = $("view").value; });
  $("page").addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const act = { n: () => move(1), p: () => move(-1), "]": () => open((current + 1) % docs.length), "[": () => open((current + docs.length - 1) % docs.length), c: () => at >= 0 && copyRule(pieces[at].part.c, pieces[at].part.t) }[e.key.toLowerCase()];
    if (act) { e.preventDefault(); act(); }
  });
  addEventListener("keydown", (e) => { if (e.key === "Escape") unreason(); });
  open(0, false);

  const themes = ["auto", "light", "dark"];
  $("theme").addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme || "auto") + 1) % 3];
    if (next === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = next;
    $("theme").lastChild.textContent = next;
  });
  $("colophon").textContent = "Made by dehusk " + data.dehusk + ". This page is one file, asks nothing of any network, and shows scraped text as text only. removals.jsonl beside it has every removed byte and restores the originals.";
})();
