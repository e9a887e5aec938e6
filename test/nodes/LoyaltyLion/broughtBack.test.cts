import { setTimeout } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import type { Reached } from '../../../dev/engine/ProcessedData.cts';
import { N8n } from '../../../dev/engine/N8n.cts';
import { anotherProcess } from '../../harness/anotherProcess.cts';
import { awarding } from '../../harness/awarding.cts';
import { counting, DOINGS } from '../../harness/doing.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

// Each call to n8n's store reads all of it, and writes all of it: so what one process takes away in between comes
// back with the call of another.

// A claim names nothing by which another process could find it.
describe.each(DOINGS.filter(({ hasReason }) => hasReason))('$operation', (doing) => {
	const theShop = shop({ 1: {} }, doing);
	const { standIn } = theShop;
	const { ledger } = counting(standIn, doing);
	const credential = credentialForEachTest(standIn);
	const { award } = awarding(theShop, credential, doing);
	const { processedData } = N8n;
	shortLooks();
	afterEach(() => processedData.reset());

	const ITEM = { merchantId: '1', points: 5, reason: 'Order 1001', order: '1001' };
	const OTHER = { ...ITEM, points: 7 };
	const workflowId = `brought-back-${doing.operation}`;

	const pay = async (item: IDataObject, host?: N8n) =>
		await award([item], {
			...(host && { host }),
			workflowId,
			onError: 'continueErrorOutput',
			parameters: { onlyOncePer: '={{ $json.order }}' },
			options: { ifUnclear: 'check' },
		});

	const markOf = (kind: string, order: string, ...more: unknown[]) =>
		JSON.stringify([kind, JSON.stringify([doing.mark, 'program', '2', '1', order]), ...more]);
	const OTHER_MARK = markOf('points', '1001', 7);
	const isThere = () =>
		processedData.isProcessed(OTHER_MARK, { workflowId, context: 'n:LoyaltyLion' });

	test('what was only asked for does not count as done when another process brings it back', async () => {
		// By a process of its own: the others do not remember it.
		await pay(ITEM, await anotherProcess());
		const other = await anotherProcess();
		const isOfOther = ({ items }: Reached) => items.includes(markOf('claimed', '1002'));
		const reads = other.processedData.hold(
			(reached) => reached.step === 'beforeRead' && isOfOther(reached),
		);
		const writes = other.processedData.hold(
			(reached) => reached.step === 'beforeWrite' && isOfOther(reached),
		);
		const removal = processedData.hold(
			({ step, method, items }) =>
				step === 'beforeRead' && method === 'removeProcessed' && items.includes(OTHER_MARK),
		);
		const inBetween = pay({ ...ITEM, order: '1002' }, other);
		await reads.arrived;
		const asked = pay(OTHER);
		await removal.arrived;
		reads.release();
		await writes.arrived;
		removal.release();
		const first = await asked;
		writes.release();
		await inBetween;
		// It finds what was done in the history, and takes away that it was open, but not what was asked for.
		const found = await pay(ITEM, other);
		const second = await pay(OTHER);

		expect(found.succeeded).toMatchObject([{ confirmedBy: doing.doneBefore }]);
		for (const { succeeded, failed } of [first, second]) {
			expect(succeeded).toEqual([]);
			expect(failed).toMatchObject([{ error: { code: doing.anotherCode } }]);
		}
		expect(ledger()).toHaveLength(2);
		while (isThere()) await setTimeout(20);
	});
});
