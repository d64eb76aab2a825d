/** The kernel's announcements of devices that come, go and change, as datagrams on a descriptor. */
import { native as addon } from "./native.js";

interface UeventAddon {
  ueventOpen(afterRules: boolean): number;
  ueventRead(descriptor: number, bytes: Uint8Array): number;
}

const native = addon as unknown as UeventAddon;

/** As many as one look takes: who is flooded still gets its turns. */
const most = 2000;
/** A little more than the kernel, or udevd, puts into one. */
const largest = 16 * 1024;

/** Follows the kernel, or with `afterRules` udevd, which sends each announcement on when its rules have run. */
export function openUevents({ afterRules }: { readonly afterRules: boolean }): number {
  return native.ueventOpen(afterRules);
}

/**
 * What waits, without blocking, up to some thousands: `lost` when announcements were dropped since the last call, so that only a look at all
 * devices tells what is there.
 */
export function readUevents(descriptor: number): { readonly datagrams: readonly Uint8Array[]; readonly lost: boolean } {
  const datagrams: Uint8Array[] = [];
  const buffer = new Uint8Array(largest);
  let lost = false;
  while (datagrams.length < most) {
    const count = native.ueventRead(descriptor, buffer);
    if (count === 0) break;
    if (count < 0) lost = true;
    else datagrams.push(buffer.slice(0, count));
  }
  return { datagrams, lost };
}
