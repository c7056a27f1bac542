/** The chaos proxy does what it says: calm it changes nothing, and each trouble is what it claims. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { openProxy, type Troubles } from './support/proxy.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server behind a proxy, and one line to it: what either end has got so far. */
async function setUp(troubles?: Troubles, seed = 1) {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = await openProxy({
    target: { host: '127.0.0.1', port },
    seed,
    ...(troubles && { troubles }),
  });
  closers.push(() => server.close(), proxy.close);
  const arriving = once(server, 'connection');
  const near = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(near, 'connect');
  const [far] = (await arriving) as [Socket];
  closers.push(() => near.destroy());
  return { proxy, near: watched(near), far: watched(far) };
}

function watched(socket: Socket) {
  const chunks: Buffer[] = [];
  const end = { how: undefined as string | undefined };
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => {
    end.how ??= 'end';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end.how = error.code;
  });
  const bytes = (): Buffer => Buffer.concat(chunks);
  return { socket, bytes, end };
}

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

it('passes a megabyte both ways unchanged and then closes when an end closes', async () => {
  const { near, far, proxy } = await setUp();
  const up = randomBytes(1 << 20);
  const down = randomBytes(1 << 20);
  near.socket.end(up);
  far.socket.end(down);
  await expect.poll(() => far.bytes().length).toBe(up.length);
  await expect.poll(() => near.bytes().length).toBe(down.length);
  expect([hash(far.bytes()), hash(near.bytes())]).toEqual([hash(up), hash(down)]);
  await expect.poll(() => proxy.lines()).toBe(0);
});

it('delays without changing the order, and throttles', async () => {
  const { near, far, proxy } = await setUp({ delayMaxMs: 20 });
  for (let i = 0; i < 20; i++) {
    near.socket.write(`${i},`);
    await pause(2);
  }
  const all = Array.from({ length: 20 }, (_, i) => `${i},`).join('');
  await expect.poll(() => far.bytes().toString()).toBe(all);
  proxy.become({ bytesPerSecond: 20_000 });
  const started = performance.now();
  near.socket.write(Buffer.alloc(10_000));
  await expect.poll(() => far.bytes().length, { timeout: 5_000 }).toBe(all.length + 10_000);
  expect(performance.now() - started).toBeGreaterThan(400);
});

it('keeps back-pressure: a reader who has stopped stops the writer', async () => {
  const { near, far } = await setUp();
  far.socket.pause();
  for (let i = 0; i < 64; i++) near.socket.write(Buffer.alloc(1 << 20));
  await pause(500);
  expect(near.socket.writableLength).toBeGreaterThan(16 << 20);
});

it('cuts in the middle: a part of the chunk, then the end', async () => {
  const { near, far, proxy } = await setUp({ cut: 1 });
  near.socket.write('0123456789');
  await expect.poll(() => far.end.how).toBeDefined();
  expect('0123456789'.startsWith(far.bytes().toString())).toBe(true);
  expect(far.bytes().length).toBeLessThan(10);
  expect(proxy.happened().cut).toBe(1);
});

it('sends a chunk twice, or its end', async () => {
  const got = new Set<string>();
  for (let seed = 1; seed <= 12; seed++) {
    const { near, far } = await setUp({ duplicate: 1 }, seed);
    near.socket.write('abc');
    await expect.poll(() => far.bytes().length).toBeGreaterThan(3);
    got.add(far.bytes().toString());
  }
  expect([...got].sort()).toEqual(['abcabc', 'abcbc', 'abcc']);
});

it.each(['drawn', 'told'])('goes dumb when %s: nothing passes, nothing closes', async (how) => {
  const { near, far, proxy } = await setUp(how === 'drawn' ? { blackhole: 1 } : {});
  if (how === 'told') proxy.silence();
  near.socket.write('abc');
  await pause(100);
  proxy.become({});
  near.socket.write('def');
  far.socket.write('ghi');
  await pause(200);
  expect([far.bytes().length, near.bytes().length, proxy.lines()]).toEqual([0, 0, 1]);
  expect([far.end.how, near.end.how]).toEqual([undefined, undefined]);
});

it('resets a dumb line after a while when told so', async () => {
  const { near, far, proxy } = await setUp({ blackhole: 1, blackholeMs: 100 });
  near.socket.write('abc');
  await expect.poll(() => [near.end.how, far.end.how]).toEqual(['ECONNRESET', 'ECONNRESET']);
  expect([far.bytes().length, proxy.lines()]).toEqual([0, 0]);
});

it('closes one half: the other still speaks', async () => {
  const { near, far, proxy } = await setUp({ halfClose: 1 });
  near.socket.write('abc');
  await expect.poll(() => far.end.how).toBe('end');
  proxy.become({});
  far.socket.write('still here');
  await expect.poll(() => near.bytes().toString()).toBe('still here');
  expect(near.end.how).toBeUndefined();
});

it.each(['drawn', 'told'])('resets when %s', async (how) => {
  const { near, far, proxy } = await setUp(how === 'drawn' ? { reset: 1 } : {});
  if (how === 'told') proxy.drop();
  else near.socket.write('abc');
  await expect.poll(() => [near.end.how, far.end.how]).toEqual(['ECONNRESET', 'ECONNRESET']);
  expect(proxy.lines()).toBe(0);
});

it('the same seed makes the same trouble, another one other trouble', async () => {
  const fates = async (seed: number): Promise<string> => {
    const { near, far, proxy } = await setUp({ duplicate: 0.3 }, seed);
    for (let i = 0; i < 30; i++) {
      const before = far.bytes().length;
      near.socket.write('x');
      await expect.poll(() => far.bytes().length, { interval: 1 }).toBeGreaterThan(before);
      await pause(2);
    }
    return JSON.stringify([proxy.happened(), far.bytes().length]);
  };
  const first = await fates(7);
  expect(await fates(7)).toBe(first);
  expect(new Set([first, await fates(8), await fates(9), await fates(10)]).size).toBeGreaterThan(1);
});
