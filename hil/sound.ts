/** Recordings, and what is in them: level, frequency, drop-outs. */

/** A stretch without sound within a recording. */
export interface DropOut {
  /** Seconds from the beginning. */
  readonly at: number;
  readonly seconds: number;
}

const wave = { integer: 1, float: 3, extensible: 0xfffe } as const;
/** 0 dB: the level of a sine that uses the whole range. */
const fullSine = Math.SQRT1_2;

export class Sound {
  /** Samples a second. */
  readonly rate: number;
  /** One array a channel; -1 to 1. */
  readonly channels: readonly Float64Array[];

  constructor(rate: number, channels: readonly Float64Array[]) {
    const [first] = channels;
    if (!(rate > 0) || first === undefined || channels.some(({ length }) => length !== first.length))
      throw new RangeError("A sound has a rate, and channels of one length");
    this.rate = rate;
    this.channels = channels;
  }

  get seconds(): number {
    return this.#channel(0).length / this.rate;
  }

  #channel(number: number): Float64Array {
    const channel = this.channels[number];
    if (channel === undefined) throw new RangeError(`There is no channel ${number} of ${this.channels.length}`);
    return channel;
  }

  /** A part of it, in seconds. */
  part(from: number, to: number): Sound {
    return new Sound(
      this.rate,
      this.channels.map((channel) => channel.slice(Math.round(from * this.rate), Math.round(to * this.rate))),
    );
  }

  /** Root mean square of a channel in dB, where a sine over the whole range has 0. Silence: -Infinity. */
  level(channel = 0): number {
    const samples = this.#channel(channel);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    return 20 * Math.log10(Math.sqrt(sum / samples.length) / fullSine);
  }

  /** The largest sample of a channel, 0 to 1. */
  peak(channel = 0): number {
    return this.#channel(channel).reduce((largest, sample) => Math.max(largest, Math.abs(sample)), 0);
  }

  /** How strong a frequency (in Hz) is in a channel, in dB as {@link level} has it. */
  levelAt(frequency: number, channel = 0): number {
    return 20 * Math.log10(Math.hypot(...this.#correlation(frequency, channel)));
  }

  /** Amplitudes of the cosine and sine of a frequency, under a Hann window, so that neighbours do not count. */
  #correlation(frequency: number, channel: number): [number, number] {
    const samples = this.#channel(channel);
    const step = (2 * Math.PI * frequency) / this.rate;
    let cosine = 0;
    let sine = 0;
    for (let index = 0; index < samples.length; ++index) {
      const weighted = (samples[index] as number) * (1 - Math.cos((2 * Math.PI * (index + 0.5)) / samples.length));
      cosine += weighted * Math.cos(step * index);
      sine += weighted * Math.sin(step * index);
    }
    return [(2 * cosine) / samples.length, (2 * sine) / samples.length];
  }

  /**
   * The strongest frequency in Hz; undefined in silence. Found on a grid of what the length can tell apart, and then
   * between the grid's places: of a steady tone of ten periods or more it is right to a thousandth.
   */
  frequency(channel = 0): number | undefined {
    if (this.peak(channel) === 0) return undefined;
    const spectrum = powerSpectrum(this.#channel(channel));
    const spacing = this.rate / (2 * spectrum.length);
    let best = 1;
    for (let index = 1; index < spectrum.length; ++index)
      if ((spectrum[index] as number) > (spectrum[best] as number)) best = index;
    return this.#strongest((best - 1) * spacing, (best + 1) * spacing, channel);
  }

  /** The strongest frequency between two, by halving thirds. */
  #strongest(low: number, high: number, channel: number): number {
    let [from, to] = [Math.max(0, low), high];
    while (to - from > 1e-4 * to) {
      const third = (to - from) / 3;
      if (this.levelAt(from + third, channel) < this.levelAt(to - third, channel)) from += third;
      else to -= third;
    }
    return (from + to) / 2;
  }

  /** Stretches, of at least so many seconds, in which no sample of a channel exceeds `threshold`. */
  dropOuts({ shortest = 0.005, threshold = 0.001, channel = 0 } = {}): readonly DropOut[] {
    const samples = this.#channel(channel);
    const found: DropOut[] = [];
    let start = 0;
    for (let index = 0; index <= samples.length; ++index) {
      if (index < samples.length && Math.abs(samples[index] as number) <= threshold) continue;
      const seconds = (index - start) / this.rate;
      if (index > start && seconds >= shortest) found.push({ at: start / this.rate, seconds });
      start = index + 1;
    }
    return found;
  }

  /**
   * Reads PCM of 8, 16, 24 or 32 bits, or floating point, from a WAV file. A recorder that was stopped may have left a
   * length of 0 or too large: then what is there counts.
   */
  static fromWav(file: Uint8Array): Sound {
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    if (
      file.length < 12 ||
      view.getUint32(0) !== fourCharacters("RIFF") ||
      view.getUint32(8) !== fourCharacters("WAVE")
    )
      throw new Error("Cannot read the recording: it does not begin as a WAV file does");
    let format: { kind: number; channels: number; rate: number; bits: number } | undefined;
    for (let at = 12; at + 8 <= file.length; ) {
      const type = view.getUint32(at);
      const length = view.getUint32(at + 4, true);
      const body = at + 8;
      if (type === fourCharacters("fmt ") && body + 16 <= file.length) {
        const kind = view.getUint16(body, true);
        format = {
          kind: kind === wave.extensible && length >= 26 ? view.getUint16(body + 24, true) : kind,
          channels: view.getUint16(body + 2, true),
          rate: view.getUint32(body + 4, true),
          bits: view.getUint16(body + 14, true),
        };
      } else if (type === fourCharacters("data")) {
        if (format === undefined) throw new Error("Cannot read the recording: its samples come before their format");
        const there = file.length - body;
        return samplesOf(view, body, length === 0 || length > there ? there : length, format);
      }
      at = body + length + (length & 1);
    }
    throw new Error("Cannot read the recording: it holds no samples");
  }

  /** A WAV file of 16 bits a sample. */
  toWav(): Uint8Array {
    const { length } = this.#channel(0);
    const frame = this.channels.length * 2;
    const bytes = new Uint8Array(44 + length * frame);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, fourCharacters("RIFF"));
    view.setUint32(4, bytes.length - 8, true);
    view.setUint32(8, fourCharacters("WAVE"));
    view.setUint32(12, fourCharacters("fmt "));
    view.setUint32(16, 16, true);
    view.setUint16(20, wave.integer, true);
    view.setUint16(22, this.channels.length, true);
    view.setUint32(24, this.rate, true);
    view.setUint32(28, this.rate * frame, true);
    view.setUint16(32, frame, true);
    view.setUint16(34, 16, true);
    view.setUint32(36, fourCharacters("data"));
    view.setUint32(40, length * frame, true);
    this.channels.forEach((channel, number) => {
      channel.forEach((sample, index) => {
        const value = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
        view.setInt16(44 + index * frame + number * 2, value, true);
      });
    });
    return bytes;
  }
}

