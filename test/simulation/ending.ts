/**
 * The end of a world. In the calm everything heals within its limits; then agents take every
 * conversation that waits, answer and resolve it, and everybody must see the same truth: G1, G4,
 * replay equality on every screen, no command without an answer, nobody waiting for ever.
 */
import { forContact } from '#core/outbound/audience.ts';
import type { ConversationState } from '#core/protocol/apply.ts';
import { apply, emptyState } from '#core/protocol/apply.ts';
import { isBotDue } from '#core/store/conversations.ts';
import type { Lookout } from './lookout.ts';
import type { People } from './people.ts';
import type { Server } from './server.ts';
import type { Timeline } from './timeline.ts';
import { type Find, isSame, type Truth } from './truth.ts';

/** Heartbeats find dead lines in 45 s, back-off ends after 15 s, then everything is sent again. */
const HEALS_WITHIN_MS = 90_000;
/** An agent's action and all that follows from it. */
const ACTION_MS = 4_000;
const SERVE = ['take', 'write', 'resolve'] as const;

export function createEnding(deps: {
  timeline: Timeline;
  truth: Truth;
  lookout: Lookout;
  people: People;
  find: Find;
  server: () => Server | undefined;
}) {
  const { timeline, truth, lookout, people, find } = deps;

  async function run(): Promise<void> {
    people.callAll();
    if (!(await timeline.pass(HEALS_WITHIN_MS))) return;
    checkScreens();
    checkNobodyWaits();
    if (!(await serveAll())) return;
    checkScreens();
    const left = truth.ids().filter((id) => truth.stateOf(id)?.status === 'open');
    if (left.length > 0) find('liveness', `cannot be resolved: ${left.join(', ')}`);
    lookout.checkAcked();
    lookout.checkAnswered();
    truth.checkFile();
  }

  /** One agent is enough for all. Twice, because his sign-in may end under his hands. */
  async function serveAll(): Promise<boolean> {
    people.sendHome();
    if (!(await timeline.pass(ACTION_MS))) return false;
    for (const what of [...SERVE, ...SERVE]) {
      const desk = people.desks().at(0);
      if (desk === undefined) find('liveness', 'no agent can sign in');
      const open = desk?.rows().filter(({ status }) => status === 'open') ?? [];
      for (const { id } of open) desk?.ask(what, id);
      if (!(await timeline.pass(ACTION_MS))) return false;
    }
    return true;
  }

  function checkScreens(): void {
    const epoch = deps.server()?.epoch;
    if (epoch === undefined) return find('liveness', 'the server does not run');
    for (const client of [...people.tabs(), ...people.desks()]) {
      const { name } = client;
      const left = client.pending().filter(({ state }) => state === 'sending');
      if (!client.isLive()) find('liveness', `${name} is not connected`);
      else if (left.length > 0) find('liveness', `${name} cannot send ${JSON.stringify(left[0])}`);
      if (client.conversations.epoch() !== epoch) find('G4', `${name} has another epoch`);
    }
    for (const tab of people.tabs()) checkTab(tab);
    for (const desk of people.desks()) checkDesk(desk);
  }

  function checkTab(tab: ReturnType<People['tabs']>[number]): void {
    const contact = tab.contact();
    const own = truth.ids().filter((id) => truth.stateOf(id)?.contact === contact);
    for (const id of tab.conversations.ids()) {
      if (!own.includes(id)) find('G4', `${tab.name} shows ${id}, which is not his`);
    }
    for (const id of own) {
      const events = truth.history(id)?.events.map(forContact) ?? [];
      const shown = tab.conversations.get(id);
      const state = events.reduce(apply, emptyState(id));
      if (!isSame(shown?.events ?? [], events)) find('G4', differs(tab.name, id, shown?.events));
      else if (!isSame(shown?.state, state)) find('replay', `${tab.name} shows ${id} otherwise`);
    }
  }

  function checkDesk(desk: ReturnType<People['desks']>[number]): void {
    const watched = desk.watched();
    const history = watched === undefined ? undefined : truth.history(watched);
    if (watched !== undefined && history !== undefined) {
      const shown = desk.conversations.get(watched);
      if (!isSame(shown?.events ?? [], history.events)) {
        find('G4', differs(desk.name, watched, shown?.events));
      } else if (!isSame(shown?.state, history.states.at(-1))) {
        find('replay', `${desk.name} shows ${watched} otherwise`);
      }
    }
    for (const state of openStates()) {
      if (isSame(desk.model.rows.get(state.id) ?? null, state)) continue;
      const row = JSON.stringify(desk.model.rows.get(state.id));
      find('G4', `${desk.name} has the row ${row}, stored is ${JSON.stringify(state)}`);
    }
    const ghosts = desk.rows().filter(({ id, status }) => {
      return status === 'open' && truth.stateOf(id)?.status !== 'open';
    });
    if (ghosts.length > 0) find('G4', `${desk.name} lists ${ghosts[0]?.id}, which is not open`);
  }

  function checkNobodyWaits(): void {
    for (const state of openStates()) {
      if (isBotDue(state)) find('liveness', `the bot owes ${state.id} a reply`);
      if (state.owner.kind === 'nobody') find('I4', `${state.id} is open and has no owner`);
    }
  }

  const openStates = (): ConversationState[] =>
    truth.ids().flatMap((id) => {
      const state = truth.stateOf(id);
      return state?.status === 'open' ? [state] : [];
    });

  function differs(name: string, id: string, shown: { seq: number }[] | undefined): string {
    const stored = truth.history(id)?.events.length ?? 0;
    return `${name} shows ${shown?.length ?? 'none'} of ${stored} events of ${id}, or others`;
  }

  return { run };
}
