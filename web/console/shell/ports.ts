/**
 * Where keys and the palette reach into views that are on the screen: the composer and the list
 * register here while they are mounted. Nothing is stored.
 */
import type { Mode } from '../state/drafts.ts';

type Ports = {
  composer: { focus: (mode: Mode) => void; insert: (text: string) => void } | undefined;
  list: { move: (by: 1 | -1) => void; filter: () => void; focus: () => void } | undefined;
  help: (() => void) | undefined;
};

export const ports: Ports = { composer: undefined, list: undefined, help: undefined };
