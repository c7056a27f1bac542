/**
 * The surroundings of a connection, driven by hand: sockets that do what the test says, a clock
 * that moves when told, jitter without chance.
 */
import type { ClientFrame, ServerFrame } from '#core/protocol/frames.ts';
import type { Environment, SocketLike } from '../../../web/shared/environment.ts';

export type FakeSocket = SocketLike & {
  sent: ClientFrame[];
  closedWith: number | undefined;
  opens(): void;
  says(frame: ServerFrame): void;
  closes(code: number): void;
};

export const WELCOME = {
  t: 'welcome',
  protocol: 1,
  epoch: 'e1',
  now: 0,
  heartbeatMs: 20_000,
  agentsOnline: 0,
  conversations: [],
} as const satisfies ServerFrame;

function createSocket(): FakeSocket {
  const socket: FakeSocket = {
    readyState: 0,
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    sent: [],
    closedWith: undefined,
    send: (text) => socket.sent.push(JSON.parse(text)),
    close: (code) => {
      socket.closedWith = code;
    },
    opens: () => socket.onopen?.(),
    says: (frame) => socket.onmessage?.({ data: JSON.stringify(frame) }),
    closes: (code) => socket.onclose?.({ code }),
  };
  return socket;
}

export function createFakeEnvironment() {
  const sockets: FakeSocket[] = [];
  const timers = new Set<{ at: number; run: () => void }>();
  let now = 0;
  let wake = () => {};
  let random = 0.5;
  const environment: Environment = {
    open: () => {
      const socket = createSocket();
      sockets.push(socket);
      return socket;
    },
    now: () => now,
    random: () => random,
    later: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    onWake: (run) => {
      wake = run;
      return () => {
        wake = () => {};
      };
    },
  };
  return {
    environment,
    sockets,
    newest: (): FakeSocket => {
      const socket = sockets.at(-1);
      if (!socket) throw new Error('no socket was opened');
      return socket;
    },
    wake: () => wake(),
    setRandom: (value: number) => {
      random = value;
    },
    timers: () => timers.size,
    /** Runs every timer that is due on the way, in order. */
    passes: (ms: number) => {
      const end = now + ms;
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        timers.delete(due);
        now = due.at;
        due.run();
      }
      now = end;
    },
  };
}
