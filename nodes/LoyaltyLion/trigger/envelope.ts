import type { IDataObject } from 'n8n-workflow';
import { isRecord, parseJson } from '../shared/json';

/** What LoyaltyLion sends when something has happened. */
export interface Envelope {
	/** As it came. */
	body: IDataObject;
	/** Tells the event apart from all others; the same each time it is delivered. Nothing for what cannot do that. */
	id: string | undefined;
	topic: string;
}

/** LoyaltyLion's own events are a few levels deep; n8n cannot save what is too deep. */
const MAX_DEPTH = 64;

/** LoyaltyLion does not say what its IDs are like. */
const MAX_ID_CHARACTERS = 255;

/**
 * Reads the body of a delivery.
 *
 * @param rawBody the body as it came
 * @param topicHeader what the delivery says beside it of its topic
 * @returns what it holds, or `undefined` for what is no event
 */
export function readEnvelope(
	rawBody: Buffer,
	topicHeader: string | undefined,
): Envelope | undefined {
	const body = parseJson(toText(rawBody) ?? '');
	if (!isRecord(body) || Array.isArray(body) || isDeeperThan(MAX_DEPTH, body)) return undefined;
	// The header is not signed; what has an ID is an event, whatever the header says.
	const topic = body.topic ?? (isId(body.id) ? topicHeader : undefined);
	if (typeof topic !== 'string' || topic === '') return undefined;
	return { body: body as IDataObject, id: isId(body.id) ? String(body.id) : undefined, topic };
}

/** Many are remembered, so they must be short; and of larger numbers, JSON makes the same of several. */
function isId(id: unknown): boolean {
	if (typeof id === 'string') return id !== '' && id.length <= MAX_ID_CHARACTERS;
	return Number.isSafeInteger(id);
}

/**
 * Lays out an event as one flat item. The fields of an event stand at one of three places: in `payload.properties`,
 * in `payload`, or beside it (Admin API, the pages of the events). Where a name is taken, what else has it is kept
 * under `properties`, `payload` or `body`, after its place.
 *
 * @param envelope the event
 * @param siteDomain the site it happened at, if the delivery says so
 * @returns the item's `json`
 */
export function toOutput({ body, topic }: Envelope, siteDomain: string | undefined): IDataObject {
	const { id, created_at } = body;
	const known = { id, topic, created_at, site_domain: siteDomain };
	const places = placesOf(body);
	const reserved = new Set([...Object.keys(known), ...places.keys()]);
	// In a map, a name such as `__proto__` is one as any other.
	const output = new Map(Object.entries(known).filter(([, value]) => value !== undefined));
	const kept = new Map<string, IDataObject>();
	for (const [place, fields] of places) {
		const isFree = (name: string) => !reserved.has(name) && !output.has(name);
		const free = Object.entries(fields).filter(([name]) => isFree(name));
		const others = Object.entries(fields).filter(
			([name, value]) => !isFree(name) && !isSame(output.get(name), value),
		);
		if (others.length > 0) kept.set(place, Object.fromEntries(others));
		for (const [name, value] of free) output.set(name, value);
	}
	return Object.fromEntries([...output, ...kept]);
}

/** The fields by their place; first those which the event is about. */
function placesOf(body: IDataObject): Map<string, IDataObject> {
	const { payload, ...beside } = body;
	if (!isObject(payload)) return new Map([['body', body]]);
	const { properties, ...ofPayload } = payload;
	if (!isObject(properties))
		return new Map([
			['payload', payload],
			['body', beside],
		]);
	return new Map([
		['properties', properties],
		['payload', ofPayload],
		['body', beside],
	]);
}

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}

function isObject(value: unknown): value is IDataObject {
	return isRecord(value) && !Array.isArray(value);
}

/** @returns `undefined` for what is not UTF-8 */
function toText(bytes: Buffer): string | undefined {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

function isDeeperThan(max: number, value: unknown): boolean {
	let level = [value];
	for (let depth = 0; level.length > 0; depth++) {
		if (depth > max) return true;
		level = level.flatMap((each) => (isRecord(each) ? Object.values(each) : []));
	}
	return false;
}
