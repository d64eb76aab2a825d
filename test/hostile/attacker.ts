/**
 * A hostile client in a process of its own: node attacker.js KIND SEED. Descriptor 3 brings channels, one socket message
 * each; descriptor 4 is a dataspace whose first word says when to attack (1), to use its processor without attacking (2)
 * and to rest (0), and whose second counts the attempts. Ends when descriptor 3 does.
 */
import { clientSide, channel as layout, messageKind } from "../../base/layout.js";
import { native } from "../../bindings/native.js";
import { echoOpcode } from "../support/echo.js";
import { RawPeer } from "../support/raw-peer.js";

const [kind = "messages", seed = "1"] = process.argv.slice(2);
const control = new Int32Array(native.mapDataspace(4, true).buffer);
const clock = new Int32Array(new SharedArrayBuffer(4));

// A small generator (xorshift) rather than Math.random, so that a failure can be repeated.
let state = Number(seed) | 1;
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; ++i) bytes[i] = random(256);
  return bytes;
}

function pause(milliseconds: number): void {
  Atomics.wait(clock, 0, 0, milliseconds);
}

/** False once the session has ended. Reads what the server says and forgets it. */
function alive(peer: RawPeer): boolean {
  for (;;) {
    const { length, descriptors } = peer.receive();
    for (const descriptor of descriptors) native.closeDescriptor(descriptor);
    // EAGAIN: nothing there.
    if (length <= 0) return length === -11;
  }
}

/** Publishes what was written, waits until it is consumed, and takes the answers. */
function settle(peer: RawPeer): boolean {
  peer.publish();
  for (let spins = 0; ; ++spins) {
    Atomics.store(peer.words, peer.own(layout.tail), Atomics.load(peer.words, peer.peer(layout.head)));
    if (Atomics.load(peer.words, peer.peer(layout.tail)) === (peer.head | 0)) return true;
    if (!alive(peer)) return false;
    if (spins > 10) pause(0.05);
  }
}

/** Well-framed messages with random contents: each is answered or dropped, and the session goes on. */
function messages(peer: RawPeer): boolean {
  for (let slots = 0; slots < 200; ) {
    const payload = randomBytes(random(8) === 0 ? random(400) : random(48));
    peer.write({
      kind: [messageKind.call, messageKind.oneway, messageKind.cancel][random(3)] as number,
      id: random(1 << 30),
      code: random(5),
      object: random(4) === 0 ? random(1 << 30) : 0,
      payload,
    });
    slots += Math.ceil((16 + payload.length) / 64);
    control[1] = (control[1] as number) + 1;
  }
  return settle(peer);
}

/** Random header words: most end the session at once. */
function headers(peer: RawPeer): boolean {
  const at = layout.ringWord[clientSide] + (peer.head % layout.slots) * layout.slotWords;
  for (let i = 0; i < 16; ++i) peer.words[at + i] = random(2 ** 32);
  control[1] = (control[1] as number) + 1;
  peer.head = (peer.head + 1 + random(random(10) === 0 ? 400 : 3)) >>> 0;
  return settle(peer);
}

/** Any word of the channel's memory, those of the server as well. */
function words(peer: RawPeer): boolean {
  for (let i = 0; i < 64; ++i) {
    peer.words[random(4) === 0 ? random(peer.words.length) : random(0x200 / 4)] =
      random(3) === 0 ? random(2 ** 32) : random(300);
    control[1] = (control[1] as number) + 1;
  }
  peer.send(Uint8Array.of(0));
  pause(0.05);
  return alive(peer);
}

/** Socket messages of any shape, with descriptors. */
function socket(peer: RawPeer): boolean {
  const descriptors = Array.from({ length: random(12) }, () => 4);
  if (random(2) === 0) peer.sendDescriptors(descriptors, random(8));
  else peer.send(randomBytes(random(16)), descriptors);
  control[1] = (control[1] as number) + 1;
  return alive(peer);
}

/** Bells without news, as fast as the kernel takes them. */
function bells(peer: RawPeer): boolean {
  for (let i = 0; i < 64; ++i) peer.bell();
  control[1] = (control[1] as number) + 64;
  return alive(peer);
}

/** Descriptors and the messages that name them, some of which nobody wants. */
function capabilities(peer: RawPeer): boolean {
  for (let i = 0; i < 16; ++i) {
    const count = 1 + random(3);
    if (peer.sendDescriptors(Array.from({ length: count }, () => 4)) < 0) return settle(peer);
    peer.write({
      kind: messageKind.call,
      id: random(1 << 30),
      code: random(4),
      count,
      kindBits: 0x111 & ((1 << (4 * count)) - 1),
      payload: randomBytes(random(4)),
    });
    control[1] = (control[1] as number) + 1;
    // Each is published before the descriptors of the next are sent.
    Atomics.store(peer.words, peer.own(layout.head), peer.head | 0);
  }
  return settle(peer);
}

/** Well-formed echoes whose bytes change all the time. */
function flips(peer: RawPeer): boolean {
  const start = layout.ringWord[clientSide];
  for (let i = 0; i < 12; ++i) {
    peer.write({
      kind: messageKind.call,
      id: random(1 << 30),
      code: echoOpcode.echo,
      payload: Uint8Array.of(200, 0, ...randomBytes(200)),
    });
    control[1] = (control[1] as number) + 1;
  }
  peer.publish();
  for (let i = 0; i < 20_000; ++i) {
    // Payloads, lengths and headers alike.
    const at = start + random(layout.slots * layout.slotWords);
    peer.words[at] = (peer.words[at] as number) ^ (1 << random(32));
  }
  return settle(peer);
}

const attack = { messages, headers, words, socket, bells, capabilities, flips }[kind];
if (attack === undefined) throw new Error(`There is no attack "${kind}"`);
for (;;) {
  const { length, descriptors } = native.receiveMessage(3, 8, true);
  if (length <= 0 || descriptors.length !== 2) break;
  using peer = new RawPeer({ kind: "channel", descriptors }, clientSide);
  for (let more = true; more; ) {
    const order = Atomics.load(control, 0);
    if (order === 1) more = attack(peer);
    else {
      if (order === 0) pause(1);
      for (let i = 0; order === 2 && i < 100_000; ++i) random(2);
      more = alive(peer);
    }
  }
}
native.exitNow(0);
