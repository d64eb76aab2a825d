/**
 * The root's Platform service: opens what the system file grants and hands it to the component as a descriptor.
 *
 * A component never opens a path of the host. Each `acquire` opens the source anew; of a list of sources the first that
 * this machine can open is taken.
 */
import {
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, resolve } from "node:path";
import { errorMessage, SessionError } from "../base/errors.js";
import { watchDescriptor } from "../base/event-loop.js";
import { labelElements } from "../base/label.js";
import type { Capability } from "../base/message.js";
import { type Service, service } from "../base/server.js";
import { openBelow } from "../bindings/directory.js";
import { native } from "../bindings/native.js";
import { openNetPair, openTap } from "../bindings/net.js";
import { drainPresence, openPseudoTerminal, watchPresence } from "../bindings/tty.js";
import type { SystemModel } from "../servers/init/config.js";
import type { GrantSource, Grants } from "../servers/init/grants.js";
import { namesAfter, type PlatformGrant, PlatformInterface, PlatformKind } from "../sessions/platform/index.js";
import {
  hexAddress,
  type Opened,
  openAnnouncements,
  openHostDevice,
  openInterface,
  setHostClock,
} from "./host-devices.js";
import { ScreenConsole } from "./screen-console.js";

/** A pseudo-terminal that was granted. */
interface Line {
  readonly component: string;
  readonly name: string;
  readonly descriptor: number;
  readonly path: string;
  readonly link: string | undefined;
}

/** A pair of connected ends, and the components that have them. */
interface Wire {
  readonly ends: readonly [number, number];
  readonly owners: (string | undefined)[];
}

export interface GrantsOptions {
  /** Folder to which relative paths belong: that of the system file. */
  readonly folder: string;
  readonly model: () => SystemModel;
  readonly log: (text: string) => void;
  /** Resolves when no process of a component is still being taken down. */
  readonly deathsOver: (component: string) => Promise<void>;
  /** Has a console show its text again when this process ends; undefined: none. */
  readonly keepConsole: (descriptor: number | undefined) => void;
}

function listen(address: string): Promise<{ descriptor: number; server: Server; port: number }> {
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[|\]$/g, "");
  return new Promise((resolveListening, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port: Number(address.slice(at + 1)) }, () => {
      const handle = (server as unknown as { _handle: { fd: number } })._handle;
      const bound = server.address();
      resolveListening({
        descriptor: native.duplicateDescriptor(handle.fd),
        server,
        port: typeof bound === "object" && bound !== null ? bound.port : 0,
      });
      // The component accepts; this process only held the address long enough to hand it over.
      server.close();
    });
  });
}

export class RootGrants {
  readonly #options: GrantsOptions;
  /** By the name of the grant, so that two components with a grant of one name meet. */
  readonly #wires = new Map<string, Wire>();
  readonly #lines = new Map<string, Line>();
  readonly #console: ScreenConsole;
  /** What each session has open, the oldest first: of a component that starts anew, two overlap. */
  readonly #sessions = new Set<{ readonly component: string; readonly held: ReadonlyMap<string, Opened> }>();

  constructor(options: GrantsOptions) {
    this.#options = options;
    this.#console = new ScreenConsole({ log: options.log, keep: options.keepConsole });
  }

