/**
 * One connection of the load generator: a WebSocket (or a plain TCP line) over `node:net`.
 * What arrives in one read is answered in one write. A line that breaks ends the run: figures
 * from fewer connections than asked for would be wrong in silence.
 */
import { connect, type Socket } from 'node:net';
import { createFrameReader, textFrame } from './web-socket-frames.ts';

export type Line = {
  send(text: string): void;
  sendBytes(bytes: Buffer | string): void;
  close(): void;
  /** As a network that is gone: no closing handshake, and no port left waiting. */
  drop(): void;
};

const KEY = Buffer.from('Tresen bench key').toString('base64');

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function lineOf(socket: Socket): Line {
  let isOurs = false;
  socket.on('error', (error) => {
    if (!isOurs) throw error;
  });
  socket.on('close', () => {
    if (!isOurs) throw new Error('the server closed a connection');
  });
  return {
    send: (text) => socket.write(textFrame(text)),
    sendBytes: (bytes) => socket.write(bytes),
    close: () => {
      isOurs = true;
      socket.destroy();
    },
    drop: () => {
      isOurs = true;
      socket.resetAndDestroy();
    },
  };
}

/** Everything written while `work` runs leaves in one system call. */
function together(socket: Socket, work: () => void): void {
  socket.cork();
  work();
  socket.uncork();
}

/** @param onBytes what came back, cut anywhere */
export async function openTcp(port: number, onBytes: (bytes: Buffer) => void): Promise<Line> {
  const socket = await open(port);
  socket.on('data', (chunk: Buffer) => together(socket, () => onBytes(chunk)));
  return lineOf(socket);
}

/** @param onText payload of each text message, valid only during the call */
export async function openWebSocket(
  at: { port: number; path: string; cookie?: string },
  onText: (payload: Buffer) => void,
): Promise<Line> {
  const socket = await open(at.port);
  const cookie = at.cookie === undefined ? '' : `Cookie: ${at.cookie}\r\n`;
  socket.write(
    `GET ${at.path} HTTP/1.1\r\nHost: localhost:${at.port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n` +
      `${cookie}\r\n`,
  );
  const read = createFrameReader(onText, (code) => {
    throw new Error(`the server closed a connection with ${code}`);
  });
  await new Promise<void>((resolve, reject) => {
    let head = Buffer.alloc(0);
    const onHead = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      socket.off('data', onHead);
      const status = head.subarray(0, end).toString('latin1').split('\r\n')[0] ?? '';
      if (!status.includes(' 101 ')) return reject(new Error(`upgrade refused: ${status}`));
      socket.on('data', (data: Buffer) => together(socket, () => read(data)));
      if (head.length > end + 4) read(head.subarray(end + 4));
      resolve();
    };
    socket.on('data', onHead);
  });
  return lineOf(socket);
}
