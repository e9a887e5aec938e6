/**
 * Tries the packed package in whole n8n hosts, installing what is missing: in the newest n8n, or with --all
 * in all that are supported, and over several workers. `-- --pictures` also refreshes those of the README.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installBrowser } from '../../dev/hosts/Editor.cts';
import { type HostName, installHost } from '../../dev/hosts/hosts.cts';
import { pack } from '../../dev/hosts/pack.cts';
import { ROOT } from '../../dev/root.cts';

/** What is tried where. The editor itself, and what takes long, is tried in the newest only. */
const EVERYWHERE = ['install', 'form', 'retry', 'once', 'trigger'];
const NEWEST = [...EVERYWHERE, 'confirm', 'editor'];
const NEWEST_ALL = [
	...NEWEST,
	'listening',
	'birthday',
	'events',
	'operations',
	'returns',
	'reward',
	'spreadsheet',
	'onceList',
	'tool',
	'mistakes',
	'queue',
	'onceQueue',
	'triggerQueue',
];

function main() {
	const options = {
		all: { type: 'boolean' },
		pictures: { type: 'boolean' },
	} as const;
	const { all = false, pictures = false } = parseArgs({ options }).values;
	installBrowser();
	const tarball = pack();
	const env = { ...process.env, E2E_TARBALL: tarball, E2E_PICTURES: pictures ? '1' : '' };
	tryIn('newest', all ? NEWEST_ALL : NEWEST, env);
	if (!all) return;
	tryIn('newest', ['once'], { ...env, E2E_DATABASE: 'postgres' });
	tryIn('middle', [...EVERYWHERE, 'listening'], env);
	tryIn('oldest', [...EVERYWHERE, 'listening'], env);
}

/** @param names of test files */
function tryIn(which: HostName, names: string[], env: NodeJS.ProcessEnv) {
	const { version } = installHost(which);
	const on = env.E2E_DATABASE ? ` on ${env.E2E_DATABASE}` : '';
	console.log(`\nn8n ${version}${on}: ${names.join(', ')}`);
	const files = `/(${names.join('|')})\\.e2e\\.cts$`;
	const { status } = spawnSync(
		'npx',
		['jest', '--config', join(__dirname, 'jest.config.js'), '--testPathPatterns', files],
		{ cwd: ROOT, env: { ...env, E2E_HOST: which }, stdio: 'inherit' },
	);
	if (status !== 0) process.exit(status ?? 1);
}

main();
