/** Rules that hold for whole operations and interfaces. */

import { frameworkErrors } from "../base/errors.js";
import { maxCapabilities as capabilitiesOfMessage, maxPayloadBytes } from "../base/message.js";
import { suggestion } from "../base/nearest.js";
import type { Diagnostics } from "./diagnostics.js";
import { maxBytes, maxCapabilities, messageBytes, wireSignature } from "./layout.js";
import type { InterfaceLock } from "./lock.js";
import type { Field, Interface, Operation, Packet } from "./model.js";

/** A message has 1024 bytes and 4 capabilities at most, whatever the values. */
export function checkOperation(operation: Operation, diagnostics: Diagnostics): void {
  for (const [what, fields] of [
    ["request", operation.inputs],
    ["reply", operation.outputs],
  ] as const) {
    const bytes = messageBytes(fields);
    if (bytes > maxPayloadBytes) {
      const sizes = fields.map((field) => `${field.name} ${maxBytes(field.type)}`).join(", ");
      diagnostics.report(
        operation.at,
        `The ${what} of ${operation.name} may take ${bytes} bytes, a message holds ${maxPayloadBytes}: ${sizes}; give strings, bytes and arrays smaller bounds`,
      );
    }
    const capabilities = fields.reduce((sum, field) => sum + maxCapabilities(field.type), 0);
    if (capabilities > capabilitiesOfMessage)
      diagnostics.report(
        operation.at,
        `The ${what} of ${operation.name} may carry ${capabilities} capabilities, a message carries ${capabilitiesOfMessage}`,
      );
  }
}

export function checkThrows(operation: Operation, diagnostics: Diagnostics): void {
  const known = [...operation.origin.errors.map((error) => error.name), ...Object.keys(frameworkErrors)];
  for (const name of operation.throws) {
    if (!known.includes(name))
      diagnostics.report(
        operation.at,
        `Operation ${operation.name} throws "${name}", which ${operation.origin.name} does not declare${suggestion(name, known)}`,
      );
  }
}

export function checkErrorNames(subject: Interface, diagnostics: Diagnostics): void {
  for (const error of subject.errors) {
    if (Object.hasOwn(frameworkErrors, error.name))
      diagnostics.report(error.at, `Every interface has the error ${error.name}: throw it without declaring it`);
  }
}

/** `call (int32, int32) -> (int32)`. */
function operationSignature(operation: Operation): string {
  const list = (fields: readonly Field[]): string => `(${fields.map((field) => wireSignature(field.type)).join(", ")})`;
  return operation.kind === "oneway"
    ? `oneway ${list(operation.inputs)}`
    : `call ${list(operation.inputs)} -> ${list(operation.outputs)}`;
}

function packetSignature(packet: Packet): string {
  return `${packet.fields.map((field) => `${wireSignature(field.type)} at ${field.offset}`).join(", ")}; ${packet.stride} bytes`;
}

/** What is on the wire may change only with the version: a peer of the same version would misread it. */
export function checkAgainstLock(subject: Interface, lock: InterfaceLock, diagnostics: Diagnostics): void {
  if (subject.version < lock.version)
    return diagnostics.report(
      subject.at,
      `Interface ${subject.name} has version ${subject.version}, but its lock file knows version ${lock.version}`,
    );
  if (subject.version > lock.version) return;
  const remedy = `restore it, or declare "interface ${subject.name} version ${subject.version + 1}"`;
  for (const operation of subject.operations) {
    const former = lock.operations[operation.name] ?? lock.removed[operation.name];
    if (former === undefined) continue;
    const at = operation.origin === subject ? operation.at : subject.at;
    const signature = operationSignature(operation);
    if (former.signature !== signature)
      diagnostics.report(
        at,
        `Operation ${operation.name} changed from ${former.signature} to ${signature} without a new version: ${remedy}`,
      );
    if (former.opcode !== operation.opcode)
      diagnostics.report(
        at,
        `Operation ${operation.name} changed its opcode from ${former.opcode} to ${operation.opcode} without a new version: ${remedy}`,
      );
  }
  for (const packet of subject.packets) {
    const former = lock.packets[packet.name];
    if (former !== undefined && former !== packetSignature(packet))
      diagnostics.report(
        packet.at,
        `Packet ${packet.name} changed from "${former}" to "${packetSignature(packet)}" without a new version: ${remedy}`,
      );
  }
  for (const signal of subject.signals) {
    const former = lock.signals[signal.name];
    if (former !== undefined && former !== signal.number)
      diagnostics.report(
        signal.at,
        `Signal ${signal.name} changed its number from ${former} to ${signal.number} without a new version: ${remedy}`,
      );
  }
}

/** The lock entry that remembers this interface and what it had before. */
export function nextLock(subject: Interface, lock: InterfaceLock | undefined): InterfaceLock {
  const operations = Object.fromEntries(
    subject.operations.map((operation) => [
      operation.name,
      { opcode: operation.opcode, signature: operationSignature(operation) },
    ]),
  );
  const former = { ...lock?.removed, ...lock?.operations };
  const taken = new Set(subject.operations.map((operation) => operation.opcode));
  return {
    version: subject.version,
    operations,
    removed: Object.fromEntries(
      Object.entries(former).filter(([name, entry]) => !Object.hasOwn(operations, name) && !taken.has(entry.opcode)),
    ),
    errors: subject.errors.map((error) => error.name),
    signals: { ...lock?.signals, ...Object.fromEntries(subject.signals.map((signal) => [signal.name, signal.number])) },
    packets: Object.fromEntries(subject.packets.map((packet) => [packet.name, packetSignature(packet)])),
  };
}
