/** The pure parts of the benches: a wrong percentile would make every figure wrong. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { importsOf, referencesOf } from '../../bench/support/page.ts';
import { drift, median, medianOf, percentile, spread } from '../../bench/support/percentile.ts';
import { growth, growthBy, parseMetrics } from '../../bench/support/prometheus.ts';
import { arrivals, seeded, shuffled } from '../../bench/support/random.ts';
import { markdown, number } from '../../bench/support/report.ts';
import { createFrameReader, frameBytes, textFrame } from '../../bench/support/web-socket-frames.ts';

describe('percentiles', () => {
  it('are samples that were measured, by nearest rank', () => {
    const samples = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(spread(samples)).toEqual({ count: 200, p50: 100, p95: 190, p99: 198, max: 200 });
    expect(percentile([7], 0.99)).toBe(7);
    expect(spread([]).p99).toBeNaN();
  });

  it('sort by value, not by digits', () => {
    expect(spread([9, 10, 100, 2]).p50).toBe(9);
    expect(median([10, 9, 100])).toBe(10);
  });

  it('medians and drift', () => {
    expect(median([3, 1, 2, 4])).toBe(2.5);
    expect(medianOf([{ a: 1 }, { a: 5 }, { a: 3 }], ['a'])).toEqual({ a: 3 });
    expect(drift(100, 120)).toBeCloseTo(0.2);
    expect(drift(120, 100)).toBeCloseTo(0.2);
  });
});

describe('frames', () => {
  it('are masked, with every length that a command can have', () => {
    for (const size of [0, 1, 125, 126, 400, 65_535]) {
      const text = 'ä'.repeat(size >> 1) + 'x'.repeat(size & 1);
      const frame = textFrame(text);
      expect(frame.length).toBe(frameBytes(size));
      const start = frame.length - size;
      const mask = frame.subarray(start - 4, start);
      const plain = frame.subarray(start).map((byte, i) => byte ^ (mask[i & 3] ?? 0));
      expect(Buffer.from(plain).toString()).toBe(text);
      expect(mask.some((byte) => byte !== 0)).toBe(true);
    }
  });

  it('are read however the stream is cut', () => {
    for (const piece of [1, 3, 64, 1_000, 100_000]) {
      const texts = ['', 'a', 'x'.repeat(200), 'y'.repeat(piece > 3 ? 70_000 : 500), 'end'];
      const stream = Buffer.concat(texts.map(serverFrame));
      const got: string[] = [];
      const closed: number[] = [];
      const read = createFrameReader(
        (payload) => got.push(payload.toString()),
        (code) => closed.push(code),
      );
      for (let at = 0; at < stream.length; at += piece) read(stream.subarray(at, at + piece));
      read(Buffer.from([0x88, 2, 0x03, 0xe8]));
      expect(got).toEqual(texts);
      expect(closed).toEqual([1000]);
    }
  });
});

function serverFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10);
  head[0] = 0x81;
  head[1] = size < 126 ? size : size < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, Buffer.from(text)]);
}

describe('chance', () => {
  it('repeats itself for the same seed', () => {
    const times = arrivals(50, 20_000, seeded(1));
    expect(times).toEqual(arrivals(50, 20_000, seeded(1)));
    expect(times).not.toEqual(arrivals(50, 20_000, seeded(2)));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('arrives about as often as asked, at irregular intervals', () => {
    const times = arrivals(50, 100_000, seeded(3));
    expect(times.length).toBeGreaterThan(4_700);
    expect(times.length).toBeLessThan(5_300);
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    // Exponential: the median gap is ln 2 of the mean.
    expect(median(gaps)).toBeGreaterThan(12);
    expect(median(gaps)).toBeLessThan(16);
  });

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 500 }, (_, i) => i);
    const mixed = shuffled(items, seeded(4));
    expect(mixed).not.toEqual(items);
    expect(mixed.toSorted((a, b) => a - b)).toEqual(items);
  });
});

describe('metrics', () => {
  const before = parseMetrics('# HELP m text\nm_total{sender="bot"} 1\nm_total_other 5\nplain 1.5');
  const after = parseMetrics(
    'm_total{sender="bot"} 4\nm_total{sender="contact"} 2\nm_total_other 9\nplain 2\nbad NaN',
  );

  it('grow between two readings, labels that are new included', () => {
    expect(growth(before, after, 'm_total')).toBe(5);
    expect(growth(before, after, 'm_total', 'sender="contact"')).toBe(2);
    expect(growth(before, after, 'plain')).toBe(0.5);
    expect(growthBy(before, after, 'm_total', 'sender')).toEqual({ bot: 3, contact: 2 });
  });
});

describe('pages', () => {
  it('name what loads on opening, and no more', () => {
    const html =
      '<link rel="icon" href="/i.svg"><script type="module" crossorigin src="/w/a.js"></script>' +
      '<link rel="modulepreload" href="/w/b.js"><link rel="stylesheet" href="/w/c.css">';
    expect(referencesOf(html)).toEqual(['/w/a.js', '/w/b.js', '/w/c.css']);
  });

  it('follow static imports, not later ones', () => {
    const script =
      'import{a as b}from"./x.js";import"./y.js";export*from"../z.js";' +
      'const l=()=>import("./late.js");import r from"react";';
    expect(importsOf(script)).toEqual(['./x.js', './y.js', '../z.js']);
  });
});

describe('tables', () => {
  it('are Markdown that is also readable as it is', () => {
    const table = {
      columns: ['name', 'ms'],
      rows: [
        ['a', number(1_234.5)],
        ['bb', number(Number.NaN)],
      ],
    };
    expect(markdown(table)).toBe(
      '| name |    ms |\n| ---- | ----: |\n| a    | 1 235 |\n| bb   |     – |',
    );
  });

  it('round to what can be known, and cover random bytes without a hole', () => {
    expect([0.1234, 12.345, 123.45, 12_345_678].map(number)).toEqual([
      '0.12',
      '12.3',
      '123',
      '12 345 678',
    ]);
    expect(spread([...randomBytes(64)]).count).toBe(64);
  });
});
