/** Levels, frequencies and drop-outs of sounds that are known, and WAV files that another program reads and writes. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { Sound } from "../../hil/sound.js";
import { installed } from "../device/host.js";
import { suite } from "../support/suite.js";

const test = suite("sound");

function tone(frequency: number, amplitude: number, { rate = 48_000, seconds = 0.25, phase = 0 } = {}): Sound {
  const samples = Float64Array.from(
    { length: Math.round(rate * seconds) },
    (_, index) => amplitude * Math.sin((2 * Math.PI * frequency * index) / rate + phase),
  );
  return new Sound(rate, [samples]);
}

test("a tone has its frequency, its level and no drop-outs", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 100, max: 18_000, noNaN: true }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 6, noNaN: true }),
      (frequency, amplitude, phase) => {
        const sound = tone(frequency, amplitude, { phase });
        const found = sound.frequency() as number;
        assert.ok(Math.abs(found - frequency) < frequency / 1000, `${found} instead of ${frequency} Hz`);
        const level = 20 * Math.log10(amplitude);
        assert.ok(Math.abs(sound.level() - level) < 0.2, `${sound.level()} instead of ${level} dB`);
        assert.ok(Math.abs(sound.levelAt(frequency) - level) < 0.2, `${sound.levelAt(frequency)} instead of ${level} dB`);
        assert.ok(sound.levelAt(frequency > 9000 ? frequency / 2 : frequency * 2) < level - 30);
        assert.equal(sound.dropOuts(), []);
      },
    ),
    { numRuns: 40 },
  );
});

test("every hole is found where it is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 6, max: 40 }), (at, length) => {
      const sound = tone(1000, 0.5);
      const samples = sound.channels[0] as Float64Array;
      samples.fill(0, at * 48, (at + length) * 48);
      const [hole, ...others] = sound.dropOuts();
      assert.equal(others, []);
      assert.ok(hole !== undefined && Math.abs(hole.at - at / 1000) < 0.0005, JSON.stringify(hole));
      assert.ok(Math.abs((hole?.seconds ?? 0) - length / 1000) < 0.0005 || (at + length) * 48 > samples.length);
    }),
  );
});

test("silence has no frequency", () => {
  const silence = new Sound(8000, [new Float64Array(800)]);
  assert.is(silence.frequency(), undefined);
  assert.is(silence.level(), Number.NEGATIVE_INFINITY);
  assert.is(silence.dropOuts().length, 1);
});

test("a WAV file gives back what was written", () => {
  const sample = fc.integer({ min: -32_767, max: 32_767 }).map((value) => value / 32_767);
  fc.assert(
    fc.property(fc.array(fc.tuple(sample, sample), { minLength: 1, maxLength: 200 }), (frames) => {
      const channels = [0, 1].map((number) => Float64Array.from(frames, (frame) => frame[number] as number));
      const read = Sound.fromWav(new Sound(44_100, channels).toWav());
      assert.is(read.rate, 44_100);
      for (const [number, channel] of channels.entries())
        for (const [index, value] of channel.entries())
          assert.ok(Math.abs((read.channels[number]?.[index] ?? 9) - value) < 1e-4);
    }),
  );
});

test("any damage is refused or read, and nothing else happens", () => {
  const file = tone(440, 0.5, { seconds: 0.01 }).toWav();
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), (at, value, end) => {
      const damaged = file.slice(0, end);
      if (at < damaged.length) damaged[at] = value;
      try {
        Sound.fromWav(damaged);
      } catch (error) {
        assert.ok(error instanceof Error && /^Cannot read the recording|^A sound has/.test(error.message), String(error));
      }
    }),
    { numRuns: 500 },
  );
});

for (const [bits, encoding] of [
  [8, "unsigned-integer"],
  [16, "signed-integer"],
  [24, "signed-integer"],
  [32, "signed-integer"],
  [32, "floating-point"],
] as const) {
  test(`what sox makes of ${bits} bits (${encoding}) is understood`, (context) => {
    if (!installed("sox")) context.skip("needs sox: apt-get install sox");
    const file = join(tmpdir(), `tone${bits}.wav`);
    context.defer(() => rmSync(file));
    const made = spawnSync("sox", ["-n", "-r", "44100", "-b", String(bits), "-e", encoding, "-c", "2", file, "synth", "0.5", "sine", "997", "vol", "0.5"]);
    assert.is(made.status, 0, made.stderr.toString());
    const sound = Sound.fromWav(readFileSync(file));
    assert.is(sound.channels.length, 2);
    assert.ok(Math.abs((sound.frequency(1) as number) - 997) < 1);
    assert.ok(Math.abs(sound.level(1) - 20 * Math.log10(0.5)) < 0.3, String(sound.level(1)));
  });
}

test("sox understands what is written", (context) => {
  if (!installed("sox")) context.skip("needs sox: apt-get install sox");
  const file = join(tmpdir(), "written.wav");
  context.defer(() => rmSync(file));
  writeFileSync(file, tone(1234, 0.5).toWav());
  const { stderr } = spawnSync("sox", [file, "-n", "stat"], { encoding: "utf8" });
  assert.ok(Math.abs(Number(/Rough\s+frequency:\s+(\d+)/.exec(stderr)?.[1]) - 1234) < 15, stderr);
  assert.ok(Math.abs(Number(/Maximum amplitude:\s+([\d.]+)/.exec(stderr)?.[1]) - 0.5) < 0.01, stderr);
});

test.run();
