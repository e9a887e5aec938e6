import type { IDataObject } from 'n8n-workflow';
import { readEnvelope, toOutput } from '../../nodes/LoyaltyLion/trigger/envelope.ts';
import { EVENTS, type LoyaltyEvent } from '../../nodes/LoyaltyLion/trigger/events.ts';
import { eventOf } from '../stand-in/events.cts';
import { Shop } from '../stand-in/Shop.cts';
import { TOPICS, type Topic } from '../stand-in/topics.cts';

/** An event, and what the LoyaltyLion Trigger puts out for it: the fields are LoyaltyLion's, their values made up. */
export interface Sample {
	event: LoyaltyEvent;
	json: IDataObject;
}

/**
 * Has each event happen once, in a shop that is always the same.
 *
 * @returns a sample of each, in the order of their names
 * @throws when the trigger takes one of them for no event
 */
export function samples(): Sample[] {
	const shop = new StillShop(STOCK);
	return EVENTS.map((event, index) => ({ event, json: outputOf(shop, topicOf(event), index) }));
}

/**
 * @param topic LoyaltyLion's name of an event
 * @returns what the trigger puts out for it
 */
export function sampleOf(topic: Topic): IDataObject {
	const sample = samples().find(({ event }) => event.topic === topic);
	if (!sample) throw new Error(`The trigger has no event ${topic}.`);
	return sample.json;
}

/** @param index tells it apart from the others */
function outputOf(shop: Shop, topic: Topic, index: number): IDataObject {
	const delivered = {
		id: uuid('7c1d9e52', index),
		topic,
		created_at: new Date(SENT_AT).toISOString(),
		...eventOf(shop, topic, uuid('a94f08d1', index), {}),
	};
	const envelope = readEnvelope(Buffer.from(JSON.stringify(delivered)), topic);
	if (!envelope) throw new Error(`The trigger does not take ${topic} for an event.`);
	return toOutput(envelope, 'shop.example');
}

/** One in which no time passes. */
class StillShop extends Shop {
	override now() {
		return HAPPENED_AT;
	}
}

function topicOf({ topic }: LoyaltyEvent): Topic {
	if (!(topic in TOPICS)) throw new Error(`The stand-in has no event ${topic}.`);
	return topic as Topic;
}

function uuid(beginning: string, index: number) {
	return `${beginning}-4b0a-4f3e-8d26-${String(index + 1).padStart(12, '0')}`;
}

const STOCK = {
	customers: {
		6145627226296: {
			email: 'ann@example.com',
			name: 'Ann Lee',
			points: 420,
			birthday: '1990-11-24',
		},
	},
	rewards: [{ id: 71, title: '5 off', pointCost: 100 }],
	rules: { $purchase: { points: 50, title: 'Make a purchase' } },
};

const HAPPENED_AT = Date.UTC(2026, 10, 24, 9, 30);
const SENT_AT = HAPPENED_AT + 2000;
