/**
 * Contacts ask the bot, open loop: questions arrive at random moments (Poisson) whether or not
 * earlier ones are answered, each in a conversation of its own that was opened a second before.
 * Timed from the frame's leaving to the ack, and to the bot's message; both are on disk by then.
 */
import type { ServerFrame } from '#core/protocol/frames.ts';
import type { AnswerJob, LoadResult, WindowMarks } from './jobs.ts';
import { sleep } from './pace.ts';
import { spread } from './percentile.ts';
import { commandText, newId, openPerson, type Person } from './person.ts';
import { arrivals, seeded } from './random.ts';

type Question = {
  conversation: string;
  cid: string;
  at: number;
  sentAt: number;
  ackMs: number;
  answerMs: number;
  seq: number;
};

const OPENED_BEFORE_MS = 1_000;
const REST_MS = 6_000;

export async function loadAnswer(job: AnswerJob, marks: WindowMarks): Promise<LoadResult> {
  const asked = new Map<string, Question>();
  const byCid = new Map<string, Question>();
  let refused = 0;

  function onFrame(payload: Buffer): void {
    const now = performance.now();
    const frame = JSON.parse(payload.toString()) as ServerFrame;
    if (frame.t === 'refusal') refused++;
    if (frame.t === 'ack') {
      const question = byCid.get(frame.id);
      if (question) question.ackMs = now - question.sentAt;
    }
    if (frame.t !== 'events') return;
    const question = asked.get(frame.conversation);
    if (question === undefined) return;
    for (const { cid, seq, by, body } of frame.events) {
      if (cid === question.cid) question.seq = seq;
      const isAnswer = body.type === 'message.sent' && by.kind === 'bot' && seq > question.seq;
      if (isAnswer && Number.isNaN(question.answerMs)) question.answerMs = now - question.sentAt;
    }
  }

  const contacts: Person[] = [];
  for (let i = 0; i < job.connections; i++) {
    const contact = await openPerson(job.at);
    contact.listen(onFrame);
    contacts.push(contact);
  }

  function open(contact: Person, language: 'de' | 'en', at: number): Question {
    const conversation = newId();
    contact.send(commandText(newId(), { type: 'conversation.open', conversation, language }));
    const never = Number.NaN;
    const question = { conversation, cid: newId(), at, sentAt: never, ackMs: never };
    return { ...question, answerMs: never, seq: Number.POSITIVE_INFINITY };
  }

  function ask(contact: Person, question: Question, text: string): void {
    const { cid, conversation } = question;
    asked.set(conversation, question);
    byCid.set(cid, question);
    question.sentAt = performance.now();
    contact.send(commandText(cid, { type: 'message.send', conversation, text }));
  }

  const totalMs = job.warmUpMs + job.measureMs;
  const times = arrivals(job.perSecond, totalMs, seeded(job.seed));
  const zero = performance.now() + OPENED_BEFORE_MS + 50;
  const due = times.flatMap((at, i) => {
    const contact = contacts[i % contacts.length];
    const said = job.questions[i % job.questions.length];
    if (contact === undefined || said === undefined) return [];
    let question: Question | undefined;
    const opening = () => {
      question = open(contact, said.language, zero + at);
    };
    const asking = () => question && ask(contact, question, said.text);
    return [
      { at: zero + at - OPENED_BEFORE_MS, act: opening },
      { at: zero + at, act: asking },
    ];
  });
  const from = zero + job.warmUpMs;
  const until = zero + totalMs;
  due.push({ at: from, act: marks.start }, { at: until, act: marks.end });
  await perform(due);

  const questions = [...asked.values()].filter((q) => q.at >= from && q.at < until);
  const end = performance.now() + REST_MS;
  const isOpen = () => questions.some((q) => Number.isNaN(q.answerMs));
  while (isOpen() && performance.now() < end) await sleep(10);
  for (const contact of contacts) contact.close();
  const isKnown = (ms: number) => !Number.isNaN(ms);
  return {
    perSecond: questions.length / (job.measureMs / 1_000),
    ack: spread(questions.map((q) => q.ackMs).filter(isKnown)),
    delivered: spread(questions.map((q) => q.answerMs).filter(isKnown)),
    refused,
    missing: questions.filter((q) => !isKnown(q.answerMs)).length,
    late: spread(questions.map((q) => q.sentAt - q.at)),
  };
}

/** Each act at its time, or as soon after it as timers allow. */
async function perform(due: { at: number; act: () => void }[]): Promise<void> {
  due.sort((a, b) => a.at - b.at);
  for (const { at, act } of due) {
    const wait = at - performance.now();
    if (wait > 0) await sleep(wait);
    act();
  }
}
