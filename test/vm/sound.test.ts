// exclusive
// timeout: 900s
/** Sound cards: what aplay plays in the guest is what the bench records, measured. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { Sound } from "../../hil/sound.js";
import { installed } from "../device/host.js";
import { type Context, suite } from "../support/suite.js";
import { machineOf, patience } from "./guest.js";

const test = suite("sound cards of a machine");
const cards = ["ac97", "hda", "usb"] as const;
const machine = machineOf(test, {
  bench: {
    machine: { spare: 0 },
    devices: Object.fromEntries(cards.map((card) => [`card-${card}`, { kind: "sound", card }])),
  },
});
const limits = { timeout: 300_000 };
const rate = 48_000;
/** Half of what the samples can hold. */
const amplitude = 0.5;
const expectedLevel = 20 * Math.log10(amplitude);

/** Two seconds of another tone in each ear, with so many seconds of silence in the middle. */
function tones(left: number, right: number, silence: number): Sound {
  const length = 2 * rate;
  const sine = (frequency: number): Float64Array =>
    Float64Array.from({ length }, (_, index) =>
      Math.abs(index - length / 2) < (silence * rate) / 2
        ? 0
        : amplitude * Math.sin((2 * Math.PI * frequency * index) / rate),
    );
  return new Sound(rate, [sine(left), sine(right)]);
}

/** What a card gives while aplay plays a sound on it. */
async function heard(context: Context, card: string, played: Sound): Promise<Sound> {
  const guest = machine(context);
  writeFileSync(join(guest.folder, "played.wav"), played.toWav());
  const nodes = await guest.nodes(`card-${card}`, { within: patience });
  const number = nodes.map(({ name }) => /^pcmC(\d+)D0p$/.exec(name)?.[1]).find((found) => found !== undefined);
  assert.ok(number, `a playing device: ${JSON.stringify(nodes)}`);
  // Cards begin muted, and not all have all of these.
  const controls = ["Master", "PCM", "Headphone", "Speaker"].map((name) => `sset ${name} 100% unmute`).join("\n");
  await guest.output(["sh", "-c", `echo "${controls}" | amixer -q -c ${number} -s 2>/dev/null || true`], {
    within: patience,
  });
  const file = guest.soundFile(`card-${card}`);
  const before = soundIn(file)?.seconds ?? 0;
  await guest.output(["aplay", "-q", "-D", `hw:${number},0`, "/run/bench/played.wav"], { within: patience });
  // The emulator writes a little later; then the file rests.
  let all = soundIn(file);
  for (let last = -1; all === undefined || all.seconds !== last; all = soundIn(file)) {
    last = all?.seconds ?? -1;
    await delay(300);
  }
  return all.part(before, all.seconds);
}

function soundIn(file: string): Sound | undefined {
  const bytes = readFileSync(file);
  return bytes.length > 44 ? Sound.fromWav(bytes) : undefined;
}

/** Without the silence before and after. */
function trimmed(sound: Sound): Sound {
  const loud = (sample: number): boolean => Math.abs(sample) > 0.01;
  const [left] = sound.channels as [Float64Array];
  return sound.part(left.findIndex(loud) / sound.rate, (left.findLastIndex(loud) + 1) / sound.rate);
}

for (const card of cards) {
  test(`${card}: tones have their frequency and level, each in its ear, without a hole`, limits, async (context) => {
    if (!installed("aplay")) context.skip("needs aplay: apt-get install alsa-utils");
    const sound = trimmed(await heard(context, card, tones(1000, 440, 0)));
    console.log(
      `${card}: ${sound.seconds.toFixed(3)} s, ${sound.frequency(0)?.toFixed(1)} and ${sound.frequency(1)?.toFixed(1)} Hz, ` +
        `${sound.level(0).toFixed(2)} and ${sound.level(1).toFixed(2)} dB of ${expectedLevel.toFixed(2)}`,
    );
    // What waits within the other cards when a stream is closed is lost; on a busy machine that is more.
    assert.ok(sound.seconds > (card === "ac97" ? 1.99 : 1.5) && sound.seconds < 2.02, `${sound.seconds} s`);
    [1000, 440].forEach((frequency, channel) => {
      const measured = sound.frequency(channel) as number;
      assert.ok(Math.abs(measured - frequency) < frequency * 0.002, `${measured} Hz instead of ${frequency}`);
      assert.ok(Math.abs(sound.level(channel) - expectedLevel) < 1, `${sound.level(channel)} dB`);
      assert.ok(sound.levelAt(frequency, 1 - channel) < expectedLevel - 40, "the other ear hears nothing of it");
      assert.equal(sound.dropOuts({ channel }), []);
    });
  });
}

test("a hole of 50 ms is found where it is", limits, async (context) => {
  if (!installed("aplay")) context.skip("needs aplay: apt-get install alsa-utils");
  const [hole, ...more] = trimmed(await heard(context, "ac97", tones(1000, 440, 0.05))).dropOuts();
  assert.equal(more, []);
  assert.ok(hole && Math.abs(hole.seconds - 0.05) < 0.005 && Math.abs(hole.at - 0.975) < 0.01, JSON.stringify(hole));
});

test.run();
