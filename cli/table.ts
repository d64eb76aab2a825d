/** All commands, in the order in which the help lists them. */
import type { Command } from "./command.js";
import { bench } from "./commands/bench.js";
import { config } from "./commands/config.js";
import { debug } from "./commands/debug.js";
import { devices } from "./commands/devices.js";
import { doctor } from "./commands/doctor.js";
import { down } from "./commands/down.js";
import { explain } from "./commands/explain.js";
import { idl } from "./commands/idl.js";
import { install } from "./commands/install.js";
import { kill } from "./commands/kill.js";
import { logs } from "./commands/logs.js";
import { create } from "./commands/new.js";
import { restart } from "./commands/restart.js";
import { screenshot } from "./commands/screenshot.js";
import { sessions } from "./commands/sessions.js";
import { status } from "./commands/status.js";
import { test } from "./commands/test.js";
import { top } from "./commands/top.js";
import { uninstall } from "./commands/uninstall.js";
import { up } from "./commands/up.js";
import { version } from "./commands/version.js";

export const commands: readonly Command[] = [
  up,
  down,
  status,
  top,
  logs,
  restart,
  kill,
  debug,
  sessions,
  screenshot,
  explain,
  config,
  devices,
  doctor,
  install,
  uninstall,
  create,
  bench,
  idl,
  test,
  version,
];
