import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../root.cts';

/**
 * Builds the package and packs it as npm would publish it.
 *
 * @returns the tarball
 */
export function pack(): string {
	const folder = mkdtempSync(join(tmpdir(), 'packed-'));
	execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
	const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
		cwd: ROOT,
		encoding: 'utf8',
	});
	const [packed] = JSON.parse(printed) as [{ filename: string }];
	return join(folder, packed.filename);
}
