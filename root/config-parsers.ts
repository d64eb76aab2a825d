/** What checks the inline configs of the components that come with the package, so that a mistake shows at its line. */
import { configSchema as componentViewer } from "../apps/component-viewer/config.js";
import { configSchema as imageViewer } from "../apps/image-viewer/config.js";
import { configSchema as monitor } from "../apps/monitor/config.js";
import { configSchema as neighbour } from "../apps/neighbour/config.js";
import { configSchema as statusBar } from "../apps/status-bar/config.js";
import { configSchema as terminal } from "../apps/terminal/config.js";
import { configSchema as touchTester } from "../apps/touch-tester/config.js";
import { configSchema as block } from "../drivers/block/config.js";
import { configSchema as framebuffer } from "../drivers/framebuffer/config.js";
import { configSchema as gpio } from "../drivers/gpio/config.js";
import { configSchema as i2c } from "../drivers/i2c/config.js";
import { configSchema as input } from "../drivers/input/config.js";
import { configSchema as led } from "../drivers/led/config.js";
import { configSchema as nic } from "../drivers/nic/config.js";
import { configSchema as rtc } from "../drivers/rtc/config.js";
import { configSchema as sensor } from "../drivers/sensor/config.js";
import { configSchema as uart } from "../drivers/uart/config.js";
import { configSchema as uinput } from "../drivers/uinput/config.js";
import type { ConfigParser } from "../lib/config.js";
import { configSchema as clipboard } from "../servers/clipboard/config.js";
import { configSchema as driverManager } from "../servers/driver-manager/config.js";
import { configSchema as eventFilter } from "../servers/event-filter/config.js";
import { configSchema as gui } from "../servers/gui/config.js";
import { configSchema as guiFb } from "../servers/gui-fb/config.js";
import { systemParser as init } from "../servers/init/config.js";
import { configSchema as log } from "../servers/log/config.js";
import { configSchema as nicLoopback } from "../servers/nic-loopback/config.js";
import { configSchema as platform } from "../servers/platform/config.js";
import { configSchema as reportRom } from "../servers/report-rom/config.js";
import { configSchema as tcpTerminal } from "../servers/tcp-terminal/config.js";
import { configSchema as terminalCrosslink } from "../servers/terminal-crosslink/config.js";
import { configSchema as timer } from "../servers/timer/config.js";
import { configSchema as webConsole } from "../servers/web-console/config.js";
import { configSchema as wm } from "../servers/wm/config.js";

const parsers: Readonly<Record<string, ConfigParser<unknown>>> = {
  "apps/component-viewer": componentViewer,
  "apps/image-viewer": imageViewer,
  "apps/monitor": monitor,
  "apps/neighbour": neighbour,
  "apps/status-bar": statusBar,
  "apps/terminal": terminal,
  "apps/touch-tester": touchTester,
  "drivers/block": block,
  "drivers/framebuffer": framebuffer,
  "drivers/gpio": gpio,
  "drivers/i2c": i2c,
  "drivers/input": input,
  "drivers/led": led,
  "drivers/nic": nic,
  "drivers/rtc": rtc,
  "drivers/sensor": sensor,
  "drivers/uart": uart,
  "drivers/uinput": uinput,
  "servers/clipboard": clipboard,
  "servers/driver-manager": driverManager,
  "servers/event-filter": eventFilter,
  "servers/gui": gui,
  "servers/gui-fb": guiFb,
  "servers/init": init,
  "servers/log": log,
  "servers/nic-loopback": nicLoopback,
  "servers/platform": platform,
  "servers/report-rom": reportRom,
  "servers/tcp-terminal": tcpTerminal,
  "servers/terminal-crosslink": terminalCrosslink,
  "servers/timer": timer,
  "servers/web-console": webConsole,
  "servers/wm": wm,
};

/** By the name of the binary, with or without its folder; undefined for what is not ours. */
export function configParser(binary: string): ConfigParser<unknown> | undefined {
  const folders = binary.includes("/")
    ? [binary]
    : ["servers", "drivers", "apps"].map((folder) => `${folder}/${binary}`);
  const name = folders.find((one) => Object.hasOwn(parsers, one));
  return name === undefined ? undefined : parsers[name];
}
