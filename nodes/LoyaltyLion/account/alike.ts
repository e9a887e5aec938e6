import type { SentAward } from './SentAward';

/** What of an award its customer's history is sure to tell: awards that agree in it count as alike. */
export type Alike = Pick<SentAward, 'merchantId' | 'points'>;

/**
 * Stands for all awards that are alike.
 *
 * @param award one of them
 * @returns the same text for each of them, and for no other
 */
export function alikeKey({ merchantId, points }: Alike): string {
	return `${points} ${merchantId}`;
}