  /** What is open now, in words, by component and grant. */
  get held(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    const all = new Map<string, Record<string, string>>();
    for (const { component, held } of this.#sessions)
      for (const [name, { grant }] of held) {
        const { link } = JSON.parse(grant.facts) as { link?: string };
        all.set(component, { ...all.get(component), [name]: link ?? grant.path });
      }
    return Object.fromEntries(all);
  }

  get service(): Service {
    return service(PlatformInterface, ({ label, session }) => {
      // What is inside a nested init acts for that init: this system file grants to its own components.
      const [component = ""] = labelElements(label);
      const held = new Map<string, Opened>();
      const own = { component, held };
      const watches = new Map<string, () => void>();
      let closed = false;
      const release = (name: string): void => {
        const opened = held.get(name);
        held.delete(name);
        watches.get(name)?.();
        watches.delete(name);
        if (opened === undefined) return;
        native.closeDescriptor(opened.descriptor);
        this.#console.give(opened);
      };
      const changed = (): void => session.raise(PlatformInterface.signals.indexOf("changed"));
      return {
        granted: (after: string) => namesAfter(after, Object.keys(this.#grantsOf(component))),
        acquire: async (name: string): Promise<PlatformGrant> => {
          const [first = "", ...rest] = name.split("/");
          const within = rest.join("/");
          const sources = this.#grantsOf(component)[first]?.filter((one) => within === "" || "devices" in one);
          if (sources === undefined || sources.length === 0)
            throw new SessionError(
              "NotFound",
              `Nothing named "${name}" is granted to "${component}": add it to start.${component}.grants in the system file`,
            );
          release(name);
          // A network device, a line or an address may have one holder at a time.
          await this.#options.deathsOver(component);
          const opened = await this.#open(component, name, sources, within);
          if (closed) {
            native.closeDescriptor(opened.descriptor);
            throw new SessionError("Disconnected", `The session that asked for "${name}" has ended`);
          }
          // Of two requests for one name at once, the later has it.
          release(name);
          try {
            this.#console.take(opened);
          } catch (error) {
            native.closeDescriptor(opened.descriptor);
            throw error;
          }
          held.set(name, opened);
          this.#sessions.add(own);
          if (opened.grant.kind === PlatformKind.pty) watches.set(name, watchFarEnd(opened.grant.path, changed));
          return { ...opened.grant, file: { kind: "file", descriptors: [opened.descriptor] } };
        },
        open: (name: string, path: string, write: boolean) => openEntry(name, held.get(name), path, write),
        release: (name: string) => release(name),
        setClock: (name: string, seconds: number) => {
          const opened = held.get(name);
          if (opened === undefined) throw new SessionError("NotFound", `Cannot set "${name}": acquire it first`);
          setHostClock(opened, seconds);
        },
        close: () => {
          closed = true;
          for (const name of [...held.keys()]) release(name);
          this.#sessions.delete(own);
        },
      };
    });
  }

  #grantsOf(component: string): Grants {
    return this.#options.model().start.get(component)?.grants ?? {};
  }

  async #open(component: string, name: string, sources: readonly GrantSource[], within: string): Promise<Opened> {
    const reasons: string[] = [];
    for (const source of sources) {
      try {
        const opened = await this.#openSource(component, name, source, within);
        if (reasons.length > 0)
          this.#options.log(`"${component}" gets ${opened.grant.path} as "${name}", since: ${reasons.join("; ")}`);
        return opened;
      } catch (error) {
        reasons.push(errorMessage(error));
      }
    }
    throw new SessionError("Device", `Cannot grant "${name}" to "${component}": ${reasons.join("; ")}`);
  }

  async #openSource(component: string, name: string, source: GrantSource, within: string): Promise<Opened> {
    const path = (text: string): string => resolve(this.#options.folder, text);
    if ("file" in source) {
      const file = path(source.file);
      const made = !existsSync(file);
      if (made && source.size === undefined)
        throw new Error(`there is no file "${file}", and "size" does not say how large to make it`);
      if (made) mkdirSync(dirname(file), { recursive: true });
      const descriptor = openSync(
        file,
        (source.write ? constants.O_RDWR : constants.O_RDONLY) | (made ? constants.O_CREAT | constants.O_RDWR : 0),
        0o600,
      );
      if (made) ftruncateSync(descriptor, source.size as number);
      return { descriptor, grant: { kind: PlatformKind.file, path: file, writeable: source.write, facts: "{}" } };
    }
    if ("device" in source) {
      const descriptor = openSync(source.device, source.write ? constants.O_RDWR : constants.O_RDONLY);
      const facts = fstatSync(descriptor);
      const kind = facts.isBlockDevice()
        ? PlatformKind.block_device
        : facts.isCharacterDevice()
          ? PlatformKind.character_device
          : PlatformKind.file;
      return { descriptor, grant: { kind, path: source.device, writeable: source.write, facts: "{}" } };
    }
    if ("ram" in source) {
      const descriptor = native.createDataspace(`${component}.${name}`, source.ram);
      return { descriptor, grant: { kind: PlatformKind.ram, path: "RAM", writeable: true, facts: "{}" } };
    }
    if ("directory" in source) {
      const folder = path(source.directory);
      const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
      return {
        descriptor,
        grant: { kind: PlatformKind.directory, path: folder, writeable: source.write, facts: "{}" },
      };
    }
    if ("pty" in source)
      return this.#openPty(component, name, source.link === undefined ? undefined : path(source.link));
    if ("tty" in source) {
      const descriptor = openSync(source.tty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
      return { descriptor, grant: { kind: PlatformKind.tty, path: source.tty, writeable: true, facts: "{}" } };
    }
    if ("tap" in source) {
      const tap = openTap({ name: source.tap });
      return {
        descriptor: tap.descriptor,
        grant: {
          kind: PlatformKind.tap,
          path: tap.name,
          writeable: true,
          facts: JSON.stringify({ macAddress: hexAddress(tap.address), offloads: tap.offloads }),
        },
      };
    }
    if ("interface" in source) return openInterface(source.interface);
    if ("devices" in source) return within === "" ? openAnnouncements() : openHostDevice(source, within);
    if ("pair" in source) return this.#openEnd(component, name);
    if ("listen" in source) {
      const { descriptor, port } = await listen(source.listen);
      return {
        descriptor,
        grant: { kind: PlatformKind.listener, path: source.listen, writeable: true, facts: JSON.stringify({ port }) },
      };
    }
    throw new Error(`this version cannot open ${JSON.stringify(source)}`);
  }

  /** The line stays when its driver starts anew, so that whoever has joined it stays joined, as on a real one. */
  #openPty(component: string, name: string, link: string | undefined): Opened {
    const key = `${component}/${name}`;
    let line = this.#lines.get(key);
    if (line !== undefined && line.link !== link) {
      this.#endLine(key, line);
      line = undefined;
    }
    if (line === undefined) {
      const { descriptor, path } = openPseudoTerminal();
      line = { component, name, descriptor, path, link };
      this.#lines.set(key, line);
      if (link !== undefined) {
        mkdirSync(dirname(link), { recursive: true });
        if (isLink(link)) rmSync(link);
        symlinkSync(path, link);
      }
      this.#options.log(
        `Serial line "${name}" of "${component}" is at ${link === undefined ? path : `${link} -> ${path}`}`,
      );
    }
    return {
      descriptor: native.duplicateDescriptor(line.descriptor),
      grant: {
        kind: PlatformKind.pty,
        path: line.path,
        writeable: true,
        facts: JSON.stringify(link === undefined ? {} : { link }),
      },
    };
  }

