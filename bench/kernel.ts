/**
 * Debian's stock kernel, downloaded and unpacked, not installed: no machine's own kernel changes for a test. It lies in
 * the user's cache folder, found through the package that always depends on the current one.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { arch } from "node:process";
import type { Architecture } from "./architecture.js";
import { addForeignRoot } from "./foreign-root.js";
import { downloadTime, Packages } from "./packages.js";
import { BenchUnavailable, findProgram, runProgram } from "./programs.js";

export interface Kernel {
  /** The folder that holds all of it. For another architecture than this machine's it is a root for the guest as well. */
  readonly folder: string;
  /** What the emulator boots. */
  readonly image: string;
  /** As `uname -r` prints it. */
  readonly release: string;
}

export interface KernelOptions {
  /** Looks for a newer kernel although one is there. */
  readonly update?: boolean;
  /** Told what takes time now. */
  readonly progress?: (text: string) => void;
}

/** The folder of everything that the bench keeps between runs. */
export function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "bulkhead", "bench");
}

/** @throws BenchUnavailable when there is none and none can be had. */
export async function obtainKernel(architecture: Architecture, options: KernelOptions = {}): Promise<Kernel> {
  const folder = join(cacheFolder(), "kernels", architecture.name);
  const current = join(folder, "current");
  const kept = presentKernel(current);
  if (kept !== undefined && options.update !== true) return kept;
  const packages = await Packages.open(architecture, join(cacheFolder(), "apt", architecture.name));
  if (findProgram("depmod") === undefined)
    throw new BenchUnavailable("The virtual bench needs kmod. Install with: sudo apt-get install kmod");
  const wanted = await packages.dependency(architecture.kernelPackage, /^linux-image-/);
  if (kept !== undefined && readlinkSync(current) === wanted) return kept;
  mkdirSync(folder, { recursive: true });
  const place = mkdtempSync(join(folder, ".new-"));
  try {
    options.progress?.(`Fetching ${wanted} into ${folder}`);
    await packages.unpack([wanted], place);
    if (architecture.node !== arch) await addForeignRoot(architecture, packages, place);
    // Debian 12 has the modules in /lib, later releases in /usr/lib. The link is relative, since the guest sees the folder elsewhere.
    if (!existsSync(join(place, "lib"))) symlinkSync("usr/lib", join(place, "lib"));
    const release = await unpackImage(architecture, place);
    await runProgram(findProgram("depmod") as string, ["-b", place, release], { within: downloadTime });
    writeFileSync(join(place, "release"), release);
    const final = join(folder, wanted);
    rmSync(final, { recursive: true, force: true });
    renameSync(place, final);
    // Replaced in one step: a bench that starts meanwhile sees the old one or the new one.
    const link = join(folder, `.current-${process.pid}`);
    symlinkSync(wanted, link);
    renameSync(link, current);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  const kernel = presentKernel(current);
  if (kernel === undefined) throw new Error(`${current} is not a whole kernel: remove it and try again`);
  return kernel;
}

function presentKernel(link: string): Kernel | undefined {
  if (!existsSync(join(link, "release"))) return undefined;
  const folder = join(link, "..", readlinkSync(link));
  return { folder, image: join(folder, "kernel"), release: readFileSync(join(folder, "release"), "utf8") };
}

/** Makes the file `kernel`, and returns the kernel's release. */
async function unpackImage({ unpacks }: Architecture, place: string): Promise<string> {
  const packed = readdirSync(join(place, "boot")).find((file) => file.startsWith("vmlinuz-")) as string;
  const image = readFileSync(join(place, "boot", packed));
  writeFileSync(join(place, "kernel"), unpacks ? await unpackedKernel(image, place) : image);
  rmSync(join(place, "boot"), { recursive: true });
  return packed.slice("vmlinuz-".length);
}

/** Programs that unpack, with the Debian package of each, by the first bytes of what they made. */
const packers: Readonly<Record<number, readonly [string, string]>> = {
  4248271448: ["xz", "xz-utils"],
  682962941: ["zstd", "zstd"],
};

/** The kernel within a bzImage: where it lies is in the image's set-up header (Documentation/arch/x86/boot.rst). */
async function unpackedKernel(image: Buffer, place: string): Promise<Buffer> {
  const setupSectors = image.readUInt8(0x1f1);
  const start = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  // The last four bytes are the unpacked size, which is not the compressed stream's own.
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c) - 4);
  const [tool, owner] = packers[payload.readUInt32BE(0)] ?? ["gzip", "gzip"];
  if (findProgram(tool) === undefined)
    throw new BenchUnavailable(`The kernel is compressed by ${tool}. Install with: sudo apt-get install ${owner}`);
  const file = join(place, "payload");
  writeFileSync(file, payload);
  const unpacked = await runProgram(tool, ["-dc", file]);
  rmSync(file);
  if (unpacked.readUInt32BE(0) !== 0x7f454c46) throw new Error(`What ${tool} unpacked from the kernel is no ELF file`);
  return unpacked;
}
