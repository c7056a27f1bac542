/**
 * One data folder, one real server after the other on the same port, one fleet before them, and
 * the verdict at the end. Every fault is something that happens to a trial.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Server, type ServerOptions, signUpAgent, startServer } from '#test/support/server.ts';
import { check, type Finding, type Verdict } from './check.ts';
import { createFleet, type Fleet, type FleetOptions } from './fleet.ts';
import { createHistory } from './history.ts';
import { type Events, readDatabase, readOverProtocol } from './truth.ts';

export type Trial = Awaited<ReturnType<typeof startTrial>>;

export type TrialOptions = Omit<FleetOptions, 'url' | 'history' | 'cookies'> & {
  agents?: number;
  /** Kept by the caller when given. */
  dataDir?: string;
  /** For every start. */
  server?: ServerOptions;
  /** Where the fleet connects, when that is not the server itself, e.g. a proxy. */
  before?: (serverPort: number) => Promise<string>;
};

const FIRST_ACK_WITHIN_MS = 30_000;

export async function startTrial(options: TrialOptions) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'tresen-fault-'));
  const settings = { untilBot: false, ...options.server };
  const history = createHistory();
  let server: Server = await start();
  const port = Number(new URL(server.url).port);
  const cookies = await signUpAll(server, options.agents ?? 2).catch(async (error) => {
    await server.kill9();
    throw error;
  });
  const [cookie = ''] = cookies;
  const url = (await options.before?.(port)) ?? server.url;
  const fleet: Fleet = createFleet({ ...options, url, history, cookies });

  function start(more: ServerOptions = {}): Promise<Server> {
    const env = { TRESEN_RATE_LIMITS: 'off', ...settings.env, ...more.env };
    return startServer({ ...settings, dataDir, ...more, env });
  }

  /**
   * Starts the next process on the same folder and port.
   * @returns milliseconds from its start to the first ack; Infinity when there was none for long
   */
  async function restart(more: ServerOptions = {}): Promise<number> {
    const started = performance.now();
    const acked = history.nextAck();
    server = await start({ port, ...more });
    fleet.wake();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<number>((resolve) => {
      timer = setTimeout(resolve, FIRST_ACK_WITHIN_MS, Number.POSITIVE_INFINITY);
    });
    return Promise.race([acked, late])
      .then((at) => at - started)
      .finally(() => clearTimeout(timer));
  }

  /**
   * Calm, the truth over the protocol, an orderly stop, the truth from the disk, the verdict. What
   * does not come to rest is a finding of its own; what is lost is counted then as well.
   */
  async function judge(): Promise<Verdict> {
    try {
      const unrest = await troubleOf(fleet.calm());
      fleet.record(unrest === undefined);
      fleet.close();
      let shown: Events | undefined;
      const reading = readOverProtocol(server.url, cookie, history.reached());
      const unread = await troubleOf(
        reading.then((events) => {
          shown = events;
        }),
      );
      await server.stop();
      const { counts, findings } = check(history, readDatabase(dataDir), shown);
      const troubles = [unrest, unread].filter((what) => what !== undefined);
      const more = troubles.map((what): Finding => ({ kind: 'wrong', what }));
      return {
        counts: { ...counts, wrong: counts.wrong + more.length },
        findings: [...more, ...findings],
      };
    } finally {
      await end();
    }
  }

  async function end(): Promise<void> {
    fleet.close();
    await server.kill9();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  }

  return Object.freeze({
    dataDir,
    port,
    history,
    fleet,
    cookies,
    server: () => server,
    restart,
    judge,
    /** Ends everything without a verdict, e.g. after an error; may be called twice. */
    end,
  });
}

/** @returns why it failed, or undefined */
const troubleOf = (work: Promise<void>): Promise<string | undefined> =>
  work.then(() => undefined, String);

/** @returns the cookies of so many agents; the later ones are invited by the first */
async function signUpAll(server: Server, count: number): Promise<readonly string[]> {
  const { cookie } = await signUpAgent(server);
  const cookies = [cookie];
  while (cookies.length < count) {
    const token = await invite(server, cookie);
    const invited = { url: server.url, signUpToken: () => token };
    cookies.push((await signUpAgent(invited, `Anna ${cookies.length}`)).cookie);
  }
  return cookies;
}

async function invite(server: Server, cookie: string): Promise<string> {
  const response = await fetch(`${server.url}/api/invitations`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: '{}',
  });
  const { link } = (await response.json()) as { link: string };
  const token = /sign-up\/([\w-]+)/.exec(link)?.[1];
  if (token === undefined) throw new Error(`no invitation: ${response.status}`);
  return token;
}
