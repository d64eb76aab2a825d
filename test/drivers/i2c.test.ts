/** The I2C driver and its client's connection on the stand-in: chips of registers in memory. */
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { configSchema } from "../../drivers/i2c/config.js";
import { I2cDriver } from "../../drivers/i2c/driver.js";
import { I2c, I2cInterface } from "../../sessions/i2c/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { TestPlatform } from "./platform.js";

const test = suite("i2c driver");

function configured(change: object = {}) {
  const config = {
    simulated: { chips: ["0x48", "0x50"] },
    policies: [
      { labelLast: "thermometer", address: "0x48" },
      { labelLast: "memory", address: "0x50" },
      { labelLast: "nothing", address: "0x51" },
    ],
    ...change,
  };
  return checked(configSchema, config, "the configuration");
}

async function system(context: Context) {
  const parent = context.use(new LocalParent([new TestPlatform().service]));
  let drivers = 0;
  const start = async (): Promise<I2cDriver> => {
    const env = parent.env(`i2c ${++drivers}`);
    const driver = context.use(await I2cDriver.open(env, configured()));
    await env.announce(I2cInterface, (request) => driver.session(request));
    return driver;
  };
  const env = parent.env("client");
  return {
    parent,
    driver: await start(),
    start,
    chip: async (label: string) => context.use(await env.connect(I2c, { label })),
  };
}

test("registers keep what is written, each chip its own", async (context) => {
  const { chip } = await system(context);
  const [thermometer, memory] = [await chip("thermometer"), await chip("memory")];
  await thermometer.writeRegister(3, [0x12, 0x34]);
  await memory.writeRegister(3, [0xab]);
  assert.equal([...(await thermometer.readRegister(3, 2))], [0x12, 0x34]);
  assert.equal([...(await memory.readRegister(3, 2))], [0xab, 0]);
  assert.equal([...(await thermometer.readRegister(4))], [0x34]);
});

test("a transaction has several parts, and what was read comes back in their pieces", async (context) => {
  const { chip } = await system(context);
  const memory = await chip("memory");
  const all = Uint8Array.from({ length: 256 }, (_, index) => index ^ 0x55);
  await memory.writeRegister(0, all);
  const [first, second, third] = await memory.transact([
    { write: [10] },
    { read: 2 },
    { read: 0 },
    { write: Uint8Array.of(200) },
    { read: 700 },
  ]);
  assert.equal([...(first ?? [])], [...all.subarray(10, 12)]);
  assert.is(second?.length, 0);
  assert.is(third?.length, 700);
  assert.equal([...(third ?? [])].slice(0, 100), [...all.subarray(200), ...all.subarray(0, 44)]);
});

test("whoever does not answer is told", async (context) => {
  const { chip } = await system(context);
  const nothing = await chip("nothing");
  assert.is(await code(nothing.read(1)), "NotAcknowledged");
  assert.is(await code(nothing.transact([{ write: [] }])), "NotAcknowledged");
  assert.is(await code((await chip("memory")).transact([{ write: [] }])), "resolved");
});

test("what is too much or nobody's is refused", async (context) => {
  const { chip, parent, driver } = await system(context);
  const memory = await chip("memory");
  assert.is(await code(memory.transact([])), "InvalidArgument");
  assert.is(await code(memory.transact([{ read: 500 }, { read: 269 }])), "InvalidArgument");
  assert.is(await code(memory.write(new Uint8Array(769))), "InvalidArgument");
  assert.is(await code(memory.transact(Array.from({ length: 43 }, () => ({ read: 1 })))), "InvalidArgument");
  assert.is(await code(chip("nobody")), "Denied");
  const session = context.use(await parent.env("raw").session(I2cInterface, {}, { label: "memory" }));
  const lying = session.client.transact([{ read: false, length: 4 }], Uint8Array.of(1, 2));
  assert.is(await code(lying), "InvalidArgument");
  driver.configure(configured({ policies: [] }));
  assert.is(await code(memory.read(1)), "resolved");
  assert.is(await code(chip("memory")), "Denied");
  for (const address of ["0x07", "0x78", "0x148", "72"])
    assert.throws(() => configured({ simulated: { chips: [address] } }), /simulated\.chips\[0\]/, address);
});

test("with a new driver the next transaction finds its chip", async (context) => {
  const { chip, driver, start } = await system(context);
  const memory = await chip("memory");
  await memory.writeRegister(1, [9]);
  // First the new one, or the sessions would come back to the old one.
  await start();
  await driver.close();
  assert.equal([...(await memory.readRegister(1))], [0], "the chips of the stand-in are new ones");
});

test("without a bus and a stand-in for it the driver says what is missing", async (context) => {
  const parent = context.use(new LocalParent([new TestPlatform().service]));
  assert.is(await code(I2cDriver.open(parent.env("i2c"), checked(configSchema, {}, "it"))), "NotFound");
});

test.run();
