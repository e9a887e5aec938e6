/** The process of the stand-in: keeps a shop for one measurement, then tells what has happened in it. */
import { once } from 'node:events';
import { StandIn } from '../dev/stand-in/StandIn.cts';
import { CREDENTIAL, customersOf, rowsOf, type Work } from './work.cts';

export interface Shop {
	work: Work;
	requestsPerSecond: number;
	latencyMs: number;
	/** Of every so many awards, the first answer to one is lost after the award. */
	loseEvery?: number;
}

/** What was asked of the shop, and what came of it. */
export interface Ledger {
	/** Items whose customer has their points. */
	awarded: number;
	/** Items of which another customer has the points, or the customer has others. */
	wrong: number;
	/** Items of which nobody has the points. */
	lost: number;
	/** Awards beyond the first for the same item. */
	doubled: number;
	requests: number;
	/** Answered with 429. */
	refused: number;
	/** Of the contract. */
	breaches: string[];
	/** Of the awards, in ms after the first. */
	times: number[];
}

async function main() {
	process.once('disconnect', () => process.exit());
	const [shop] = (await once(process, 'message')) as [Shop];
	const { work, requestsPerSecond, latencyMs, loseEvery } = shop;
	const standIn = new StandIn({
		apiKeys: { [CREDENTIAL.apiKey]: ['write_customers'] },
		customers: customersOf(work),
		requestsPerSecond,
		latencyMs,
	});
	if (loseEvery) loseAnswers(standIn, work, loseEvery);
	await standIn.start();
	process.send?.(standIn.url);

	await once(process, 'message');
	process.send?.(ledgerOf(standIn, work));
}

function loseAnswers(standIn: StandIn, work: Work, every: number) {
	const unlucky = rowsOf(work).filter((_, index) => index % every === every - 1);
	for (const { merchantId } of unlucky) {
		standIn.misbehaveFor(merchantId, { kind: 'reset', after: true, times: 1 });
	}
}

function ledgerOf(standIn: StandIn, work: Work): Ledger {
	const rows = new Map(rowsOf(work).map((row) => [row.reason, row]));
	const reached = new Set(standIn.ledger.map(({ reason }) => reason));
	const right = standIn.ledger.filter(({ reason, merchantId, points }) => {
		const row = rows.get(reason ?? '');
		return row?.merchantId === merchantId && row.points === points;
	});
	const awarded = new Set(right.map(({ reason }) => reason)).size;
	const times = standIn.awardTimes();
	return {
		awarded,
		wrong: reached.size - awarded,
		lost: work.items - reached.size,
		doubled: standIn.ledger.length - reached.size,
		requests: standIn.requests.length,
		refused: standIn.limit.refused,
		breaches: standIn.breaches,
		times: times.map((time) => time - (times[0] ?? 0)),
	};
}

void main();
