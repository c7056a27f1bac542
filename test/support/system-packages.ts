/** The Debian packages that tests and benches need; installed when they are missing and we may. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PACKAGES = {
  chromium: '/usr/bin/chromium',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  faketime: '/usr/bin/faketime',
  'fiu-utils': '/usr/bin/fiu-run',
  gcc: '/usr/bin/gcc',
  'libc6-dev': '/usr/include/stdio.h',
  'redis-server': '/usr/bin/redis-server',
  strace: '/usr/bin/strace',
} as const;

export type SystemPackage = keyof typeof PACKAGES;

export const ALL_PACKAGES = Object.keys(PACKAGES) as SystemPackage[];

/** @returns undefined when all is there, else a sentence that says what to install */
export function ensureSystemPackages(
  say: (line: string) => void,
  wanted: readonly SystemPackage[] = ALL_PACKAGES,
): string | undefined {
  const packages = wanted.filter((name) => !existsSync(PACKAGES[name]));
  if (packages.length === 0) return undefined;
  const advice = `Please install: apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return advice;
  say(`— installing ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] })
      .status === 0;
  const isInstalled = apt('update') && apt('install', '-y', '--no-install-recommends', ...packages);
  return isInstalled ? undefined : advice;
}
