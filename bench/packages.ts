/** Debian's packages, downloaded and unpacked, not installed. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arch } from "node:process";
import type { Architecture } from "./architecture.js";
import { BenchUnavailable, findProgram, runProgram } from "./programs.js";

/** Download and unpacking, in milliseconds: 70 MB over a slow line. */
export const downloadTime = 600_000;

/** What apt offers for one architecture. */
export class Packages {
  readonly #options: readonly string[];

  private constructor(options: readonly string[]) {
    this.#options = options;
  }

  /**
   * This machine's own lists, or for another architecture lists of our own below `folder`: the system's need not know
   * that there are others.
   */
  static async open({ debian, node }: Architecture, folder: string): Promise<Packages> {
    for (const name of ["apt-get", "apt-cache", "dpkg-deb"])
      if (findProgram(name) === undefined)
        throw new BenchUnavailable(
          `The virtual bench takes its kernel from Debian's packages, and "${name}" is not here`,
        );
    const common = ["-o", "APT::Sandbox::User=root"];
    if (node === arch) return new Packages(common);
    for (const name of ["lists/partial", "archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, "status"), "");
    const places = [`Dir::State=${folder}`, `Dir::State::status=${join(folder, "status")}`, `Dir::Cache=${folder}`];
    const settings = [...places, `APT::Architecture=${debian}`, `APT::Architectures=${debian}`];
    const options = [...common, ...settings.flatMap((setting) => ["-o", setting])];
    // A source without this architecture is no reason to give up: what is missing is told by its name.
    await runProgram("apt-get", [...options, "update", "-qq"], { within: downloadTime }).catch(() => {});
    return new Packages(options);
  }

  /** What a package depends on whose name matches. */
  async dependency(name: string, pattern: RegExp): Promise<string> {
    const listed = (await runProgram("apt-cache", [...this.#options, "depends", name]).catch(() => "")).toString();
    for (const [, found = ""] of listed.matchAll(/^\s*Depends: (\S+)/gm)) if (pattern.test(found)) return found;
    throw new BenchUnavailable(
      `The virtual bench needs Debian's kernel, and apt knows no ${name}. Refresh its lists with: sudo apt-get update`,
    );
  }

  /** Unpacks packages into one folder. */
  async unpack(names: readonly string[], place: string): Promise<void> {
    const options = { cwd: place, within: downloadTime };
    try {
      await runProgram("apt-get", [...this.#options, "download", "-qq", ...names], options);
    } catch (error) {
      const reason = (error as Error).message.split("\n").at(-1) ?? "";
      throw new BenchUnavailable(
        `Cannot download ${names.join(", ")}: ${reason}. Lists that are too old name files that are gone: sudo apt-get update`,
      );
    }
    for (const file of readdirSync(place).filter((name) => name.endsWith(".deb"))) {
      await runProgram("dpkg-deb", ["-x", file, "."], options);
      rmSync(join(place, file));
    }
  }
}
