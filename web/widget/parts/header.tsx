/**
 * Who is answering, always in view: the AI with its badge, or a person by name.
 * @jsxImportSource preact
 */
import { Icon } from './icons.tsx';
import { Menu } from './menu.tsx';
import { useModel, useSurroundings } from './surroundings.ts';

export function Header() {
  const { config, conversation, status, troubled, framed } = useModel();
  const { words, panel } = useSurroundings();
  const { texts } = words;
  const owner = conversation?.state.owner;
  const agent = owner?.kind === 'agent' ? owner : undefined;
  const company = config?.company ?? texts.chat;
  const line =
    status === 'live' ? texts.live : troubled || status === 'connecting' ? texts.connecting : '';
  return (
    <div class="header">
      <span class="mark" aria-hidden="true">
        {(agent?.name ?? company).slice(0, 1).toUpperCase()}
      </span>
      <div class="who">
        <h1 id="who" tabIndex={-1}>
          {agent?.name ?? company}
        </h1>
        <p>
          <span class={agent ? 'badge badge-human' : 'badge badge-bot'}>
            <Icon name={agent ? 'person' : 'spark'} />
            {agent ? texts.human : texts.bot}
          </span>
          <span class={`state state-${status}`} title={line}>
            <span class="visually-hidden">{line}</span>
          </span>
        </p>
      </div>
      <Menu />
      {framed && (
        <button type="button" class="icon-button" aria-label={texts.close} onClick={panel.close}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
