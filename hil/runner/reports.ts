/** Reports of a test run: for people, TAP 14, JUnit XML, JSON lines. A run is a list of what `runTestFile` returns. */
import { stripVTControlCharacters } from "node:util";
import type { Limits } from "../measurement.js";
import type { FileResult, TestError, TestResult } from "./test-file.js";

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

type Results = Pick<FileResult, "results">;

export function totals(files: readonly Results[]): Totals {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const { results } of files) for (const { outcome } of results) count[outcome] += 1;
  return count;
}

/** The closing line that the CI adds up. */
export function summaryLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function indent(text: string, prefix = "    "): string {
  return text.trimEnd().replace(/^/gm, prefix);
}

/** Stack frames of the harness itself, which say nothing about a failure. */
const harnessFrame = /node:(internal|events)|test\/support\/suite\.|hil\/(test|test-run|results)\.|node_modules\/uvu\//;

function errorText({ message, stack, details }: TestError): string {
  const clean = stripVTControlCharacters(details ? `${message}\n${details}` : message);
  const frames = (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line) && !harnessFrame.test(line));
  return [clean, ...frames.slice(0, 8)].join("\n").replaceAll("file://", "").replaceAll(`${process.cwd()}/`, "");
}

/** Of results that other programs wrote. */
const noError: TestError = { message: "See the output of the file" };

/** What a file printed, without uvu's own report: the results say the same. */
function ownOutput(output: string): string {
  const text = stripVTControlCharacters(output);
  return text.replace(/(?:\n\n {2} FAIL [\s\S]*?)?\n {2}Total: [\s\S]*?Duration: .*\n*/g, "\n").trim();
}

