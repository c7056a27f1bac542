/**
 * The way to a person, always in view above the input. Once somebody has the conversation, or is
 * on the way, the same place says so.
 * @jsxImportSource preact
 */
import type { Model } from '../state/model.ts';
import { fill } from '../texts/texts.ts';
import { focusBack } from './focus.ts';
import { Icon, type IconName } from './icons.tsx';
import { useModel, useSurroundings } from './surroundings.ts';

export function HumanBar() {
  const model = useModel();
  const { store, words } = useSurroundings();
  const { texts, language } = words;
  const state = model.conversation?.state;
  const again = () => {
    store.newConversation();
    focusBack();
  };
  const owner = state?.owner.kind === 'agent' ? state.owner : undefined;
  if (owner) return <Strip icon="person" title={fill(texts.withAgent, owner)} />;
  if (state?.owner.kind === 'queue') {
    const hours = model.config?.serviceHours[language] ?? '';
    if (model.agentsOnline > 0) {
      return <Strip icon="clock" title={texts.queued} text={texts.queuedText} />;
    }
    const away = fill(texts.queuedAwayText, { hours });
    return <Strip icon="clock" title={texts.queuedAway} text={away} />;
  }
  if (state?.status === 'resolved') {
    return (
      <Strip icon="check" title={texts.resolved} text={texts.resolvedText}>
        <button type="button" class="button small" onClick={again}>
          {texts.newConversation}
        </button>
      </Strip>
    );
  }
  if (isAsking(model)) return <Strip icon="clock" title={texts.asking} />;
  const request = () => {
    store.requestHuman();
    focusBack();
  };
  return (
    <button type="button" class="human" onClick={request}>
      <Icon name="person" />
      {texts.talkToHuman}
    </button>
  );
}

const isAsking = ({ pending, conversationId }: Model): boolean =>
  pending.some(
    ({ command, state }) =>
      command.type === 'human.request' &&
      command.conversation === conversationId &&
      state === 'sending',
  );

type StripProps = {
  icon: IconName;
  title: string;
  text?: string;
  children?: preact.ComponentChildren;
};

function Strip({ icon, title, text, children }: StripProps) {
  return (
    <div class="strip">
      <Icon name={icon} />
      <p>
        <strong>{title}</strong>
        {text && <span>{text}</span>}
      </p>
      {children}
    </div>
  );
}
