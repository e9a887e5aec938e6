import { N8n as FirstN8n } from '../../dev/engine/N8n.cts';
import { LOOKS_BEFORE_REPORT_MS as looksBeforeReport } from '../../nodes/LoyaltyLion/adjustments/adjustOnce.ts';
import { LOOKS_AFTER_MS as looks } from '../../nodes/LoyaltyLion/adjustments/checkHistory.ts';

/**
 * n8n's engine as it is in another process: with the node loaded anew, which remembers nothing. The looks
 * at a history are as short there as `shortLooks` makes them. Both share n8n's database.
 */
export async function anotherProcess(): Promise<FirstN8n> {
	jest.resetModules();
	const { LOOKS_AFTER_MS } = await import('../../nodes/LoyaltyLion/adjustments/checkHistory.ts');
	LOOKS_AFTER_MS.splice(0, Infinity, ...looks);
	const once = await import('../../nodes/LoyaltyLion/adjustments/adjustOnce.ts');
	once.LOOKS_BEFORE_REPORT_MS.splice(0, Infinity, ...looksBeforeReport);
	const { N8n } = await import('../../dev/engine/N8n.cts');
	const n8n = await N8n.load();
	n8n.processedData.table = FirstN8n.processedData.table;
	return n8n;
}
