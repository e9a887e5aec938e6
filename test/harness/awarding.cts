import type { IDataObject as Json, IRun } from 'n8n-workflow';
import type { N8n } from '../../dev/engine/N8n.cts';
import { addPointsWorkflow, type Given, outcomeOf, runAddPoints } from './addPoints.cts';
import { ADDING, ANY_PATH, type Doing } from './doing.cts';
import type { Credential } from './newCredential.cts';
import type { shop } from './shop.cts';

type Shop = ReturnType<typeof shop>;

type More = Partial<Given> & { options?: Json };

/**
 * What the tests share that are about awards whose outcome is unclear.
 *
 * @param credential that of the running test
 * @param doing what is done to points
 */
export function awarding(
	{ standIn, n8n }: Pick<Shop, 'standIn' | 'n8n'>,
	credential: () => Credential,
	doing: Doing = ADDING,
) {
	const count = (pattern: RegExp, method: string) =>
		standIn.requests.filter((each) => each.method === method && pattern.test(each.path)).length;
	return {
		/** Does it, in this process unless another is given. */
		award: (
			items: Json[],
			{ options, parameters, host = n8n(), ...given }: More & { host?: N8n } = {},
		) =>
			runAddPoints(host, {
				items,
				credential: credential(),
				parameters: { ...doing.parameters, ...parameters, options: { timeout: 2, ...options } },
				...given,
			}),
		/** Does what the Retry button does with a saved execution, in this process unless another is given. */
		retry: async (
			saved: IRun,
			{ options, parameters, host = n8n(), ...given }: More & { host?: N8n } = {},
		) => {
			const workflow = addPointsWorkflow({
				parameters: { ...doing.parameters, ...parameters, options: { timeout: 2, ...options } },
				...given,
			});
			const retried = await host.retry(workflow, saved, { credential: credential(), ...given });
			return outcomeOf(retried);
		},
		/** How often points were sent. */
		posts: () => count(ANY_PATH, 'POST'),
		/** How often a history was read. */
		looks: () => count(/\/transactions/, 'GET'),
		/** Comes to pass when so many more requests have arrived at an address. */
		arrivals: async (path: string, times: number) => {
			for (let left = times; left > 0; left--) await standIn.arrival(path);
		},
	};
}
