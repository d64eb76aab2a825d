/** `scripts/setup`: what a fresh clone needs before it can be built. Says nothing when nothing is to do. */
import { existsSync, lstatSync, readFileSync } from "node:fs";
import { Failure, inRoot, program, progress, run } from "./process.mjs";

/** Debian packages of the build, with a program that each brings. node-gyp is written in Python. */
const buildPackages = { "g++": "g++", make: "make", python3: "python3" };

/** What is needed to become root without a question: nothing, sudo, or undefined when neither works. */
function elevation() {
  if (process.getuid?.() === 0) return [];
  return program("sudo") && run("sudo", ["-n", "true"], { quiet: true }).code === 0 ? ["sudo", "-n"] : undefined;
}

/** Installs Debian packages, or ends the script with the line that a person can run. */
export function installPackages(names) {
  const advice = `Missing: ${names.join(" ")}. Install with: sudo apt-get install ${names.join(" ")}`;
  const root = elevation();
  if (!root || !program("apt-get")) throw new Failure(advice, 5);
  progress(`Installing ${names.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const aptGet = (...args) => {
    const [command, ...rest] = [...root, "apt-get", ...args];
    return run(command, rest, { quiet: true, env });
  };
  const install = () => aptGet("install", "-y", "--no-install-recommends", ...names);
  // The package lists of a fresh image are empty, and those of an old one name files that are gone.
  if (install().code === 0) return;
  aptGet("update");
  const second = install();
  if (second.code !== 0) throw new Failure(`${second.output}\n${advice}`, 5);
}

function checkCompiler() {
  if (existsSync(inRoot(`prebuilds/linux-${process.arch}/bulkhead.node`))) return;
  const missing = Object.keys(buildPackages).filter((name) => !program(buildPackages[name]));
  if (missing.length > 0) installPackages(missing);
}

/** Names of packages whose installed version is not the locked one. npm keeps a list of what it installed. */
function outdatedPackages() {
  const packages = (file) => JSON.parse(readFileSync(inRoot(file), "utf8")).packages;
  const installedList = "node_modules/.package-lock.json";
  if (!existsSync(inRoot(installedList))) return ["node_modules"];
  const [locked, installed] = [packages("package-lock.json"), packages(installedList)];
  return Object.keys(locked).filter((place) => {
    if (place === "") return false;
    const version = installed[place]?.version;
    return version === undefined ? !locked[place].optional : version !== locked[place].version;
  });
}

function checkNodeModules() {
  const outdated = outdatedPackages();
  if (outdated.length === 0) return;
  if (lstatSync(inRoot("node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) {
    progress(
      `Not touched: node_modules is a link, and what it points to differs from package-lock.json (${outdated[0]})`,
    );
    return;
  }
  progress("Installing npm packages");
  const { code, output } = run("npm", ["ci", "--no-progress", "--loglevel=error"], { quiet: true });
  if (code !== 0) throw new Failure(`${output}\nCannot install the npm packages: npm ci ended with code ${code}`);
}

export function setup() {
  checkCompiler();
  checkNodeModules();
}

export function main() {
  setup();
}
