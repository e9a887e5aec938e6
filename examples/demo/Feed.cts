import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Format, SingleBar } from 'cli-progress';
import type { IDataObject } from 'n8n-workflow';
import type { Award } from './toAwards.cts';

/** The node works on so many items at a time, and begins the next one when one is done (`run/runItems.ts`). */
const ITEMS_AT_ONCE = 32;

/** So many updates tell how fast it goes on. */
const ETA_BUFFER = 200;

const ANSWERED = 'http.client.response.finish';

/**
 * Hands rows to the node, sees how far it has got with them, and shows that on a terminal. n8n's engine tells of
 * items only when all of them are done, so it is counted how many have been begun, and how many have got their
 * points: at least so many are done.
 *
 * Nor can the engine stop in between: canceled, it breaks the connections of what is on its way (n8n-core,
 * `authentication.js`), which is unclear then. So rows are stopped here, before the node begins with them.
 */
export class Feed {
	/** What the node reads its fields from, one for each row. */
	readonly items: IDataObject[];

	readonly #bar = new SingleBar({
		format: '{bar} {value}/{total} rows, {eta_formatted} left',
		stream: process.stdout,
		etaBuffer: ETA_BUFFER,
		formatTime: (seconds, options, roundTo) =>
			Number.isFinite(seconds) ? Format.TimeFormat(seconds, options, roundTo) : '?',
		gracefulExit: false,
	});

	readonly #begun = new Set<number>();

	readonly #withheld = new Set<number>();

	#paid = 0;

	#isStopped = false;

	/** @param rows what is to be handed over, in order */
	constructor(rows: Partial<Award>[]) {
		this.items = rows.map((row, index) => this.#watched(row, index));
	}

	/** How many rows are done for certain. */
	get done() {
		const begun = this.#begun.size - this.#withheld.size;
		return Math.max(begun - ITEMS_AT_ONCE, Math.min(this.#paid, begun));
	}

	/** Shows it from now on. */
	start() {
		subscribe(ANSWERED, this.#count);
		this.#bar.start(this.items.length, 0);
	}

	/** Lets the node do nothing for rows that it has not begun with. */
	stop() {
		this.#isStopped = true;
	}

	/** @returns whether a row was kept from the node, by its index */
	wasWithheld(index: number) {
		return this.#withheld.has(index);
	}

	/** Says that all is done but what was withheld, and shows it no more. */
	finish() {
		unsubscribe(ANSWERED, this.#count);
		this.#bar.update(this.items.length - this.#withheld.size);
		this.#bar.stop();
	}

	/** The node reads the points when it begins with a row, and not before; without any it sends nothing. */
	#watched(row: Partial<Award>, index: number): IDataObject {
		const get = () => {
			if (!this.#begun.has(index)) this.#begin(index);
			return this.#withheld.has(index) ? '' : row.Points;
		};
		return Object.defineProperty({ ...row }, 'Points', { enumerable: true, get });
	}

	#begin(index: number) {
		this.#begun.add(index);
		if (this.#isStopped) this.#withheld.add(index);
		else this.#bar.update(this.done);
	}

	/** Only an award is answered so (LoyaltyLion Admin API, Add Points). */
	readonly #count = (message: unknown) => {
		const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
		if (request.method !== 'POST' || response.statusCode !== 201) return;
		this.#paid++;
		this.#bar.update(this.done);
	};
}
