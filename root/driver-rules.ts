/** The ROM module `driver-rules`: what the drivers of this package say of the devices that they serve. */
import { existsSync, readdirSync as readDirectory, readFileSync } from "node:fs";
import { join } from "node:path";
import { Document } from "../lib/document.js";
import { componentFile } from "./modules.js";

export const driverRulesModule = "driver-rules";

const ending = ".match.json";

export function driverRules(): Document {
  const folder = componentFile("drivers");
  const files = existsSync(folder) ? readDirectory(folder).filter((name) => name.endsWith(ending)) : [];
  const document = new Document();
  document.publish(
    files.sort().map((name) => ({
      binary: `drivers/${name.slice(0, -ending.length)}`,
      ...(JSON.parse(readFileSync(join(folder, name), "utf8")) as object),
    })),
  );
  return document;
}
