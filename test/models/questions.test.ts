/** Tables of utterances: by name, by place, with the other columns kept. */
import { expect, it } from 'vitest';
import { readQuestions } from '#models/questions.ts';

it('takes the first column when none is named', () => {
  expect(readQuestions('wo ist es?\nhallo\r\n\n', 'f')).toEqual([
    { text: 'wo ist es?' },
    { text: 'hallo' },
  ]);
});

it('takes the named column and keeps the others', () => {
  expect(readQuestions('\uFEFFid\ttext\n7\two?\n8\n', 'f', 'text')).toEqual([
    { text: 'wo?', row: { id: '7' } },
    { text: '', row: { id: '8' } },
  ]);
});

it('says what is missing', () => {
  expect(() => readQuestions('id\ttext\n', 'f.tsv', 'question')).toThrow(
    'f.tsv has no column "question"',
  );
  expect(() => readQuestions('\n', 'f.tsv')).toThrow('f.tsv has no utterances');
});
