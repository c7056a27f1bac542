/**
 * Who may read what: the only place that decides it (I5). What a contact may not see becomes a
 * `hidden` event, so that his sequence stays without gaps and the fold works on his side too.
 */
import type { Actor } from '#core/protocol/entities.ts';
import type { EventBody, StoredEvent } from '#core/protocol/events.ts';

/** The event as the contact of the conversation may see it; his own words just as they are. */
export function forContact(event: StoredEvent): StoredEvent {
  const { by, cid, body, ...rest } = event;
  const isHisWords = by.kind === 'contact' && body.type === 'message.sent' && !body.bot;
  if (isHisWords) return event;
  const shown = publicBody(body);
  if (shown.type === 'hidden') return { ...rest, by: { kind: 'system' }, body: shown };
  const own = by.kind === 'contact' && cid !== undefined;
  return { ...rest, by: publicActor(by), body: shown, ...(own ? { cid } : {}) };
}

function publicBody(body: EventBody): EventBody {
  switch (body.type) {
    case 'note.added':
      return { type: 'hidden' };
    case 'handover.requested':
      // Why the bot gave up is said to the contact in the bot's words, not as a label on him.
      return { ...body, reason: 'requested', card: { wish: '', answered: [], considered: [] } };
    case 'conversation.assigned':
      return { ...body, agent: { id: '', name: body.agent.name } };
    case 'message.sent': {
      if (body.bot === undefined) return body;
      const { confidence: _, ...mark } = body.bot;
      return { ...body, bot: mark };
    }
    // Listed one by one: a new kind of event does not compile until somebody decides.
    case 'conversation.opened':
    case 'conversation.released':
    case 'conversation.resolved':
    case 'conversation.reopened':
    case 'survey.sent':
    case 'survey.answered':
    case 'hidden':
      return body;
  }
}

/** Agents are known to contacts by name; their ids are the house's business. */
const publicActor = (by: Actor): Actor =>
  by.kind === 'agent' ? { kind: 'agent', id: '', name: by.name } : by;
