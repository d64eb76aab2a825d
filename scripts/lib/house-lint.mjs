/** The rules of this repository that no general linter knows. Each check takes a file's path and text and returns sentences. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { filesBelow } from "./files.mjs";
import { inRoot } from "./process.mjs";

/** Layers from the bottom. A file imports from its own folder or from lower layers. */
const layers = {
  bindings: 1,
  base: 2,
  lib: 3,
  sessions: 3,
  idl: 3,
  drivers: 4,
  servers: 4,
  apps: 4,
  // The root is no component: it runs an init in its own process, and gives it what only the host has.
  root: 5,
  cli: 6,
  hil: 6,
  bench: 6,
};
/** In these, each subfolder is a component, which imports no other one. */
const componentFolders = new Set(["drivers", "servers", "apps"]);
/** Every component pays for what the runtime imports, so packages are named here, a folder each, and in docs/dependencies.md. */
const allowedPackages = {
  "drivers/uart": ["serialport", "@serialport/bindings-cpp"],
  "servers/init": ["jsonc-parser"],
  "apps/terminal": ["@xterm/headless"],
  "servers/web-console": ["ws"],
  idl: [],
  root: ["esbuild"],
  cli: ["jsonc-parser", "esbuild", "ws"],
  "hil/runner": ["esbuild"],
  hil: [],
  bench: [],
};
/** The files that turn shared memory into private copies, and private copies into text. */
const decodingFiles = new Set(["base/message.ts", "base/dataspace.ts"]);
const longestFile = 450;
/** Tests are lists: they may be longer. */
const longestTest = 600;
const sourceName = /\.(ts|mjs|cc|h)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;

