/** The reports that readers may see, by label, and who writes them. */
import { SessionError } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import { Document } from "../../lib/document.js";
import type { ReportSink } from "../../sessions/report/index.js";
import type { ReportRomConfig } from "./config.js";

/** One label: its last content, whether or not somebody writes it now. */
class Entry {
  readonly document = new Document();
  written = false;
}

export class Reports {
  #config: ReportRomConfig;
  readonly #entries = new Map<string, Entry>();
  /** Labels that a policy names: these outlive their writer, so there are never more of them than policies. */
  #named: ReadonlySet<string>;

  constructor(config: ReportRomConfig) {
    this.#config = config;
    this.#named = namedReports(config);
  }

  /** For sessions from now on; readers keep what they read. What no policy names any more ends with its writer. */
  configure(config: ReportRomConfig): void {
    this.#config = config;
    this.#named = namedReports(config);
    for (const [label, { written }] of this.#entries)
      if (!written && !this.#named.has(label)) this.#entries.delete(label);
  }

  #entry(label: string): Entry {
    let entry = this.#entries.get(label);
    if (entry === undefined) {
      entry = new Entry();
      this.#entries.set(label, entry);
    }
    return entry;
  }

  /** What the reader of a ROM label sees: empty until somebody has written it. Throws `Denied` without a policy. */
  readable(label: string): Document {
    return this.#entry(policyFor(this.#config, "ROM", label).report).document;
  }

  /** Makes somebody the label's writer. Throws `Denied` while it has one. */
  write(label: string): ReportSink {
    const entry = this.#entry(label);
    if (entry.written)
      throw new SessionError("Denied", `Cannot write the report "${label}": another session writes it`);
    entry.written = true;
    return {
      submit: (content) => entry.document.replace(content),
      close: () => this.#release(label),
    };
  }

  /** The label's writer is gone. */
  #release(label: string): void {
    if (this.#named.has(label)) this.#entry(label).written = false;
    else this.#entries.delete(label);
  }
}

function namedReports({ policies }: ReportRomConfig): ReadonlySet<string> {
  return new Set(policies.map(({ report }) => report));
}
