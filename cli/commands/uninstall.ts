/** `bulkhead uninstall`: takes back what `bulkhead install` did, except what somebody may still want. */
import { controlVersion } from "../../root/control-protocol.js";
import type { Command } from "../command.js";
import { isUntouched, places, serviceUser, unitName } from "../installed-files.js";
import { installationOptions, installerOf, reload } from "./install.js";

export const uninstall: Command = {
  name: "uninstall",
  summary: "End the service of this machine, and remove its files",
  count: [0, 0],
  options: installationOptions,
  examples: [
    ["bulkhead uninstall --system --dry-run", "what would be removed"],
    ["sudo bulkhead uninstall --system", "an edited system file, the state and the user stay"],
  ],
  async run(invocation) {
    const { output } = invocation;
    const installer = installerOf(invocation);
    const { root } = installer;
    const installed = installer.read(places.unit) !== undefined;
    if (installed) {
      const image = root === "" ? ["--now"] : [`--root=${root}`];
      await installer.run(["systemctl", "disable", ...image, unitName]);
    }
    for (const path of [places.unit, places.rules, places.users]) installer.remove(path);
    const system = installer.read(places.system);
    if (system !== undefined && !isUntouched(system, installer.read(places.record)))
      installer.keep(places.system, "it was edited");
    else installer.remove(places.system);
    installer.remove(places.record, { withFolder: true });
    if (installed && root === "") await reload(installer);
    const { steps } = installer;
    output.result({ version: controlVersion, root: root || "/", steps }, () =>
      steps.length === 0
        ? "Nothing is installed"
        : `\nThe user "${serviceUser}", ${places.state} and ${places.logs} stay; to lose them: sudo userdel ${serviceUser}; sudo rm -r ${places.state} ${places.logs}`,
    );
  },
};
