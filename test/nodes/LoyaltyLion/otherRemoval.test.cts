import type { IDataObject } from 'n8n-workflow';
import { N8n } from '../../../dev/engine/N8n.cts';
import { awarding } from '../../harness/awarding.cts';
import { REMOVING } from '../../harness/doing.cts';
import { errorOf } from '../../harness/errorOf.cts';
import { credentialForEachTest } from '../../harness/newCredential.cts';
import { shop } from '../../harness/shop.cts';
import { shortLooks } from '../../harness/shortLooks.cts';

// Removals of one customer may explain each other's rows, however many points they are of; what one of them is
// done for once is its own all the same.

const theShop = shop({ 1: { points: 100 } }, REMOVING);
const { standIn } = theShop;
const credential = credentialForEachTest(standIn);
const { award: remove, posts } = awarding(theShop, credential, REMOVING);
shortLooks();
afterEach(() => N8n.processedData.reset());

const FIVE = { merchantId: '1', points: 5, reason: 'Order 1001', order: '1001' };
const THREE = { ...FIVE, points: 3 };
const ON = { onError: 'continueErrorOutput' } as const;

const removeOnce = async (workflowId: string, item: IDataObject, ifUnclear: string) =>
	await remove([item], {
		...ON,
		workflowId,
		parameters: { onlyOncePer: '={{ $json.order }}' },
		options: { ifUnclear },
	});

describe.each(['check', 'checkThenSend'])(
	'an unclear removal of other points for the same value: %s',
	(ifUnclear) => {
		test('is not said to be this one when it has arrived', async () => {
			const workflowId = `arrived-${ifUnclear}`;
			standIn.misbehaveOn('removePoints', '1', { kind: 'reset', after: true, times: 1 });
			await removeOnce(workflowId, FIVE, 'report');
			const { succeeded, failed } = await removeOnce(workflowId, THREE, ifUnclear);
			const again = await removeOnce(workflowId, THREE, ifUnclear);

			expect(succeeded).toEqual([]);
			expect(failed.map((item) => errorOf(item).code)).toEqual(['other_points_removed']);
			expect(again.failed.map((item) => errorOf(item).code)).toEqual(['other_points_removed']);
			expect([posts(), standIn.ledger]).toMatchObject([1, [{ points: -5 }]]);
		});

		test('is not sent as this one when it has not', async () => {
			const workflowId = `not-arrived-${ifUnclear}`;
			standIn.misbehaveOn('removePoints', '1', { kind: 'reset', times: 1 });
			await removeOnce(workflowId, FIVE, 'report');
			const { failed } = await removeOnce(workflowId, THREE, ifUnclear);

			expect(failed.map((item) => errorOf(item).code)).toEqual(['outcome_unknown']);
			expect([posts(), standIn.ledger]).toEqual([1, []]);
		});
	},
);
