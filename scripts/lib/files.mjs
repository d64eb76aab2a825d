/** Finding files, and remembering which inputs an output was made from. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { inRoot, root } from "./process.mjs";

const neverSearched = new Set(["node_modules", "dist", "build", "prebuilds", "run", ".git", ".bulkhead"]);

/** Files below the given files or folders (relative to the root) for which `wanted(relativePath)` holds, sorted. */
export function filesBelow(places, wanted = () => true) {
  const found = [];
  const visit = (relative) => {
    for (const entry of readdirSync(inRoot(relative), { withFileTypes: true })) {
      const child = relative === "." ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!neverSearched.has(entry.name)) visit(child);
      } else if (entry.isFile() && wanted(child)) found.push(child);
    }
  };
  for (const place of places) {
    const status = statSync(inRoot(place), { throwIfNoEntry: false });
    if (status?.isDirectory()) visit(place);
    else if (status && wanted(place)) found.push(place);
  }
  return found.sort();
}

/** A digest over path, size and modification time of each file: cheap enough to ask before every start. */
export function signature(files, ...extra) {
  const hash = createHash("sha1").update(extra.join("\n"));
  for (const file of files) {
    const status = statSync(path.resolve(root, file), { throwIfNoEntry: false });
    hash.update(`${file} ${status?.size} ${status?.mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function stampPath(name) {
  return inRoot(".bulkhead/stamps", name);
}

/** Whether `name` was last made from inputs of this signature and all its outputs are still there. */
export function upToDate(name, inputs, outputs) {
  if (!existsSync(stampPath(name)) || readFileSync(stampPath(name), "utf8") !== inputs) return false;
  return outputs.every((output) => existsSync(inRoot(output)));
}

export function recordStamp(name, inputs) {
  mkdirSync(path.dirname(stampPath(name)), { recursive: true });
  writeFileSync(stampPath(name), inputs);
}

/** Replaces `target` in one step: a running process may have the old file mapped, which must stay whole. */
export function replaceFile(source, target) {
  mkdirSync(path.dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}`;
  copyFileSync(source, temporary);
  renameSync(temporary, target);
}
