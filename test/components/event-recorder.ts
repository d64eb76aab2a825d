/**
 * An Event server that says every event as a line of JSON, after the label of its session, and what it has been told to
 * be held in the end. Its config says for how long each batch takes, in milliseconds.
 */
import { component } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { EventInterface, EventSession } from "../../sessions/event/index.js";

const configSchema = s.object({
  delay: s.integer({ default: 0 }),
  silent: s.boolean({ default: false }),
});

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  let sessions = 0;
  config.follow();
  await env.announce(EventInterface, async (request) => {
    const name = `${request.label} ${++sessions}`;
    let events = 0;
    const session = await EventSession.open(request, {
      submit: async (batch) => {
        events += batch.length;
        const { delay, silent } = config.current;
        if (!silent) for (const event of batch) console.log(`${name}: ${JSON.stringify(event)}`);
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        // Once it has become quiet, what is held is what counts.
        const seen = events;
        setTimeout(() => {
          if (seen === events)
            console.log(`${name} holds ${JSON.stringify([...session.held.keys].sort((one, other) => one - other))}`);
        }, 500).unref();
      },
    });
    return session;
  });
});
