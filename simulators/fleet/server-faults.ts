import type { ServerFault, StatementChange, WrongAnswer } from '../../harness/faults/index.js';
import { decodeFields, encodeFields, type Outgoing, parseRequestTopic, type StreamFormat } from '../../harness/protocols/index.js';
import type { Clock, Random, Timer } from '../../harness/time/index.js';
import type { Cloud } from '../cloud/index.js';
import type { TroubledSite } from './artifact-trouble.js';

/** What a fault works with. `hit` leaves the evidence that it reached a device: once for each, however often it does. */
export interface ServerStage {
	readonly clock: Clock;
	readonly cloud: Cloud;
	/** Undefined where images come over the broker. */
	readonly site: TroubledSite | undefined;
	readonly random: Random;
	hit(thing: string, detail: string, options?: { readonly form: string }): void;
}

type FaultOf<Kind extends ServerFault['kind']> = Extract<ServerFault, { readonly kind: Kind }>;
/** Called when the fault is armed; its times run from then. */
type Begin<Kind extends ServerFault['kind']> = (fault: FaultOf<Kind>, stage: ServerStage) => void;

/** The faults of a service that come in its messages, each as what stands between it and its broker. */
export const SERVER_FAULTS: { readonly [Kind in Exclude<ServerFault['kind'], 'service-restored'>]: Begin<Kind> } = {
	'job-repeated': ({ afterMs, everyMs, times }, { clock, cloud, hit }) => {
		const { offers, end } = collectOffers(cloud);
		const repeat = (left: number): void => {
			if (left === 0) return;
			for (const offer of offers.values()) {
				cloud.deliver(offer);
				hit(offer.thing, 'an old notice of a job came again');
			}
			clock.after(everyMs, () => repeat(left - 1));
		};
		later(clock, afterMs, () => {
			end();
			repeat(times);
		});
	},
	'job-retained': ({ afterMs }, { clock, cloud, hit }) => {
		const { offers, end } = collectOffers(cloud);
		later(clock, afterMs, () => {
			end();
			for (const offer of offers.values()) cloud.retain(offer);
			// Whoever asks the service for anything on a later connection has subscribed on it before.
			const subscribedBefore = new Set(offers.keys());
			cloud.interfere({
				disconnected: (thing) => void subscribedBefore.delete(thing),
				request: (message, pass) => {
					if (offers.has(message.thing) && !subscribedBefore.has(message.thing)) hit(message.thing, 'the retained notice came with the subscription');
					pass(message);
				},
			});
		});
	},
	throttled: ({ afterMs, forMs }, { clock, cloud, hit }) =>
		during(clock, { afterMs, forMs }, () =>
			cloud.interfere({
				refuse: (thing) => {
					hit(thing, 'RequestThrottled');
					return 'RequestThrottled';
				},
			}),
		),
	'version-conflict': ({ afterMs, times }, { clock, cloud, hit }) => {
		const left = countDown(times);
		later(clock, afterMs, () =>
			cloud.interfere({
				request: (message, pass) => {
					const update = readUpdate(message);
					if (update?.expectedVersion !== undefined && left(message.thing)) {
						cloud.touchJob(message.thing, update.jobId);
						hit(message.thing, `${update.jobId} was changed before ${update.status} arrived`);
					}
					pass(message);
				},
			}),
		);
	},
	'report-lost': ({ afterMs, lost, times }, { clock, cloud, hit }) => {
		const left = countDown(times);
		const answers = new Map<string, string>();
		later(clock, afterMs, () =>
			cloud.interfere({
				request: (message, pass) => {
					const isLost = isFinal(readUpdate(message)) && left(message.thing);
					if (isLost) hit(message.thing, `the ${lost} was lost`, { form: lost });
					if (isLost && lost === 'answer') answers.set(message.thing, `${message.topic}/accepted`);
					if (!isLost || lost === 'answer') pass(message);
				},
				answer: (message, pass) => {
					if (answers.get(message.thing) === message.topic) answers.delete(message.thing);
					else pass(message);
				},
			}),
		);
	},
	'report-repeated': ({ afterMs }, { clock, cloud, hit }) =>
		later(clock, afterMs, () =>
			cloud.interfere({
				request: (message, pass) => {
					pass(message);
					if (!isFinal(readUpdate(message))) return;
					hit(message.thing, 'the report came twice');
					pass(message);
				},
			}),
		),
	'file-swapped': ({ afterMs, forMs }, { clock, cloud, hit }) => {
		/** Blocks that each device got of each stream, `device/stream`. */
		const served = new Map<string, number>();
		const swapped = new Set<string>();
		during(clock, { afterMs, forMs }, () =>
			cloud.interfere({
				request: (message, pass) => {
					const topic = parseRequestTopic(message.topic);
					if (topic?.service === 'streams' && swapped.has(topic.streamId)) hit(message.thing, `${topic.streamId} holds another file`);
					pass(message);
				},
				answer: (message, pass) => {
					pass(message);
					const stream = isBlock(message) ? message.topic.split('/')[4] : undefined;
					if (stream === undefined || swapped.has(stream)) return;
					const key = `${message.thing}/${stream}`;
					const blocks = (served.get(key) ?? 0) + 1;
					served.set(key, blocks);
					const bytes = blocks > BLOCKS_BEFORE_SWAP ? cloud.fileOf(stream, 0) : undefined;
					if (bytes === undefined) return;
					swapped.add(stream);
					cloud.publishFile(stream, [{ fileId: 0, bytes: bytes.map((byte) => byte ^ 0xff) }]);
				},
			}),
		);
	},
	'answers-wrong': ({ afterMs, forMs, what }, { clock, cloud, hit }) =>
		during(clock, { afterMs, forMs }, () =>
			cloud.interfere({
				answer: (message, pass) => {
					const wrong = WRONG[what](message);
					if (wrong !== undefined) hit(message.thing, 'the wrong answer came', { form: what });
					pass(wrong ?? message);
				},
			}),
		),
	'answers-endless': ({ afterMs, forMs, everyMs }, { clock, cloud, hit }) => {
		const loops = new Map<string, Timer>();
		const repeat = (block: Outgoing): void => {
			loops.set(
				block.thing,
				clock.after(everyMs, () => {
					cloud.deliver(block);
					hit(block.thing, 'one block came again and again');
					repeat(block);
				}),
			);
		};
		const end = (thing: string): void => {
			loops.get(thing)?.cancel();
			loops.delete(thing);
		};
		during(clock, { afterMs, forMs }, () => {
			const over = cloud.interfere({
				answer: (message, pass) => {
					if (!isBlock(message)) pass(message);
					else if (!loops.has(message.thing)) {
						pass(message);
						repeat(message);
					}
				},
				disconnected: end,
			});
			return () => {
				over();
				for (const thing of [...loops.keys()]) end(thing);
			};
		});
	},
	'answers-slow': ({ afterMs, forMs, upToMs }, { clock, cloud, random, hit }) =>
		during(clock, { afterMs, forMs }, () =>
			cloud.interfere({
				answer: (message, pass) => {
					hit(message.thing, `answers took up to ${upToMs} ms longer`);
					clock.after(1 + random.integer(upToMs), () => pass(message));
				},
			}),
		),
	'artifacts-wrong': ({ afterMs, forMs, what }, { clock, site, hit }) => {
		if (!site) throw new RangeError('artifacts-wrong: a fleet with images by URL was expected');
		during(clock, { afterMs, forMs }, () => {
			site.trouble = { what, hit };
			return () => {
				site.trouble = undefined;
			};
		});
	},
	'statement-changed': ({ afterMs, forMs, how }, { clock, cloud, hit }) => {
		const seen: string[] = [];
		during(clock, { afterMs, forMs }, () =>
			cloud.interfere({
				answer: (message, pass) => {
					const changed = changeFile(message, (file) => STATEMENTS[how](file, seen));
					if (changed !== undefined) hit(message.thing, 'what was said of the image was changed', { form: how });
					pass(changed ?? message);
				},
			}),
		);
	},
};

