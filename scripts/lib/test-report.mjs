/** Reports of a test run: for people, TAP 14, JUnit XML, JSON lines. A run is a list of what `runTestFile` returns. */
import { stripVTControlCharacters } from "node:util";
import { root } from "./process.mjs";

export function totals(files) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const { results } of files) for (const { outcome } of results) count[outcome] += 1;
  return count;
}

/** The closing line that the CI adds up. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function indent(text, prefix = "    ") {
  return text.trimEnd().replace(/^/gm, prefix);
}

/** Stack frames of the harness itself, which say nothing about a failure. */
const harnessFrame = /node:(internal|events)|test\/support\/(suite|test-run|results)\.|node_modules\/uvu\//;

function errorText({ message, stack, details }) {
  const clean = stripVTControlCharacters(details ? `${message}\n${details}` : message);
  const frames = (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line) && !harnessFrame.test(line));
  return [clean, ...frames.slice(0, 8)].join("\n").replaceAll("file://", "").replaceAll(`${root}/`, "");
}

/** What a file printed, without uvu's own report: the results say the same. */
function ownOutput(output) {
  const text = stripVTControlCharacters(output);
  return text.replace(/(?:\n\n {2} FAIL [\s\S]*?)?\n {2}Total: [\s\S]*?Duration: .*\n*/g, "\n").trim();
}

/** One file, as soon as it ended. */
export function prettyFile({ file, milliseconds, results, output }) {
  const { passed, failed, skipped } = totals([{ results }]);
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`]
    .filter(Boolean)
    .join(", ");
  const lines = [`${failed ? "FAIL" : "ok  "} ${file}  ${counts}  ${milliseconds} ms`];
  for (const { suite, test, outcome, error } of results) {
    if (outcome === "failed") lines.push(`  ${suite}: ${test}`, indent(errorText(error)));
  }
  const hasDetails = results.every(({ suite }) => suite !== "uvu");
  const printed = failed ? (hasDetails ? ownOutput(output) : stripVTControlCharacters(output).trim()) : "";
  if (printed) lines.push("  output:", indent(printed));
  return lines.join("\n");
}

/** Why tests were skipped, each reason once a file. */
export function skipReasons(files) {
  const lines = [];
  for (const { file, results } of files) {
    const byReason = group(results.filter(({ outcome }) => outcome === "skipped"));
    for (const [reason, tests] of byReason)
      lines.push(`skipped ${file}: ${tests.length === 1 ? tests[0].test : `${tests.length} tests`}: ${reason}`);
  }
  return lines;
}

/** Files that failed at first and passed alone. Each is a defect of the test or of what it tests. */
export function unsteadyFiles(files) {
  return files
    .filter((entry) => entry.unsteady && totals([entry]).failed === 0)
    .map(({ file }) => `unsteady ${file}: failed at first, passed when run again alone`);
}

function group(results) {
  const groups = new Map();
  for (const result of results) groups.set(result.reason, [...(groups.get(result.reason) ?? []), result]);
  return groups;
}

export function tap(files) {
  const lines = ["TAP version 14"];
  let number = 0;
  for (const { file, results } of files) {
    for (const { suite, test, outcome, reason, error, milliseconds = 0 } of results) {
      number += 1;
      const name = `${file}: ${suite}: ${test}`.replace(/[\\#]/g, "\\$&").replaceAll("\n", " ");
      lines.push(
        `${outcome === "failed" ? "not ok" : "ok"} ${number} - ${name}${outcome === "skipped" ? ` # SKIP ${reason}` : ""}`,
      );
      lines.push("  ---", `  duration_ms: ${milliseconds.toFixed(1)}`);
      if (error) lines.push("  message: |", indent(errorText(error)));
      lines.push("  ...");
    }
  }
  lines.push(`1..${number}`);
  return lines.join("\n");
}

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function xml(text) {
  // XML 1.0 has no way at all to write most control characters.
  return stripVTControlCharacters(String(text))
    .replace(/[&<>"]/g, (character) => entities[character])
    .replace(/[\0-\x08\v\f\x0e-\x1f]/g, "?");
}

export function junit(files) {
  const suites = files.map((entry) => {
    const { failed, skipped } = totals([entry]);
    const cases = entry.results.map(({ suite, test, outcome, reason, error, milliseconds = 0 }) => {
      const open = `    <testcase classname="${xml(suite)}" name="${xml(test)}" time="${(milliseconds / 1000).toFixed(3)}"`;
      if (outcome === "passed") return `${open}/>`;
      const inner =
        outcome === "skipped"
          ? `<skipped message="${xml(reason)}"/>`
          : `<failure message="${xml(error.message)}">${xml(errorText(error))}</failure>`;
      return `${open}>${inner}</testcase>`;
    });
    const head = `  <testsuite name="${xml(entry.file)}" tests="${entry.results.length}" failures="${failed}" skipped="${skipped}" time="${(entry.milliseconds / 1000).toFixed(3)}">`;
    return [head, ...cases, "  </testsuite>"].join("\n");
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>", ""].join("\n");
}

/** One line a result, in the order of the run, and a last line of totals. */
export function jsonLines(files) {
  const lines = files.flatMap(({ file, results, unsteady }) =>
    results.map((result) => JSON.stringify({ type: "result", file, ...(unsteady && { unsteady }), ...result })),
  );
  return [...lines, JSON.stringify({ type: "total", version: 1, ...totals(files) }), ""].join("\n");
}
