/**
 * F15: everybody reaches the server through a proxy that makes trouble all the time, one kind after
 * the other and then all at once; a calm end. A chunk that comes twice breaks the framing or is a
 * command said twice: the server closes or answers the same again (G2), and never falls over.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { createTally, type Fault } from './support/fault.ts';
import { type ChaosProxy, openProxy, TROUBLES, type Troubles } from './support/proxy.ts';
import { startTrial, type Trial } from './support/trial.ts';

/** One after the other; the last is what a bad day looks like. */
const PHASES: readonly (Troubles & { name: string })[] = [
  { name: 'delay', delayMaxMs: 20 },
  { name: 'throttle', bytesPerSecond: 60_000 },
  { name: 'cut', cut: 0.03 },
  { name: 'duplicate', duplicate: 0.03 },
  { name: 'half-close', halfClose: 0.03 },
  { name: 'reset', reset: 0.03 },
  { name: 'blackhole', blackhole: 0.01 },
  {
    name: 'all at once',
    delayMaxMs: 5,
    cut: 0.01,
    duplicate: 0.01,
    halfClose: 0.01,
    reset: 0.01,
    blackhole: 0.005,
  },
];
const ROUNDS_MIN_FULL = 10;
/** A dumb line is found out after a wake-up and a probe; sooner again would start the probe anew. */
const WAKES_EVERY_MS = 5_000;
/** In the short run; F13 waits until dumb lines are found out. */
const BLACKHOLE_MS = 1_500;

export const fault: Fault = {
  id: 'F15',
  title: 'chaos proxy',
  needs: [],
  run: async ({ seed, messages, seconds, full, say }) => {
    const tally = createTally();
    const proxies: ChaosProxy[] = [];
    const trial = await startTrial({
      seed,
      before: async (port) => {
        const proxy = await openProxy({ target: { host: '127.0.0.1', port }, seed });
        proxies.push(proxy);
        return proxy.url;
      },
    });
    const [proxy] = proxies;
    if (proxy === undefined) throw new Error('the trial opened no proxy');
    const waking = setInterval(() => trial.fleet.wake(), WAKES_EVERY_MS);
    try {
      const { pid } = trial.server();
      const phaseMs = (seconds * 1_000) / PHASES.length;
      for (let round = 0; ; round++) {
        await throughAll(proxy, phaseMs, full ? {} : { blackholeMs: BLACKHOLE_MS });
        say(`round ${round + 1}: ${trial.history.acked()} acked, ${said(proxy)}`);
        if (full && round + 1 < ROUNDS_MIN_FULL) continue;
        if (trial.history.acked() >= messages) break;
      }
      proxy.become({});
      const calmFrom = performance.now();
      await trial.fleet.calm();
      tally.recovered(performance.now() - calmFrom);
      for (const trouble of TROUBLES) {
        if (proxy.happened()[trouble] > 0) tally.struck();
        tally.must(`${trouble} was made`, proxy.happened()[trouble] > 0);
      }
      tally.must('the server lived through all of it', lives(trial, pid()));
      tally.must('the server logged no error', !trial.server().output().includes('"level":50'));
      tally.add(await trial.judge());
      return tally.outcome(`${said(proxy)}; recovery is from calm to everybody having everything`);
    } finally {
      clearInterval(waking);
      await trial.end();
      await proxy.close();
    }
  },
};

async function throughAll(proxy: ChaosProxy, phaseMs: number, more: Troubles): Promise<void> {
  for (const { name: _, ...troubles } of PHASES) {
    proxy.become({ ...troubles, ...more });
    await pause(phaseMs);
  }
}

const lives = (trial: Trial, pid: number): boolean =>
  trial.server().child.exitCode === null && trial.server().pid() === pid;

const said = (proxy: ChaosProxy): string =>
  Object.entries(proxy.happened())
    .map(([trouble, times]) => `${times} ${trouble}`)
    .join(', ');
