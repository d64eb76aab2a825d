/** Flattened device trees, against bytes put together by hand from the specification. */
import * as assert from "uvu/assert";
import { cells, type DeviceTree, nodeAt, readDeviceTree, textValue, writeDeviceTree } from "../../bench/device-tree.js";
import { suite } from "../support/suite.js";

const test = suite("device tree");

const noReservations = Buffer.alloc(16);

/** A root with one property, and one node without any. */
const structure = Buffer.concat([
  cells(1, 0),
  cells(3, 3, 0),
  Buffer.from("ab\0\0"),
  cells(1),
  Buffer.from("soc@1\0\0\0"),
  cells(2, 2, 9),
]);
const strings = Buffer.from("model\0");
const byHand = Buffer.concat([
  cells(0xd00dfeed, 40 + 16 + structure.length + strings.length, 56, 56 + structure.length, 40),
  cells(17, 16, 7, strings.length, structure.length),
  noReservations,
  structure,
  strings,
]);

test("reads and writes the bytes of the specification", () => {
  const tree = readDeviceTree(byHand);
  assert.is(tree.processor, 7);
  assert.equal([...tree.root.properties], [["model", Buffer.from("ab\0")]]);
  assert.is(nodeAt(tree, "/soc@1").properties.size, 0);
  assert.ok(writeDeviceTree(tree).equals(byHand));
});

test("keeps nested nodes and memory that is reserved", () => {
  const leaf = { name: "leaf", properties: new Map([["reg", cells(1, 2)]]), children: [] };
  const branch = { name: "branch", properties: new Map([["reg", cells(3)]]), children: [leaf] };
  const root = { name: "", properties: new Map([["status", textValue("okay")]]), children: [branch] };
  const reservations = Buffer.concat([cells(0, 0x1000, 0, 0x2000), noReservations]);
  const tree: DeviceTree = { root, reservations, processor: 0 };
  assert.equal(readDeviceTree(writeDeviceTree(tree)), tree);
  assert.is(nodeAt(tree, "/branch/leaf"), leaf);
});

test("says what it does not find, and what is no device tree", () => {
  assert.throws(() => nodeAt(readDeviceTree(byHand), "/soc@1/uart"), /no \/soc@1\/uart: there is no "uart"/);
  assert.throws(() => readDeviceTree(Buffer.from("no device tree at all, but long enough for one")), /no device tree/);
});

test.run();
