import type { ICredentialDataDecryptedObject, IDataObject as Json, IRun } from 'n8n-workflow';
import type PCancelable from 'p-cancelable';
import type { N8n } from '../../dev/engine/N8n.cts';
import { ADDING, type Doing } from './doing.cts';
import { addPointsWorkflow, type Given, outcomeOf, runAddPoints } from './addPoints.cts';
import { ofAnotherProcess, remembered } from './saved.cts';

type Award = { merchantId: string; points: number };

/** What an execution of Add Points is to be. */
interface Execution {
	items: (Award & { reason: string })[];
	onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	ifUnclear: string;
	retryOnFail: boolean;
}

/** How many awards there are for an item, by what the output says. */
interface Claim {
	/** The item. */
	of: string;
	award: string;
	atLeast: number;
	atMost: number;
}

const RETRY_ON_FAIL = { maxTries: 3, waitBetweenTries: 1 };

/** One execution of Add Points, and its retries, each from the state in which the one before it was saved. */
export class Tries {
	#running: PCancelable<IRun> | undefined;

	#errors: { message: string; description?: string | null | undefined }[] = [];

	#first: ReturnType<typeof outcomeOf> | undefined;

	#latest: ReturnType<typeof outcomeOf> | undefined;

	/** Whether the latest try was canceled, and the one before it. */
	wasCanceled = false;
	continuedCanceled = false;

	readonly n8n: N8n;

	readonly items: Execution['items'];

	readonly name: string;

	readonly original: Tries | undefined;

	readonly doing: Doing;

	readonly setup: {
		onError: Execution['onError'];
		parameters: Json & { options: { ifUnclear: string } };
		settings: { retryOnFail: boolean; maxTries: number; waitBetweenTries: number };
	};

	/**
	 * @param name that no other has
	 * @param doing what each item does to its customer's points
	 * @param original whose first try is retried, whatever its later ones came to
	 */
	constructor(
		n8n: N8n,
		execution: Execution,
		name: string,
		doing: Doing = ADDING,
		original?: Tries,
	) {
		this.n8n = n8n;
		this.items = execution.items;
		this.name = name;
		this.doing = doing;
		this.original = original;
		this.setup = {
			onError: execution.onError,
			parameters: {
				...doing.parameters,
				options: { ifUnclear: execution.ifUnclear },
			},
			settings: { retryOnFail: execution.retryOnFail, ...RETRY_ON_FAIL },
		};
		if (original) this.#latest = original.#first;
	}

	/** Whether there is something left to be tried. */
	get isOpen() {
		return !this.#latest || this.#latest.error !== undefined;
	}

