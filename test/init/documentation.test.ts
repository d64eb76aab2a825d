import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exampleSystem, schemaFiles, systemFilePage } from "../../servers/init/documentation.js";
import { readSystemFile } from "../../servers/init/system-file.js";

const test = suite("documentation");

/** The tests run in the package's folder. */
const page = (name: string): string => readFileSync(`docs/${name}`, "utf8");

test("the example has no problems", () => {
  assert.equal(readSystemFile(exampleSystem).diagnostics, []);
});

test("the pages in docs/ are the ones that the schemas make", () => {
  assert.fixture(page("system-file.md"), systemFilePage());
  for (const [name, text] of Object.entries(schemaFiles()))
    assert.is(page(name), text, `${name}: run node dist/scripts/documentation.js`);
});

test("every reference of an editor's schema leads to a definition", () => {
  for (const text of Object.values(schemaFiles())) {
    const definitions = Object.keys((JSON.parse(text) as { $defs?: object }).$defs ?? {});
    for (const [, name] of text.matchAll(/"\$ref": "#\/\$defs\/([^"]+)"/g))
      assert.ok(definitions.includes(name ?? ""), name);
  }
});

test("each table row has as many cells as its heading", () => {
  let columns = 0;
  for (const line of systemFilePage().split("\n")) {
    if (!line.startsWith("|")) {
      columns = 0;
      continue;
    }
    const cells = line.split(/(?<!\\)\|/).length;
    if (columns === 0) columns = cells;
    assert.is(cells, columns, line);
  }
});

test.run();
