/**
 * The shape of a fault: what it is called, what the machine must have, how it is run and what came
 * of it. `faults.ts` and `faults.test.ts` run every fault through this shape.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Counts, type Finding, isClean, noCounts, type Verdict } from './check.ts';

export type FaultOptions = {
  seed: number;
  /** For as long as this, about, when the fault has a length of its own choosing. */
  seconds: number;
  /** Go on until so many messages are acked. */
  messages: number;
  /** The long run with every variant. */
  full: boolean;
  /** Progress, for people. */
  say: (line: string) => void;
};

export type Criterion = { what: string; isMet: boolean };

export type Outcome = {
  /** How often the fault struck. */
  runs: number;
  counts: Counts;
  findings: Finding[];
  /** From the start of the new process to the first ack. */
  recoveryMs: number[];
  /** What must hold beyond the counts. */
  criteria: Criterion[];
  remark: string;
  /** Why it could not run here; everything else is empty then. */
  skipped?: string;
};

export type Fault = {
  /** As in the fault matrix, e.g. 'F1'. */
  id: string;
  title: string;
  needs: readonly Need[];
  run: (options: FaultOptions) => Promise<Outcome>;
};

export type Need = 'root' | 'strace' | 'gcc' | 'faketime' | 'tmpfs' | 'fiu';

const TOOLS: Partial<Record<Need, string>> = {
  strace: '/usr/bin/strace',
  gcc: '/usr/bin/gcc',
  faketime: '/usr/bin/faketime',
  fiu: '/usr/bin/fiu-run',
};

/** @returns what is missing on this machine, as one phrase, or undefined */
export function missing(needs: readonly Need[]): string | undefined {
  for (const need of needs) {
    const tool = TOOLS[need];
    if (tool !== undefined && !existsSync(tool)) return `${need} is missing`;
    if ((need === 'root' || need === 'tmpfs') && process.getuid?.() !== 0) {
      return `${need} needs root`;
    }
    if (need === 'strace' && spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0) {
      return 'strace may not trace here';
    }
  }
  return undefined;
}

export const skipped = (why: string): Outcome => ({
  runs: 0,
  counts: noCounts(),
  findings: [],
  recoveryMs: [],
  criteria: [],
  remark: '',
  skipped: why,
});

/** Outcomes of several servers or rounds as one. */
export function createTally() {
  const counts = noCounts();
  const findings: Finding[] = [];
  const recoveryMs: number[] = [];
  const criteria: Criterion[] = [];
  let runs = 0;

  return Object.freeze({
    struck: (): void => void runs++,
    recovered: (ms: number): void => void recoveryMs.push(ms),
    add(verdict: Verdict): void {
      for (const key of Object.keys(counts) as (keyof Counts)[]) {
        counts[key] += verdict.counts[key];
      }
      findings.push(...verdict.findings);
    },
    /** What must hold; a phrase that is true when it does. */
    must: (what: string, isMet: boolean): void => void criteria.push({ what, isMet }),
    acked: () => counts.acked,
    /** Nothing wrong so far: going on makes sense. */
    isClean: () => isClean(counts),
    outcome: (remark: string): Outcome => ({
      runs,
      counts,
      findings,
      recoveryMs,
      criteria,
      remark,
    }),
  });
}

export type Tally = ReturnType<typeof createTally>;

/** Did it run, with nothing lost and every criterion met? Skipped is neither. */
export const isPassed = ({ counts, criteria, skipped: why }: Outcome): boolean =>
  why === undefined && isClean(counts) && criteria.every(({ isMet }) => isMet);
