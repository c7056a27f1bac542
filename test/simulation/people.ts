/**
 * Everybody in a world: contacts with their tabs, agents with their consoles. They come and go,
 * reload, copy a tab, sign in again when their sign-in has ended.
 */
import type { ActorDeps } from './actor.ts';
import { createDesk, type Desk } from './desk.ts';
import type { Server } from './server.ts';
import { createTab, type Kept, type Tab } from './tab.ts';
import type { Timeline } from './timeline.ts';

type Account = { id: string; name: string };
type Seat = {
  account: Account;
  token: string | undefined;
  desk: Desk | undefined;
  isSigningIn: boolean;
};

const CONTACTS_MAX = 3;
const TABS_MAX = 3;
const COMINGS = { act: 20, reload: 1, copy: 1, close: 0.4, open: 0.6 } as const;
const SHIFTS = { act: 20, reload: 1, leave: 0.7 } as const;
const ELSEWHERE_WITHIN_MS = 1_200;
const LONG_HISTORY = 16;
const SIGN_IN_MS = 300;

export type People = ReturnType<typeof createPeople>;

export function createPeople(
  deps: ActorDeps & {
    timeline: Timeline;
    agents: readonly Account[];
    server: () => Server | undefined;
    /** Two tabs hold this text now: each may send it in a conversation of its own. */
    loosen: (text: string) => void;
  },
) {
  const { chance, timeline } = deps;
  const tabs: Tab[] = [];
  const contacts = chance.between(1, CONTACTS_MAX);
  const seats: Seat[] = deps.agents
    .slice(0, chance.between(1, deps.agents.length))
    .map((account) => ({ account, token: undefined, desk: undefined, isSigningIn: false }));
  let numbers = 0;

  function openTab(kept?: Kept): Tab {
    const name = `tab-${++numbers}`;
    const onEnded = (code: number): void =>
      deps.find('close', `${name} was closed for good with ${code}`);
    const tab = createTab({ ...deps, onEnded }, name, kept);
    tabs.push(tab);
    return tab;
  }

  function close(tab: Tab): Kept {
    tabs.splice(tabs.indexOf(tab), 1);
    return tab.leave();
  }

  function actInTab(): void {
    if (tabs.length === 0) return void openTab();
    const tab = chance.pick(tabs);
    switch (chance.weighted(COMINGS)) {
      case 'act':
        return tab.act();
      case 'reload':
        deps.trace(`${tab.name} reloads`);
        return void openTab(close(tab));
      case 'copy':
        return copy(tab);
      case 'close':
        deps.trace(`${tab.name} closes`);
        return void close(tab);
      case 'open':
        if (tabs.length < TABS_MAX) openTab();
        return;
    }
  }

  /** A duplicated tab takes the storage along: the same secret, the same unsent commands. */
  function copy(tab: Tab): void {
    if (tabs.length >= TABS_MAX) return;
    deps.trace(`${tab.name} is copied`);
    const kept = tab.keep();
    for (const { command } of kept.outbox) if ('text' in command) deps.loosen(command.text);
    openTab(kept);
    // While the copy catches up its contact goes on elsewhere: it must not miss that.
    if (chance.happens(0.3)) return;
    timeline.after(chance.between(0, ELSEWHERE_WITHIN_MS), `${tab.name} begins anew`, () => {
      if (tabs.includes(tab)) tab.beginAnew();
    });
  }

  function actAtDesk(): void {
    const seat = chance.pick(seats);
    const { desk } = seat;
    if (desk === undefined) return void (chance.happens(0.3) && takeSeat(seat));
    switch (chance.weighted(SHIFTS)) {
      case 'act':
        return desk.act();
      case 'reload':
        deps.trace(`${desk.name} reloads`);
        return openDesk(seat, desk.leave());
      case 'leave':
        deps.trace(`${desk.name} leaves`);
        desk.leave();
        seat.desk = undefined;
        return;
    }
  }

  function openDesk(seat: Seat, saved: Parameters<typeof createDesk>[2] = []): void {
    if (seat.token === undefined) return;
    const onSignedOut = (): void => {
      const pending = seat.desk?.pending();
      seat.desk = undefined;
      seat.token = undefined;
      takeSeat(seat, pending);
    };
    seat.desk = createDesk({ ...deps, onSignedOut }, { ...seat.account, token: seat.token }, saved);
  }

  /** Signs in when need be, again and again until the server lets him. */
  function takeSeat(seat: Seat, saved: Parameters<typeof createDesk>[2] = []): void {
    if (seat.desk || seat.isSigningIn) return;
    if (seat.token !== undefined) return openDesk(seat, saved);
    seat.isSigningIn = true;
    timeline.after(SIGN_IN_MS, `${seat.account.name} signs in`, () => {
      const from = deps.server();
      const answer = from?.signIn(seat.account.id) ?? Promise.resolve(undefined);
      const again = timeline.after(10 * SIGN_IN_MS, 'no answer to the sign-in', () => {
        seat.isSigningIn = false;
        takeSeat(seat, saved);
      });
      answer.then((token) => {
        if (token === undefined || !seat.isSigningIn || deps.server() !== from) return;
        again();
        seat.isSigningIn = false;
        seat.token = token;
        openDesk(seat, saved);
      });
    });
  }

  return {
    /** The first ones. */
    arrive(): void {
      for (let i = 0; i < contacts; i++) openTab();
      // A history that fills more than a page: catching up takes several turns.
      if (deps.longTexts > 0.5) for (let i = 0; i < LONG_HISTORY; i++) tabs[0]?.write();
      for (const seat of seats) if (chance.happens(0.7)) takeSeat(seat);
    },
    act: (): void => (chance.happens(0.6) ? actInTab() : actAtDesk()),
    /** Everybody is wanted at his desk. */
    callAll(): void {
      for (const seat of seats) takeSeat(seat);
    },
    /** All but the first agent go home. */
    sendHome(): void {
      for (const seat of seats.filter(({ desk }) => desk !== undefined).slice(1)) {
        seat.desk?.leave();
        seat.desk = undefined;
      }
    },
    tabs: (): readonly Tab[] => tabs,
    desks: (): Desk[] => seats.flatMap(({ desk }) => desk ?? []),
    seats: (): number => seats.length,
  };
}
