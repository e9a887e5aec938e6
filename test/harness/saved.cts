import type { IRun } from 'n8n-workflow';

/** What an execution keeps of the LoyaltyLion node's items when n8n saves it. */
type Remembered = { unclear?: object; clock?: { process: string } };

/** @returns by the item's place */
export function remembered({ data }: Pick<IRun, 'data'>): Record<string, Remembered> {
	const kinds = Object.values(data.executionData?.contextData['node:LoyaltyLion'] ?? {});
	const runs = kinds.flatMap((kind) =>
		Object.values(kind as Record<string, Record<string, Remembered>>),
	);
	return Object.fromEntries(runs.flatMap((items) => Object.entries(items)));
}

/** The same execution as if another process had run it. */
export function ofAnotherProcess(saved: Pick<IRun, 'data'>): Pick<IRun, 'data'> {
	const copy = JSON.parse(JSON.stringify({ data: saved.data })) as Pick<IRun, 'data'>;
	for (const { clock } of Object.values(remembered(copy))) {
		if (clock) clock.process = 'another';
	}
	return copy;
}
