import { isGranted } from '../access.cts';
import type { Hook, Shop } from '../Shop.cts';
import { type Topic, TOPICS } from '../topics.cts';
import { type Call, type Handler, NOT_ALLOWED, notFound, refused, type Reply } from './Handler.cts';

interface Body {
	webhook: { topic: Topic; address: string; service_integration_id?: number | null };
}

export const listWebhooks: Handler = {
	answer(shop, call) {
		return { status: 200, body: { webhooks: hooksOf(shop, call).map(webhookRow) } };
	},
};

export const createWebhook: Handler = { answer: create, takeEffect: create };

/** A site token has no scopes, and may do everything. */
function create(shop: Shop, call: Call): Reply {
	const { kind, scopes = [], programId } = call.identity;
	const {
		topic,
		address,
		service_integration_id: integrationId = null,
	} = (call.body as Body).webhook;
	if (kind !== 'site' && !isGranted(TOPICS[topic], scopes)) return NOT_ALLOWED;
	const existing = hooksOf(shop, call).find(
		(each) => each.topic === topic && each.address === address,
	);
	if (existing && shop.ifHooked === 'refuse') return refused('Webhook already exists');
	if (existing && shop.ifHooked === 'giveIt') return answerWith(200, existing);
	const hook = shop.hook({ programId, topic, address, serviceIntegrationId: integrationId });
	return answerWith(201, hook);
}

export const deleteWebhook: Handler = { answer: remove, takeEffect: remove };

function remove(shop: Shop, call: Call): Reply {
	const id = Number(call.parameters.webhook_id);
	const hook = hooksOf(shop, call).find((each) => each.id === id);
	if (!hook) return notFound('Webhook');
	shop.unhook(hook);
	return { status: 204, body: undefined };
}

/** Those of the program that the credential belongs to. */
function hooksOf({ hooks }: Shop, { identity }: Call) {
	return hooks.filter(({ programId }) => programId === identity.programId);
}

function answerWith(status: number, hook: Hook): Reply {
	return { status, body: { webhook: webhookRow(hook) } };
}

function webhookRow({ id, topic, address, serviceIntegrationId, createdAt }: Hook) {
	return {
		id,
		topic,
		address,
		created_at: createdAt,
		updated_at: createdAt,
		service_integration_id: serviceIntegrationId,
	};
}
