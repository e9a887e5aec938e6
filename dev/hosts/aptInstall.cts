import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * Installs packages of Debian where they are missing, as a bare machine lacks them.
 *
 * @param packages by the file or folder that shows that they are there
 */
export function aptInstall(packages: Record<string, string[]>) {
	const missing = Object.entries(packages).flatMap(([path, names]) =>
		existsSync(path) ? [] : names,
	);
	if (missing.length === 0) return;
	execFileSync('apt-get', ['update'], { stdio: 'inherit' });
	execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], {
		stdio: 'inherit',
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
	});
}
