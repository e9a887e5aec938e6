import { LOOKS_BEFORE_REPORT_MS } from '../../nodes/LoyaltyLion/adjustments/adjustOnce.ts';
import { LOOKS_AFTER_MS } from '../../nodes/LoyaltyLion/adjustments/checkHistory.ts';

/**
 * Lets the node look at a customer's history at once instead of over half a minute, in the tests of one
 * file. That it really takes its time is tested in history.test.cts.
 */
export function shortLooks() {
	for (const looks of [LOOKS_AFTER_MS, LOOKS_BEFORE_REPORT_MS]) {
		const real = [...looks];
		beforeAll(() => void looks.splice(0, Infinity, 20, 60, 120));
		afterAll(() => void looks.splice(0, Infinity, ...real));
	}
}
