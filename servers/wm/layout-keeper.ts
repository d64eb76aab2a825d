/** Keeps the layout, and who gets the keys, in documents. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { parseJson } from "../../base/json-text.js";
import { checked } from "../../base/schema.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import { Rom } from "../../sessions/rom/index.js";
import type { WmConfig } from "./config.js";
import { layoutDocument } from "./layout-document.js";
import type { WindowManager } from "./window-manager.js";

/** A window that is dragged moves often; so long it may go before that is written down, in milliseconds. */
const layoutDelay = 200;

/** Reads where windows were, and reports from then on where they are, as the configuration asks for. */
export async function keepLayout(env: Env, config: WmConfig, manager: WindowManager): Promise<void> {
  if (config.restore) await restore(env, manager);
  const connect = (name: WmConfig["reports"][number]): Promise<Reporter> | undefined =>
    config.reports.includes(name) ? env.connect(Report, { label: name }) : undefined;
  const [layout, focus] = [await connect("layout"), await connect("focus")];
  const publish = (report: Reporter | undefined, document: unknown): void => {
    report?.publish(document).catch((error: unknown) => console.error(`Cannot report: ${errorMessage(error)}`));
  };
  let timer: NodeJS.Timeout | undefined;
  let focused: string | undefined;
  const look = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      publish(layout, manager.document);
    }, layoutDelay);
    if (manager.focusedLabel === focused) return;
    focused = manager.focusedLabel;
    publish(focus, { label: focused });
  };
  manager.onChange(look);
  look();
}

async function restore(env: Env, manager: WindowManager): Promise<void> {
  await using rom = await env.connect(Rom, { label: "layout" });
  const text = await rom.text();
  if (text === "") return;
  try {
    manager.remember(checked(layoutDocument, parseJson(text), 'the ROM "layout"'));
  } catch (error) {
    console.error(`Windows go where there is room: ${errorMessage(error)}`);
  }
}
