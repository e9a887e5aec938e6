import { createHmac, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import { type Accounts, programOf } from './access.cts';
import { eventOf, type Happening } from './events.cts';
import type { Hook, Shop } from './Shop.cts';
import type { Topic } from './topics.cts';

/** What came back. */
export interface Answer {
	/** Undefined when none came, or none in time. */
	status: number | undefined;
	/** The body; of what did not come, why. */
	body: string;
}

/** One event on its way to one webhook. */
export interface Delivery {
	hook: Hook;
	/** The token of the site in whose name it is sent. */
	site: string;
	/** The envelope's, the same each time it is sent. */
	id: string;
	/** Its bytes, the same each time it is sent. */
	sent: string;
	/** What came back each time it was sent. */
	answers: Answer[];
}

/** A mail that LoyaltyLion sends about a webhook. */
export interface Mail {
	about: 'failing' | 'removed';
	hook: Hook;
}

/** Something to send, as whoever knows the secret would. */
export interface Sending {
	/** A webhook's, or one that is truly there. */
	address: string;
	/** What the head says that it is about. */
	topic: string;
	/** As it is sent. */
	body: string | Uint8Array;
	/** The token of the site; the first if not said. */
	site?: string;
	/** Instead of what the head says by itself; undefined leaves it out. */
	headers?: Record<string, string | undefined>;
}

/**
 * Sends what happens in a shop to its webhooks, as LoyaltyLion does (developer docs, webhooks overview). What is
 * not delivered waits until it is told to be sent again, so that nobody has to wait for it. How it behaves is
 * as at first until a test says otherwise.
 */
export class Deliveries {
	/** The origin at which each origin of an address is truly found, e.g. http://127.0.0.1:40123 */
	routes: Record<string, string>;

	/** How long an answer may take. */
	timeoutMs = ANSWER_MS;

	/** With what bodies are signed. */
	signing: 'siteSecret' | 'otherSecret' | 'nothing' = 'siteSecret';

	/** How often each event is sent at once. */
	copies = 1;

	/** Whether what happens waits until it is told to be sent. */
	holdsBack = false;

	/** Whether all webhooks get an event with the same ID; LoyaltyLion does not say. */
	sharesIds = false;

	/** How bodies are sent piece by piece, and what is waited for before each piece. */
	pieces: { bytes: number; pause: () => Promise<unknown> } | undefined = undefined;

	/** What is not delivered, oldest first. */
	waiting: Delivery[] = [];

	/** Every mail that was sent, in order. */
	mails: Mail[] = [];

	readonly #shop: Shop;

	readonly #accounts: Required<Accounts>;

	/** How many times in a row it went wrong, by the webhook's ID. */
	#failures = new Map<number, number>();

	#happened = 0;

	constructor(shop: Shop, accounts: Required<Accounts>, routes: Record<string, string>) {
		this.#shop = shop;
		this.#accounts = accounts;
		this.routes = { ...routes };
	}

	/**
	 * Sends an event to each webhook that is about it.
	 *
	 * @returns what became of that, by webhook
	 */
	async happens(topic: Topic, happening: Happening = {}): Promise<Delivery[]> {
		const event = eventOf(this.#shop, topic, FIRST_EVENT + this.#happened++, happening);
		const sharedId = randomUUID();
		const deliveries = this.#shop.hooks
			.filter((hook) => hook.topic === topic)
			.map((hook): Delivery => {
				const id = this.sharesIds ? sharedId : randomUUID();
				const envelope = { id, topic, created_at: new Date(this.#shop.now()).toISOString() };
				const sent = JSON.stringify({ ...envelope, ...event });
				return { hook, site: this.#siteOf(hook), id, sent, answers: [] };
			});
		this.waiting.push(...deliveries);
		if (!this.holdsBack) await Promise.all(deliveries.map((each) => this.#sendCopies(each)));
		return deliveries;
	}

	/**
	 * Sends what waits once more, one after another; for webhooks that exist no more, nothing.
	 *
	 * @param inOrder puts it in order; oldest first if not given
	 */
	async sendWaiting(inOrder = (waiting: readonly Delivery[]) => waiting) {
		for (const delivery of inOrder([...this.waiting])) {
			if (this.#exists(delivery)) await this.#sendCopies(delivery);
		}
		this.waiting = this.waiting.filter((each) => this.#exists(each));
	}

	/**
	 * Sends what waits until it is delivered or its webhook is removed.
	 *
	 * @param wait lets some ms pass: twice as many each time, of which LoyaltyLion only says that they grow
	 */
	async sendUntilDone(wait: (ms: number) => Promise<unknown> = setTimeout) {
		for (let ms = FIRST_WAIT_MS; this.waiting.length > 0; ms *= 2) {
			await wait(ms);
			await this.sendWaiting();
		}
	}

	/** Sends a delivery once more, also one that has arrived, or whose webhook exists no more. */
	async send(delivery: Delivery) {
		const { hook, site, sent: body, answers } = delivery;
		const answer = await this.deliver({ address: hook.address, topic: hook.topic, site, body });
		answers.push(answer);
		const { status = 0 } = answer;
		if (status < 200 || status > 299) return this.#countFailure(hook);
		this.#failures.delete(hook.id);
		this.waiting = this.waiting.filter((each) => each !== delivery);
	}

	/**
	 * Sends anything to anywhere, and counts nothing.
	 *
	 * @throws when there is no way to the address
	 */
	async deliver({ address, topic, body, site, headers }: Sending): Promise<Answer> {
		const bytes = Buffer.from(body);
		const { bytes: size = bytes.length, pause } = this.pieces ?? {};
		const head = { ...this.#headOf(bytes, topic, site ?? this.#firstSite()), ...headers };
		const given = Object.entries(head).filter(([, value]) => value !== undefined);
		const place = this.#placeOf(address);
		try {
			const answer = await request(place, {
				method: 'POST',
				headers: Object.fromEntries(given),
				body: pause ? Readable.from(inPieces(bytes, size, pause)) : bytes,
				signal: AbortSignal.timeout(this.timeoutMs),
				reset: true,
			});
			return { status: answer.statusCode, body: await answer.body.text() };
		} catch (error) {
			return { status: undefined, body: String(error) };
		}
	}

	/** Forgets what waits, and behaves as at first. The routes remain. */
	reset() {
		const { routes, ...atFirst } = new Deliveries(this.#shop, this.#accounts, this.routes);
		Object.assign(this, atFirst);
		this.#failures.clear();
		this.#happened = 0;
	}

	async #sendCopies(delivery: Delivery) {
		await Promise.all(Array.from({ length: this.copies }, () => this.send(delivery)));
	}

	#exists({ hook }: Delivery) {
		return this.#shop.hooks.includes(hook);
	}

	/** Counts over all events, until one is delivered. */
	#countFailure(hook: Hook) {
		const failures = (this.#failures.get(hook.id) ?? 0) + 1;
		this.#failures.set(hook.id, failures);
		if (failures === FAILURES_UNTIL_MAIL) this.mails.push({ about: 'failing', hook });
		if (failures !== FAILURES_UNTIL_REMOVAL || !this.#shop.hooks.includes(hook)) return;
		this.#shop.unhook(hook);
		this.mails.push({ about: 'removed', hook });
	}

	/** @throws when no site's secret can sign for the webhook */
	#siteOf({ programId }: Hook) {
		const { sites, programs } = this.#accounts;
		const site = Object.keys(sites).find((token) => programOf(token, programs) === programId);
		if (site === undefined) throw new Error('The program has no site whose secret signs.');
		return site;
	}

	/** @throws when there is no site */
	#firstSite() {
		const [site] = Object.keys(this.#accounts.sites);
		if (site === undefined) throw new Error('The stand-in has no site whose secret signs.');
		return site;
	}

	#headOf(body: Uint8Array, topic: string, site: string): Record<string, string | undefined> {
		const secret = this.#accounts.sites[site] ?? '';
		const key = this.signing === 'otherSecret' ? `not ${secret}` : secret;
		return {
			'content-type': 'application/json',
			'content-length': String(body.length),
			'user-agent': 'LoyaltyLion',
			'x-loyaltylion-topic': topic,
			'x-loyaltylion-site-domain': `${site}.example`,
			'x-loyaltylion-hmac-sha256': this.signing === 'nothing' ? undefined : signatureOf(body, key),
		};
	}

	/** Where an address is truly found. */
	#placeOf(address: string) {
		const { origin, hostname, pathname, search } = new URL(address);
		const place = this.routes[origin] ?? (hostname === '127.0.0.1' ? origin : undefined);
		if (place === undefined) throw new Error(`The stand-in has no route to ${origin}.`);
		return `${place}${pathname}${search}`;
	}
}

/**
 * How LoyaltyLion signs a body.
 *
 * @param body its bytes, or text that is sent in UTF-8
 */
export function signatureOf(body: string | Uint8Array, secret: string) {
	return createHmac('sha256', secret).update(body).digest('base64');
}

async function* inPieces(body: Uint8Array, size: number, pause: () => Promise<unknown>) {
	for (let start = 0; start < body.length; start += size) {
		await pause();
		yield body.subarray(start, start + size);
	}
}

const ANSWER_MS = 5_000;
/** How long it is until something is sent again is not known. */
const FIRST_WAIT_MS = 60_000;
const FAILURES_UNTIL_MAIL = 5;
const FAILURES_UNTIL_REMOVAL = 30;
const FIRST_EVENT = 8001;
