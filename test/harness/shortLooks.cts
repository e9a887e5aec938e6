import { LOOKS_AFTER_MS } from '../../nodes/LoyaltyLion/adjustments/checkHistory.ts';

/**
 * Lets the node look at a customer's history at once instead of over half a minute, in the tests of one
 * file. That it really takes its time is tested in history.test.cts.
 */
export function shortLooks() {
	const looks: number[] = LOOKS_AFTER_MS;
	const real = [...looks];

	beforeAll(() => void looks.splice(0, Infinity, 20, 60, 120));
	afterAll(() => void looks.splice(0, Infinity, ...real));
}
