/** A Report service for driver tests, which keeps what was reported last. */
import { type Service, service } from "../../base/server.js";
import { ReportInterface } from "../../sessions/report/index.js";

export class ReportReader<Content> {
  newest: Content | undefined;

  get service(): Service {
    return service(ReportInterface, async ({ args, alloc }) => {
      const memory = await alloc(args.bufferSize);
      return {
        dataspace: () => memory.capability,
        submit: (length: number) => {
          // private copy: text() makes one
          this.newest = JSON.parse(memory.bytes.text(0, length)) as Content;
        },
        obtainResponse: () => 0,
      };
    });
  }
}
