/**
 * Tries the packed package in whole n8n hosts, installing what is missing: in the newest n8n, or with --all
 * in all that are supported, and over several workers. `-- --pictures` also refreshes those of the README.
 */
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const { installBrowser } = require('../../dev/hosts/Editor');
const { installHost } = require('../../dev/hosts/hosts');
const { pack, ROOT } = require('../../dev/hosts/pack');

/** What is tried where. The editor itself is tried in the newest only. */
const EVERYWHERE = ['install', 'form', 'retry'];
const NEWEST = [...EVERYWHERE, 'editor'];
const NEWEST_ALL = [...NEWEST, 'tool', 'mistakes', 'queue'];

function main() {
	const options = /** @type {const} */ ({
		all: { type: 'boolean' },
		pictures: { type: 'boolean' },
	});
	const { all = false, pictures = false } = parseArgs({ options }).values;
	installBrowser();
	const tarball = pack();
	const env = { ...process.env, E2E_TARBALL: tarball, E2E_PICTURES: pictures ? '1' : '' };
	tryIn('newest', all ? NEWEST_ALL : NEWEST, env);
	if (!all) return;
	tryIn('middle', EVERYWHERE, env);
	tryIn('oldest', EVERYWHERE, env);
}

/**
 * @param {import('../../dev/hosts/hosts').HostName} which
 * @param {string[]} names of test files
 * @param {NodeJS.ProcessEnv} env
 */
function tryIn(which, names, env) {
	const { version } = installHost(which);
	console.log(`\nn8n ${version}: ${names.join(', ')}`);
	const files = `(${names.join('|')})\\.e2e\\.js$`;
	const { status } = spawnSync(
		'npx',
		['jest', '--config', join(__dirname, 'jest.config.js'), '--testPathPatterns', files],
		{ cwd: ROOT, env: { ...env, E2E_HOST: which }, stdio: 'inherit' },
	);
	if (status !== 0) process.exit(status ?? 1);
}

main();
