/** The options of the terminal. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  title: s.string({ default: "Terminal", doc: "What the window is called until a program names it." }),
  columns: s.integer({ min: 2, max: 1000, default: 80, doc: "Columns of the window at first." }),
  lines: s.integer({ min: 1, max: 500, default: 24, doc: "Lines of the window at first." }),
  fontSize: s.integer({ min: 6, max: 72, default: 15, doc: "Pixels an em. 15 makes cells of 9 by 18 pixels." }),
  scrollback: s.integer({ min: 0, max: 100_000, default: 1000, doc: "Lines that are kept above the screen." }),
  clipboard: s.boolean({
    default: false,
    doc: "Copies and pastes by Report and ROM `clipboard`; otherwise only within this terminal.",
  }),
});
export type TerminalConfig = Infer<typeof configSchema>;
