"use strict";
// The documents of the run: written here, the samples of the repository, and pages of the quality corpus where it is at hand.
const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");

const ATTACK = "window.pwned = (window.pwned || 0) + 1";
const HOSTILE = {
  "script.txt": `Mark this line <script>${ATTACK}</script>`,
  "end-of-script.txt": `Mark this line </script><script>${ATTACK}</script><!-- <script> -->`,
  "handler.txt": `Mark this line <img src=x onerror="${ATTACK}"><svg onload="${ATTACK}"><iframe srcdoc="<script>parent.${ATTACK}</script>">`,
  "address.txt": `Mark this line <a href="javascript:${ATTACK}">here</a> javascript:${ATTACK} <base href="http://example.invalid/"><link rel=stylesheet href=http://example.invalid/x.css>`,
  "bidi.txt": "Mark this line \u202eesrever\u202c \u2066isolated\u2069 \u2028\u2029 \u200b\ufeff \u0000\u001b[31m",
  "template.txt": "Mark this line {{data}} {{csp}} ${1} $& {{script}} \\u003c/script> ]]> <!-- --!>",
  "long.txt": "Mark this line " + "<b>long</b> ".repeat(90000),
  "<img src=x onerror=window.pwned=1>.txt": "Mark this line in a file of that name",
  "__proto__.txt": "Mark this line __proto__ constructor",
};
const PROSE = "The ferry left the pier at noon, and nobody on board had thought of the wind that would come up behind the island before the evening was over.";
const CHROME = ["Accept all cookies", "Sign up for our newsletter", "Skip to content", "Share on Facebook", "All rights reserved", "Leave a comment", "Related articles", "Log in"];

// Makes the inputs below `work` and says how many there are.
exports.make = (work, samples) => {
  const pages = path.join(work, "pages");
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(path.join(pages, "hostile"), { recursive: true });
  fs.mkdirSync(path.join(pages, "written"));
  fs.cpSync(samples, path.join(pages, "sample"), { recursive: true });
  for (const [name, line] of Object.entries(HOSTILE)) {
    fs.writeFileSync(path.join(pages, "hostile", name), `Kept ${line.slice(0, 4000)}\n\n${PROSE}\n\n${line}\n\n${PROSE}\n\nSign up for our newsletter\n`);
  }
  fs.writeFileSync(path.join(pages, "hostile", "bytes.txt"), Buffer.concat([Buffer.from(`${PROSE}\n\nMark this line `), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80]), Buffer.from("\n")]));
  for (let i = 0; i < 200; i++) {
    const line = (k) => CHROME[(i * 7 + k * 3) % CHROME.length];
    const body = Array.from({ length: 2 + (i % 5) }, (_, k) => `${PROSE} That was number ${i * 10 + k}.`).join("\n\n");
    fs.writeFileSync(path.join(pages, "written", `page-${String(i).padStart(3, "0")}.txt`), `${line(0)}\n${line(1)}\n\n${body}\n\n${line(2)}\n${line(3)}\n`);
  }
  fs.writeFileSync(path.join(pages, "written", "nothing-but-chrome.txt"), "Sign up for our newsletter\nAccept all cookies\n");
  fs.writeFileSync(path.join(pages, "written", "empty.txt"), "");
  const corpus = path.resolve(__dirname, "../../../shared/bench/score.py");
  if (fs.existsSync(corpus)) {
    const folder = path.join(work, "corpus");
    spawnSync("python3", [corpus, "unpack", "wcxb-dev", "scrape-resiliparse", "-o", folder]);
    fs.mkdirSync(path.join(pages, "corpus"));
    const some = fs.existsSync(folder) ? fs.readdirSync(folder).sort().slice(0, 500) : [];
    for (const name of some) fs.renameSync(path.join(folder, name), path.join(pages, "corpus", name));
    fs.rmSync(folder, { recursive: true, force: true });
  }
  // Takes the hostile lines, so that they are shown as removed text too; its reason is hostile as well.
  const pack = path.join(work, "hostile.toml");
  fs.writeFileSync(pack, `language = "en"\n[[rule]]\nid = "mark"\ncategory = "advertisement"\nwhy = "</script><script>${ATTACK}</script>"\nphrases = ["mark this line"]\ncovers = "part"\nstrength = "certain"\nmatch = ["Mark this line", "Mark this line now"]\nkeep = ["One", "Two"]\n`);
  return { pages, pack };
};
