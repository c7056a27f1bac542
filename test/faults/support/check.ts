/**
 * Holds a history against the truth, Jepsen style: what was acked stands there exactly once and at
 * the acked place, what has no answer at most once, nothing overtakes, nobody saw anything else
 * than a beginning of the truth. Pure. Rules: G1, G2, G3, G4 and I1, I2, I3, I4, I5.
 */
import { isDeepStrictEqual } from 'node:util';
import { forContact } from '#core/outbound/audience.ts';
import { apply, type ConversationState, emptyState } from '#core/protocol/apply.ts';
import type { Actor } from '#core/protocol/entities.ts';
import type { StoredEvent } from '#core/protocol/events.ts';
import { type History, type Invocation, NOTE_MARK, type View } from './history.ts';
import type { Events, Stored } from './truth.ts';

export type Counts = {
  acked: number;
  unknown: number;
  refused: number;
  lost: number;
  twice: number;
  reordered: number;
  gaps: number;
  leaks: number;
  /** Everything else that must not be: a wrong seq, a view or a projection that differs, … */
  wrong: number;
};

export type Finding = {
  kind: Exclude<keyof Counts, 'acked' | 'unknown' | 'refused'>;
  what: string;
};
export type Verdict = { counts: Counts; findings: Finding[] };

export const noCounts = (): Counts => ({
  acked: 0,
  unknown: 0,
  refused: 0,
  lost: 0,
  twice: 0,
  reordered: 0,
  gaps: 0,
  leaks: 0,
  wrong: 0,
});

/** Is nothing lost, twice, out of order or otherwise wrong? */
export const isClean = ({ lost, twice, reordered, gaps, leaks, wrong }: Counts): boolean =>
  lost + twice + reordered + gaps + leaks + wrong === 0;

type Found = (kind: Finding['kind'], what: string) => void;

const FINDINGS_KEPT = 50;

/**
 * @param stored what the database holds
 * @param shown what a fresh agent was shown of the conversations that the history reached
 * @returns the counts and the first findings, each with cid or conversation
 */
export function check(history: History, stored: Stored, shown: Events = new Map()): Verdict {
  const { counts, findings, found } = createFindings();
  checkStored(stored, found);
  checkInvocations(history, stored.events, counts, found);
  for (const view of history.views()) checkView(view, stored.events, found);
  for (const leak of history.leaks()) found('leaks', leak);
  for (const gap of history.wireGaps()) found('gaps', `on the wire: ${gap}`);
  checkShown(shown, stored.events, history.reached(), found);
  return { counts, findings };
}

/**
 * Is a database whole in itself, whatever was written to it, and shown as it is stored?
 * @param shown what a fresh agent was shown, if one could sign in
 */
export function checkAlone(stored: Stored, shown: Events = new Map()): Verdict {
  const { counts, findings, found } = createFindings();
  checkStored(stored, found);
  checkShown(shown, stored.events, new Map(), found);
  return { counts, findings };
}

function createFindings() {
  const counts = noCounts();
  const findings: Finding[] = [];
  const found: Found = (kind, what) => {
    counts[kind]++;
    if (findings.length < FINDINGS_KEPT) findings.push({ kind, what });
  };
  return { counts, findings, found };
}

function checkStored(stored: Stored, found: Found): void {
  if (stored.integrity !== 'ok') found('wrong', `integrity_check: ${stored.integrity}`);
  checkSequences(stored.events, found);
  checkProjections(stored, found);
}

/** I2: 1, 2, 3, … in every conversation. */
function checkSequences(events: Events, found: Found): void {
  for (const [conversation, all] of events) {
    const wrong = all.findIndex((event, i) => event.seq !== i + 1);
    if (wrong >= 0) found('gaps', `${conversation}: ${all[wrong]?.seq} at place ${wrong + 1}`);
  }
}

type Place = { conversation: string; seq: number; text: string; by: Actor['kind'] };

/** I1, I4 and the order of what one sender wrote into one conversation. */
function checkInvocations(history: History, events: Events, counts: Counts, found: Found): void {
  const { byCid, byText } = placesOf(events);
  const last = new Map<string, number>();
  for (const one of history.invocations().values()) {
    const places = byCid.get(one.cid) ?? [];
    const { outcome } = one;
    counts[outcome.is === 'ok' ? 'acked' : outcome.is]++;
    if (places.length > 1 || (byText.get(`${one.conversation} ${one.text}`) ?? 0) > 1) {
      found('twice', `${one.cid} "${one.text}" stands ${places.length} times`);
    }
    const place = places[0];
    if (place === undefined) {
      if (outcome.is === 'ok') found('lost', `${one.cid} "${one.text}" acked as ${outcome.seq}`);
      continue;
    }
    checkPlace(one, place, found);
    const lane = `${one.conversation} ${one.sender}`;
    if (place.seq <= (last.get(lane) ?? 0)) {
      found('reordered', `${one.cid} of ${lane} at ${place.seq} after ${last.get(lane)}`);
    }
    last.set(lane, Math.max(place.seq, last.get(lane) ?? 0));
  }
  const invoked = history.invocations();
  for (const [cid, [place]] of byCid) {
    if (place && !invoked.has(cid)) found('wrong', `nobody wrote ${cid} "${place.text}"`);
  }
}