const YEAR_S = 31_536_000;

/** The file of a job with another statement; undefined: none can be made of it. `seen`: statements that went by. */
const STATEMENTS: Readonly<Record<StatementChange, (file: Fields, seen: string[]) => Fields | undefined>> = {
	prolonged: (file) => {
		const statement = JSON.parse(String(file.statement)) as Fields;
		if (typeof statement.expires !== 'number') return undefined;
		const expires = statement.expires + YEAR_S;
		return { ...file, expires, statement: JSON.stringify({ ...statement, expires }) };
	},
	dropped: ({ statement: _, expires: __, ...file }) => file,
	swapped: ({ expires: _, ...file }, seen) => {
		const own = String(file.statement);
		const other = seen.find((statement) => statement !== own);
		if (!seen.includes(own)) seen.push(own);
		return other === undefined ? undefined : { ...file, statement: other };
	},
};

/** A message that brings a job, with something done to its file; undefined where it brings none with a statement. */
const changeFile = (message: Outgoing, change: (file: Fields) => Fields | undefined): Outgoing | undefined => {
	if (!message.topic.includes('/jobs/') || !textOf(message).includes('"statement"')) return undefined;
	const fields = decodeFields(message.payload, 'json') as { execution?: { jobDocument?: { afr_ota?: { files?: Fields[] } } } } | undefined;
	const files = fields?.execution?.jobDocument?.afr_ota?.files;
	const file = files?.[0];
	const changed = file?.statement === undefined ? undefined : change(file);
	if (files === undefined || changed === undefined) return undefined;
	files[0] = changed;
	return { ...message, payload: encodeFields(fields as Fields, 'json') };
};

