import { addPoints } from './operations/addPoints.cts';
import type { Handler } from './operations/Handler.cts';
import { listCustomers } from './operations/listCustomers.cts';
import { listTransactions } from './operations/listTransactions.cts';
import { whoami } from './operations/whoami.cts';

/** What the stand-in can do, by the IDs that openapi.yaml gives the operations. */
export const HANDLERS = { addPoints, listCustomers, listTransactions, whoami } satisfies Record<
	string,
	Handler
>;

export type OperationId = keyof typeof HANDLERS;
