/** The tiny Markdown: what articles use works, and no text of anybody is ever lost or turned. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarkdown, plainText } from '../../../web/shared/markdown.ts';

const text = (value: string, bold = false) => ({ bold, text: value });

describe('markdown', () => {
  it('knows paragraphs, lines, bold and lists', () => {
    expect(parseMarkdown('Ein **fetter** Satz.\nNoch einer.\n\n- eins\n- **zwei**\nEnde')).toEqual([
      {
        kind: 'paragraph',
        lines: [[text('Ein '), text('fetter', true), text(' Satz.')], [text('Noch einer.')]],
      },
      { kind: 'list', items: [[text('eins')], [text('zwei', true)]] },
      { kind: 'paragraph', lines: [[text('Ende')]] },
    ]);
  });

  it.each([
    '2 ** 3 ** 4',
    '**offen',
    '****',
    '<b>kein HTML</b> & [kein Link](javascript:alert(1))',
    '-kein Punkt',
    '* kein Punkt',
    '_nicht_ `hier`',
  ])('leaves %s as it is', (input) => {
    expect(parseMarkdown(input)).toEqual([{ kind: 'paragraph', lines: [expect.anything()] }]);
    expect(plainText(input)).toBe(input);
  });

  it('never throws and keeps every word', () => {
    const words = fc.array(
      fc.constantFrom('**', '*', '- ', '-', '\n', '\n\n', ' ', 'Wort', '<b>', 'ä', '😀', '**a**'),
    );
    const marks = /[*\-\s]/g;
    const anything = fc.oneof(
      words.map((parts) => parts.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(anything, (input) => {
        expect(plainText(input).replace(marks, '')).toBe(input.replace(marks, ''));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is fast on hostile input', () => {
    const started = performance.now();
    parseMarkdown('** '.repeat(20_000));
    parseMarkdown('**a'.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
