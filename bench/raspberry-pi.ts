/** What the emulated Raspberry Pi 3 lacks in Debian's device tree, which describes the board before its firmware ran. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "./architecture.js";
import { cells, nodeAt, readDeviceTree, textValue, writeDeviceTree } from "./device-tree.js";
import type { Kernel } from "./kernel.js";

/** Where the emulator's firmware has put the screen, in memory. */
const screen = { address: 0x3c100000, width: 640, height: 480, bytesPerPixel: 2 };

/** The tree for the kernel. */
export function boardTree({ deviceTree }: Board, { folder, release }: Kernel): Buffer {
  const tree = readDeviceTree(readFileSync(join(folder, `usr/lib/linux-image-${release}`, deviceTree)));
  const chosen = nodeAt(tree, "/chosen");
  chosen.properties.set("#address-cells", cells(1));
  chosen.properties.set("#size-cells", cells(1));
  chosen.properties.set("ranges", Buffer.alloc(0));
  const stride = screen.width * screen.bytesPerPixel;
  chosen.children.push({
    name: `framebuffer@${screen.address.toString(16)}`,
    properties: new Map([
      ["compatible", textValue("simple-framebuffer")],
      ["reg", cells(screen.address, stride * screen.height)],
      ["width", cells(screen.width)],
      ["height", cells(screen.height)],
      ["stride", cells(stride)],
      ["format", textValue("r5g6b5")],
    ]),
    children: [],
  });
  // The first line is the console, and not the way to a radio that is not there.
  nodeAt(tree, "/soc/serial@7e201000/bluetooth").properties.set("status", textValue("disabled"));
  return writeDeviceTree(tree);
}
