import { listActivities, trackActivity, updateActivity } from './operations/activities.cts';
import { addPoints } from './operations/addPoints.cts';
import type { Handler } from './operations/Handler.cts';
import { listCustomers } from './operations/listCustomers.cts';
import { removePoints } from './operations/removePoints.cts';
import { claimReward, listAvailableRewards, refundReward } from './operations/rewards.cts';
import { listAllTransactions, listTransactions } from './operations/transactions.cts';
import { updateCustomer } from './operations/updateCustomer.cts';
import { createWebhook, deleteWebhook, listWebhooks } from './operations/webhooks.cts';
import { whoami } from './operations/whoami.cts';

/** What the stand-in can do, by the IDs that openapi.yaml gives the operations. */
export const HANDLERS = {
	addPoints,
	removePoints,
	listCustomers,
	updateCustomer,
	listTransactions,
	listAllTransactions,
	listAvailableRewards,
	claimReward,
	refundReward,
	trackActivity,
	updateActivity,
	listActivities,
	listWebhooks,
	createWebhook,
	deleteWebhook,
	whoami,
} satisfies Record<string, Handler>;

export type OperationId = keyof typeof HANDLERS;
