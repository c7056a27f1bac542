/**
 * A TCP proxy that makes trouble (F15): it delays, throttles, cuts in the middle of a frame, sends
 * a chunk twice, goes dumb, closes one half, resets. What goes wrong and where is drawn from a
 * seed. Knows bytes only; keeps back-pressure, so that a slow reader behind it stays a slow reader.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../../bench/support/random.ts';

/** What one chunk can meet; the numbers in `Troubles` are its chances, 0 to 1. */
export const TROUBLES = ['cut', 'duplicate', 'blackhole', 'halfClose', 'reset'] as const;
export type Trouble = (typeof TROUBLES)[number];

export type Troubles = Partial<Record<Trouble, number>> & {
  /** Every chunk waits up to this long; the order stays. */
  delayMaxMs?: number;
  /** A dumb line is reset after this long; without it, it stands for ever. */
  blackholeMs?: number;
  /** Per direction of a line. */
  bytesPerSecond?: number;
};

/** Throttled bytes leave in pieces of this part of a second. */
const SLICES_PER_SECOND = 50;

type Way = 'up' | 'down';
type Line = { near: Socket; far: Socket; isDumb: boolean; isOver: boolean };
export type ChaosProxy = Awaited<ReturnType<typeof openProxy>>;

/**
 * @param target where the real server listens; connected anew for every line, so it may restart
 * @param seed the n-th line of two runs with the same seed meets the same chances
 * @param troubles none at first when left out
 */
export async function openProxy(options: {
  target: { host: string; port: number };
  seed: number;
  troubles?: Troubles;
}) {
  let troubles = options.troubles ?? {};
  let opened = 0;
  const lines = new Set<Line>();
  const happened: Record<Trouble, number> = {
    cut: 0,
    duplicate: 0,
    blackhole: 0,
    halfClose: 0,
    reset: 0,
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);

  function accept(near: Socket): void {
    const far = connect({ ...options.target, allowHalfOpen: true, noDelay: true });
    const line: Line = { near, far, isDumb: false, isOver: false };
    lines.add(line);
    const chances = { up: chanceOf(opened, 0), down: chanceOf(opened, 1) };
    opened += 1;
    const over = (): void => end(line);
    for (const socket of [near, far]) socket.on('error', over).on('close', over);
    pump(line, 'up', chances.up).catch(over);
    pump(line, 'down', chances.down).catch(over);
  }

  const chanceOf = (line: number, way: number): (() => number) =>
    seeded(options.seed * 1_000_003 + line * 2 + way);

  /** One direction of one line; the loop reads on only when the other side has taken the last. */
  async function pump(line: Line, way: Way, chance: () => number): Promise<void> {
    const [from, to] = way === 'up' ? [line.near, line.far] : [line.far, line.near];
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      if (line.isOver) return;
      if (line.isDumb) continue;
      const { delayMaxMs = 0 } = troubles;
      if (delayMaxMs > 0) await pause(chance() * delayMaxMs);
      const goesOn = await meet(draw(chance), line, to, chunk as Buffer, chance);
      if (!goesOn) return void from.resume();
    }
    if (!line.isDumb) to.end();
  }

  function draw(chance: () => number): Trouble | undefined {
    return TROUBLES.find((trouble) => {
      const likely = troubles[trouble] ?? 0;
      return likely > 0 && chance() < likely;
    });
  }

  /** @returns whether this direction goes on */
  async function meet(
    trouble: Trouble | undefined,
    line: Line,
    to: Socket,
    chunk: Buffer,
    chance: () => number,
  ): Promise<boolean> {
    if (trouble !== undefined) happened[trouble] += 1;
    switch (trouble) {
      case 'cut': {
        const kept = chunk.subarray(0, Math.floor(chance() * chunk.length));
        if (kept.length > 0) to.write(kept);
        line.near.destroySoon();
        line.far.destroySoon();
        return false;
      }
      case 'duplicate': {
        // Whole or from somewhere in it: also what looks like a frame begins in the middle then.
        await pass(to, chunk);
        const from = chance() < 0.5 ? 0 : Math.floor(chance() * chunk.length);
        await pass(to, chunk.subarray(from));
        return true;
      }
      case 'blackhole':
        line.isDumb = true;
        if (troubles.blackholeMs !== undefined) {
          setTimeout(() => reset(line), troubles.blackholeMs).unref();
        }
        return true;
      case 'halfClose':
        to.end();
        return false;
      case 'reset':
        reset(line);
        return false;
    }
    await pass(to, chunk);
    return true;
  }

  async function pass(to: Socket, chunk: Buffer): Promise<void> {
    const { bytesPerSecond } = troubles;
    if (bytesPerSecond === undefined) return write(to, chunk);
    const size = Math.max(1, Math.ceil(bytesPerSecond / SLICES_PER_SECOND));
    for (let at = 0; at < chunk.length; at += size) {
      await write(to, chunk.subarray(at, at + size));
      await pause(1_000 / SLICES_PER_SECOND);
    }
  }

  function end(line: Line): void {
    if (line.isOver) return;
    line.isOver = true;
    lines.delete(line);
    line.near.destroySoon();
    line.far.destroySoon();
  }

  function reset(line: Line): void {
    line.near.resetAndDestroy();
    line.far.resetAndDestroy();
    end(line);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  return Object.freeze({
    port,
    url: `http://127.0.0.1:${port}`,
    /** Lines that stand now. */
    lines: (): number => lines.size,
    /** How often each trouble was made. */
    happened: (): Readonly<Record<Trouble, number>> => ({ ...happened }),
    /** From the next chunk on; lines that are dumb already stay so. */
    become: (next: Troubles): void => {
      troubles = next;
    },
    /** Every line that stands now passes nothing any more and stays open: half-open for both. */
    silence: (): void => {
      for (const line of lines) line.isDumb = true;
    },
    /** Resets every line that stands now. */
    drop: (): void => {
      for (const line of [...lines]) reset(line);
    },
    async close(): Promise<void> {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const line of [...lines]) reset(line);
      await closed;
    },
  });
}

/** Resolves when the socket wants more; also when it has ended meanwhile. */
function write(to: Socket, chunk: Buffer): Promise<void> | undefined {
  if (to.destroyed || to.writableEnded || to.write(chunk)) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      to.off('drain', done).off('close', done);
      resolve();
    };
    to.on('drain', done).on('close', done);
  });
}
