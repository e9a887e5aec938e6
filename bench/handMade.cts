import type { PackageDirectoryLoader } from 'n8n-core';
import {
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type INodeType,
	NodeConnectionTypes,
} from 'n8n-workflow';
import { Pool } from 'undici';
import { CREDENTIAL, type Row } from './work.cts';

/** As many requests as the LoyaltyLion node has on their way at a time. */
const AT_ONCE = 32;

/** Does the whole work. */
type Send = (url: string, rows: Row[], context: IExecuteFunctions) => Promise<void>;

/** What is written by hand in place of a node. `url` is where LoyaltyLion is. */
const HAND_MADE: Record<string, Send> = {
	/** As in a Code node: one request after another. */
	async codeLoop(url, rows, { helpers }) {
		for (const { merchantId, points, reason } of rows) {
			await helpers.httpRequest(addPoints(url, merchantId, { points, reason }));
		}
	},

	/** The same for customers of whom the email is all there is: it takes the first that LoyaltyLion finds. */
	async codeLoopByEmail(url, rows, { helpers }) {
		for (const { email, points, reason } of rows) {
			const found = (await helpers.httpRequest({
				url: `${url}/v2/customers?email=${encodeURIComponent(email)}`,
				headers: HEADERS,
				json: true,
			})) as { customers: [{ merchant_id: string }] };
			const merchantId = found.customers[0].merchant_id;
			await helpers.httpRequest(addPoints(url, merchantId, { points, reason }));
		}
	},

	/** n8n's request helper and nothing else, as cheaply as it can be called: what no node can do without. */
	async helper(url, rows, { helpers }) {
		await inParallel(rows, async ({ merchantId, points, reason }) => {
			await helpers.httpRequest({
				...addPoints(url, merchantId, { points, reason }),
				disableFollowRedirect: true,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
			});
		});
	},

	/** The fastest that Node can do: not n8n's helper, and connections that stay open. */
	async undici(url, rows) {
		await sendWithUndici(new Pool(url, { connections: AT_ONCE }), rows);
	},

	/** The same with a new connection for each request, as n8n's helper makes one. */
	async undiciNoKeepAlive(url, rows) {
		await sendWithUndici(new Pool(url, { connections: AT_ONCE, pipelining: 0 }), rows);
	},
};

/** A package of nodes that do what is written by hand, for the engine to load beside others. */
export function handMadePackage(): PackageDirectoryLoader {
	const names = Object.keys(HAND_MADE);
	return {
		packageName: 'handMade',
		known: { nodes: Object.fromEntries(names.map((name) => [name, {}])), credentials: {} },
		async loadAll() {},
		getNode: (name: string) => ({ type: nodeType(name) }),
	} as never;
}

function nodeType(name: string): INodeType {
	return {
		description: {
			displayName: name,
			name,
			group: ['output'],
			version: 1,
			description: '',
			defaults: { name },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			properties: [{ displayName: 'URL', name: 'url', type: 'string', default: '' }],
		},
		async execute() {
			const items = this.getInputData();
			const url = this.getNodeParameter('url', 0) as string;
			const rows = items.map(({ json }) => json as unknown as Row);
			await HAND_MADE[name]?.(url, rows, this);
			return [items];
		},
	};
}

const HEADERS = { Authorization: `Bearer ${CREDENTIAL.apiKey}` };

function addPoints(
	url: string,
	merchantId: string,
	body: { points: number; reason: string },
): IHttpRequestOptions {
	return {
		method: 'POST',
		url: `${url}${pathOf(merchantId)}`,
		headers: HEADERS,
		body,
		json: true,
	};
}

function pathOf(merchantId: string) {
	return `/v2/customers/${encodeURIComponent(merchantId)}/points`;
}

async function sendWithUndici(pool: Pool, rows: Row[]) {
	await inParallel(rows, async ({ merchantId, points, reason }) => {
		const { body } = await pool.request({
			method: 'POST',
			path: pathOf(merchantId),
			headers: { ...HEADERS, 'Content-Type': 'application/json' },
			body: JSON.stringify({ points, reason }),
		});
		await body.text();
	});
	await pool.close();
}

async function inParallel(rows: Row[], send: (row: Row) => Promise<void>) {
	const left = rows.values();
	const work = async () => {
		for (const row of left) await send(row);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
}
