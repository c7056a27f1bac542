/**
 * Before the first message: says that an AI answers and that people can be reached, offers common
 * questions, and tells what is stored where.
 * @jsxImportSource preact
 */
import { fill } from '../texts/texts.ts';
import { focusBack } from './focus.ts';
import { Icon } from './icons.tsx';
import { useModel, useSurroundings } from './surroundings.ts';

const QUESTIONS_MAX = 4;

export function Welcome() {
  const { config, configFailed } = useModel();
  const { words } = useSurroundings();
  const { texts, language } = words;
  const hours = config?.serviceHours[language];
  return (
    <div class="welcome">
      <h2>{texts.welcome}</h2>
      <p class="welcome-text">{texts.welcomeText}</p>
      {!configFailed && <Questions />}
      <div class="small-print">
        {hours && (
          <p>
            <Icon name="clock" />
            <span>{fill(texts.serviceHours, { hours })}</span>
          </p>
        )}
        {config && (
          <p>
            <Icon name="lock" />
            <span>{fill(texts.privacy, { company: config.company })}</span>
          </p>
        )}
      </div>
    </div>
  );
}

/** Four places are kept free while the questions are on their way, so that nothing jumps. */
function Questions() {
  const { config } = useModel();
  const { store, words } = useSurroundings();
  const { texts, language } = words;
  const choose = (article: string) => {
    store.choose(article);
    focusBack();
  };
  const questions = config?.questions[language].slice(0, QUESTIONS_MAX);
  if (questions?.length === 0) return null;
  return (
    <>
      <h3 id="questions">{texts.quickQuestions}</h3>
      <ul class="questions" aria-labelledby="questions" aria-busy={!questions}>
        {questions?.map(({ article, label }) => (
          <li key={article}>
            <button type="button" class="question" onClick={() => choose(article)}>
              <span>{label}</span>
              <Icon name="arrow" />
            </button>
          </li>
        )) ?? ['1', '2', '3', '4'].map((key) => <li key={key} class="question ghost" />)}
      </ul>
    </>
  );
}
