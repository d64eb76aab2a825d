/**
 * `scripts/complete-lock`: adds to package-lock.json the packages for other platforms that npm left out.
 *
 * npm omits an optional package that it cannot fetch, as from a mirror that carries only some platforms, and
 * `npm ci` then refuses the lock file everywhere. The added entries name version and platform alone, which is
 * all that npm needs in order not to install them here.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { inRoot } from "./process.mjs";

const systems = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32", "aix"];
const processors = ["arm64", "arm", "ia32", "x64", "ppc64", "riscv64", "s390x", "loong64", "mips64el"];

/** The lock entry of a platform package, from a name such as `@oxlint/binding-linux-x64-musl`; undefined for other names. */
function platformEntry(name, version) {
  const words = name.split(/[-/]/);
  const system = systems.find((word) => words.includes(word));
  const processor = processors.find((word) => words.includes(word));
  if (!system || !processor) return undefined;
  const library = words.some((word) => word.startsWith("musl")) ? "musl" : words.includes("gnu") ? "glibc" : undefined;
  return {
    version,
    cpu: [processor],
    ...(system === "linux" && library ? { libc: [library] } : {}),
    optional: true,
    os: [system],
  };
}

export function main() {
  const file = inRoot("package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8"));
  let added = 0;
  for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const place = `node_modules/${name}`;
      const entry = lock.packages[place] ? undefined : platformEntry(name, version);
      if (!entry) continue;
      lock.packages[place] = dev ? { ...entry, dev } : entry;
      added += 1;
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`${added} entries added to package-lock.json\n`);
}
