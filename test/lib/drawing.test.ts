import fc from "fast-check";
import * as assert from "uvu/assert";
import { Canvas, coverageColors } from "../../lib/drawing/canvas.js";
import { Font } from "../../lib/drawing/font.js";
import { FontFace } from "../../lib/drawing/font-face.js";
import { outlines as sans } from "../../lib/drawing/fonts/sans.generated.js";
import { Outline } from "../../lib/drawing/outline.js";
import { blankSurface, mix, type Surface } from "../../lib/drawing/surface.js";
import { holds, intersection } from "../../lib/rectangle.js";
import { suite } from "../support/suite.js";

const test = suite("drawing");

const [width, height] = [24, 18];

const byte = fc.nat(255);
const color = fc.nat(0xffffff);
const box = fc.record({
  x: fc.integer({ min: -30, max: 30 }),
  y: fc.integer({ min: -30, max: 30 }),
  width: fc.nat(40),
  height: fc.nat(40),
});

/** A surface in which every pixel differs from its neighbours. */
function pattern(alpha: boolean): Surface {
  const surface = blankSurface(width, height, { alpha });
  surface.pixels.forEach((_, index) => {
    surface.pixels[index] = (index * 2654435761) & 0xffffff;
    if (surface.opacity) surface.opacity[index] = (index * 37) & 255;
  });
  return surface;
}

test("mixes colours as exact arithmetic does, rounded", () => {
  fc.assert(
    fc.property(color, color, byte, (under, over, share) => {
      const mixed = mix(under, over, share);
      for (const shift of [16, 8, 0]) {
        const [a, b] = [(under >> shift) & 255, (over >> shift) & 255];
        assert.is((mixed >> shift) & 255, Math.floor((a * (255 - share) + b * share) / 255 + 0.5));
      }
    }),
  );
});

test("fills what is inside of box, clip and surface, and nothing else", () => {
  fc.assert(
    fc.property(box, box, color, byte, fc.boolean(), (filled, clip, over, opacity, clear) => {
      const surface = pattern(false);
      const before = surface.pixels.slice();
      const canvas = new Canvas(surface);
      canvas.within(clip, () => (clear ? canvas.clear(filled, over) : canvas.fill(filled, over, opacity)));
      for (const [index, pixel] of surface.pixels.entries()) {
        const [column, row] = [index % width, Math.floor(index / width)];
        const hit = holds(filled, { x: column, y: row }) && holds(clip, { x: column, y: row });
        assert.is(pixel, hit ? mix(before[index] as number, over, clear ? 255 : opacity) : before[index]);
      }
      assert.equal(canvas.clip, canvas.bounds, "the clip is as it was");
    }),
  );
});

