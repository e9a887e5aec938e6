import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	createWriteStream,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { freePort } from './freePort.cts';
import type { Installed } from './hosts.cts';

/** Nothing is expected to take this long: it only keeps what n8n never says from being waited for for ever. */
const LAST_RESORT_MS = 15 * 60_000;

export const OWNER = {
	email: 'owner@example.com',
	firstName: 'Olive',
	lastName: 'Owner',
	password: 'Olive-1234',
};
export const BROWSER_ID = 'e2e';

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

interface WorkflowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: number[];
	parameters: object;
	credentials?: object;
	webhookId?: string;
}

/** A workflow as it can be imported. */
export interface WorkflowFile {
	name?: string;
	nodes: WorkflowNode[];
	connections: object;
	settings?: object;
	pinData?: object;
}

/** A workflow that n8n has saved. */
export interface SavedWorkflow {
	id: string;
	versionId: string;
}

/** A credential that n8n has saved. */
export interface SavedCredential {
	id: string;
	name: string;
}

/** An execution that n8n has saved. */
export interface Execution {
	id: string;
	status: string;
	retryOf?: string | null;
}

/** As much of what n8n saves of an execution as is looked at here. */
interface RunExecutionData {
	resultData: {
		runData: Record<string, { data: { main: { json: Record<string, unknown> }[][] } }[]>;
	};
}

/** A whole n8n, with the packed tarball in its folder of community nodes. */
export class Host {
	static async start({
		installed,
		tarball,
		port,
		settings = {},
	}: {
		installed: Installed;
		tarball: string;
		/** Any free one if not given. */
		port?: number;
		/** More environment variables. */
		settings?: Record<string, string>;
	}) {
		const folder = mkdtempSync(join(tmpdir(), 'n8n-e2e-'));
		unpack(tarball, join(folder, '.n8n/nodes/node_modules/n8n-nodes-loyaltylion'));
		const host = new Host(installed, folder, port ?? (await freePort()), settings);
		await host.#begin();
		return host;
	}

	/** Every process of this n8n. */
	#processes: ChildProcess[] = [];

	/** The one with the editor and the webhooks. */
	#main: ChildProcess | undefined;

	/** The session of the owner. */
	cookie = '';

	readonly installed: Installed;

	readonly folder: string;

	readonly url: string;

	readonly env: NodeJS.ProcessEnv;

	/** @param folder n8n's user folder */
	constructor(
		installed: Installed,
		folder: string,
		port: number,
		settings: Record<string, string>,
	) {
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
		await this.#startMain();
		await this.signIn();
	}

