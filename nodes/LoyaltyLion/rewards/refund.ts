import type { IDataObject } from 'n8n-workflow';
import { detailSentences, needing, sentences } from '../errors/answers';
import { ItemFailure, type FailureFacts } from '../errors/ItemFailure';
import { isRecord, parseJson } from '../shared/json';
import { Turns } from '../shared/Turns';
import { interrupted, type ChangeWords, type Client } from '../transport/Client';
import { lookFor } from '../transport/looks';
import type { Answer } from '../transport/request';
import {
	readClaimedReward,
	rewardOf,
	type ClaimedReward,
	type ShownReward,
} from './claimedRewards';

/** What is remembered of a refund that was sent. */
export interface SentRefund {
	claimed: ClaimedReward;
	/** When it was sent, in ms since 1970 by this machine's clock. */
	sentAt: number;
	/** Why nobody knows whether it was done; nothing when it was. */
	unclear?: FailureFacts;
	/** Whether the voucher was deleted in the store, too; `null` where LoyaltyLion has not told. */
	voucherDeleted: boolean | null;
}

/** One item's refund, and what is remembered of it over n8n's own retries. */
export interface RefundJob {
	client: Client;
	claimed: ClaimedReward;
	/** What an earlier try has left unclear. */
	earlier: SentRefund | undefined;
	/** Remembers what was sent, or that nothing was. */
	keep: (sent: SentRefund | undefined) => void;
}

/** What has become of a claimed reward. */
export interface Refunded {
	/** Whether that was so before. */
	alreadyRefunded: boolean;
	voucherDeleted: boolean | null;
	/** The claimed reward as LoyaltyLion returned it; `null` when it could not be read again. */
	claimedReward: IDataObject | null;
	confirmedBy: 'response' | 'history' | 'earlierTry';
}

/** That nothing was done, a sentence. */
export const NOT_REFUNDED = 'Nothing was refunded.';

/** The claimed reward takes far less. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** So late LoyaltyLion may show what was done, in ms; until then what it shows is no reason to send it again. */
const MAY_SHOW_LATE_MS = 10 * 60 * 1000;

/** All executions of this process take turns at a claimed reward, so that it is not refunded by two of them. */
const TURNS = new Turns();

/** What this process has sent in the last minutes, by claimed reward, the oldest first, and what was answered. */
const RECENT = new Map<string, SentRefund & { reward: IDataObject | null }>();

/**
 * Gives back the points of a claimed reward:
 * `POST /v2/customers/{merchant_id}/claimed_rewards/{claimed_reward_id}/refund` (LoyaltyLion Admin API, Refund
 * Reward). What the customer's transactions show as refunded is not sent; what may have arrived is not sent again.
 *
 * @param job which one
 * @returns what has become of it
 * @throws {ItemFailure} when it was not refunded, or when that is not known
 */
export async function refund(job: RefundJob): Promise<Refunded> {
	const { client, claimed } = job;
	const key = JSON.stringify([client.account.mark, claimed.merchantId, claimed.claimedRewardId]);
	return await TURNS.take(key, client.signals.send, async () => await refundInTurn(job, key));
}

/**
 * Says again what was done in an earlier try.
 *
 * @param client who reads the claimed reward again; may fail
 * @param earlier what was done
 * @returns what has become of it; never throws, as it is refunded whether or not it can be read
 */
export async function sayAgain(
	client: Promise<Client>,
	{ claimed, voucherDeleted }: SentRefund,
): Promise<Refunded> {
	const shown = await client
		.then(async (opened) => await readClaimedReward(opened, claimed))
		.catch(() => undefined);
	return {
		alreadyRefunded: false,
		voucherDeleted,
		claimedReward: shown?.reward ?? null,
		confirmedBy: 'earlierTry',
	};
}

async function refundInTurn(job: RefundJob, key: string): Promise<Refunded> {
	const { earlier } = job;
	const { reward, isRefunded } = await readBefore(job);
	if (isRefunded) return earlier ? foundRefunded(job, key, earlier, reward) : isAlready(reward);
	const recent = recentOf(key);
	if (recent && !recent.unclear) return { ...isAlready(recent.reward), confirmedBy: 'response' };
	const sent = recent ?? (earlier && isRecent(earlier) ? earlier : undefined);
	if (!sent?.unclear) return await send(job, key);
	const found = await findRefunded(job, sent.sentAt, sent.unclear);
	return earlier ? foundRefunded(job, key, earlier, found) : isAlready(found);
}

async function readBefore({ client, claimed, earlier }: RefundJob): Promise<ShownReward> {
	return await readClaimedReward(client, claimed).catch((error) => {
		throw unread(error, earlier);
	});
}

/** Nothing was sent in this try; what an earlier one has left unclear stays so. */
function unread(error: unknown, earlier: SentRefund | undefined): unknown {
	if (!(error instanceof ItemFailure)) return error;
	if (earlier?.unclear) return unclearFailure(earlier.unclear, 'unread');
	const { facts } = error;
	return new ItemFailure({ ...facts, description: `${facts.description} ${NOT_REFUNDED}` });
}