/** Of one device, before the file is replaced under all. */
const BLOCKS_BEFORE_SWAP = 2;

const later = (clock: Clock, afterMs: number, begin: () => void): void => void clock.after(Math.max(1, afterMs), begin);

const during = (clock: Clock, { afterMs, forMs }: { readonly afterMs: number; readonly forMs: number }, begin: () => () => void): void =>
	later(clock, afterMs, () => void clock.after(forMs, begin()));

/** True for the first so many times of each thing. */
const countDown = (times: number): ((thing: string) => boolean) => {
	const used = new Map<string, number>();
	return (thing) => {
		const before = used.get(thing) ?? 0;
		used.set(thing, before + 1);
		return before < times;
	};
};

/** The newest notice of each thing that offers it a job, from now until the end. */
const collectOffers = (cloud: Cloud): { readonly offers: ReadonlyMap<string, Outgoing>; readonly end: () => void } => {
	const offers = new Map<string, Outgoing>();
	const end = cloud.interfere({
		answer: (message, pass) => {
			if (message.topic.endsWith('/jobs/notify-next') && textOf(message).includes('"execution"')) offers.set(message.thing, message);
			pass(message);
		},
	});
	return { offers, end };
};

interface Update {
	readonly jobId: string;
	readonly status: unknown;
	readonly expectedVersion: unknown;
}

/** A device's update of a job, as far as the service would take it for one. */
const readUpdate = ({ topic, payload }: Outgoing): Update | undefined => {
	const parsed = parseRequestTopic(topic);
	if (parsed?.service !== 'jobs' || parsed.request !== 'update') return undefined;
	const fields = decodeFields(payload, 'json');
	return fields && { jobId: parsed.jobId, status: fields.status, expectedVersion: fields.expectedVersion };
};

const isFinal = (update: Update | undefined): boolean => update !== undefined && update.status !== 'IN_PROGRESS';

const textOf = ({ payload }: Outgoing): string => Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();

const isBlock = ({ topic }: Outgoing): boolean => /\/streams\/[^/]+\/data\//.test(topic);

const HTML = Buffer.from('<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>');

/** What comes in place of a message; undefined: the message itself. */
const WRONG: Readonly<Record<WrongAnswer, (message: Outgoing) => Outgoing | undefined>> = {
	'html-page': (message) => ({ ...message, payload: HTML }),
	'flipped-bit': (message) => changeBlock(message, (fields, bytes) => ({ ...fields, p: bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)) })),
	'short-block': (message) => changeBlock(message, (fields, bytes) => ({ ...fields, l: bytes.length >> 1, p: bytes.subarray(0, bytes.length >> 1) })),
	'strange-block': (message) => changeBlock(message, (fields) => ({ ...fields, i: Number(fields.i) + STRANGE_BLOCK })),
};
/** Outside of any file. */
const STRANGE_BLOCK = 100_000;

type Fields = Readonly<Record<string, unknown>>;

const changeBlock = (message: Outgoing, change: (fields: Fields, bytes: Uint8Array) => Fields): Outgoing | undefined => {
	if (!isBlock(message)) return undefined;
	const format = message.topic.slice(message.topic.lastIndexOf('/') + 1) as StreamFormat;
	const fields = decodeFields(message.payload, format) as Fields;
	const bytes = format === 'json' ? Buffer.from(String(fields.p), 'base64') : (fields.p as Uint8Array);
	return { ...message, payload: encodeFields(change({ ...fields, p: bytes }, bytes), format) };
};
