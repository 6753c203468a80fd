/**
 * A device written with the AWS IoT Device SDK for JavaScript v2, run by `aws-sdk.test.ts` as a process of its own:
 * the SDK's native handles keep a process alive. Reads its orders from the first argument, writes one JSON line per step.
 */
import { io, iot, iotjobs, mqtt } from 'aws-iot-device-sdk-v2';

interface Orders {
	readonly port: number;
	readonly thing: string;
	readonly password?: string;
	readonly tls?: { readonly certificate: string; readonly key: string; readonly authority: string };
	readonly client: 'v1' | 'v2';
}

const say = (step: string, facts: object = {}): void => {
	process.stdout.write(`${JSON.stringify({ step, ...facts })}\n`);
};

const connect = async ({ port, thing, password, tls }: Orders): Promise<mqtt.MqttClientConnection> => {
	const builder =
		tls === undefined
			? iot.AwsIotMqttConnectionConfigBuilder.new_default_builder()
			: iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(tls.certificate, tls.key).with_certificate_authority(tls.authority);
	const config = builder
		.with_client_id(thing)
		.with_clean_session(true)
		.with_endpoint('localhost')
		.with_port(port)
		.with_reconnect_min_sec(1)
		.with_reconnect_max_sec(1)
		.build();
	if (tls === undefined) {
		Reflect.deleteProperty(config, 'tls_ctx');
		Object.assign(config, { username: thing, password });
	}
	const connection = new mqtt.MqttClient(new io.ClientBootstrap()).new_connection(config);
	connection.on('interrupt', () => say('interrupted'));
	connection.on('resume', () => say('resumed'));
	connection.on('error', (error) => say('error', { error: String(error) }));
	await connection.connect();
	say('connected');
	return connection;
};

/** Events kept until somebody takes them: the SDK's v1 client was seen to hand over two messages of one instant in either order. */
class Inbox<Item> {
	readonly #items: Item[] = [];
	#wake: () => void = () => undefined;

	put(item: Item): void {
		this.#items.push(item);
		this.#wake();
	}

	async take(wanted: (item: Item) => boolean = () => true): Promise<Item> {
		for (;;) {
			const index = this.#items.findIndex(wanted);
			if (index >= 0) return this.#items.splice(index, 1)[0] as Item;
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}
}

const runV1 = async (orders: Orders): Promise<void> => {
	const connection = await connect(orders);
	const client = new iotjobs.IotJobsClient(connection);
	const answers = new Inbox<{ readonly kind: string; readonly message: object }>();
	const put = (kind: string) => (error?: Error, message?: object) =>
		answers.put({ kind, message: error === undefined ? { ...message } : { error: error.message } });
	const { thing: thingName } = orders;
	const qos = mqtt.QoS.AtLeastOnce;
	await client.subscribeToNextJobExecutionChangedEvents({ thingName }, qos, put('next'));
	await client.subscribeToGetPendingJobExecutionsAccepted({ thingName }, qos, put('pending'));
	await client.subscribeToStartNextPendingJobExecutionAccepted({ thingName }, qos, put('started'));
	await client.subscribeToUpdateJobExecutionAccepted({ thingName, jobId: '+' }, qos, put('updated'));
	await client.subscribeToUpdateJobExecutionRejected({ thingName, jobId: '+' }, qos, put('rejected'));
	await client.subscribeToDescribeJobExecutionAccepted({ thingName, jobId: '+' }, qos, put('described'));
	const expect = async (kind: string): Promise<void> => say(kind, { message: (await answers.take((answer) => answer.kind === kind)).message });
	await client.publishGetPendingJobExecutions({ thingName }, qos);
	await expect('pending');
	await client.publishStartNextPendingJobExecution({ thingName, clientToken: 'token-1' }, qos);
	await expect('started');
	await client.publishDescribeJobExecution({ thingName, jobId: '$next' }, qos);
	await expect('described');
	const { IN_PROGRESS, SUCCEEDED } = iotjobs.model.JobStatus;
	await client.publishUpdateJobExecution({ thingName, jobId: 'job-1', status: IN_PROGRESS, expectedVersion: 99 }, qos);
	await expect('rejected');
	await client.publishUpdateJobExecution({ thingName, jobId: 'job-1', status: SUCCEEDED, expectedVersion: 2, includeJobExecutionState: true }, qos);
	await expect('updated');
	await expect('next');
};

const runV2 = async (orders: Orders): Promise<void> => {
	const connection = await connect(orders);
	const client = iotjobs.IotJobsClientv2.newFromMqtt311(connection, {
		maxRequestResponseSubscriptions: 6,
		maxStreamingSubscriptions: 2,
		operationTimeoutInSeconds: 15,
	});
	const { thing: thingName } = orders;
	const next = new Inbox<iotjobs.model.NextJobExecutionChangedEvent>();
	const stream = client.createNextJobExecutionChangedStream({ thingName });
	const subscribed = new Inbox<void>();
	stream.on('subscriptionStatus', () => subscribed.put());
	stream.on('incomingPublish', ({ message }) => next.put(message));
	stream.open();
	await subscribed.take();
	say('pending', { message: await client.getPendingJobExecutions({ thingName }) });
	say('started', { message: await client.startNextPendingJobExecution({ thingName }) });
	say('described', { message: await client.describeJobExecution({ thingName, jobId: 'job-1', includeJobDocument: true }) });
	const { IN_PROGRESS, SUCCEEDED } = iotjobs.model.JobStatus;
	try {
		await client.updateJobExecution({ thingName, jobId: 'job-1', status: IN_PROGRESS, expectedVersion: 99 });
	} catch (error) {
		say('rejected', { message: (error as { modeledError?: object }).modeledError });
	}
	say('cut me');
	await new Promise<void>((resolve) => connection.on('resume', () => resolve()));
	say('updated', {
		message: await client.updateJobExecution({ thingName, jobId: 'job-1', status: SUCCEEDED, expectedVersion: 2, includeJobExecutionState: true }),
	});
	const { execution } = await next.take((event) => event.execution?.jobId === 'job-2');
	say('next', { message: { execution } });
	await client.updateJobExecution({ thingName, jobId: 'job-2', status: SUCCEEDED });
	stream.close();
	client.close();
};

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const run = orders.client === 'v1' ? runV1 : runV2;
run(orders).then(
	() => {
		say('finished');
		process.exit(0);
	},
	(error: unknown) => {
		say('failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
		process.exit(1);
	},
);
