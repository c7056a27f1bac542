/**
 * A WebSocket client that may break every rule: frames are written bit by bit over a TCP socket,
 * and what comes back is taken apart again. For the conformance suite; knows nothing of Tresen.
 */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const ACCEPT = createHash('sha1').update(`${KEY}${GUID}`).digest('base64');

export type Frame = { fin: boolean; rsv: number; opcode: number; payload: Buffer };
export type FrameToWrite = Partial<Omit<Frame, 'payload'>> & {
  payload?: Buffer | string;
  masked?: boolean;
  mask?: readonly [number, number, number, number];
  /** Announce this length instead of the real one. */
  length?: number;
};

export function frame(parts: FrameToWrite): Buffer {
  const { fin = true, rsv = 0, opcode = OPCODE.text, masked = true } = parts;
  const payload = Buffer.from(parts.payload ?? '');
  const length = parts.length ?? payload.length;
  const bit = masked ? 0x80 : 0;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = bit | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([header, payload]);
  const mask = parts.mask ?? [0x37, 0xfa, 0x21, 0x3d];
  const covered = payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return Buffer.concat([header, Buffer.from(mask), covered]);
}

export function closePayload(code: number, reason: Buffer | string = ''): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

/** The code of a close frame, undefined for any other and when it carries none. */
export const codeOf = (f: Frame | undefined): number | undefined =>
  f?.opcode === OPCODE.close && f.payload.length >= 2 ? f.payload.readUInt16BE() : undefined;

/** Request lines and headers; a header set to undefined is left out. */
export function handshake(
  path: string,
  headers: Record<string, string | undefined> = {},
  method = 'GET',
): string {
  const all: Record<string, string | undefined> = {
    Host: 'desk.example',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([k, v]) => (v === undefined ? [] : `${k}: ${v}`));
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

export type RawWebSocket = Awaited<ReturnType<typeof openRaw>>;

/** Sends `request` as it is and resolves with the head of the answer, or when the line ends. */
export async function openRaw(port: number, request: Buffer | string) {
  const tcp = connect({ port, host: '127.0.0.1', noDelay: true });
  const frames: Frame[] = [];
  let head: string | undefined;
  let unread: Buffer = Buffer.alloc(0);
  let isOver = false;
  let wake = () => {};

  tcp.on('error', () => {});
  tcp.on('close', () => {
    isOver = true;
    wake();
  });
  tcp.on('data', (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
    if (head === undefined) head = takeHead();
    if (head?.startsWith('HTTP/1.1 101')) takeFrames();
    wake();
  });

  function takeHead(): string | undefined {
    const end = unread.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const text = unread.subarray(0, end).toString();
    unread = unread.subarray(end + 4);
    return text;
  }

  function takeFrames(): void {
    for (;;) {
      const taken = parse(unread);
      if (taken === undefined) return;
      frames.push(taken.frame);
      unread = unread.subarray(taken.bytes);
    }
  }

  async function until<T>(found: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const value = found();
      if (value !== undefined || isOver) return value;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  tcp.write(request);
  await until(() => head);
  return {
    status: Number(head?.split(' ')[1]),
    header: (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head ?? '')?.[1]?.trim(),
    write: (bytes: Buffer | string) => tcp.write(bytes),
    text: (payload: string) => tcp.write(frame({ payload })),
    /** The next frame; undefined when the line has ended. */
    next: () => until(() => frames.shift()),
    /** Everything that still comes until the line ends. */
    async rest(): Promise<Frame[]> {
      const all: Frame[] = [];
      for (let f = await until(() => frames.shift()); f; f = await until(() => frames.shift())) {
        all.push(f);
        if (f.opcode === OPCODE.close) tcp.end();
      }
      return all;
    },
    pause: () => tcp.pause(),
    resume: () => tcp.resume(),
    /** FIN without a close frame. */
    finish(): void {
      tcp.end();
    },
    /** RST: the peer has vanished. */
    vanish(): void {
      tcp.resetAndDestroy();
    },
  };
}

function parse(bytes: Buffer): { frame: Frame; bytes: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  if (second & 0x80) throw new Error('a server must not mask');
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  let length = short;
  if (short === 126) length = bytes.readUInt16BE(2);
  if (short === 127) length = Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return undefined;
  const payload = Buffer.from(bytes.subarray(start, start + length));
  const rsv = (first >> 4) & 7;
  return {
    frame: { fin: first >= 0x80, rsv, opcode: first & 15, payload },
    bytes: start + length,
  };
}
