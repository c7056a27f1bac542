/**
 * Which agents are there. In this process only; passing by nature: after a restart consoles
 * connect again and say so. (Several nodes: Redis takes this place.)
 */
import type { Availability } from '#core/protocol/entities.ts';

export type Presence = ReturnType<typeof createPresence>;

export function createPresence(onChange: (agentsOnline: number) => void) {
  const agents = new Map<string, { connections: number; availability: Availability }>();
  let told = 0;

  const online = (): number =>
    [...agents.values()].filter((a) => a.connections > 0 && a.availability === 'online').length;

  function tell(): void {
    const now = online();
    if (now === told) return;
    told = now;
    onChange(now);
  }

  /** @returns the availability that the agent had chosen before, `online` at first */
  function connect(agent: string): Availability {
    const known = agents.get(agent) ?? { connections: 0, availability: 'online' };
    known.connections++;
    agents.set(agent, known);
    tell();
    return known.availability;
  }

  function disconnect(agent: string): void {
    const known = agents.get(agent);
    if (known) known.connections--;
    tell();
  }

  function setAvailability(agent: string, availability: Availability): void {
    const known = agents.get(agent);
    if (known) known.availability = availability;
    tell();
  }

  /** Connected at all, online or away. */
  const isThere = (agent: string): boolean => (agents.get(agent)?.connections ?? 0) > 0;

  return Object.freeze({ online, isThere, connect, disconnect, setAvailability });
}
