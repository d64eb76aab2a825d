/** The emulator's ends of devices: what it needs at its start as words, and while it runs as commands. */
import type { Arguments, Monitor } from "./monitor.js";

export type Backend =
  /** Bytes from and to a socket that the bench listens on. */
  | { readonly kind: "chardev"; readonly id: string; readonly path: string }
  /** Ethernet frames, each after its length, from and to such a socket. */
  | { readonly kind: "netdev"; readonly id: string; readonly path: string }
  | { readonly kind: "blockdev"; readonly options: Arguments & { readonly "node-name": string } }
  /** Everything that a sound card plays. */
  | { readonly kind: "audiodev"; readonly id: string; readonly path: string }
  /** A copy of every frame of a netdev, in tcpdump's form. */
  | { readonly kind: "capture"; readonly id: string; readonly netdev: string; readonly path: string };

/** A comma ends a value, unless there are two. */
export function escaped(text: string): string {
  return text.replaceAll(",", ",,");
}

function netdevOptions({ id, path }: { readonly id: string; readonly path: string }): Arguments {
  return { type: "stream", id, server: false, addr: { type: "unix", path } };
}

function captureOptions({ id, netdev, path }: Extract<Backend, { kind: "capture" }>): Arguments {
  return { "qom-type": "filter-dump", id, netdev, file: path };
}

export function backendWords(backend: Backend): string[] {
  switch (backend.kind) {
    case "chardev":
      return ["-chardev", `socket,id=${backend.id},path=${escaped(backend.path)},server=off`];
    case "netdev":
      return ["-netdev", JSON.stringify(netdevOptions(backend))];
    case "blockdev":
      return ["-blockdev", JSON.stringify(backend.options)];
    case "audiodev":
      return ["-audiodev", `wav,id=${backend.id},path=${escaped(backend.path)},out.frequency=48000`];
    case "capture":
      return ["-object", JSON.stringify(captureOptions(backend))];
  }
}

export async function addBackend(monitor: Monitor, backend: Backend): Promise<void> {
  switch (backend.kind) {
    case "chardev": {
      const data = { addr: { type: "unix", data: { path: backend.path } }, server: false };
      await monitor.execute("chardev-add", { id: backend.id, backend: { type: "socket", data } });
      return;
    }
    case "netdev":
      await monitor.execute("netdev_add", netdevOptions(backend));
      return;
    case "blockdev":
      await monitor.execute("blockdev-add", backend.options);
      return;
    case "audiodev":
      throw new Error("A sound card cannot be added while the machine runs: the emulator makes its sound at the start");
    case "capture":
      await monitor.execute("object-add", captureOptions(backend));
  }
}

/** The reverse; the device that used it is gone. */
export async function removeBackend(monitor: Monitor, backend: Backend): Promise<void> {
  switch (backend.kind) {
    case "chardev":
      await monitor.execute("chardev-remove", { id: backend.id });
      return;
    case "netdev":
      await monitor.execute("netdev_del", { id: backend.id });
      return;
    case "blockdev":
      await monitor.execute("blockdev-del", { "node-name": backend.options["node-name"] });
      return;
    case "audiodev":
      return;
    case "capture":
      await monitor.execute("object-del", { id: backend.id });
  }
}
