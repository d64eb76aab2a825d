/** Reading sysfs, where a file that vanishes between two looks is nothing unusual. */
import { readdirSync as readDirectory, readFileSync, readlinkSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** Attributes are one line; whatever is longer is no name of a device. */
const longest = 4096;

export class Sysfs {
  readonly root: string;

  /** `root` is where sysfs is mounted. */
  constructor(root = "/sys") {
    this.root = root;
  }

  /** An attribute's text without white space around it; undefined where it is absent, unreadable or empty. */
  text(path: string): string | undefined {
    try {
      // Device-tree strings end with a zero byte.
      const text = readFileSync(this.root + path, "utf8")
        .slice(0, longest)
        .replace(/\0.*$/s, "")
        .trim();
      return text === "" ? undefined : text;
    } catch {
      return undefined;
    }
  }

  number(path: string): number | undefined {
    const text = this.text(path);
    const value = text === undefined ? Number.NaN : Number(text);
    return Number.isSafeInteger(value) ? value : undefined;
  }

  names(path: string): string[] {
    try {
      return readDirectory(this.root + path);
    } catch {
      return [];
    }
  }

  /** Last element of what a symbolic link shows, such as the name of a driver or subsystem. */
  linkName(path: string): string | undefined {
    try {
      return basename(readlinkSync(this.root + path));
    } catch {
      return undefined;
    }
  }

  /** The place that a symbolic link at `path` leads to; undefined where there is none. Its target has no further links. */
  place(path: string): string | undefined {
    try {
      return resolve(dirname(path), readlinkSync(this.root + path));
    } catch {
      return undefined;
    }
  }

  /** `KEY=value` lines of a device's `uevent` attribute. */
  uevent(path: string): ReadonlyMap<string, string> {
    const lines = (this.text(`${path}/uevent`) ?? "").split("\n");
    return new Map(
      lines.flatMap((line): [string, string][] => {
        const at = line.indexOf("=");
        return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
      }),
    );
  }

  /** The device's parents in the device tree, nearest first. */
  parents(path: string): string[] {
    const parents: string[] = [];
    for (let one = dirname(path); one !== "/" && one !== "/devices" && one !== "."; one = dirname(one))
      parents.push(one);
    return parents;
  }
}
