/**
 * The question after a conversation: five real radio buttons, a text if somebody wants to, and a
 * way past it. May be changed until it is sent; then it says thank you.
 * @jsxImportSource preact
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { COMMENT_LENGTH_MAX } from '../state/limits.ts';
import { fill } from '../texts/texts.ts';
import { focusBack } from './focus.ts';
import { useModel, useSurroundings } from './surroundings.ts';

const SCORES = [1, 2, 3, 4, 5];

export function Survey() {
  const { conversation, pending, surveySkipped, conversationId } = useModel();
  const { store, words } = useSurroundings();
  const { texts } = words;
  const place = useRef<HTMLDivElement>(null);
  const survey = conversation?.state.survey;
  const isAsked = survey !== undefined && conversation?.state.status === 'resolved';
  useEffect(() => {
    if (isAsked) place.current?.scrollIntoView({ block: 'nearest' });
  }, [isAsked]);
  if (!isAsked || surveySkipped) return null;
  const sent = pending.find(
    ({ command }) => command.type === 'survey.answer' && command.conversation === conversationId,
  );
  const score =
    survey.score ?? (sent?.command.type === 'survey.answer' ? sent.command.score : undefined);
  const failed = sent?.state === 'failed' ? sent : undefined;
  return (
    <div class="survey" ref={place}>
      {score === undefined ? (
        <SurveyForm />
      ) : (
        <p role="status">
          {failed ? texts.surveyFailed : fill(texts.surveyThanks, { score: words.number(score) })}
        </p>
      )}
      {failed && (
        <button type="button" class="button small" onClick={() => store.retry(failed.id)}>
          {texts.again}
        </button>
      )}
    </div>
  );
}

function SurveyForm() {
  const { store, words } = useSurroundings();
  const { texts } = words;
  const [score, setScore] = useState<number>();
  const [comment, setComment] = useState('');
  const send = (event: Event) => {
    event.preventDefault();
    if (score === undefined) return;
    store.answerSurvey(score, comment);
    focusBack();
  };
  const skip = () => {
    store.skipSurvey();
    focusBack();
  };
  return (
    <form onSubmit={send}>
      <fieldset>
        <legend>{texts.surveyTitle}</legend>
        <div class="scores">
          {SCORES.map((value) => (
            <label key={value} class="score">
              <input
                type="radio"
                name="score"
                value={value}
                checked={score === value}
                onChange={() => setScore(value)}
              />
              <span aria-hidden="true">{value}</span>
              <span class="visually-hidden">
                {value}, {texts.surveyScores[value - 1]}
              </span>
            </label>
          ))}
        </div>
        <p class="ends" aria-hidden="true">
          <span>{texts.surveyScores[0]}</span>
          <span>{texts.surveyScores[4]}</span>
        </p>
      </fieldset>
      {score !== undefined && (
        <label class="comment">
          <span>{texts.surveyComment}</span>
          <textarea
            rows={2}
            maxLength={COMMENT_LENGTH_MAX}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </label>
      )}
      <div class="survey-actions">
        <button type="submit" class="button primary" disabled={score === undefined}>
          {texts.surveySend}
        </button>
        <button type="button" class="button plain" onClick={skip}>
          {texts.surveySkip}
        </button>
      </div>
    </form>
  );
}
