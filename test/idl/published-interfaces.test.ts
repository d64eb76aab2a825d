/** The interfaces that others published: their signatures are kept, and what is checked in is what they generate. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { typeSource } from "../../idl/backend-markdown.js";
import { compile } from "../../idl/compiler.js";
import { diskSource } from "../../idl/files.js";
import { idl } from "../../idl/main.js";
import type { Interface } from "../../idl/model.js";
import { suite } from "../support/suite.js";

const test = suite("published interfaces");
const folder = relative(process.cwd(), fileURLToPath(new URL("../../../examples/idl", import.meta.url)));

function interfaces(name: string): ReadonlyMap<string, Interface> {
  const { files, diagnostics } = compile([join(folder, name)], diskSource);
  assert.equal(diagnostics, []);
  return new Map(files[0]?.definition.interfaces.map((subject) => [subject.name, subject]));
}

/** One line an operation, in Resea's spelling; bounds that the definition leaves open are left out. */
function signatures(subject: Interface | undefined): string[] {
  const plain = (text: string): string => text.replace("str[256]", "str").replace("bytes[896]", "bytes");
  const list = (fields: Interface["operations"][number]["inputs"]): string =>
    `(${fields.map((field) => `${field.name}: ${plain(typeSource(field.type))}`).join(", ")})`;
  return (subject?.operations ?? []).map((operation) => {
    if (operation.kind === "oneway")
      return `${operation.asynchronous ? "async " : ""}oneway ${operation.name}${list(operation.inputs)}`;
    return `rpc ${operation.name}${list(operation.inputs)} -> ${list(operation.outputs)}`;
  });
}

const resea: Readonly<Record<string, readonly string[]>> = {
  Global: [
    "oneway notifications(data: notifications)",
    "oneway async()",
    "oneway invalid()",
    "oneway exception(task: task, exception: exception_type)",
    "rpc page_fault(task: task, vaddr: vaddr, ip: vaddr, fault: uint) -> ()",
    "rpc abi_hook(task: task, type: int, frame: trap_frame) -> (frame: trap_frame)",
  ],
  Hv: [
    "rpc x64_start(task: task) -> (guest_rip: uint64, ept_pml4: paddr, initial_rbx: uint64)",
    "rpc halt(task: task) -> ()",
    "rpc guest_page_fault(task: task, gpaddr: gpaddr, frame: hv_frame) -> (frame: hv_frame)",
    "rpc ioport_read(task: task, port: uint16, size: size) -> (value: uint32)",
    "rpc ioport_write(task: task, port: uint16, size: size, value: uint32) -> ()",
    "oneway await(task: task)",
    "oneway inject_irq(irq_bitmap: uint32)",
  ],
  Benchmark: ["rpc nop(value: int) -> (value: int)", "rpc nop_with_ool(data: bytes) -> (data: bytes)"],
  Vm: ["rpc alloc_pages(num_pages: size, paddr: paddr) -> (vaddr: vaddr, paddr: paddr)"],
  Discovery: ["rpc serve(name: str) -> ()", "rpc lookup(name: str) -> (task: task)"],
  Task: [
    "rpc alloc(pager: task) -> (task: task)",
    "rpc free(task: task) -> ()",
    "rpc launch(name_and_cmdline: str) -> (task: task)",
    "rpc watch(task: task) -> ()",
    "rpc unwatch(task: task) -> ()",
    "async oneway exited(task: task)",
  ],
  Ool: [
    "rpc recv(addr: vaddr, len: size) -> ()",
    "rpc send(dst: task, addr: vaddr, len: size) -> (id: vaddr)",
    "rpc verify(src: task, id: vaddr, len: size) -> (received_at: vaddr)",
  ],
  Fs: [
    "rpc open(path: str) -> (handle: handle)",
    "rpc create(path: str, exist_ok: bool) -> (handle: handle)",
    "rpc close(handle: handle) -> ()",
    "rpc read(handle: handle, offset: offset, len: size) -> (data: bytes)",
    "rpc write(handle: handle, offset: offset, data: bytes) -> ()",
    "rpc stat(path: str) -> (size: size)",
  ],
  Blk: ["rpc read(sector: offset, num_sectors: size) -> (data: bytes)", "rpc write(sector: offset, data: bytes) -> ()"],
  Net: ["oneway rx(payload: bytes)", "oneway tx(payload: bytes)"],
  Rtc: [
    "rpc read() -> (year: uint32, month: uint8, day: uint8, day_of_week: uint8, hour: uint8, minute: uint8, second: uint8)",
  ],
  Time: ["rpc gettimeofday() -> (unixtime: uint64)"],
  Shm: [
    "rpc create(size: size) -> (shm_id: int)",
    "rpc map(shm_id: int, writable: bool) -> (vaddr: vaddr)",
    "rpc close(shm_id: int) -> ()",
  ],
  ShmTest: ["rpc read() -> (shm_id: int)"],
};

test("Resea's interfaces have the published operations", () => {
  const found = interfaces("resea.idl");
  assert.equal(Object.fromEntries([...found].map(([name, subject]) => [name, signatures(subject)])), resea);
});

test("Calc, Counter and their compound have the published operations", () => {
  const calculations = [
    "rpc add(left: int, right: int) -> (result: int)",
    "rpc subtract(left: int, right: int) -> (result: int)",
    "rpc multiply(left: int, right: int) -> (result: int)",
    "rpc divide(numerator: int, denominator: int) -> (result: int)",
  ];
  const counting = ["rpc increment() -> (result: int)"];
  assert.equal(signatures(interfaces("calc.idl").get("Calc")), calculations);
  assert.equal(signatures(interfaces("counter.idl").get("Counter")), counting);
  assert.equal(signatures(interfaces("calc_counter.idl").get("CalcCounter")), [...calculations, ...counting]);
});

test("MappedFileObject has five parts, each with the opcodes that the part has alone", () => {
  const compound = interfaces("mapped_file_object.idl").get("MappedFileObject");
  assert.equal(
    compound?.parts.map((part) => part.name),
    ["Dataspace", "File", "Flush", "MappedFile", "Notification"],
  );
  for (const part of compound?.parts ?? []) {
    for (const operation of part.operations)
      assert.is(
        compound?.operations.find((other) => other.name === operation.name)?.opcode,
        operation.opcode,
        operation.name,
      );
  }
});

test("what is checked in is what the definitions generate", async () => {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".idl"))
    .map((name) => join(folder, name));
  assert.ok(files.length >= 10);
  assert.is(await idl(["gen", "--check", ...files]), 0);
  for (const file of files) assert.not.match(readFileSync(file, "utf8"), "\t");
});

test.run();