function placesOf(events: Events) {
  const byCid = new Map<string, Place[]>();
  const byText = new Map<string, number>();
  for (const [conversation, all] of events) {
    for (const { seq, cid, body, by } of all) {
      const isWritten = body.type === 'message.sent' || body.type === 'note.added';
      if (!isWritten || (by.kind !== 'contact' && by.kind !== 'agent')) continue;
      const words = `${conversation} ${body.text}`;
      byText.set(words, (byText.get(words) ?? 0) + 1);
      const place = { conversation, seq, text: body.text, by: by.kind };
      const key = cid ?? `none at ${conversation} ${seq}`;
      const known = byCid.get(key);
      if (known) known.push(place);
      else byCid.set(key, [place]);
    }
  }
  return { byCid, byText };
}

function checkPlace({ cid, conversation, text, outcome }: Invocation, at: Place, found: Found) {
  if (at.conversation !== conversation || at.text !== text) {
    found('wrong', `${cid} is stored with other content: "${at.text}"`);
  }
  if (outcome.is === 'ok' && outcome.seq !== at.seq) {
    found('wrong', `${cid} was acked as ${outcome.seq} and is ${at.seq}`);
  }
  if (outcome.is === 'refused') found('wrong', `${cid} was refused (${outcome.code}) and stored`);
}

/** Replay equality: the projection is the fold of the events. */
function checkProjections({ events, conversations }: Stored, found: Found): void {
  for (const [id, { seq, status, owner, state }] of conversations) {
    const folded = fold(id, events.get(id) ?? [], found);
    const isSame =
      folded !== undefined &&
      isDeepStrictEqual(plain(folded), state) &&
      folded.seq === seq &&
      folded.status === status &&
      folded.owner.kind === owner;
    if (!isSame) found('wrong', `${id}: the projection is not the fold of its events`);
  }
  for (const id of events.keys()) {
    if (!conversations.has(id)) found('wrong', `${id} has events and no conversation`);
  }
}

function fold(id: string, events: readonly StoredEvent[], found: Found) {
  try {
    return events.reduce(apply, emptyState(id));
  } catch (error) {
    found('wrong', `${id} cannot be folded: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** As it crosses the wire and lies in the store: without what is undefined. */
const plain = (state: ConversationState): unknown => JSON.parse(JSON.stringify(state));

/** I3 and I5: a beginning of what this reader may see, the whole of it at the end of a run. */
function checkView(view: View, events: Events, found: Found): void {
  const { reader, role, conversation } = view;
  const whole = events.get(conversation) ?? [];
  const where = `${reader} in ${conversation}`;
  const truth = role === 'contact' ? whole.map(forContact) : whole;
  const isWithoutGaps = view.events.every((event, i) => event.seq === i + 1);
  if (!isWithoutGaps) return found('gaps', `seen by ${where}`);
  const secret = role === 'contact' && view.events.find(isSecret);
  if (secret) found('leaks', `${where} sees ${JSON.stringify(secret.body).slice(0, 200)}`);
  const differs = view.events.findIndex((event, i) => !isDeepStrictEqual(event, truth[i]));
  if (differs >= 0) return found('wrong', `${where}: place ${differs + 1} differs from the truth`);
  if (!view.isFinal) return;
  if (view.events.length < truth.length) {
    return found('wrong', `${where}: ${view.events.length} of ${truth.length} at the end`);
  }
  if (view.state === undefined) return;
  const folded = fold(conversation, truth, found);
  if (folded && !isDeepStrictEqual(plain(folded), plain(view.state))) {
    found('wrong', `${where}: the folded state differs from the truth`);
  }
}

const isSecret = ({ body }: StoredEvent): boolean =>
  body.type === 'note.added' || (body.type === 'message.sent' && body.text.includes(NOTE_MARK));

/** The protocol shows what the database holds, and at least what anybody has seen of it. */
function checkShown(
  shown: Events,
  stored: Events,
  reached: ReadonlyMap<string, number>,
  found: Found,
): void {
  for (const [id, events] of shown) {
    const truth = stored.get(id) ?? [];
    const isSame = events.every((event, i) => isDeepStrictEqual(event, truth[i]));
    if (!isSame) found('wrong', `${id}: a fresh agent is shown something else than is stored`);
    if (events.length < (reached.get(id) ?? 0)) found('gaps', `${id} is shown up to a hole`);
  }
}