function fourCharacters(name: string): number {
  return [...name].reduce((sum, character) => sum * 256 + (character.codePointAt(0) as number), 0);
}

interface SampleFormat {
  readonly kind: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

function samplesOf(view: DataView, start: number, bytes: number, format: SampleFormat): Sound {
  const { kind, channels, rate, bits } = format;
  const width = bits / 8;
  const read = reader(view, kind, bits);
  if (read === undefined || channels === 0)
    throw new Error(
      `Cannot read the recording: format ${kind} with ${bits} bits and ${channels} channels is not known`,
    );
  const count = Math.floor(bytes / (width * channels));
  return new Sound(
    rate,
    Array.from({ length: channels }, (_, channel) =>
      Float64Array.from({ length: count }, (_sample, index) => read(start + (index * channels + channel) * width)),
    ),
  );
}

function reader(view: DataView, kind: number, bits: number): ((at: number) => number) | undefined {
  if (kind === wave.float && bits === 32) return (at) => view.getFloat32(at, true);
  if (kind === wave.float && bits === 64) return (at) => view.getFloat64(at, true);
  if (kind !== wave.integer) return undefined;
  if (bits === 8) return (at) => (view.getUint8(at) - 128) / 128;
  if (bits === 16) return (at) => view.getInt16(at, true) / 32_768;
  if (bits === 24) return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65_536) / 8_388_608;
  if (bits === 32) return (at) => view.getInt32(at, true) / 2_147_483_648;
  return undefined;
}

/** Powers of the frequencies up to half the rate, of the samples under a Hann window, filled up to a power of two. */
function powerSpectrum(samples: Float64Array): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(Math.max(4, samples.length)));
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  samples.forEach((sample, index) => {
    real[index] = sample * (1 - Math.cos((2 * Math.PI * (index + 0.5)) / samples.length));
  });
  transform(real, imaginary);
  return Float64Array.from(
    { length: size / 2 },
    (_, index) => (real[index] as number) ** 2 + (imaginary[index] as number) ** 2,
  );
}

/** The fast Fourier transform, in place; the length is a power of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const { length } = real;
  for (let index = 1, reversed = 0; index < length; ++index) {
    let bit = length >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index < reversed) {
      [real[index], real[reversed]] = [real[reversed] as number, real[index] as number];
      [imaginary[index], imaginary[reversed]] = [imaginary[reversed] as number, imaginary[index] as number];
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    const angle = (-2 * Math.PI) / size;
    for (let start = 0; start < length; start += size) {
      for (let offset = 0; offset < size / 2; ++offset) {
        const [cosine, sine] = [Math.cos(angle * offset), Math.sin(angle * offset)];
        const [low, high] = [start + offset, start + offset + size / 2];
        const re = (real[high] as number) * cosine - (imaginary[high] as number) * sine;
        const im = (real[high] as number) * sine + (imaginary[high] as number) * cosine;
        real[high] = (real[low] as number) - re;
        imaginary[high] = (imaginary[low] as number) - im;
        real[low] = (real[low] as number) + re;
        imaginary[low] = (imaginary[low] as number) + im;
      }
    }
  }
}
