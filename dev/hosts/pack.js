const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const ROOT = resolve(__dirname, '../..');

/** Builds the package and packs it as npm would publish it. @returns {string} the tarball */
function pack() {
	const folder = mkdtempSync(join(tmpdir(), 'packed-'));
	execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
	const [packed] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
			cwd: ROOT,
			encoding: 'utf8',
		}),
	);
	return join(folder, packed.filename);
}

module.exports = { pack, ROOT };
