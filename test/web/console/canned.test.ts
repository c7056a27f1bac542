/** Canned responses: found by what is typed after a slash, filled without a trace of variables. */
import { describe, expect, it } from 'vitest';
import { type Canned, fill, find, slashQuery } from '../../../web/console/state/canned.ts';

const all: Canned[] = [
  { id: '1', shortcut: 'gruss', title: 'Begrüßung', text: 'Guten Tag' },
  { id: '2', shortcut: 'mail', title: 'E-Mail erfragen', text: 'Mit welcher E-Mail-Adresse …' },
  { id: '3', shortcut: 'ruecksendung', title: 'Rücksendung', text: 'Ihre Grußkarte …' },
];

describe('fill', () => {
  it('puts the agent in and takes an unknown contact out with its blank', () => {
    expect(fill('Guten Tag {{contact}}, ich bin {{agent}}.', { agent: 'Anna' })).toBe(
      'Guten Tag, ich bin Anna.',
    );
    expect(fill('Gute Nachricht, {{contact}}: es geht.', { agent: 'Anna' })).toBe(
      'Gute Nachricht: es geht.',
    );
    expect(fill('Hallo {{contact}}!', { agent: 'Anna', contact: 'Frau X' })).toBe('Hallo Frau X!');
    expect(fill('{{contact}}, einen Moment', { agent: 'Anna' })).toBe('einen Moment');
  });
});

describe('find', () => {
  it('prefers the shortcut, then the title, and reads ß as ss', () => {
    expect(find(all, 'gruss').map((one) => one.id)).toEqual(['1', '3']);
  });
  it('shows all for nothing and none for nonsense', () => {
    expect(find(all, '')).toHaveLength(3);
    expect(find(all, 'zzz')).toEqual([]);
  });
});

describe('slashQuery', () => {
  it('opens at the start of a word only', () => {
    expect(slashQuery('/gr', 3)).toEqual({ from: 0, query: 'gr' });
    expect(slashQuery('Hallo /', 7)).toEqual({ from: 6, query: '' });
    expect(slashQuery('und/oder', 8)).toBeNull();
    expect(slashQuery('/gr uss', 7)).toBeNull();
  });
});
