import type { IDataObject } from 'n8n-workflow';
import { detailSentences, needing, sentences } from '../errors/answers';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import { isRecord, parseJson } from '../shared/json';
import { interrupted, type ChangeWords, type Client, type ReadWords } from '../transport/Client';
import { lookFor } from '../transport/looks';
import { MAX_PAGE_SIZE, readPages } from '../transport/paging';
import type { Answer } from '../transport/request';
import type { Activity, SentActivity } from './Activity';

/** An activity that was sent, and may have been tracked. */
export interface UnclearActivity {
	sent: SentActivity;
	facts: FailureFacts;
}

/** One item's activity, and what is remembered of it over n8n's own retries. */
export interface TrackJob {
	client: Client;
	activity: Activity;
	/** Remembers that it may have been tracked. */
	keepUnclear: (unclear: UnclearActivity) => void;
	/** Remembers nothing: it has certainly not been tracked. */
	forget: () => void;
}

/** How it is known that an activity was tracked. */
export interface Tracked {
	sent: SentActivity;
	confirmedBy: 'response' | 'history';
}

/** That nothing was done, a sentence. */
export const NOT_TRACKED = 'No activity was tracked.';

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Tracks an activity: `POST /v2/activities` (LoyaltyLion Admin API, Create Activity). What may have arrived is never
 * sent again; it is looked for, where it has an ID.
 *
 * @param job which one
 * @returns how it is known that it was tracked
 * @throws {ItemFailure} when it was not, or when that is not known
 */
export async function track(job: TrackJob): Promise<Tracked> {
	const { client, activity } = job;
	const words = toWords(activity);
	const sent = toSent(activity);
	const noteSending = () => {
		sent.sentAt = Date.now();
		job.keepUnclear({ sent: { ...sent }, facts: interrupted(words) });
	};
	const request = toRequest(activity);
	const result = await client.changeUnrepeated(request, words, readTracked, noteSending);
	if (!('failure' in result)) return { sent, confirmedBy: 'response' };
	const { failure } = result;
	if (!failure.isUnclear) {
		job.forget();
		throw failure;
	}
	const unclear = { sent, facts: failure.facts };
	job.keepUnclear(unclear);
	return await findTracked(client, unclear);
}

/**
 * Looks whether an activity was tracked, as its answer got lost: `GET /v2/activities` (LoyaltyLion Admin API).
 *
 * @param client who looks
 * @param unclear the activity
 * @returns the same, when LoyaltyLion shows it
 * @throws {ItemFailure} `outcome_unknown` when it does not
 */
export async function findTracked(
	client: Client,
	{ sent, facts }: UnclearActivity,
): Promise<Tracked> {
	if (sent.activityId === null) throw unclearFailure(facts, FINDINGS.withoutId);
	let finding: keyof typeof FINDINGS = 'unread';
	const look = async () => {
		const isThere = await isShown(client, sent).catch(() => undefined);
		finding = isThere === undefined ? 'unread' : 'notShown';
		return isThere ? { sent, confirmedBy: 'history' as const } : undefined;
	};
	const { sentAt } = sent;
	const found = await lookFor(look, { sentAt, signal: client.signals.read });
	if (!found) throw unclearFailure(facts, FINDINGS[finding]);
	return found;
}

function unclearFailure(facts: FailureFacts, finding: string): ItemFailure {
	return new ItemFailure({ ...facts, description: sentences(facts.description, finding) });
}

const FINDINGS = {
	withoutId: 'The node cannot look for an activity that has no Activity ID.',
	notShown:
		'The node looked for it by its Activity ID and did not find it, but LoyaltyLion shows none that met no rule, and may show one late.',
	unread: 'The node could not read the activities itself.',
};

function toSent({ ruleName, merchantId, email, activityId, date }: Activity): SentActivity {
	return {
		ruleName,
		merchantId,
		...(email !== undefined && { email }),
		activityId,
		...(date !== undefined && { date }),
		sentAt: 0,
	};
}

