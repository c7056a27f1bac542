/** Runs seeds one after the other in this thread: one folder, one template for all of them. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createChance } from './chance.ts';
import { createFolder, createTemplate } from './disk.ts';
import type { Plant } from './plants.ts';
import { createTimeline } from './timeline.ts';
import { createWorld, type Outcome } from './world.ts';

export const AGENTS = [
  { id: 'agent-anna', name: 'Anna', email: 'anna@example.com' },
  { id: 'agent-ben', name: 'Ben', email: 'ben@example.com' },
] as const;

export async function openSeeds() {
  const folder = createFolder();
  const ground = { timeline: createTimeline(() => false), chance: createChance(0) };
  const templateDir = join(folder.path, 'template');
  mkdirSync(templateDir);
  const template = await createTemplate(templateDir, AGENTS, ground);
  const data = join(folder.path, 'data');
  mkdirSync(data);

  const run = (
    seed: number,
    options: { steps: number; plant?: Plant; onTrace?: (line: string) => void },
  ): Promise<Outcome> => {
    const plant = options.plant ?? {};
    return createWorld({ ...options, seed, plant, folder: data, template, agents: AGENTS }).run();
  };

  return { run, close: folder.remove };
}
