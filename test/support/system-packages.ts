/** The Debian packages that tests need; installed when they are missing and we may. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const NEEDED = [
  { file: '/usr/bin/chromium', packages: ['chromium'] },
  { file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', packages: ['fonts-dejavu-core'] },
];

/** @returns undefined when all is there, else a sentence that says what to install */
export function ensureSystemPackages(say: (line: string) => void): string | undefined {
  const packages = NEEDED.filter(({ file }) => !existsSync(file)).flatMap((n) => n.packages);
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
