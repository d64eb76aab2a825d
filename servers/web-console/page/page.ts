/** The page of the console: puts its parts together. */
import type { ServerMessage, Topic } from "../page-messages.js";
import { ComponentsView, type State } from "./components-view.js";
import { byId } from "./elements.js";
import { FileView } from "./file-view.js";
import { Keyboard } from "./keyboard.js";
import { Link } from "./link.js";
import { PictureView } from "./picture-view.js";
import { Pointer } from "./pointer.js";
import { LogView, ReportsView } from "./text-views.js";

/** What each tab follows. */
const topicsOf: Readonly<Record<string, readonly Topic[]>> = {
  screen: [],
  components: ["state", "usage", "flow"],
  log: ["log"],
  reports: ["reports"],
  file: ["file"],
};
const tabItem = "bulkhead-tab";

const canvas = byId<HTMLCanvasElement>("canvas");
const stage = byId("stage");
stage.classList.add("empty");
const link = new Link({
  message: show,
  picture: (frame) => picture.draw(frame),
  opened: () => {
    stage.classList.remove("lost");
    follow();
  },
  lost: () => {
    stage.classList.add("lost");
    keyboard.releaseAll();
  },
});
const picture = new PictureView(canvas, () => stage.classList.remove("empty"));
const send: Link["send"] = (events) => link.send(events);
const keyboard = new Keyboard(canvas, send);
new Pointer(canvas, send);
const components = new ComponentsView(link);
const log = new LogView();
const reports = new ReportsView();
const file = new FileView(link);
const tabs = [...document.querySelectorAll<HTMLButtonElement>('[role="tab"]')];

function show(message: ServerMessage): void {
  switch (message.type) {
    case "hello":
      document.title = `${message.label} · Bulkhead`;
      document.body.classList.toggle("without-screen", !message.screen);
      if (!message.screen && document.body.dataset["tab"] === "screen") choose("components");
      break;
    case "state":
      components.show(message.state as State);
      break;
    case "usage":
      components.showUsage(message.usage);
      break;
    case "flow":
      components.showFlow(message.flows, message.time);
      break;
    case "log":
      log.show(message.lines, message.first);
      break;
    case "report":
      reports.show(message.name, message.text, message.failure);
      break;
    case "file":
      file.show(message.text);
      break;
    case "answer":
  }
}

/** Nothing is sent to a page that nobody sees, but for the picture. */
function follow(): void {
  link.follow(document.hidden ? [] : (topicsOf[document.body.dataset["tab"] ?? ""] ?? []));
}

function choose(name: string): void {
  document.body.dataset["tab"] = name;
  sessionStorage.setItem(tabItem, name);
  for (const tab of tabs) {
    const selected = tab.dataset["tab"] === name;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
  }
  follow();
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab.dataset["tab"] ?? ""));
  tab.addEventListener("keydown", ({ key }) => {
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = tabs[(place + step + tabs.length) % tabs.length] as HTMLButtonElement;
    next.focus();
    next.click();
  });
}

const actions: Readonly<Record<string, (pressed: HTMLButtonElement) => void>> = {
  keyboard: () => keyboard.toggleGlass(),
  scale: (pressed) => pressed.setAttribute("aria-pressed", String(stage.classList.toggle("natural"))),
  move: (pressed) => pressed.setAttribute("aria-pressed", String(stage.classList.toggle("moving"))),
  full: () =>
    void (document.fullscreenElement === null ? byId("screen").requestFullscreen() : document.exitFullscreen()),
};
byId("keys").addEventListener("click", ({ target }) => {
  const pressed = (target as HTMLElement).closest<HTMLButtonElement>("[data-action]");
  if (pressed !== null) actions[pressed.dataset["action"] ?? ""]?.(pressed);
});
document.addEventListener("visibilitychange", follow);

choose(sessionStorage.getItem(tabItem) ?? (matchMedia("(max-width: 820px)").matches ? "screen" : "components"));
void link.connect();
