import { LIMITS } from '../../nodes/LoyaltyLion/transport/Patience.ts';

/**
 * Lets the node give up sooner at LoyaltyLion's limit, in the tests of one file that are about what comes
 * then. How long it really goes on is tested in pacing.test.cts.
 */
export function impatient() {
	const real = LIMITS.refused;

	beforeAll(() => {
		LIMITS.refused = { ...real, tries: TRIES };
	});
	afterAll(() => {
		LIMITS.refused = real;
	});
}

/** How often a request is tried then. */
export const TRIES = 3;