	async #startMain() {
		this.#main = await this.run('start');
		// Ready is said before the editor's routes are there, and before the owner can be made.
		await this.#untilStarted(
			this.#main,
			async () => (await isReady(this.url)) && (await this.#makeOwner()),
		);
	}

	/** Ends n8n at once, in the middle of whatever it does; workers go on. It returns when it is gone. */
	async kill() {
		if (!this.#main || hasEnded(this.#main)) throw new Error('n8n is not running.');
		const exited = once(this.#main, 'exit');
		this.#main.kill('SIGKILL');
		await exited;
	}

	/** Starts n8n again after it was killed, with all that it has saved. The owner is still signed in. */
	async restart() {
		await this.#startMain();
	}

	/**
	 * Starts one more worker of this n8n.
	 *
	 * @param concurrency how many executions it works on at a time
	 * @returns once it takes executions
	 */
	async addWorker(concurrency: number) {
		const port = String(await freePort());
		const worker = await this.run('worker', [`--concurrency=${concurrency}`], {
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: port,
		});
		await this.#untilStarted(worker, () => isReady(`http://127.0.0.1:${port}`));
		return worker;
	}

	/**
	 * Starts a process that does nothing but take what is sent to the webhooks of this n8n, in queue mode.
	 *
	 * @returns its address, once it takes something
	 */
	async addWebhookProcess() {
		const port = String(await freePort());
		const child = await this.run('webhook', [], { N8N_PORT: port });
		const url = `http://127.0.0.1:${port}`;
		await this.#untilStarted(child, () => isReady(url));
		return url;
	}

	/** @param look whether it is ready */
	async #untilStarted(child: ChildProcess, look: () => Promise<boolean>) {
		await this.until('n8n to start', async () => hasEnded(child) || (await look()) || undefined);
		if (hasEnded(child)) {
			throw new Error(`n8n did not start:\n${readFileSync(this.#log, 'utf8').slice(-4000)}`);
		}
	}

	/**
	 * Starts one more process of this n8n.
	 *
	 * @param command e.g. `worker`
	 * @param settings more environment variables
	 */
	async run(command: string, args: string[] = [], settings: Record<string, string> = {}) {
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

	async request(method: string, path: string, body?: unknown) {
		// While this process was busy, n8n may have closed a connection: it is noticed here, and not used again.
		await setImmediate();
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
	 *
	 * @param path below /rest
	 */
	async api<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
		const answer = await this.request(method, `/rest${path}`, body);
		const text = await answer.text();
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
		const parsed = JSON.parse(text) as Answer & { data?: Answer };
		return parsed.data ?? parsed;
	}

	async addCredential(name: string, data: object, type = 'loyaltyLionApi') {
		return await this.api<SavedCredential>('POST', '/credentials', { name, type, data });
	}

	/** Saves a workflow, as Import from File does, with a credential chosen where one is needed. */
	async importWorkflow(workflow: WorkflowFile, { id, name }: SavedCredential) {
		const nodes = workflow.nodes.map((node) =>
			node.type.startsWith('n8n-nodes-loyaltylion.')
				? { ...node, credentials: { loyaltyLionApi: { id, name }, ...node.credentials } }
				: node,
		);
		return await this.saveWorkflow({ ...workflow, nodes });
	}

	/** Saves a workflow as it is. */
	async saveWorkflow(workflow: WorkflowFile) {
		return await this.api<SavedWorkflow>('POST', '/workflows', { ...workflow, active: false });
	}

	async publish({ id, versionId }: SavedWorkflow) {
		if (this.installed.version.startsWith('1.')) {
			await this.api('PATCH', `/workflows/${id}`, { active: true, versionId });
		} else {
			await this.api('POST', `/workflows/${id}/activate`, { versionId });
		}
	}

	async unpublish({ id }: SavedWorkflow) {
		if (this.installed.version.startsWith('1.')) {
			await this.api('PATCH', `/workflows/${id}`, { active: false });
		} else {
			await this.api('POST', `/workflows/${id}/deactivate`);
		}
	}

	/**
	 * Saves a workflow anew, and publishes it as it is then.
	 *
	 * @param changes what is to be different
	 */
	async republish({ id }: SavedWorkflow, changes: Partial<WorkflowFile>) {
		const path = `/workflows/${id}`;
		const { versionId, ...saved } = await this.api<SavedWorkflow & WorkflowFile>('GET', path);
		const { name, nodes, connections, settings } = { ...saved, ...changes };
		const body = { name, nodes, connections, settings, versionId };
		await this.publish(await this.api<SavedWorkflow>('PATCH', path, body));
	}

	/** Calls what a published workflow has opened, which may be there a moment after it was published. */
	async call(method: 'GET' | 'POST', path: string, body?: unknown) {
		return await this.until(`${path} to be there`, async () => {
			const answer = await this.request(method, path, body);
			return answer.status === 404 ? undefined : answer;
		});
	}

	/** The executions of a workflow, newest first. */
	async executions(workflowId: string) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const path = `/executions?filter=${filter}&limit=100`;
		const { results } = await this.api<{ results: Execution[] }>('GET', path);
		return results;
	}

	/**
	 * @param node the name of one that has run
	 * @returns the `json` of the items that came out of its first output
	 */
	async output(executionId: string, node: string): Promise<Record<string, unknown>[]> {
		const { data } = await this.api<{ data: string }>('GET', `/executions/${executionId}`);
		const { parse } = await import('flatted');
		const { resultData } = parse(data) as RunExecutionData;
		const items = resultData.runData[node]?.[0]?.data.main[0] ?? [];
		return items.map(({ json }) => json);
	}

	/** Waits until so many executions of a workflow have come to an end. */
	async untilEnded(workflowId: string, count: number) {
		return await this.until(`${count} executions to end`, async () => {
			const all = await this.executions(workflowId);
			const ended = all.filter(({ status }) => !['new', 'running', 'waiting'].includes(status));
			return ended.length >= count ? ended : undefined;
		});
	}

	/** Waits until an execution of a workflow waits, e.g. for its form. */
	async untilWaiting(workflowId: string) {
		return await this.until('an execution to wait', async () => {
			const all = await this.executions(workflowId);
			return all.find(({ status }) => status === 'waiting');
		});
	}

	/** Waits until a worker has begun so many executions of a workflow. */
	async untilBegun(workflowId: string, count: number) {
		await this.until(`${count} executions to begin`, async () => {
			const begun = (await this.executions(workflowId)).filter(({ status }) => status !== 'new');
			return begun.length >= count || undefined;
		});
	}

	/**
	 * Waits until something is there.
	 *
	 * @param what is waited for
	 * @param look whether it is there; nothing when it is not
	 */
	async until<Result>(what: string, look: () => Promise<Result | undefined>): Promise<Result> {
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
 * @param url of one process of n8n
 * @returns whether it says that it is ready
 */
async function isReady(url: string) {
	return await fetch(`${url}/healthz/readiness`).then(
		({ ok }) => ok,
		() => false,
	);
}

function hasEnded({ exitCode, signalCode }: ChildProcess) {
	return exitCode !== null || signalCode !== null;
}

async function end(child: ChildProcess) {
	if (hasEnded(child)) return;
	const exited = once(child, 'exit');
	child.kill('SIGTERM');
	const timer = globalThis.setTimeout(() => child.kill('SIGKILL'), 10_000);
	await exited;
	clearTimeout(timer);
}

function unpack(tarball: string, folder: string) {
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['xzf', tarball, '-C', folder, '--strip-components=1']);
	const nodes = join(folder, '../..');
	writeFileSync(join(nodes, 'package.json'), '{ "name": "installed-nodes", "private": true }');
}