async function send(job: RefundJob, key: string): Promise<Refunded> {
	const { client, claimed } = job;
	const words = toWords(claimed);
	const sent: SentRefund = { claimed, sentAt: 0, voucherDeleted: null };
	const noteSending = () => {
		sent.sentAt = Date.now();
		job.keep({ ...sent, unclear: interrupted(words) });
	};
	const request = toRequest(claimed);
	const result = await client.changeUnrepeated(request, words, readRefunded, noteSending);
	if (!('failure' in result)) {
		const { reward, voucherDeleted } = result;
		note(job, key, { ...sent, voucherDeleted }, reward);
		return {
			alreadyRefunded: false,
			voucherDeleted,
			claimedReward: reward,
			confirmedBy: 'response',
		};
	}
	const { failure } = result;
	if (!failure.isUnclear) {
		job.keep(job.earlier);
		throw notSentAgain(failure, job.earlier);
	}
	note(job, key, { ...sent, unclear: failure.facts }, null);
	return foundRefunded(job, key, sent, await findRefunded(job, sent.sentAt, failure.facts));
}

/** What is certain of this sending says nothing of an earlier one that may have arrived. */
function notSentAgain(failure: ItemFailure, earlier: SentRefund | undefined): ItemFailure {
	if (!earlier?.unclear) return failure;
	const { unclear } = earlier;
	const description = `${unclear.description} Sending it again ended so: ${failure.facts.message}.`;
	return new ItemFailure({ ...unclear, description });
}

/** Looks whether the transactions show it as refunded by now. */
async function findRefunded(
	{ client, claimed }: RefundJob,
	sentAt: number,
	facts: FailureFacts,
): Promise<IDataObject> {
	let finding: keyof typeof FINDINGS = 'unread';
	const look = async () => {
		const shown = await readClaimedReward(client, claimed).catch(() => undefined);
		finding = shown ? 'notShown' : 'unread';
		return shown?.isRefunded ? shown : undefined;
	};
	const found = await lookFor(look, { sentAt, signal: client.signals.read });
	if (!found) throw unclearFailure(facts, finding);
	return found.reward;
}

function foundRefunded(
	job: RefundJob,
	key: string,
	{ claimed, sentAt }: SentRefund,
	reward: IDataObject,
): Refunded {
	note(job, key, { claimed, sentAt, voucherDeleted: null }, reward);
	return {
		alreadyRefunded: false,
		voucherDeleted: null,
		claimedReward: reward,
		confirmedBy: 'history',
	};
}

function isAlready(reward: IDataObject | null): Refunded {
	return {
		alreadyRefunded: true,
		voucherDeleted: null,
		claimedReward: reward,
		confirmedBy: 'history',
	};
}

function note(job: RefundJob, key: string, sent: SentRefund, reward: IDataObject | null): void {
	job.keep(sent);
	RECENT.delete(key);
	RECENT.set(key, { ...sent, reward });
	for (const [oldest, recent] of RECENT) {
		if (isRecent(recent)) break;
		RECENT.delete(oldest);
	}
}

function recentOf(key: string) {
	const recent = RECENT.get(key);
	return recent && isRecent(recent) ? recent : undefined;
}

function isRecent({ sentAt }: SentRefund): boolean {
	return Math.abs(Date.now() - sentAt) < MAY_SHOW_LATE_MS;
}

function unclearFailure(facts: FailureFacts, finding: keyof typeof FINDINGS): ItemFailure {
	return new ItemFailure({
		...facts,
		description: sentences(facts.description, FINDINGS[finding]),
	});
}

const FINDINGS = {
	notShown:
		"The node looked into the customer's transactions, where it is not refunded, but LoyaltyLion may show it late.",
	unread: "The node could not read the customer's transactions itself.",
};

function toRequest({ merchantId, claimedRewardId }: ClaimedReward) {
	const customer = encodeURIComponent(merchantId);
	return {
		method: 'POST',
		path: `/v2/customers/${customer}/claimed_rewards/${claimedRewardId}/refund`,
		maxBytes: MAX_ANSWER_BYTES,
	} as const;
}

function readRefunded({ statusCode, complete, text }: Answer) {
	const body = statusCode === 200 && complete ? parseJson(text) : undefined;
	const reward = isRecord(body) ? rewardOf(body.claimed_reward) : undefined;
	if (!isRecord(body) || !reward) return undefined;
	const { remote_resource_deleted: isDeleted } = body;
	return { reward, voucherDeleted: typeof isDeleted === 'boolean' ? isDeleted : null };
}

function toWords({ merchantId, email, claimedRewardId }: ClaimedReward): ChangeWords {
	const what = `claimed reward ${claimedRewardId} of customer ${email ?? merchantId}`;
	return {
		...needing('write_customers'),
		nothingDone: NOT_REFUNDED,
		forbidden: 'refund rewards',
		rejected: (answer) => ({
			message: `LoyaltyLion did not accept the refund of ${what}`,
			description: sentences(
				detailSentences(answer),
				NOT_REFUNDED,
				'Check Customer and Claimed Reward ID, then send the item again.',
			),
		}),
		notFound: () => ({
			code: 'claimed_reward_not_found',
			message: `LoyaltyLion found no ${what}`,
			description: `${NOT_REFUNDED} Look at the customer's rewards in LoyaltyLion.`,
		}),
		refused: () => ({
			message: `LoyaltyLion refused to refund ${what}`,
			description: `${NOT_REFUNDED} It may have been used, or refunded just before. Look at the customer's rewards in LoyaltyLion.`,
		}),
		unclear: `Unclear whether ${what} was refunded`,
		whenUnclear:
			"The points may have been given back. Look at the customer's rewards in LoyaltyLion before you send this item again: a refunded one shows as Void there.",
	};
}
