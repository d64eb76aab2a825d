/**
 * Runs in a guest: makes a keyboard by uinput, prints its node, and after a line on standard input presses and releases
 * keys as fast as the kernel takes them, leaves some of them pressed, and prints which.
 */
import { openSync, readdirSync as readDirectory } from "node:fs";
import { createInterface } from "node:readline";
import { giveInputEvents, type RawEvent } from "../../bindings/evdev.js";
import { createInput } from "../../bindings/uinput.js";

const flood = 100_000;
const keys = Array.from({ length: 40 }, (_, place) => 2 + place);
const uinput = openSync("/dev/uinput", "r+");
const name = createInput(uinput, { name: "flood", bus: 6, vendor: 1, product: 1, keys });
const node = readDirectory(`/sys/devices/virtual/input/${name}`).find((entry) => entry.startsWith("event"));
console.log(`node: /dev/input/${node}`);

for await (const _line of createInterface({ input: process.stdin })) {
  const held = new Set<number>();
  for (let sent = 0; sent < flood; ) {
    const events: RawEvent[] = [];
    for (; events.length < 60; sent += 1) {
      const key = keys[Math.floor(Math.random() * keys.length)] as number;
      if (held.has(key)) held.delete(key);
      else held.add(key);
      events.push([1, key, Number(held.has(key))], [0, 0, 0]);
    }
    giveInputEvents(uinput, events);
  }
  console.log(`holds ${JSON.stringify([...held].sort((one, other) => one - other))}`);
}