	/** How many items the next try has to find out about. */
	get unclearCount() {
		if (!this.#latest) return 0;
		return Object.values(remembered(this.#latest.run)).filter(({ unclear }) => unclear).length;
	}

	/**
	 * Tries it once more.
	 *
	 * @param isInAnotherProcess than the try before
	 */
	async go(credential: ICredentialDataDecryptedObject, isInAnotherProcess: boolean) {
		const given = {
			credential,
			onStart: (running: PCancelable<IRun>) => {
				this.#running = running;
			},
		};
		this.#latest = await this.#next(given, isInAnotherProcess);
		this.#first ??= this.#latest;
		this.continuedCanceled = this.wasCanceled;
		this.wasCanceled = this.#running?.isCanceled ?? false;
		if (this.#latest.error) this.#errors.push(this.#latest.error);
	}

	async #next(given: Pick<Given, 'credential' | 'onStart'>, isInAnotherProcess: boolean) {
		if (!this.#latest) {
			return await runAddPoints(this.n8n, { items: this.items, ...this.setup, ...given });
		}
		const { run } = this.#latest;
		const saved = isInAnotherProcess ? ofAnotherProcess(run) : run;
		return outcomeOf(await this.n8n.retry(addPointsWorkflow(this.setup), saved, given));
	}

	/** Cancels the try that is under way, unless it has come to its end. */
	cancel() {
		this.#running?.cancel();
	}

	/** The same execution, of which another retry begins where its first try has ended, if that failed. */
	again() {
		if (!this.#first?.error) return undefined;
		const { onError, parameters, settings } = this.setup;
		const execution = { items: this.items, onError, ...parameters.options, ...settings };
		return new Tries(this.n8n, execution, `${this.name} again`, this.doing, this);
	}

	/** What came out of the latest try. */
	get output() {
		const { succeeded = [], failed = [] } = this.#latest ?? {};
		return [...succeeded, ...failed];
	}

	/** The items of which something has to have come out. */
	get places() {
		return this.isOpen ? [] : [...this.items.keys()];
	}

	/** What the output says of each item; when it has stopped for good, what the errors do. */
	claims(): Claim[] {
		if (!this.isOpen)
			return this.output.map((json) => claimOf(this.#idOf(Number(json.sees)), json, this.doing));
		const twice = placesSentTwice(this.#errors.map(({ description }) => description ?? ''));
		return this.items.map((award, place) => ({
			of: this.#idOf(place),
			award: keyOf(award),
			atLeast: 0,
			atMost: twice.includes(place) ? 2 : 1,
		}));
	}

	/**
	 * What the first try has sent is the same award in all that follows from it; what it has not sent is one
	 * of its own in each, unless the node had come to its end when the first was canceled.
	 */
	#idOf(place: number): string {
		const { original } = this;
		const first = original && original.#first;
		const isSame = first && (first.output.length > 0 || place in remembered(first.run));
		if (original && isSame) return original.#idOf(place);
		return `${this.name}, item ${place}`;
	}
}

/**
 * How many awards there are for an item, by what it says itself.
 *
 * @param of the item
 */
export function claimOf(
	of: string,
	{ error, ...fields }: Json,
	{ flags, amount }: Doing = ADDING,
): Claim {
	const said = error ? (error as Json) : fields;
	const mayBe = fields.success || said[flags.mayBeDone] ? 1 : 0;
	return {
		of,
		award: keyOf({ merchantId: said.merchantId, points: said[amount] }),
		atLeast: fields.success ? (said[flags.isTwice] ? 2 : 1) : 0,
		atMost: said[flags.mayBeTwice] ? 2 : mayBe,
	};
}

/** The items of which errors say that they were sent twice. */
function placesSentTwice(descriptions: string[]) {
	return descriptions
		.flatMap((text) => [
			...text.matchAll(
				/For \d+ items? \(items? ([^)]+)\): the (?:points|removal|claim|reward) (?:was|were) (?:sent a second|(?:added|removed|claimed) twice)/g,
			),
		])
		.flatMap(([, listed = '']) => listed.split(', '))
		.flatMap((stretch) => {
			const [from = NaN, to = from] = stretch.split(' to ').map(Number);
			return Array.from({ length: to - from + 1 }, (_, index) => from + index);
		});
}

/** The reason is left out, as an unclear item does not name it. */
function keyOf({ merchantId, points }: { merchantId?: unknown; points?: unknown }) {
	return `${String(merchantId)} ${String(points)}`;
}

/** The awards of which there are more than was claimed, or fewer. */
export function unexplained(ledger: Award[], claims: Claim[]) {
	/** Of what several tries say of one item, the most counts. */
	const items: Map<string, Claim> = new Map();
	for (const claim of claims) {
		const { atLeast, atMost } = items.get(claim.of) ?? { atLeast: 0, atMost: 0 };
		items.set(claim.of, {
			...claim,
			atLeast: Math.max(atLeast, claim.atLeast),
			atMost: Math.max(atMost, claim.atMost),
		});
	}
	const awards = new Set([...ledger.map(keyOf), ...claims.map(({ award }) => award)]);
	return [...awards].flatMap((award) => {
		const there = ledger.filter((each) => keyOf(each) === award).length;
		const own = [...items.values()].filter((claim) => claim.award === award);
		const claimed = ['atLeast', 'atMost'].map((bound) =>
			own.reduce((sum, claim) => sum + claim[bound as 'atLeast' | 'atMost'], 0),
		);
		const [least = 0, most = 0] = claimed;
		return least <= there && there <= most ? [] : [{ award, there, claimed }];
	});
}
