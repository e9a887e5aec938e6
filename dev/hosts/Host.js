const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const {
	createWriteStream,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');
const { freePort } = require('./freePort');

/** Nothing is expected to take this long: it only keeps what n8n never says from being waited for for ever. */
const LAST_RESORT_MS = 15 * 60_000;

const OWNER = {
	email: 'owner@example.com',
	firstName: 'Olive',
	lastName: 'Owner',
	password: 'Olive-1234',
};
const BROWSER_ID = 'e2e';

/** Nothing that asks for the internet, and no question to the user. */
const QUIET = {
	// What jest sets would make n8n end at once.
	NODE_ENV: 'production',
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_SECURE_COOKIE: 'false',
	N8N_LISTEN_ADDRESS: '127.0.0.1',
};

/** A whole n8n, with the packed tarball in its folder of community nodes. */
class Host {
	/**
	 * @param {object} given
	 * @param {import('./hosts').Installed} given.installed
	 * @param {string} given.tarball
	 * @param {number} [given.port] any free one if not given
	 * @param {Record<string, string>} [given.settings] more environment variables
	 */
	static async start({ installed, tarball, port, settings = {} }) {
		const folder = mkdtempSync(join(tmpdir(), 'n8n-e2e-'));
		unpack(tarball, join(folder, '.n8n/nodes/node_modules/n8n-nodes-loyaltylion'));
		const host = new Host(installed, folder, port ?? (await freePort()), settings);
		await host.#begin();
		return host;
	}

	/** Every process of this n8n. @type {import('node:child_process').ChildProcess[]} */
	#processes = [];

	/** The session of the owner. */
	cookie = '';

	/**
	 * @param {import('./hosts').Installed} installed
	 * @param {string} folder n8n's user folder
	 * @param {number} port
	 * @param {Record<string, string>} settings
	 */
	constructor(installed, folder, port, settings) {
		this.installed = installed;
		this.folder = folder;
		this.url = `http://127.0.0.1:${port}`;
		this.env = {
			...installed.env,
			...QUIET,
			N8N_PORT: String(port),
			// By itself n8n calls itself localhost, and old form pages then ask another host than their own.
			WEBHOOK_URL: `${this.url}/`,
			N8N_USER_FOLDER: folder,
			...settings,
		};
	}

	get #log() {
		return join(this.folder, 'n8n.log');
	}

	async #begin() {
		const main = await this.run('start');
		// Ready is said before the editor's routes are there, and before the owner can be made.
		await this.#untilStarted(
			main,
			async () => (await isReady(this.url)) && (await this.#makeOwner()),
		);
		await this.signIn();
	}

	/**
	 * Starts one more worker of this n8n.
	 * @param {number} concurrency how many executions it works on at a time
	 * @returns once it takes executions
	 */
	async addWorker(concurrency) {
		const port = String(await freePort());
		const worker = await this.run('worker', [`--concurrency=${concurrency}`], {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: port,
		});
		await this.#untilStarted(worker, () => isReady(`http://127.0.0.1:${port}`));
		return worker;
	}

	/**
	 * @param {import('node:child_process').ChildProcess} child
	 * @param {() => Promise<boolean>} look whether it is ready
	 */
	async #untilStarted(child, look) {
		await this.#until('n8n to start', async () => hasEnded(child) || (await look()) || undefined);
		if (hasEnded(child)) {
			throw new Error(`n8n did not start:\n${readFileSync(this.#log, 'utf8').slice(-4000)}`);
		}
	}

	/**
	 * Starts one more process of this n8n.
	 * @param {string} command e.g. `worker`
	 * @param {string[]} [args]
	 * @param {Record<string, string>} [settings] more environment variables
	 */
	async run(command, args = [], settings = {}) {
		const brokerPort = String(await freePort());
		const child = spawn('node', [this.installed.n8n, command, ...args], {
			env: { ...this.env, N8N_RUNNERS_BROKER_PORT: brokerPort, ...settings },
			cwd: this.folder,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const log = createWriteStream(this.#log, { flags: 'a' });
		child.stdout.pipe(log, { end: false });
		child.stderr.pipe(log, { end: false });
		this.#processes.push(child);
		return child;
	}

	async #makeOwner() {
		const settings = await fetch(`${this.url}/rest/settings`).then(
			({ ok }) => ok,
			() => false,
		);
		if (!settings) return false;
		const { status } = await this.request('POST', '/rest/owner/setup', OWNER);
		// 400: there is one already.
		return status === 200 || status === 400;
	}

	async signIn() {
		const { email, password } = OWNER;
		const answer = await this.request('POST', '/rest/login', {
			emailOrLdapLoginId: email,
			password,
		});
		if (!answer.ok) throw new Error(`n8n does not let the owner in: ${answer.status}`);
		this.cookie = (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
	}

	/**
	 * @param {string} method
	 * @param {string} path
	 * @param {unknown} [body]
	 */
	async request(method, path, body) {
		return await fetch(`${this.url}${path}`, {
			method,
			headers: {
				'browser-id': BROWSER_ID,
				...(this.cookie && { Cookie: this.cookie }),
				...(body !== undefined && { 'Content-Type': 'application/json' }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
	}

	/**
	 * Asks n8n's own interface, the one that its editor uses.
	 * @param {string} method
	 * @param {string} path below /rest
	 * @param {unknown} [body]
	 * @returns {Promise<any>}
	 */
	async api(method, path, body) {
		const answer = await this.request(method, `/rest${path}`, body);
		const text = await answer.text();
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
		const parsed = JSON.parse(text);
		return parsed.data ?? parsed;
	}

	/**
	 * @param {string} name
	 * @param {Record<string, string>} data
	 * @param {string} [type]
	 */
	async addCredential(name, data, type = 'loyaltyLionApi') {
		return await this.api('POST', '/credentials', { name, type, data });
	}

	/**
	 * Saves a workflow, as Import from File does, with a credential chosen where one is needed.
	 * @param {any} workflow
	 * @param {{ id: string, name: string }} credential
	 */
	async importWorkflow(workflow, { id, name }) {
		const nodes = workflow.nodes.map((/** @type {any} */ node) =>
			node.type.startsWith('n8n-nodes-loyaltylion.')
				? { ...node, credentials: { loyaltyLionApi: { id, name }, ...node.credentials } }
				: node,
		);
		return await this.api('POST', '/workflows', { ...workflow, nodes, active: false });
	}

	/** @param {{ id: string, versionId: string }} workflow */
	async publish({ id, versionId }) {
		if (this.installed.version.startsWith('1.')) {
			return await this.api('PATCH', `/workflows/${id}`, { active: true, versionId });
		}
		return await this.api('POST', `/workflows/${id}/activate`, { versionId });
	}

	/**
	 * Calls what a published workflow has opened, which may be there a moment after it was published.
	 * @param {'GET' | 'POST'} method
	 * @param {string} path
	 * @param {unknown} [body]
	 */
	async call(method, path, body) {
		return await this.#until(`${path} to be there`, async () => {
			const answer = await this.request(method, path, body);
			return answer.status === 404 ? undefined : answer;
		});
	}

	/**
	 * The executions of a workflow, newest first.
	 * @param {string} workflowId
	 * @returns {Promise<{ id: string, status: string, retryOf?: string | null }[]>}
	 */
	async executions(workflowId) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await this.api('GET', `/executions?filter=${filter}&limit=100`);
		return results;
	}

	/**
	 * Waits until so many executions of a workflow have come to an end.
	 * @param {string} workflowId
	 * @param {number} count
	 */
	async untilEnded(workflowId, count) {
		return await this.#until(`${count} executions to end`, async () => {
			const all = await this.executions(workflowId);
			const ended = all.filter(({ status }) => !['new', 'running', 'waiting'].includes(status));
			return ended.length >= count ? ended : undefined;
		});
	}

	/**
	 * Waits until a worker has begun so many executions of a workflow.
	 * @param {string} workflowId
	 * @param {number} count
	 */
	async untilBegun(workflowId, count) {
		await this.#until(`${count} executions to begin`, async () => {
			const begun = (await this.executions(workflowId)).filter(({ status }) => status !== 'new');
			return begun.length >= count || undefined;
		});
	}

	/**
	 * @template Result
	 * @param {string} what is waited for
	 * @param {() => Promise<Result | undefined>} look
	 * @returns {Promise<Result>}
	 */
	async #until(what, look) {
		const deadline = Date.now() + LAST_RESORT_MS;
		while (Date.now() < deadline) {
			const found = await look();
			if (found !== undefined) return found;
			await setTimeout(200);
		}
		throw new Error(`Waited in vain for ${what}.`);
	}

	/** Ends every process of it, and removes its folder. */
	async stop() {
		await Promise.all(this.#processes.map(end));
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/**
 * @param {string} url of one process of n8n
 * @returns whether it says that it is ready
 */
async function isReady(url) {
	return await fetch(`${url}/healthz/readiness`).then(
		({ ok }) => ok,
		() => false,
	);
}

/** @param {import('node:child_process').ChildProcess} child */
function hasEnded({ exitCode, signalCode }) {
	return exitCode !== null || signalCode !== null;
}

/** @param {import('node:child_process').ChildProcess} child */
async function end(child) {
	if (hasEnded(child)) return;
	const exited = once(child, 'exit');
	child.kill('SIGTERM');
	const timer = globalThis.setTimeout(() => child.kill('SIGKILL'), 10_000);
	await exited;
	clearTimeout(timer);
}

/**
 * @param {string} tarball
 * @param {string} folder
 */
function unpack(tarball, folder) {
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['xzf', tarball, '-C', folder, '--strip-components=1']);
	const nodes = join(folder, '../..');
	writeFileSync(join(nodes, 'package.json'), '{ "name": "installed-nodes", "private": true }');
}

module.exports = { BROWSER_ID, Host, OWNER };