test("lays a picture over another as opacities say", () => {
  fc.assert(
    fc.property(box, fc.boolean(), fc.boolean(), (place, over, under) => {
      const image = pattern(over);
      const surface = blankSurface(width, height, { alpha: under });
      surface.pixels.fill(0x406080);
      surface.opacity?.set(surface.opacity.map((_, index) => (index * 11) & 255));
      const before = surface.opacity?.slice();
      new Canvas(surface).image(image, place.x, place.y);
      for (const [index, pixel] of surface.pixels.entries()) {
        const [column, row] = [index % width, Math.floor(index / width)];
        const hit = holds({ x: place.x, y: place.y, width, height }, { x: column, y: row });
        const from = (row - place.y) * width + column - place.x;
        const share = hit ? (image.opacity?.[from] ?? 255) / 255 : 0;
        const below = ((before?.[index] ?? 255) / 255) * (1 - share);
        const opacity = share + below;
        if (before) assert.ok(Math.abs((surface.opacity?.[index] as number) - opacity * 255) < 1.01);
        for (const shift of [16, 8, 0]) {
          const [b, a] = [(0x406080 >> shift) & 255, hit ? ((image.pixels[from] as number) >> shift) & 255 : 0];
          const wanted = opacity === 0 ? b : (a * share + b * below) / opacity;
          assert.ok(Math.abs(((pixel >> shift) & 255) - wanted) < 1.6, `${pixel.toString(16)} at ${column}, ${row}`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

/** How much of a pixel a convex polygon covers, by looking at 32 x 32 of its points. */
function sampled(points: readonly (readonly [number, number])[], column: number, row: number): number {
  const fine = 32;
  let hits = 0;
  for (let sample = 0; sample < fine * fine; ++sample) {
    const x = column + ((sample % fine) + 0.5) / fine;
    const y = row + (Math.floor(sample / fine) + 0.5) / fine;
    const sides = points.map(([fromX, fromY], index) => {
      const [toX, toY] = points[(index + 1) % points.length] as readonly [number, number];
      return (toX - fromX) * (y - fromY) - (toY - fromY) * (x - fromX) > 0;
    });
    if (sides.every((side) => side === sides[0])) hits += 1;
  }
  return (hits / fine ** 2) * 255;
}

test("covers of each pixel what a polygon has of it, also where it is cut off", { timeout: 20_000 }, () => {
  const middle = fc.double({ min: -4, max: 16, noNaN: true });
  const polygon = fc
    .tuple(
      middle,
      middle,
      fc.double({ min: 1, max: 12, noNaN: true }),
      fc.integer({ min: 3, max: 9 }),
      fc.double({ min: 0, max: 6, noNaN: true }),
    )
    .map(([x, y, radius, corners, turn]) =>
      Array.from({ length: corners }, (_, index) => {
        const angle = turn + (index * 2 * Math.PI) / corners;
        return [x + radius * Math.cos(angle), y + radius * 0.7 * Math.sin(angle)] as const;
      }),
    );
  fc.assert(
    fc.property(polygon, fc.boolean(), (points, reverse) => {
      const bounds = { x: 0, y: 0, width: 12, height: 12 };
      const found = new Outline().polygon(reverse ? points.toReversed() : points).coverage(bounds);
      assert.equal(intersection(found, bounds), { x: found.x, y: found.y, width: found.width, height: found.height });
      for (let row = 0; row < 12; ++row)
        for (let column = 0; column < 12; ++column) {
          const value = holds(found, { x: column, y: row })
            ? (found.values[(row - found.y) * found.width + column - found.x] as number)
            : 0;
          const wanted = sampled(points, column, row);
          assert.ok(Math.abs(value - wanted) < 10, `${value} instead of ${wanted} at ${column}, ${row}`);
        }
    }),
    { numRuns: 40 },
  );
});

function area(outline: Outline): number {
  return outline.coverage().values.reduce((sum, value) => sum + value, 0) / 255;
}

test("a stamp is a filled box with a colour laid over it", () => {
  fc.assert(
    fc.property(box, box, color, color, (place, clip, ground, over) => {
      const coverage = {
        ...place,
        values: Uint8Array.from({ length: place.width * place.height }, (_, at) => at * 91),
      };
      const [stamped, layered] = [pattern(true), pattern(true)];
      const [one, two] = [new Canvas(stamped), new Canvas(layered)];
      one.within(clip, () => one.stamp(coverage, coverageColors(ground, over), 3, -2));
      two.within(clip, () => {
        two.clear({ ...place, x: place.x + 3, y: place.y - 2 }, ground);
        two.cover(coverage, over, 255, 3, -2);
      });
      assert.equal(stamped, layered);
    }),
  );
});

test("shapes have the area that geometry gives them", () => {
  const near = (value: number, wanted: number): void =>
    assert.ok(Math.abs(value - wanted) < 0.003 * wanted, `${value} instead of ${wanted}`);
  near(area(new Outline().circle(50.3, 40.8, 31.7)), Math.PI * 31.7 ** 2);
  near(area(new Outline().roundedRectangle(3.5, 2.25, 60, 41, 9)), 60 * 41 - (4 - Math.PI) * 81);
  near(area(new Outline().stroke(1, 2, 61, 47, 2.5)), 75 * 2.5);
  const ring = new Outline()
    .circle(30, 30, 25)
    .moveTo(45, 30)
    .arc(30, 30, 15, 0, -2 * Math.PI);
  near(area(ring), Math.PI * (625 - 225));
  assert.is(
    area(
      new Outline().polygon([
        [0, 0],
        [Number.NaN, 4],
        [9, 9],
      ]),
    ),
    0,
    "what has no place covers nothing",
  );
});

test("a rounded rectangle on whole pixels is the shape that its outline covers", () => {
  const [drawn, shaped] = [blankSurface(60, 40), blankSurface(60, 40)];
  new Canvas(drawn).roundedRectangle({ x: 4, y: 5, width: 50, height: 30 }, 8, 0xffffff);
  new Canvas(shaped).shape(new Outline().roundedRectangle(4, 5, 50, 30, 8), 0xffffff);
  assert.equal(drawn.pixels, shaped.pixels);
});

test("text takes what it measures, and is cut to fit with an ellipsis", () => {
  const font = new Font(new FontFace(sans), 15);
  const surface = blankSurface(400, 30);
  const canvas = new Canvas(surface);
  const end = canvas.text("Grüße, Ωmega, Привет", 10.25, 20, font, 0xffffff);
  assert.ok(Math.abs(end - 10.25 - font.measure("Grüße, Ωmega, Привет")) < 1e-6);
  const columns = [...surface.pixels.keys()].filter((at) => surface.pixels[at] !== 0).map((at) => at % 400);
  assert.ok(Math.min(...columns) >= 10 && Math.max(...columns) < end + 1);
  assert.is(font.fit("status", 400), "status");
  const fitting = font.fit("a long name of a component", 90);
  assert.match(fitting, /^a long.*…$/);
  assert.ok(font.measure(fitting) <= 90);
  assert.is(font.fit("wide", 3), "");
});

test("text on a baseline between two pixels is text on the nearer one", () => {
  const font = new Font(new FontFace(sans), 13);
  const [between, on] = [blankSurface(80, 30), blankSurface(80, 30)];
  new Canvas(between).text("Hamburg", 4, 19.7, font, 0xffffff);
  new Canvas(on).text("Hamburg", 4, 20, font, 0xffffff);
  assert.ok(on.pixels.some((pixel) => pixel === 0xffffff));
  assert.equal(between.pixels, on.pixels);
});

test("a label stays in its box", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      box,
      fc.constantFrom("left", "center", "right"),
      (text, place, align) => {
        const surface = pattern(false);
        const before = surface.pixels.slice();
        new Canvas(surface).label(text, place, new Font(new FontFace(sans), 11), 0xffffff, { align });
        for (const [index, pixel] of surface.pixels.entries())
          if (!holds(place, { x: index % width, y: Math.floor(index / width) })) assert.is(pixel, before[index]);
      },
    ),
    { numRuns: 50 },
  );
});

test.run();