/** Put together here, so that this file does not hold them. */
const forbidden = [
  [
    new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`),
    "unfinished work: finish it or file an issue",
  ],
  [new RegExp(`(^|[^\\w.])/${"work"}/`), "a path of one machine"],
  [
    new RegExp(`registry\\.${"npmjs"}|${"npmjs"}\\.(org|com)`),
    "the host of a package registry: the user's npm configuration chooses it",
  ],
  [
    /AbortSignal\.any\(/,
    "signals joined so: a time-out that only the joined signal knows is collected as garbage, and never fires (Node.js 20)",
  ],
];

function isGenerated(file) {
  return /\.generated\.[a-z]+$/.test(file);
}

function importsOf(text) {
  const found = [];
  for (const match of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s*)?["']([^"']+)["']|\b(?:import|require)\(\s*["']([^"']+)["']\s*\)/g,
  )) {
    const before = match[0];
    found.push({ name: match[1] ?? match[2], typeOnly: /^\s*(import|export)\s+type\b/.test(before) });
  }
  return found;
}

/** Imports run downwards only, and packages only where they are listed. */
export function importProblems(file, text) {
  const [folder = "", part = ""] = file.split("/");
  const layer = layers[folder];
  if (layer === undefined) return [];
  const problems = [];
  for (const { name, typeOnly } of importsOf(text)) {
    if (name.startsWith(".")) {
      const target = path.posix.join(path.posix.dirname(file), name);
      const [targetFolder = "", targetPart = ""] = target.split("/");
      const targetLayer = layers[targetFolder];
      if (targetLayer === undefined) problems.push(`imports ${target}, which belongs to no layer`);
      else if (targetLayer > layer) problems.push(`imports ${target}: imports run downwards only`);
      else if (
        componentFolders.has(folder) &&
        componentFolders.has(targetFolder) &&
        `${folder}/${part}` !== `${targetFolder}/${targetPart}`
      ) {
        problems.push(`imports ${target}: a component imports no other component; what they share belongs in lib/`);
      }
    } else if (
      !name.startsWith("node:") &&
      !name.startsWith("page-text:") &&
      !typeOnly &&
      name !== "bulkhead" &&
      !name.startsWith("bulkhead/")
    ) {
      const allowed = allowedPackages[`${folder}/${part}`] ?? allowedPackages[folder] ?? [];
      if (!allowed.includes(name))
        problems.push(`imports the package "${name}", which scripts/lib/house-lint.mjs does not list for this folder`);
    }
  }
  return problems;
}

/** Only bindings/ loads the addon, and in a sandbox the loader, which runs before there is any other code. */
export function addonProblems(file, text) {
  if (file.startsWith("bindings/") || file === "base/loader.ts" || !(file.split("/")[0] in layers)) return [];
  return /process\.dlopen\(|(?:require|import)\(?\s*["'`][^"'`\n]*\.node["'`]/.test(text)
    ? ["loads a .node file, which only bindings/ may"]
    : [];
}

/**
 * A peer can change shared memory while V8 decodes it, which crashes V8. So the runtime decodes text in the
 * files above, and elsewhere only with a comment `// private copy: ...` on the line or the one before, which says whose copy it is.
 */
export function decodingProblems(file, text) {
  if (
    !(file.split("/")[0] in layers) ||
    layers[file.split("/")[0]] > 4 ||
    file.startsWith("idl/") ||
    decodingFiles.has(file)
  )
    return [];
  const lines = text.split("\n");
  const problems = [];
  lines.forEach((line, index) => {
    const code = line.replace(/\/\/.*$/, "").replace(/^\s*\/?\*.*$/, "");
    const decodes =
      /\bTextDecoder\b|\.(toString|latin1Slice|utf8Slice|asciiSlice)\(\s*["'](utf-?8|latin1|ascii|binary)["']/.test(
        code,
      ) ||
      /\b\w*[sS]hared\w*(\.\w+)*\.(toString|toLocaleString|join|sort|toSorted)\(/.test(code) ||
      /\b(JSON\.parse|String|fromCharCode|Buffer\.from|decode)\([^)]*\b\w*[sS]hared\w*/.test(code);
    const excused = [line, lines[index - 1] ?? ""].some((candidate) => /\/\/.*\bprivate copy: \S/i.test(candidate));
    if (decodes && !excused)
      problems.push(
        `line ${index + 1} decodes bytes that may be shared: copy them first, and say so with "// private copy: ..."`,
      );
  });
  return problems;
}

/** Names, lengths and words. */
export function formProblems(file, text) {
  const problems = [];
  const name = path.basename(file);
  if (sourceName.test(file) && !isGenerated(file)) {
    const lines = text.split("\n").length - 1;
    const most = file.startsWith("test/") ? longestTest : longestFile;
    if (lines > most) problems.push(`has ${lines} lines, and ${most} are the most: split it by what it holds`);
    if (!kebabCase.test(name)) problems.push("is not named in kebab-case");
  }
  text.split("\n").forEach((line, index) => {
    for (const [pattern, reason] of forbidden)
      if (pattern.test(line)) problems.push(`line ${index + 1} holds ${reason}`);
  });
  return problems;
}

function folderProblems() {
  const problems = [];
  for (const place of ["drivers", "servers", "sessions"]) {
    if (!existsSync(inRoot(place))) continue;
    for (const entry of readdirSync(inRoot(place), { withFileTypes: true })) {
      if (entry.isDirectory() && !existsSync(inRoot(place, entry.name, "README.md")))
        problems.push(`${place}/${entry.name} has no README.md`);
    }
  }
  return problems;
}

/** Everything wrong in the repository, one sentence each. */
export function houseProblems() {
  const problems = folderProblems();
  const isText = (file) =>
    /\.(ts|mjs|cc|h|md|json|jsonc|idl|pml|gyp|service|rules)$|^scripts\/[^.]+$|^\.ci\//.test(file) &&
    file !== "package-lock.json";
  for (const file of filesBelow(["."], isText)) {
    const text = readFileSync(inRoot(file), "utf8");
    const found = formProblems(file, text);
    if (file.endsWith(".ts"))
      found.push(...importProblems(file, text), ...addonProblems(file, text), ...decodingProblems(file, text));
    problems.push(...found.map((problem) => `${file} ${problem}`));
  }
  return problems;
}