  #endLine(key: string, { descriptor, path, link }: Line): void {
    this.#lines.delete(key);
    native.closeDescriptor(descriptor);
    if (link !== undefined && isLink(link) && readlinkSync(link) === path) rmSync(link);
  }

  /** Each owner keeps its end through restarts: the other one stays connected. */
  #openEnd(component: string, name: string): Opened {
    let wire = this.#wires.get(name);
    if (wire === undefined) {
      wire = { ends: openNetPair(), owners: [undefined, undefined] };
      this.#wires.set(name, wire);
    }
    const { owners, ends } = wire;
    const place = owners.includes(component) ? owners.indexOf(component) : owners.indexOf(undefined);
    if (place < 0) throw new Error(`both ends of the pair "${name}" are taken, by "${owners.join('" and "')}"`);
    owners[place] = component;
    return {
      descriptor: native.duplicateDescriptor(ends[place] as number),
      grant: { kind: PlatformKind.pair, path: `pair ${name}`, writeable: true, facts: "{}" },
    };
  }

  #endWire(name: string, { ends }: Wire): void {
    this.#wires.delete(name);
    for (const end of ends) native.closeDescriptor(end);
  }

  /** Ends what was kept for grants that the system file no longer has. */
  prune(): void {
    for (const [key, line] of [...this.#lines]) {
      const sources = this.#grantsOf(line.component)[line.name] ?? [];
      if (!sources.some((source) => "pty" in source)) this.#endLine(key, line);
    }
    for (const [name, wire] of [...this.#wires]) {
      for (const [place, owner] of wire.owners.entries()) {
        const sources = owner === undefined ? [] : (this.#grantsOf(owner)[name] ?? []);
        if (!sources.some((source) => "pair" in source)) wire.owners[place] = undefined;
      }
      if (wire.owners.every((owner) => owner === undefined)) this.#endWire(name, wire);
    }
  }

  close(): void {
    for (const [name, wire] of [...this.#wires]) this.#endWire(name, wire);
    for (const [key, line] of [...this.#lines]) this.#endLine(key, line);
    this.#console.close();
  }
}

/** A file below a directory that a component holds; nothing of it stays here. */
function openEntry(name: string, opened: Opened | undefined, path: string, write: boolean): Capability {
  const cannot = `Cannot open "${path}" below the grant "${name}"`;
  if (opened?.grant.kind !== PlatformKind.directory)
    throw new SessionError("NotFound", `${cannot}: no directory of that name was acquired`);
  if (write && !opened.grant.writeable)
    throw new SessionError("Device", `${cannot} for writing: add "write": true to the grant in the system file`);
  try {
    return { kind: "file", descriptors: [openBelow(opened.descriptor, path, write)], move: true };
  } catch (error) {
    throw new SessionError("Device", `${cannot}, which is ${opened.grant.path}: ${errorMessage(error)}`);
  }
}

/** Tells when somebody opens or closes a terminal: its master shows that at a hang-up only, and a sandbox has no path to watch. */
function watchFarEnd(path: string, told: () => void): () => void {
  const watch = watchPresence(path);
  const end = watchDescriptor(watch, "readable", () => {
    if (drainPresence(watch)) told();
  });
  return () => {
    end();
    native.closeDescriptor(watch);
  };
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
