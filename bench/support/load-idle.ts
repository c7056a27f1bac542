/** Contacts who have the page open and write nothing: hello, then pings at their times. */
import type { IdleJob, LoadResult, WindowMarks } from './jobs.ts';
import { several, sleep } from './pace.ts';
import { spread } from './percentile.ts';
import { openPerson } from './person.ts';

const OPENED_AT_ONCE = 128;

/** `ack`: from connecting to the welcome. */
export async function loadIdle(job: IdleJob, marks: WindowMarks): Promise<LoadResult> {
  const waits: number[] = [];
  const started = performance.now();
  const people = await several(job.connections, OPENED_AT_ONCE, async () => {
    const began = performance.now();
    const person = await openPerson(job.at);
    waits.push(performance.now() - began);
    person.listen(() => {});
    return person;
  });
  const seconds = (performance.now() - started) / 1_000;
  await sleep(job.warmUpMs);
  marks.start();
  await sleep(job.measureMs);
  marks.end();
  // The parent reads the server's memory now, with everybody still there.
  await sleep(READ_WITHIN_MS);
  for (const person of people) person.close();
  return {
    perSecond: job.connections / seconds,
    ack: spread(waits),
    delivered: spread([]),
    refused: 0,
    missing: 0,
  };
}

const READ_WITHIN_MS = 500;