/** One file, as soon as it ended. */
export function prettyFile({ file, milliseconds, results, output }: FileResult): string {
  const { passed, failed, skipped } = totals([{ results }]);
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`]
    .filter(Boolean)
    .join(", ");
  const lines = [`${failed ? "FAIL" : "ok  "} ${file}  ${counts}  ${milliseconds} ms`];
  for (const { suite, test, outcome, error } of results) {
    if (outcome === "failed") lines.push(`  ${suite}: ${test}`, indent(errorText(error ?? noError)));
  }
  const hasDetails = results.every(({ suite }) => suite !== "uvu");
  const printed = failed ? (hasDetails ? ownOutput(output) : stripVTControlCharacters(output).trim()) : "";
  if (printed) lines.push("  output:", indent(printed));
  return lines.join("\n");
}

/** Why tests were skipped, each reason once a file. */
export function skipReasons(files: readonly FileResult[]): string[] {
  const lines: string[] = [];
  for (const { file, results } of files) {
    const byReason = group(results.filter(({ outcome }) => outcome === "skipped"));
    for (const [reason, tests] of byReason)
      lines.push(`skipped ${file}: ${tests.length === 1 ? tests[0]?.test : `${tests.length} tests`}: ${reason}`);
  }
  return lines;
}

/** Files that failed at first and passed alone. Each is a defect of the test or of what it tests. */
export function unsteadyFiles(files: readonly FileResult[]): string[] {
  return files
    .filter((entry) => entry.unsteady && totals([entry]).failed === 0)
    .map(({ file }) => `unsteady ${file}: failed at first, passed when run again alone`);
}

/** One line a kind of machine, with what became of its files; a kind whose tests were all skipped did not run. */
export function tierLines(files: readonly FileResult[]): string[] {
  const tiers = new Set(files.flatMap(({ tier }) => tier ?? []));
  return [...tiers].map((tier) => {
    const own = files.filter((file) => file.tier === tier);
    const count = totals(own);
    const seconds = own.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
    const ran = count.passed + count.failed > 0 ? `${summaryLine(count)} in ${seconds.toFixed(0)} s` : "did not run";
    return `tier ${tier}: ${ran}`;
  });
}

function group(results: readonly TestResult[]): Map<string, TestResult[]> {
  const groups = new Map<string, TestResult[]>();
  for (const result of results) {
    const { reason = "no reason given" } = result;
    groups.set(reason, [...(groups.get(reason) ?? []), result]);
  }
  return groups;
}

/** Before the names of what was measured. */
const measured = "measured.";

/** A measurement as results carry it. */
type Measured = Limits & { readonly name: string; readonly value: unknown };

/** What devices and measurements say beside the outcome, as names and texts. */
function facts({ properties = {}, measurements = [] }: TestResult): [name: string, value: string][] {
  return [
    ...Object.entries(properties),
    ...(measurements as readonly Measured[]).map(({ name, value, unit, min, max }): [string, string] => {
      const limits = [min === undefined ? "" : `min ${min}`, max === undefined ? "" : `max ${max}`].filter(Boolean);
      // What a clock measured has more digits than anybody wants to read; JSON lines have all of them.
      const number = typeof value === "number" ? Number(value.toPrecision(6)) : value;
      const text = unit === undefined ? String(number) : `${String(number)} ${unit}`;
      return [`${measured}${name}`, limits.length === 0 ? text : `${text} (${limits.join(", ")})`];
    }),
  ];
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

export function tap(files: readonly FileResult[]): string {
  const lines = ["TAP version 14"];
  let number = 0;
  for (const { file, results } of files) {
    for (const result of results) {
      const { suite, test, outcome, reason = "", error, milliseconds = 0 } = result;
      number += 1;
      const name = oneLine(`${file}: ${suite}: ${test}`).replace(/[\\#]/g, "\\$&");
      const directive = outcome === "skipped" ? ` # SKIP ${oneLine(reason)}` : "";
      lines.push(`${outcome === "failed" ? "not ok" : "ok"} ${number} - ${name}${directive}`);
      lines.push("  ---", `  duration_ms: ${milliseconds.toFixed(1)}`);
      // A block's first line tells its indentation, so it begins with no space. JSON strings are YAML strings.
      if (error) lines.push("  message: |", indent(errorText(error).trimStart()));
      const found = facts(result);
      if (found.length > 0) lines.push("  facts:");
      for (const [key, value] of found) lines.push(`    ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
      lines.push("  ...");
    }
  }
  lines.push(`1..${number}`);
  return lines.join("\n");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // In an attribute a bare line end would be read as a space.
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

function xml(text: string): string {
  // XML 1.0 has no way at all to write most control characters, halves of characters, and two others.
  return stripVTControlCharacters(text)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "?")
    .replace(/[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]/g, "?")
    .replace(/[&<>"\n\r\t]/g, (character) => entities[character] as string);
}

function testCase(result: TestResult): string {
  const { suite, test, outcome, reason = "", error = noError, milliseconds = 0 } = result;
  const open = `    <testcase classname="${xml(suite)}" name="${xml(test)}" time="${(milliseconds / 1000).toFixed(3)}"`;
  const properties = facts(result).map(([key, value]) => `<property name="${xml(key)}" value="${xml(value)}"/>`);
  const parts = [
    ...(properties.length > 0 ? [`<properties>${properties.join("")}</properties>`] : []),
    ...(outcome === "skipped" ? [`<skipped message="${xml(reason)}"/>`] : []),
    ...(outcome === "failed" ? [`<failure message="${xml(error.message)}">${xml(errorText(error))}</failure>`] : []),
  ];
  return parts.length === 0 ? `${open}/>` : `${open}>${parts.join("")}</testcase>`;
}

export function junit(files: readonly FileResult[]): string {
  const suites = files.map(({ file, milliseconds, results }) => {
    const { failed, skipped } = totals([{ results }]);
    const head = `  <testsuite name="${xml(file)}" tests="${results.length}" failures="${failed}" skipped="${skipped}" time="${(milliseconds / 1000).toFixed(3)}">`;
    return [head, ...results.map(testCase), "  </testsuite>"].join("\n");
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>", ""].join("\n");
}

/** One line a result, in the order of the run, and a last line of totals. */
export function jsonLines(files: readonly FileResult[]): string {
  const lines = files.flatMap(({ file, results, unsteady = false }) =>
    results.map((result) => JSON.stringify({ type: "result", file, ...(unsteady && { unsteady }), ...result })),
  );
  return [...lines, JSON.stringify({ type: "total", version: 1, ...totals(files) }), ""].join("\n");
}

/** One line a test that passed, with what it measured, for people who watch. */
export function testLines({ results }: Results): string[] {
  return results
    .filter(({ outcome }) => outcome === "passed")
    .flatMap((result) => {
      const lines = facts({ ...result, properties: {} }).map(
        ([name, value]) => `      ${name.slice(measured.length)}: ${value}`,
      );
      return [`  ok  ${result.test}  ${(result.milliseconds ?? 0).toFixed(0)} ms`, ...lines];
    });
}
