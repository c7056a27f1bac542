/**
 * F13: all lines go dumb at once: they stay open, nothing passes. The clients find out by a probe
 * when they are woken up; in the long run without it, by the missing pongs, and the server closes
 * its ends after `SILENCE_MAX_MS` and shows the agent who is not there as offline.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { SILENCE_MAX_MS } from '#core/platform/limits.ts';
import { CLOSE } from '#core/protocol/errors.ts';
import { connect } from '#test/support/client.ts';
import { signUpAgent } from '#test/support/server.ts';
import { PROBE_MS } from '../../web/shared/line.ts';
import { createTally, type Fault, type Tally } from './support/fault.ts';
import { type ChaosProxy, openProxy } from './support/proxy.ts';
import { startTrial, type Trial } from './support/trial.ts';

const CONTACTS = 12;
const RUNS_MS = 600;
const ROUNDS = 1;
const ROUNDS_FULL = 2;
/** What a busy machine may add to a timer. */
const SLACK_MS = 5_000;
const LOOK_EVERY_MS = 50;
const MESSAGES_WITHIN_MS = 3_600_000;

export const fault: Fault = {
  id: 'F13',
  title: 'half-open sockets',
  needs: [],
  run: async ({ seed, messages, full, say }) => {
    const tally = createTally();
    const proxies: ChaosProxy[] = [];
    const trial = await startTrial({
      seed,
      contacts: CONTACTS,
      before: async (port) => {
        const proxy = await openProxy({ target: { host: '127.0.0.1', port }, seed });
        proxies.push(proxy);
        return proxy.url;
      },
    });
    const [proxy] = proxies;
    try {
      if (proxy === undefined) throw new Error('the trial opened no proxy');
      const found: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        await pause(RUNS_MS);
        const ms = await goDumb(trial, proxy, tally, PROBE_MS, true);
        found.push(`${Math.round(ms)} ms by a probe`);
      }
      if (full) await leaveAgent(trial, seed, tally);
      for (let round = 0; full && round < ROUNDS_FULL; round++) {
        await pause(RUNS_MS);
        const ms = await goDumb(trial, proxy, tally, SILENCE_MAX_MS, false);
        found.push(`${Math.round(ms)} ms by silence`);
        say(found.at(-1) ?? '');
      }
      await trial.fleet.untilAcked(messages, MESSAGES_WITHIN_MS);
      tally.add(await trial.judge());
      return tally.outcome(`found out within ${found.join(', ')}; dumb by our proxy`);
    } finally {
      await trial.end();
      await proxy?.close();
    }
  },
};

/** @returns milliseconds until everybody had found out and was back */
async function goDumb(
  trial: Trial,
  proxy: ChaosProxy,
  tally: Tally,
  withinMs: number,
  isWoken: boolean,
): Promise<number> {
  const everybody = trial.fleet.contacts().size + trial.fleet.agents().length;
  const isWhole = (): boolean => trial.fleet.live() === everybody;
  await trial.fleet.until(isWhole, 'not everybody is connected', SLACK_MS * 4);
  const lines = proxy.lines();
  proxy.silence();
  tally.struck();
  const started = performance.now();
  await pause(LOOK_EVERY_MS);
  const acked = trial.history.acked();
  if (isWoken) trial.fleet.wake();
  await pause(PROBE_MS / 2);
  tally.must(`${lines} dumb lines bring no ack`, trial.history.acked() === acked);
  const isBack = (): boolean => trial.history.acked() > acked && isWhole();
  // Also the longest back-off of a first attempt and the way back are in here.
  await trial.fleet.until(isBack, 'somebody waits at a dumb line', withinMs + 3 * SLACK_MS);
  const ms = performance.now() - started;
  tally.recovered(ms);
  tally.must(`everybody is back ${withinMs + SLACK_MS} ms after`, ms <= withinMs + SLACK_MS);
  return ms;
}

/** A console whose network is gone for good, and that never comes back. */
async function leaveAgent(trial: Trial, seed: number, tally: Tally): Promise<void> {
  const proxy = await openProxy({ target: { host: '127.0.0.1', port: trial.port }, seed });
  try {
    const cookie = await anotherAgent(trial);
    const agent = await connect(proxy.url, { as: 'agent' }, { cookie });
    const closedBefore = await closedAsSilent(trial);
    const before = await agentsOnline(trial);
    proxy.silence();
    const started = performance.now();
    const isGone = async (): Promise<boolean> =>
      (await closedAsSilent(trial)) > closedBefore && (await agentsOnline(trial)) < before;
    while (!(await isGone()) && performance.now() - started < SILENCE_MAX_MS + 3 * SLACK_MS) {
      await pause(LOOK_EVERY_MS);
    }
    const ms = performance.now() - started;
    tally.must(
      `an agent whose line is dumb is offline after ${Math.round(ms)} ms`,
      ms <= SILENCE_MAX_MS + SLACK_MS,
    );
    agent.cut();
  } finally {
    await proxy.close();
  }
}

async function anotherAgent(trial: Trial): Promise<string> {
  const { url } = trial.server();
  const headers = { cookie: trial.cookies[0] ?? '', 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/invitations`, { method: 'POST', headers, body: '{}' });
  const { link } = (await response.json()) as { link: string };
  const token = link.split('/').at(-1);
  return (await signUpAgent({ url, signUpToken: () => token }, 'Berta Fern')).cookie;
}

async function agentsOnline(trial: Trial): Promise<number> {
  const response = await fetch(`${trial.server().url}/api/health`);
  return ((await response.json()) as { agentsOnline: number }).agentsOnline;
}

/** As the server itself counts it. */
async function closedAsSilent(trial: Trial): Promise<number> {
  const text = await (await fetch(`${trial.server().url}/metrics`)).text();
  const line = new RegExp(`closed\\w*\\{code="${CLOSE.heartbeat_lost}"\\} (\\d+)`);
  return Number(line.exec(text)?.[1] ?? 0);
}