function toRequest(activity: Activity) {
	const { ruleName, merchantId, email, activityId, date, properties, siteId } = activity;
	return {
		method: 'POST',
		path: siteId === undefined ? '/v2/activities' : `/v2/activities?site_id=${siteId}`,
		body: {
			name: ruleName,
			customer_id: merchantId,
			...(email !== undefined && { customer_email: email }),
			...(activityId !== null && { merchant_id: activityId }),
			...(properties && { properties }),
			...(date !== undefined && { date }),
			// LoyaltyLion takes everybody for a guest of whom nothing is said, and guests earn nothing.
			guest: false,
		},
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
}

/** The documented answer is 201 without a body; JSON would come from LoyaltyLion, too. */
function readTracked({ statusCode, complete, text }: Answer): object | undefined {
	const isWhole = complete && (text.trim() === '' || parseJson(text) !== undefined);
	return statusCode === 201 && isWhole ? {} : undefined;
}

/** By how much LoyaltyLion's clock may differ from this machine's. */
const SLACK_MS = 10 * 60 * 1000;

/** It is not documented whether an activity counts as created when it was sent, or when it happened. */
async function isShown(client: Client, sent: SentActivity): Promise<boolean> {
	const { sentAt, date } = sent;
	if (await isAmong(client, sent, { created_at_min: isoTime(sentAt - SLACK_MS) })) return true;
	if (date === undefined) return false;
	const happenedAt = Date.parse(date);
	return await isAmong(client, sent, {
		created_at_min: isoTime(happenedAt - SLACK_MS),
		created_at_max: isoTime(happenedAt + SLACK_MS),
	});
}

async function isAmong(
	client: Client,
	sent: SentActivity,
	range: Record<string, string>,
): Promise<boolean> {
	const query = { limit: MAX_PAGE_SIZE, ...range };
	for await (const rows of readPages(client, ACTIVITIES, query, LOOKING_WORDS)) {
		if (rows.some((row) => isSame(row, sent))) return true;
	}
	return false;
}

const ACTIVITIES = { path: '/v2/activities', key: 'activities' };

function isSame(row: IDataObject, { ruleName, activityId, merchantId }: SentActivity): boolean {
	if (!isRecord(row.rule) || !isRecord(row.customer)) return false;
	return (
		row.merchant_id === activityId &&
		row.rule.name === ruleName &&
		row.customer.merchant_id === merchantId
	);
}

function isoTime(ms: number): string {
	return new Date(ms).toISOString();
}

/** That they cannot be read is told in other words. */
const LOOKING_WORDS: ReadWords = {
	...needing('write_customers'),
	unanswered: 'LoyaltyLion could not be asked for its activities',
	wanted: 'list of activities',
	forbidden: 'read activities',
	rejected: () => ({
		message: 'LoyaltyLion did not accept the request for its activities',
		description: '',
	}),
};

function toWords({ ruleName, merchantId, email }: Activity): ChangeWords {
	const who = email ?? merchantId;
	return {
		...needing('write_customers'),
		nothingDone: NOT_TRACKED,
		forbidden: 'track activities',
		rejected: (answer) => ({
			message: `LoyaltyLion did not accept the activity ${ruleName} of customer ${who}`,
			description: sentences(
				detailSentences(answer),
				NOT_TRACKED,
				'Correct these values, then send the item again.',
			),
		}),
		notFound: () => ({
			code: 'customer_not_found',
			message: `LoyaltyLion found no customer ${who} for the activity ${ruleName}`,
			description: `${NOT_TRACKED} Check the value in Customer: the merchant ID is the customer's ID in your store.`,
		}),
		refused: () => ({
			message: `LoyaltyLion refused the activity ${ruleName} of customer ${who}`,
			description: `${NOT_TRACKED} Open the customer in LoyaltyLion and check that the customer is enrolled and not blocked, and look at the rule there.`,
		}),
		unclear: `Unclear whether the activity ${ruleName} of customer ${who} was tracked`,
		whenUnclear:
			"The activity may have been tracked. Look at the customer's history in LoyaltyLion before you send this item again.",
	};
}
