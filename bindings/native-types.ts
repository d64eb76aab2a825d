/** The addon's functions and constants, for code that gets the addon handed in. */

/** A mapped dataspace. Lives until {@link Native.unmapDataspace}, which detaches the buffer first. */
export interface NativeMapping {
  readonly buffer: ArrayBuffer;
  readonly id: number;
}

/** Bits that the waiting hook reports for a slot. */
export const slotBits = { moved: 1, closed: 2, readable: 4, writable: 8, descriptors: 16, broken: 32 } as const;

/** Functions take and return descriptors and integer handles; failures throw errors with `code`, `errno`, `syscall`. */
export interface Native {
  /** Sealed against resizing; with `final` against further seals too. */
  createDataspace(name: string, bytes: number, final?: boolean): number;
  mapDataspace(descriptor: number, writable: boolean): NativeMapping;
  unmapDataspace(id: number, buffer: ArrayBuffer): void;
  sealWrites(descriptor: number): void;
  discardPages(descriptor: number): number;
  dataspaceBytes(descriptor: number): number;
  closeDescriptor(descriptor: number): void;
  duplicateDescriptor(descriptor: number): number;

  socketPair(): [number, number];
  /** Takes over the socket; returns the slot under which the hook reports. */
  attachChannel(socket: number, mapping: number, side: number): number;
  detachChannel(slot: number): void;
  ring(slot: number): void;
  sendDescriptors(slot: number, position: number, descriptors: readonly number[]): number;
  takeDescriptors(slot: number, position: number): number[] | undefined;
  /** Descriptor messages read ahead of the messages that claim them; -1 when the message of one is already consumed. */
  heldDescriptors(slot: number, tail: number): number;
  sendMessage(socket: number, bytes: Uint8Array, descriptors: readonly number[]): number;
  receiveMessage(
    socket: number,
    largest: number,
    wait: boolean,
  ): { length: number; bytes: Uint8Array; descriptors: number[] };
  /** The other end of this socket can send nothing from now on, and so leave nothing in it. */
  refuseMessages(socket: number): void;

  startWaiting(ready: Int32Array, callback: (count: number) => void, windowMicroseconds: number): void;
  watchDescriptor(descriptor: number, events: number): number;
  unwatch(slot: number): void;
  again(slot: number): void;
  reference(slot: number, keepsLoopAlive: boolean): void;
  waitingCounters(): {
    deliveries: number;
    looks: number;
    yields: number;
    sleeps: number;
    backoffs: number;
    wakes: number;
  };

  pinToProcessor(processor: number): void;
  exitNow(code: number): never;
  /**
   * Sends lines to the service manager (sd_notify(3)) as one datagram, without waiting. `address` is an absolute path,
   * or "@" and a name of the abstract namespace.
   */
  notifyManager(address: string, lines: string): void;
  /** Ties this thread to the lifeline behind a descriptor, which is closed (native/core/lifeline.h). */
  holdLifeline(descriptor: number): void;
  /** Returns a descriptor that becomes readable when a lifeline's holder has died suddenly. */
  watchLifeline(descriptor: number): number;
  /** Ends that, and closes the descriptor. */
  unwatchLifeline(told: number): void;
  /** [read end, write end]; the read end does not block. */
  makePipe(): [number, number];
  pageBytes(): number;
  /** Sets a restricted io_uring aside for the next block device; false where the kernel has none. */
  reserveIoRing(): boolean;
  /** Installs the second, tight system-call filter in all threads, irrevocably. */
  installTightFilter(options: number): void;
}

/** Where the component loader leaves the addon. */
export const nativeKey = Symbol.for("bulkhead.native");
