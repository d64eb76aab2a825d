/**
 * Whether this machine's processor can run the guest itself. That /dev/kvm exists says little: within a virtual machine,
 * guests may hang there. So only what was seen to boot is used, and the answer is kept until the next boot of the host.
 */
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arch } from "node:process";
import type { Architecture } from "./architecture.js";
import { archive } from "./cpio.js";
import { cacheFolder, type Kernel } from "./kernel.js";
import type { Programs } from "./programs.js";

/** What a boot to the first program takes with acceleration, many times over. */
const probeTime = 10_000;
const word = "bench: probe boots";

/** True when a guest was seen to boot with hardware acceleration. */
export async function accelerates(architecture: Architecture, kernel: Kernel, programs: Programs): Promise<boolean> {
  if (architecture.node !== arch) return false;
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
  } catch {
    return false;
  }
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const facts = [boot, kernel.folder, programs.emulator, statSync(programs.emulator).mtimeMs].join(" ");
  const kept = join(cacheFolder(), `acceleration-${architecture.name}`);
  if (existsSync(kept)) {
    const [known, answer] = readFileSync(kept, "utf8").split("\n");
    if (known === facts) return answer === "yes";
  }
  const answer = await probe(architecture, kernel, programs);
  writeFileSync(kept, `${facts}\n${answer ? "yes" : "no"}\n`);
  return answer;
}

/** Boots the kernel into a program that says one line, and waits for the line. */
async function probe({ machine, console }: Architecture, kernel: Kernel, programs: Programs): Promise<boolean> {
  const initramfs = join(cacheFolder(), `probe-${process.pid}.cpio`);
  mkdirSync(cacheFolder(), { recursive: true });
  writeFileSync(
    initramfs,
    archive([
      { path: "bin" },
      { path: "dev" },
      { path: "bin/busybox", content: readFileSync(programs.busybox) },
      {
        path: "init",
        content: `#!/bin/busybox sh\n/bin/busybox mount -t devtmpfs dev /dev\necho "${word}" >/dev/${console}\n/bin/busybox poweroff -f\n`,
      },
    ]),
  );
  const child = spawn(
    programs.setpriv,
    [
      ...["--pdeathsig", "KILL", programs.emulator, "-machine", `${machine},accel=kvm`, "-cpu", "host", "-m", "256"],
      ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio"],
      ...["-kernel", kernel.image, "-initrd", initramfs, "-append", `console=${console} quiet panic=-1`],
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  let said = "";
  const exited = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  const seen = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), probeTime);
    const end = (answer: boolean): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    child.stdout.on("data", (bytes: Buffer) => {
      said += bytes.toString("latin1");
      if (said.includes(word)) end(true);
    });
    void exited.then(() => end(false));
  });
  child.kill("SIGKILL");
  await exited;
  rmSync(initramfs, { force: true });
  return seen;
}
