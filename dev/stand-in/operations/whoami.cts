import type { Handler } from './Handler.cts';

export const whoami: Handler = {
	answer(_shop, { identity: { kind, scopes } }) {
		return {
			status: 200,
			body: { identity: { kind, account_id: 1, program_id: 2, scopes, integration: null } },
		};
	},
};
