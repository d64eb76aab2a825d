/** What characters cover, against an independent rasteriser that read the font's file itself. */
import { spawnSync } from "node:child_process";
import * as assert from "uvu/assert";
import { Font } from "../../lib/drawing/font.js";
import { FontFace } from "../../lib/drawing/font-face.js";
import { outlines as mono } from "../../lib/drawing/fonts/mono.generated.js";
import { outlines as sansBold } from "../../lib/drawing/fonts/sans-bold.generated.js";
import { suite } from "../support/suite.js";

const test = suite("font rendering");

interface Glyph {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly rows: number;
  readonly advance: number;
  readonly values: readonly number[];
}

/** FreeType by its C interface: offsets are those of its public structures on 64-bit machines. */
const program = `
import ctypes, json, sys
library = ctypes.CDLL("libfreetype.so.6")
path, size, characters = sys.argv[1].encode(), float(sys.argv[2]), sys.argv[3]
handle, face = ctypes.c_void_p(), ctypes.c_void_p()
assert library.FT_Init_FreeType(ctypes.byref(handle)) == 0
assert library.FT_New_Face(handle, path, ctypes.c_long(0), ctypes.byref(face)) == 0
assert library.FT_Set_Char_Size(face, ctypes.c_long(int(size * 64)), ctypes.c_long(0), 72, 72) == 0
result = []
for character in characters:
    assert library.FT_Load_Char(face, ctypes.c_ulong(ord(character)), ctypes.c_int32(2 | 4 | 8)) == 0
    slot = ctypes.cast(face.value + 152, ctypes.POINTER(ctypes.c_void_p))[0]
    at = lambda offset, kind: ctypes.cast(slot + offset, ctypes.POINTER(kind))[0]
    rows, width, pitch = at(152, ctypes.c_uint), at(156, ctypes.c_uint), at(160, ctypes.c_int)
    buffer = ctypes.string_at(at(168, ctypes.c_void_p), rows * pitch) if rows else b""
    values = [buffer[row * pitch + column] for row in range(rows) for column in range(width)]
    result.append(dict(left=at(192, ctypes.c_int), top=-at(196, ctypes.c_int), width=width, rows=rows,
                       advance=at(112, ctypes.c_long) / 65536, values=values))
print(json.dumps(result))
`;

function witness(file: string, size: number, characters: string): Glyph[] | undefined {
  const path = `node_modules/dejavu-fonts-ttf/ttf/${file}.ttf`;
  const { status, stdout } = spawnSync("python3", ["-c", program, path, String(size), characters], {
    encoding: "utf8",
  });
  return status === 0 ? (JSON.parse(stdout) as Glyph[]) : undefined;
}

for (const [file, outlines, size, characters] of [
  ["DejaVuSansMono", mono, 15, "The quick 0Oo1lI|@#%&§éßŁőΩжЩ→≠•"],
  ["DejaVuSans-Bold", sansBold, 11, "Sphinx of black quartz, ÄÖÜ ĳ ψД €"],
  ["DejaVuSans-Bold", sansBold, 64, "g@ßЖ"],
] as const)
  test(`covers what FreeType covers: ${file} at ${size} pixels`, (context) => {
    const witnessed = witness(file, size, characters);
    if (witnessed === undefined) return context.skip("needs python3 and libfreetype.so.6");
    const font = new Font(new FontFace(outlines), size);
    let [difference, pixels] = [0, 0];
    [...characters].forEach((character, index) => {
      const codePoint = character.codePointAt(0) as number;
      assert.ok(font.face.has(codePoint), `the face has ${character}`);
      const theirs = witnessed[index] as Glyph;
      const ours = font.glyph(codePoint);
      assert.ok(Math.abs(font.advance(codePoint) - theirs.advance) < 0.01, `the advance of ${character}`);
      const at = (x: number, y: number): [number, number] => {
        const [ourX, ourY, theirX, theirY] = [x - ours.x, y - ours.y, x - theirs.left, y - theirs.top];
        return [
          ourX >= 0 && ourX < ours.width && ourY >= 0 && ourY < ours.height
            ? (ours.values[ourY * ours.width + ourX] as number)
            : 0,
          theirX >= 0 && theirX < theirs.width && theirY >= 0 && theirY < theirs.rows
            ? (theirs.values[theirY * theirs.width + theirX] as number)
            : 0,
        ];
      };
      for (let y = -Math.ceil(size * 1.3); y < size; ++y)
        for (let x = -size; x < 2 * size; ++x) {
          const [our, their] = at(x, y);
          if (our === 0 && their === 0) continue;
          // FreeType puts points onto 64ths of a pixel first, ours are where they are.
          assert.ok(Math.abs(our - their) <= 24, `${character} at ${x}, ${y}: ${our} instead of ${their}`);
          difference += Math.abs(our - their);
          pixels += 1;
        }
    });
    assert.ok(pixels > 100 && difference / pixels < 3, `${difference / pixels} of 255 a pixel`);
  });

test.run();
