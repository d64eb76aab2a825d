/** Uses the chips "memory", "taken" and "absent" of a bus and prints what came of it, a line each. */
import { component, SessionError } from "../../base/index.js";
import { I2c, type I2cConnection } from "../../sessions/i2c/index.js";

async function outcome(call: Promise<Iterable<Uint8Array> | Uint8Array>): Promise<string> {
  try {
    const result = await call;
    return result instanceof Uint8Array ? `bytes ${Buffer.from(result).toString("hex")}` : "done";
  } catch (error) {
    return error instanceof SessionError ? `${error.code}: ${error.message}` : String(error);
  }
}

component(async (env) => {
  const open = (label: string): Promise<I2cConnection> => env.connect(I2c, { label });
  const [memory, taken, absent] = [await open("memory"), await open("taken"), await open("absent")];
  const written = Uint8Array.from({ length: 32 }, (_, index) => 0xa0 + index);
  const tell = async (what: string, call: Promise<Uint8Array[] | Uint8Array>): Promise<void> =>
    console.log(`${what}: ${await outcome(call)}`);
  await tell("presence", memory.transact([{ write: [] }]));
  await tell("byte", memory.readRegister(0x10));
  await tell("word", memory.readRegister(0x11, 2));
  await tell("block write", memory.transact([{ write: [0x20, ...written] }]));
  await tell("block read", memory.readRegister(0x20, 32));
  await tell("byte write", memory.transact([{ write: [0x50, 0x5a] }]));
  await tell("word write", memory.transact([{ write: [0x52, 0x34, 0x12] }]));
  await tell("four parts", memory.transact([{ write: [1] }, { read: 1 }, { write: [2] }, { read: 1 }]));
  await tell("taken", taken.readRegister(0));
  await tell("absent", absent.readRegister(0));
  console.log("that was all");
});
