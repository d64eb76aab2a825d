/** What was copied last, and who may see it. */
import { SessionError } from "../../base/errors.js";
import { policyFor, selectPolicy } from "../../base/policy.js";
import { Document } from "../../lib/document.js";
import type { ReportSink } from "../../sessions/report/index.js";
import type { ClipboardConfig } from "./config.js";

const nothing = new Uint8Array(0);

export class Clipboard {
  #config: ClipboardConfig;
  /** What was copied last, and the domain where. */
  #copied: { readonly content: Uint8Array; readonly domain: string } | undefined;
  /** The label of what has the focus. */
  #focused = "";
  /** What the readers of each domain see. Domains come from configurations, so there are few. */
  readonly #documents = new Map<string, Document>();

  constructor(config: ClipboardConfig) {
    this.#config = config;
  }

  /** For sessions and copies from now on. What a domain may not see any more, it sees no more. */
  configure(config: ClipboardConfig): void {
    this.#config = config;
    for (const [domain, document] of this.#documents) if (!this.#permits(domain)) document.replace(nothing);
    this.#show();
  }

  /** Something else has the focus: the client of the GUI server with this label; empty for none. */
  focus(label: string): void {
    this.#focused = label;
    this.#show();
  }

  /** The domain that has the focus; undefined where none has. */
  get #focusedDomain(): string | undefined {
    return selectPolicy(this.#config.policies, this.#focused).policy?.domain;
  }

  /** Whether what was copied may be seen in a domain. */
  #permits(domain: string): boolean {
    const source = this.#copied?.domain;
    return source === domain || this.#config.flows.some(({ from, to }) => from === source && to === domain);
  }

  /** Shows what was copied to those who may paste now; others keep what they could have pasted before. */
  #show(): void {
    const focused = this.#focusedDomain;
    for (const [domain, document] of this.#documents) {
      if (this.#config.focus && domain !== focused) continue;
      document.replace(this.#permits(domain) ? (this.#copied?.content ?? nothing) : nothing);
    }
  }

  /** What a reader sees. @throws SessionError `Denied` without a policy */
  readable(label: string): Document {
    const { domain } = policyFor(this.#config, "ROM", label);
    let document = this.#documents.get(domain);
    if (document === undefined) {
      document = new Document();
      this.#documents.set(domain, document);
      this.#show();
    }
    return document;
  }

  /** Where a writer copies to. @throws SessionError `Denied` without a policy */
  write(label: string): ReportSink {
    policyFor(this.#config, "Report", label);
    return { submit: (content) => this.#copy(label, content), close: () => {} };
  }

  #copy(label: string, content: Uint8Array): void {
    const { domain } = policyFor(this.#config, "Report", label);
    if (this.#config.focus && domain !== this.#focusedDomain)
      throw new SessionError(
        "Denied",
        `Cannot copy for "${label}": its domain "${domain}" has not the focus, which ${this.#focused === "" ? "nobody has" : `"${this.#focused}" has`}`,
      );
    this.#copied = { content, domain };
    this.#show();
  }
}
