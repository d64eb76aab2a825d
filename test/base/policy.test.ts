import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  labelElements,
  labelPrefix,
  labelProblem,
  lastElement,
  nameProblem,
  prefixed,
  scoped,
} from "../../base/label.js";
import { type Selectors, selectPolicy } from "../../base/policy.js";

const test = suite("policy");

type Named = Selectors & { readonly name: string };
function winner(policies: readonly Named[], label: string, fallback?: Named): string | undefined {
  return selectPolicy(policies, label, fallback).policy?.name;
}

test("labels: prefix, last element, scope", () => {
  assert.is(prefixed("shell", "editor -> config"), "shell -> editor -> config");
  assert.is(prefixed("shell", ""), "shell");
  assert.is(lastElement("shell -> editor -> config"), "config");
  assert.is(labelPrefix("shell -> editor -> config"), "shell -> editor");
  assert.is(scoped("shell", "shell -> editor"), "editor");
  assert.is(scoped("shell", "shell"), "");
  assert.is(scoped("shell", "shellfish -> editor"), undefined);
  assert.equal(labelElements(""), []);
});

test("a label is bounded in bytes and holds nothing that forges a line of a log", () => {
  assert.is(labelProblem("a".repeat(256)), undefined);
  assert.match(labelProblem("ä".repeat(129)) ?? "", /at most 256 bytes, this one has 258/);
  assert.ok(labelProblem("a\nb"));
  assert.ok(labelProblem("a\u001b[2J"));
  assert.ok(labelProblem("\ud800"));
  assert.ok(nameProblem("a -> b"));
  assert.ok(nameProblem("../etc"));
  assert.is(nameProblem("usb-1.2"), undefined);
});

test("property: prefixing and scoping undo each other", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "b", "-", ">"), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(name, fc.array(name, { maxLength: 3 }), (outer, inner) => {
      const label = inner.join(" -> ");
      assert.is(scoped(outer, prefixed(outer, label)), label);
    }),
  );
});

test("an exact label beats everything; then longer prefix; then longer suffix; then the first", () => {
  assert.is(
    winner(
      [
        { name: "prefix", labelPrefix: "a -> b" },
        { name: "exact", label: "a -> b" },
      ],
      "a -> b",
    ),
    "exact",
  );
  assert.is(
    winner(
      [
        { name: "short", labelPrefix: "a" },
        { name: "long", labelPrefix: "a -> b" },
      ],
      "a -> b -> c",
    ),
    "long",
  );
  assert.is(
    winner(
      [
        { name: "suffix", labelSuffix: "a -> b -> c" },
        { name: "prefix", labelPrefix: "a" },
      ],
      "a -> b -> c",
    ),
    "prefix",
  );
  assert.is(
    winner(
      [
        { name: "short", labelSuffix: "c" },
        { name: "long", labelSuffix: "b -> c" },
      ],
      "a -> b -> c",
    ),
    "long",
  );
  assert.is(
    winner(
      [
        { name: "first", labelSuffix: "c" },
        { name: "second", labelSuffix: "c" },
      ],
      "a -> c",
    ),
    "first",
  );
});

test("the last element is evaluated, and counts as the suffix that it is", () => {
  assert.is(winner([{ name: "last", labelLast: "config" }], "a -> config"), "last");
  assert.is(winner([{ name: "last", labelLast: "config" }], "a -> myconfig"), undefined);
  assert.is(
    winner(
      [
        { name: "suffix", labelSuffix: "config" },
        { name: "last", labelLast: "config" },
      ],
      "a -> config",
    ),
    "last",
  );
});

test("all selectors of a policy must match; none at all never matches", () => {
  assert.is(winner([{ name: "both", labelPrefix: "a", labelSuffix: "z" }], "a -> b"), undefined);
  assert.is(winner([{ name: "empty" }], "a"), undefined);
  const misspelt = { name: "misspelt", prefix_label: "a" } as Named;
  assert.is(winner([misspelt], "a"), undefined);
});

test("surrounding spaces do not count", () => {
  assert.is(winner([{ name: "exact", label: "foo ->" }], "foo -> "), "exact");
});

test("the default policy applies last, and a denial explains itself", () => {
  assert.is(winner([{ name: "other", label: "x" }], "a", { name: "default" }), "default");
  const decision = selectPolicy<Named>([{ name: "other", label: "x" }, { name: "none" }], "a");
  assert.is(decision.policy, undefined);
  assert.equal(
    decision.considered.map(({ matched, reason }) => [matched, reason]),
    [
      [false, 'the label is not "x"'],
      [false, "it has no selector, and so never matches"],
    ],
  );
  assert.is(decision.reason, "no policy matches, and there is no default policy");
});

test("property: the winner matches, and adding a policy that does not match changes nothing", () => {
  const element = fc.constantFrom("a", "b", "ab");
  const label = fc.array(element, { minLength: 1, maxLength: 3 }).map((elements) => elements.join(" -> "));
  const policy = fc.record({ label, labelPrefix: label, labelSuffix: label, labelLast: element }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 5 }), label, (policies, text) => {
      const decision = selectPolicy<Selectors>(policies, text);
      assert.is(
        decision.policy === undefined,
        decision.considered.every(({ matched }) => !matched),
      );
      const matching = decision.considered.filter(({ matched }) => matched).map((one) => one.policy);
      if (decision.policy !== undefined) assert.ok(matching.includes(decision.policy));
      assert.is(selectPolicy<Selectors>(matching, text).policy, decision.policy);
      if (matching.some((one) => one.label !== undefined)) assert.ok(decision.policy?.label !== undefined);
    }),
  );
});

test.run();
