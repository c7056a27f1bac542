/**
 * Commands on their way: first in, first out per conversation. The next command of a conversation
 * leaves only when the one before it is acked, so that a repeat can never overtake; other
 * conversations go on. Knows no socket; `connection.ts` tells it what is live.
 */
import type { AgentCommand, ContactCommand } from '../../core/protocol/commands.ts';
import { REFUSALS, type RefusalCode } from '../../core/protocol/errors.ts';
import type { Environment } from './environment.ts';

export type PendingCommand = {
  id: string;
  command: ContactCommand | AgentCommand;
  state: 'sending' | 'failed';
  refusal?: RefusalCode;
};

/** Commands in flight at once, over all conversations. */
export const IN_FLIGHT_MAX = 5;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 15_000;

type Options = {
  environment: Pick<Environment, 'later'>;
  /** Hands a command to the socket; false when it is not live. */
  deliver: (pending: PendingCommand) => boolean;
  onChange: (pending: readonly PendingCommand[]) => void;
  saved: readonly PendingCommand[];
};

export class Outbox {
  #items: PendingCommand[];
  readonly #options: Options;
  readonly #inFlight = new Set<string>();
  /** Refused for now; holds its conversation up until the timer has run. */
  readonly #waiting = new Map<string, () => void>();
  readonly #refusedTimes = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
    this.#items = options.saved.map((item) => ({ ...item }));
  }

  pending(): readonly PendingCommand[] {
    return this.#items;
  }

  add(item: PendingCommand): void {
    this.#change([...this.#items, item]);
    this.flush();
  }

  /** Acked, or no longer wanted. */
  remove(id: string): void {
    this.#forget(id);
    if (!this.#has(id)) return;
    this.#change(this.#items.filter((item) => item.id !== id));
    this.flush();
  }

  retry(id: string): void {
    this.#change(this.#items.map((item) => (item.id === id ? sending(item) : item)));
    this.flush();
  }

  refuse(id: string, code: RefusalCode, retryAfterMs?: number): void {
    if (!this.#has(id)) return;
    if (!REFUSALS[code]?.retry) {
      this.#forget(id);
      this.#change(
        this.#items.map((item) =>
          item.id === id ? { ...item, state: 'failed', refusal: code } : item,
        ),
      );
    } else {
      this.#wait(id, retryAfterMs);
    }
    this.flush();
  }

  /** Sends what may leave now: the head of every conversation, up to `IN_FLIGHT_MAX`. */
  flush(): void {
    const heldUp = new Set<string>();
    for (const item of this.#items) {
      const { conversation, type } = item.command;
      if (item.state === 'failed') {
        if (type === 'conversation.open') heldUp.add(conversation);
        continue;
      }
      if (heldUp.has(conversation)) continue;
      heldUp.add(conversation);
      if (this.#inFlight.has(item.id) || this.#waiting.has(item.id)) continue;
      if (this.#inFlight.size >= IN_FLIGHT_MAX) return;
      if (!this.#options.deliver(item)) return;
      this.#inFlight.add(item.id);
    }
  }

  /** The connection is gone: nothing is in flight any more, everything is sent again. */
  lost(): void {
    this.#inFlight.clear();
    for (const stop of this.#waiting.values()) stop();
    this.#waiting.clear();
  }

  #wait(id: string, retryAfterMs?: number): void {
    const times = this.#refusedTimes.get(id) ?? 0;
    this.#refusedTimes.set(id, times + 1);
    this.#inFlight.delete(id);
    const wait = retryAfterMs ?? Math.min(RETRY_MS * 2 ** times, RETRY_MAX_MS);
    const again = () => {
      this.#waiting.delete(id);
      this.flush();
    };
    this.#waiting.set(id, this.#options.environment.later(wait, again));
  }

  #has(id: string): boolean {
    return this.#items.some((item) => item.id === id);
  }

  #forget(id: string): void {
    this.#inFlight.delete(id);
    this.#refusedTimes.delete(id);
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }

  #change(items: PendingCommand[]): void {
    this.#items = items;
    this.#options.onChange(items);
  }
}

const sending = ({ id, command }: PendingCommand): PendingCommand => ({
  id,
  command,
  state: 'sending',
});
