import type { Handler } from './Handler.cts';

export const whoami: Handler = {
	answer({ tellsProgram }, { identity: { kind, scopes, programId } }) {
		const program = tellsProgram && { program_id: programId };
		return {
			status: 200,
			body: { identity: { kind, account_id: 1, ...program, scopes, integration: null } },
		};
	},
};
