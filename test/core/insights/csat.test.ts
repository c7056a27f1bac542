/** CSAT: one answer per resolution, and only when it was asked for. */
import { expect, it } from 'vitest';
import { decideSurveyAnswer } from '#core/insights/csat.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';

const base: ConversationState = { ...emptyState('c'), seq: 5, status: 'resolved' };
const asked: ConversationState = Object.freeze({ ...base, survey: { sentAt: 1 } });
const refused = { refused: 'survey_not_open' };

it('stores score and comment', () => {
  const events = decideSurveyAnswer(asked, { score: 5, comment: 'Danke!' });
  expect(events).toStrictEqual([
    { body: { type: 'survey.answered', score: 5, comment: 'Danke!' } },
  ]);
});

it.each([{ score: 1 }, { score: 1, comment: undefined }, { score: 1, comment: '' }])(
  'stores no empty comment: %j',
  (answer) => {
    expect(decideSurveyAnswer(asked, answer)).toStrictEqual([
      { body: { type: 'survey.answered', score: 1 } },
    ]);
  },
);

it.each<[string, ConversationState]>([
  ['nothing exists', emptyState('c')],
  ['it was never asked', base],
  ['it was answered', { ...base, survey: { sentAt: 1, score: 3 } }],
  ['it is open again', { ...asked, status: 'open' }],
])('refuses when %s', (_name, state) => {
  expect(decideSurveyAnswer(state, { score: 5 })).toStrictEqual(refused);
});

it('the second answer finds the first', () => {
  const [first] = decideSurveyAnswer(asked, { score: 2 }) as [
    { body: { type: 'survey.answered'; score: number } },
  ];
  const by = { kind: 'contact', id: 'me' } as const;
  const after = apply(asked, { conversation: 'c', seq: 6, at: 2, by, body: first.body });
  expect(after.survey).toMatchObject({ sentAt: 1, score: 2 });
  expect(decideSurveyAnswer(after, { score: 5 })).toStrictEqual(refused);
});
