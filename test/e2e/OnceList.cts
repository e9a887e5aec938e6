import type { Host, SavedCredential, SavedWorkflow } from '../../dev/hosts/Host.cts';
import type { Award, StandIn } from '../../dev/stand-in/StandIn.cts';
import { rowsWorkflow } from './rows.cts';

/** A row of a list. */
export interface OnceRow {
	merchantId: string;
	points: number;
	/** What the customer gets them for, once. */
	order: string;
}

/** What the LoyaltyLion node says of a row. */
export interface OnceOutcome {
	merchantId: string;
	success: boolean;
	confirmedBy?: string;
	error?: { code: string };
}

/** A published workflow that pays each row that is posted to it once, and answers with what became of it. */
export class OnceList {
	/**
	 * @param path of its webhook
	 * @param parameters more of the LoyaltyLion node, e.g. its options
	 * @param settings more of the LoyaltyLion node, e.g. On Error
	 */
	static async publish(
		host: Host,
		credential: SavedCredential,
		path: string,
		parameters: object = {},
		settings: object = { onError: 'continueRegularOutput' },
	) {
		const workflow = await host.importWorkflow(
			rowsWorkflow(path, settings, { onlyOncePer: '={{ $json.order }}', ...parameters }, ANSWER),
			credential,
		);
		await host.publish(workflow);
		return new OnceList(host, path, workflow);
	}

	readonly #host: Host;

	readonly #path: string;

	readonly workflow: SavedWorkflow;

	constructor(host: Host, path: string, workflow: SavedWorkflow) {
		this.#host = host;
		this.#path = path;
		this.workflow = workflow;
	}

	/**
	 * Runs the list.
	 *
	 * @returns what became of each row, in their order
	 * @throws when the execution fails, or n8n is killed
	 */
	async run(rows: OnceRow[]): Promise<OnceOutcome[]> {
		const answer = await this.#host.call('POST', `/webhook/${this.#path}`, { rows });
		const text = await answer.text();
		if (!answer.ok) throw new Error(`${this.#path}: ${answer.status} ${text.slice(0, 500)}`);
		return JSON.parse(text) as OnceOutcome[];
	}

	/** Runs the list, though nobody may be left to say what became of it. It returns when nothing more is said. */
	async runInVain(rows: OnceRow[]) {
		await this.run(rows).catch(() => {});
	}
}

const ANSWER = { responseMode: 'lastNode', responseData: 'allEntries' };

/** The word for what became of each row: how it is known that it is paid, or why it is not. */
export function wordsFor(outcomes: OnceOutcome[]) {
	return outcomes.map(({ confirmedBy, error }) => confirmedBy ?? error?.code);
}

/** How often something became of a row, by the word for it. */
export function countWords(outcomes: OnceOutcome[]) {
	const counts: Record<string, number> = {};
	for (const word of wordsFor(outcomes)) counts[String(word)] = (counts[String(word)] ?? 0) + 1;
	return counts;
}

/** How often the customer of each row was paid, in their order. */
export function timesPaid(rows: OnceRow[], ledger: Award[]) {
	const times = new Map<string, number>();
	for (const { merchantId } of ledger) times.set(merchantId, (times.get(merchantId) ?? 0) + 1);
	return rows.map(({ merchantId }) => times.get(merchantId) ?? 0);
}

/** Comes to pass when so many more requests for points have arrived at a shop. */
export async function untilSent(shop: StandIn, count: number) {
	let left = count;
	await new Promise<void>((resolve) => {
		shop.onArrival = ({ path }) => {
			if (path.endsWith('/points') && --left === 0) resolve();
		};
	});
}
