import { shop } from '../../harness/shop.cts';

const { standIn, run } = shop({ 1: {}, 2: {}, 3: {} });

test('the history is looked at for half a minute, as LoyaltyLion may show points late', async () => {
	standIn.historyLagMs = 5000;
	standIn.misbehaveFor('1', { kind: 'reset', after: true, times: 1 });
	standIn.misbehaveFor('2', { kind: 'reset', times: 1 });
	const items = ['1', '2', '3'].map((merchantId) => ({ merchantId, points: 5 }));
	const began = performance.now();

	const { succeeded, failed } = await run({
		items,
		parameters: { options: { ifUnclear: 'check' } },
		onError: 'continueErrorOutput',
	});

	expect(succeeded).toMatchObject([
		{ merchantId: '1', confirmedBy: 'history' },
		{ merchantId: '3', confirmedBy: 'response' },
	]);
	expect(failed).toMatchObject([
		{ merchantId: '2', error: { code: 'outcome_unknown', pointsMayHaveBeenAdded: true } },
	]);
	expect(performance.now() - began).toBeGreaterThan(30_000);
	expect(looksAt('1')).toBe(3);
	expect(looksAt('2')).toBe(5);
	expect(standIn.balances()).toEqual({ 1: 5, 3: 5 });
});

function looksAt(merchantId: string) {
	const history = `/v2/customers/${merchantId}/transactions`;
	return standIn.requests.filter(({ path }) => path.startsWith(history)).length;
}
