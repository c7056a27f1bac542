/** CSAT: the contact's answer to the survey, once per resolution. Pure. */
import type { ConversationState } from '#core/protocol/apply.ts';
import { type Refusal, refuse } from '#core/protocol/errors.ts';
import type { EventBody } from '#core/protocol/events.ts';

export function decideSurveyAnswer(
  state: ConversationState,
  answer: { score: number; comment?: string | undefined },
): { body: EventBody }[] | Refusal {
  const { survey } = state;
  if (state.status !== 'resolved' || survey === undefined || survey.score !== undefined) {
    return refuse('survey_not_open');
  }
  const { score, comment } = answer;
  return [{ body: { type: 'survey.answered', score, ...(comment ? { comment } : {}) } }];
}
