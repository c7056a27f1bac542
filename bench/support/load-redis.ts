/**
 * The peer Redis: the bytes of a command, appended to a stream per connection, closed loop, by the
 * same generator that drives Tresen. Nothing is delivered to anybody: Redis does less here.
 */
import { closedLoop } from './closed-loop.ts';
import type { LoadResult, RedisJob, WindowMarks } from './jobs.ts';
import { openTcp } from './line.ts';
import { durableText, numberedId } from './load-durable.ts';
import { commandText, newId } from './person.ts';

const NEW_LINE = 0x0a;
const ERROR = 0x2d;

export async function loadRedis(job: RedisJob, marks: WindowMarks): Promise<LoadResult> {
  await emptied(job.at.port);
  const text = durableText(job.textLength);
  let number = 0;
  return closedLoop(job, marks, async (index, answered) => {
    const conversation = newId();
    const key = `conversation:${index}`;
    const head = `*5\r\n$4\r\nXADD\r\n$${key.length}\r\n${key}\r\n$1\r\n*\r\n$7\r\nmessage\r\n$`;
    const line = await openTcp(job.at.port, createReplyReader(answered));
    const send = (): void => {
      const id = numberedId(number++);
      const command = commandText(id, { type: 'message.send', conversation, text });
      line.sendBytes(`${head}${command.length}\r\n${command}\r\n`);
    };
    return { send, close: line.close };
  });
}

/** What earlier windows have stored would slow Redis down: it keeps all of it in memory. */
async function emptied(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    openTcp(port, (reply) => {
      if (reply[0] === ERROR) reject(new Error(reply.toString()));
      resolve();
    }).then((line) => line.sendBytes('*1\r\n$8\r\nFLUSHALL\r\n'), reject);
  });
}

/**
 * Counts the replies to XADD: `$16\r\n1763850000000-0\r\n`, two lines each.
 * @throws Error when Redis refuses
 */
export function createReplyReader(onReply: () => void): (chunk: Buffer) => void {
  let lines = 0;
  let isLineStart = true;
  return (chunk) => {
    let replies = 0;
    for (const byte of chunk) {
      if (isLineStart && lines === 0 && byte === ERROR) throw new Error(chunk.toString());
      isLineStart = byte === NEW_LINE;
      if (!isLineStart) continue;
      lines = (lines + 1) % 2;
      if (lines === 0) replies++;
    }
    for (let i = 0; i < replies; i++) onReply();
  };
}
