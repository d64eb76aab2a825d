// exclusive
// timeout: 60s
/** A TAP that is deleted under a running system, in a network namespace of the test's own. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { installed, isRoot, run, runAgain } from "../device/host.js";
import { suite } from "../support/suite.js";
import { FaultSystem } from "./fault-system.js";

const inside = process.argv.includes("inside-namespace");
const test = suite("tap faults");
const tap = "fault0";
const host = "10.77.0.1";
const component = "10.77.0.2";

/** Whether the component behind the TAP answers the kernel's question for its hardware address. */
async function answers(): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.send("?", 9, component);
    await once(socket, "listening");
    await delay(50);
    return run("ip", "neigh", "show", component).includes("lladdr");
  } finally {
    socket.close();
  }
}

async function untilAnswered(): Promise<void> {
  for (let attempt = 0; attempt < 60; ++attempt) if (await answers()) return;
  throw new Error(`${component} does not answer: ${run("ip", "address")}${run("ip", "neigh")}`);
}

if (!inside) {
  test("a TAP that is deleted comes back, and its client with it", { timeout: 60_000 }, (context) => {
    if (!isRoot) context.skip("needs root, for a network namespace and a TAP");
    if (!installed("ip") || !installed("unshare")) context.skip("needs ip and unshare");
    runAgain("unshare", ["--net"], "inside-namespace");
  });
} else {
  test("a TAP that is deleted comes back, and its client with it", { timeout: 50_000 }, async (context) => {
    const faults = context.use(
      new FaultSystem({
        nic: {
          binary: "drivers/nic",
          provides: ["Nic"],
          ram: "8M",
          caps: 100,
          grants: { net: { tap } },
          config: { serve: "nic", defaultPolicy: {} },
        },
        neighbour: { binary: "apps/neighbour", ram: "8M", config: { address: component } },
      }),
    );
    await faults.start();
    run("ip", "address", "add", `${host}/24`, "dev", tap);
    await untilAnswered();
    for (let deletion = 0; deletion < 3; ++deletion) {
      run("ip", "link", "delete", tap);
      await faults.until("the interface is there again", () => run("ip", "-o", "link").includes(tap));
      run("ip", "address", "add", `${host}/24`, "dev", tap);
      await untilAnswered();
    }
    assert.is(
      faults.lines.filter(({ label, text }) => label === "nic" && text.includes("is gone")).length,
      3,
      "each time it is said",
    );
    assert.is(faults.restarts("nic") + faults.restarts("neighbour"), 0, "nobody died of it");
  });
}

test.run();
