export {
  Gui as GuiInterface,
  type GuiArgs,
  type GuiClient,
  type GuiHandlers,
  type ViewsCommand,
  type ViewsDisplay,
  viewsMaxCommands,
} from "./gui.generated.js";
export { Gui, GuiConnection, type GuiOptions, type ViewOptions } from "./gui-connection.js";
export { GuiView } from "./gui-view.js";
