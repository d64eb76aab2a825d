/** Flattened device trees, which tell a kernel what is soldered to its board (Devicetree Specification 0.4, chapter 5). */

export interface TreeNode {
  readonly name: string;
  readonly properties: Map<string, Buffer>;
  readonly children: TreeNode[];
}

export interface DeviceTree {
  readonly root: TreeNode;
  /** Memory that the kernel keeps its hands off: the block as it is, with its end. */
  readonly reservations: Buffer;
  /** The processor that boots. */
  readonly processor: number;
}

const magic = 0xd00dfeed;
const headerSize = 40;
const token = { begin: 1, end: 2, property: 3, nothing: 4, over: 9 } as const;

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** @throws Error when the bytes are no device tree. */
export function readDeviceTree(bytes: Buffer): DeviceTree {
  if (bytes.length < headerSize || bytes.readUInt32BE(0) !== magic) throw new Error("This is no device tree");
  const field = (index: number): number => bytes.readUInt32BE(index * 4);
  const [structures, strings, reserved] = [field(2), field(3), field(4)];
  const text = (at: number): string => bytes.toString("latin1", at, bytes.indexOf(0, at));
  const top: TreeNode = { name: "", properties: new Map(), children: [] };
  const open = [top];
  let at = structures;
  for (let kind = bytes.readUInt32BE(at); kind !== token.over; kind = bytes.readUInt32BE(at)) {
    at += 4;
    const node = open.at(-1);
    if (node === undefined) throw new Error("This device tree ends a node that it did not begin");
    if (kind === token.begin) {
      const child: TreeNode = { name: text(at), properties: new Map(), children: [] };
      at += padded(child.name.length + 1);
      node.children.push(child);
      open.push(child);
    } else if (kind === token.end) open.pop();
    else if (kind === token.property) {
      const length = bytes.readUInt32BE(at);
      const name = text(strings + bytes.readUInt32BE(at + 4));
      node.properties.set(name, bytes.subarray(at + 8, at + 8 + length));
      at += 8 + padded(length);
    } else if (kind !== token.nothing) throw new Error(`This device tree has a part of unknown kind ${kind}`);
  }
  const [root] = top.children;
  if (root === undefined) throw new Error("This device tree has no root");
  let end = reserved;
  while (bytes.readBigUInt64BE(end) !== 0n || bytes.readBigUInt64BE(end + 8) !== 0n) end += 16;
  return { root, reservations: bytes.subarray(reserved, end + 16), processor: field(7) };
}

export function writeDeviceTree({ root, reservations, processor }: DeviceTree): Buffer {
  const parts: Buffer[] = [];
  const strings: Buffer[] = [];
  const offsets = new Map<string, number>();
  let stringsSize = 0;
  const offsetOf = (name: string): number => {
    const known = offsets.get(name);
    if (known !== undefined) return known;
    const offset = stringsSize;
    const string = Buffer.from(`${name}\0`, "latin1");
    strings.push(string);
    stringsSize += string.length;
    offsets.set(name, offset);
    return offset;
  };
  const write = ({ name, properties, children }: TreeNode): void => {
    parts.push(cells(token.begin), aligned(Buffer.from(`${name}\0`, "latin1")));
    for (const [key, value] of properties)
      parts.push(cells(token.property, value.length, offsetOf(key)), aligned(value));
    for (const child of children) write(child);
    parts.push(cells(token.end));
  };
  write(root);
  const structure = Buffer.concat([...parts, cells(token.over)]);
  const structuresAt = headerSize + reservations.length;
  const stringsAt = structuresAt + structure.length;
  const total = stringsAt + stringsSize;
  const header = cells(
    ...[magic, total, structuresAt, stringsAt, headerSize],
    ...[17, 16, processor, stringsSize, structure.length],
  );
  return Buffer.concat([header, reservations, structure, ...strings]);
}

/** Numbers of 32 bits, as properties hold them. */
export function cells(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, index * 4);
  return bytes;
}

/** A text, as properties hold it. */
export function textValue(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

/** The node at a path such as `/soc/serial@7e201000`. @throws Error when there is none. */
export function nodeAt({ root }: DeviceTree, path: string): TreeNode {
  let node = root;
  for (const name of path.split("/").filter((part) => part !== "")) {
    const child = node.children.find((candidate) => candidate.name === name);
    if (child === undefined) throw new Error(`The device tree has no ${path}: there is no "${name}"`);
    node = child;
  }
  return node;
}

function aligned(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);
}
