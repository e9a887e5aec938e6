import type { IDataObject } from 'n8n-workflow';
import { isRecord, parseJson } from '../shared/json';

/** What LoyaltyLion sends when something has happened. */
export interface Envelope {
	/** As it came. */
	body: IDataObject;
	/** Tells the event apart from all others; the same each time it is delivered. */
	id: string | undefined;
	topic: string;
}

/** LoyaltyLion's own events are a few levels deep; n8n cannot save what is too deep. */
const MAX_DEPTH = 64;

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
	const topic = body.topic ?? topicHeader;
	if (typeof topic !== 'string' || topic === '') return undefined;
	const { id } = body;
	const isId = typeof id === 'number' || (typeof id === 'string' && id !== '');
	return { body: body as IDataObject, id: isId ? String(id) : undefined, topic };
}

/**
 * Lays out an event as one flat item. The fields of an event stand at one of three places: in `payload.properties`,
 * in `payload`, or beside it (Admin API, the pages of the events). What else an envelope holds is kept beside them,
 * and where its name is taken, under `payload` or `properties`, where it came from.
 *
 * @param envelope the event
 * @param siteDomain the site it happened at, if the delivery says so
 * @returns the item's `json`
 */
export function toOutput({ body, topic }: Envelope, siteDomain: string | undefined): IDataObject {
	const { id, created_at, payload, ...others } = body;
	const beside = { ...others, topic };
	const output: IDataObject = {
		...(id !== undefined && { id }),
		topic,
		...(created_at !== undefined && { created_at }),
		...(siteDomain !== undefined && { site_domain: siteDomain }),
	};
	if (!isObject(payload))
		return { ...output, ...beside, ...(payload !== undefined && { payload }) };
	const { properties, ...ofPayload } = payload;
	const kept = isObject(properties)
		? { ...add(output, 'properties', properties), ...add(output, 'payload', ofPayload) }
		: add(output, 'payload', payload);
	add(output, 'body', beside);
	return { ...output, ...kept };
}

/**
 * Adds those fields whose names are free.
 *
 * @returns the others, unless they say the same, under the name of their place
 */
function add(output: IDataObject, place: string, fields: IDataObject): IDataObject {
	const others: IDataObject = {};
	for (const [name, value] of Object.entries(fields)) {
		if (!Object.hasOwn(output, name)) output[name] = value;
		else if (!isSame(output[name], value)) others[name] = value;
	}
	return Object.keys(others).length > 0 ? { [place]: others } : {};
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
