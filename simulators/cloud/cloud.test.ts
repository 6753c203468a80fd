import { BlockDownload, encodeDeviceReport, JobsClient, type JobsReply, reportTopic } from '../../harness/protocols/index.js';
import { createPair, Peer, REPORT, withCloud } from './cloud.test.bench.js';

const T1 = '$aws/things/t1/jobs/';

withCloud('a device connects, reports itself, takes a job, downloads the file and ends the job', async (t, { cloud, settle, changes, told }) => {
	const file = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 13) & 0xff);
	t.is(cloud.publishFile('release-2', [{ fileId: 0, bytes: file }]), 1);
	cloud.createJob({ jobId: 'j1', document: { stream: 'release-2' }, things: ['t1', 't2'] });
	const peer = new Peer(cloud, { thing: 't1' });
	const stored = Buffer.alloc(file.length);
	const have = new Set<number>();
	const send = (topic: string, payload: Uint8Array) => peer.publish(topic, payload);
	const jobs = new JobsClient({ thing: 't1', send });
	const ended: JobsReply[] = [];
	const download = new BlockDownload({
		thing: 't1',
		stream: 'release-2',
		fileId: 0,
		sizeBytes: file.length,
		blockSizeBytes: 4096,
		windowBlocks: 4,
		format: 'cbor',
		streamVersion: 1,
		send,
		hasBlock: (block) => have.has(block),
		onBlock: (block, bytes) => {
			have.add(block);
			stored.set(bytes, block * 4096);
		},
		onDone: () => jobs.update('j1', { status: 'SUCCEEDED', expectedVersion: 2 }, (reply) => ended.push(reply)),
		onRejected: (code) => t.fail(code),
	});
	peer.onPublish = (topic, payload) => jobs.receive(topic, payload) || download.receive(topic, payload) || t.fail(topic);
	peer.subscribe([...jobs.subscriptions, ...download.subscriptions], 0);
	await settle();
	peer.publish(reportTopic('t1'), encodeDeviceReport(REPORT));
	jobs.startNext({}, (reply) => (reply.accepted ? download.requestMore() : t.fail(reply.code)));
	await settle();
	t.deepEqual(stored, Buffer.from(file));
	t.like(ended, [{ accepted: true }]);
	t.is(cloud.jobStatus('t1', 'j1'), 'SUCCEEDED');
	t.is(cloud.jobStatus('t2', 'j1'), 'QUEUED');
	t.is(cloud.jobStatus('t1', 'j9'), null);
	t.is(cloud.believedVersion('t1'), '1.0.0');
	t.is(cloud.believedVersion('t2'), null);
	t.deepEqual(cloud.lastReport('t1'), REPORT);
	t.is(cloud.newestJob('t1')?.jobId, 'j1');
	t.is(cloud.connectedThings, 1);
	t.deepEqual(
		changes.map(({ thing, status, by }) => [thing, status, by]),
		[
			['t1', 'QUEUED', 'service'],
			['t2', 'QUEUED', 'service'],
			['t1', 'IN_PROGRESS', 'device'],
			['t1', 'SUCCEEDED', 'device'],
		],
	);
	peer.destroy();
	await settle();
	t.deepEqual(told, ['t1 connected', 't1 reports 1.0.0', 't1 disconnected']);
});

withCloud('answers come at the QoS of the subscription, once where filters overlap, and in order', async (t, { cloud, settle }) => {
	for (const qos of [0, 1] as const) {
		const thing = `t${qos}`;
		const prefix = `$aws/things/${thing}/jobs/`;
		cloud.createJob({ jobId: `j-${thing}`, document: {}, things: [thing] });
		const peer = new Peer(cloud, { thing });
		peer.subscribe([`${prefix}+/update/+`, `${prefix}j-${thing}/update/accepted`, `${prefix}notify`, `${prefix}notify-next`], qos);
		await settle();
		for (const status of ['IN_PROGRESS', 'SUCCEEDED']) peer.publish(`${prefix}j-${thing}/update`, JSON.stringify({ status }), { qos: 1 });
		await settle();
		t.deepEqual(
			peer.publishes.map((packet) => [packet.topic.slice(prefix.length), packet.qos, packet.retain]),
			[
				[`j-${thing}/update/accepted`, qos, false],
				[`j-${thing}/update/accepted`, qos, false],
				['notify', qos, false],
				['notify-next', qos, false],
			],
		);
		t.is(peer.packets.filter(({ cmd }) => cmd === 'puback').length, 2);
	}
});

withCloud('a notification nobody subscribed to is not sent, and a subscription that ends counts no more', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1' });
	await settle();
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t1'] });
	await settle();
	t.deepEqual(peer.topics, []);
	t.is(cloud.stats.undelivered, 2);
	peer.subscribe([`${T1}notify`]);
	await settle();
	cloud.createJob({ jobId: 'j2', document: {}, things: ['t1'] });
	await settle();
	t.deepEqual(peer.topics, [`${T1}notify`]);
	peer.send({ cmd: 'unsubscribe', messageId: 99, unsubscriptions: [`${T1}notify`] });
	await settle();
	cloud.createJob({ jobId: 'j3', document: {}, things: ['t1'] });
	await settle();
	t.is(peer.topics.length, 1);
});

withCloud('an answer of Jobs goes to whoever asked, subscribed or not, and to nobody else', async (t, { cloud, settle }) => {
	const [asking, other] = [new Peer(cloud, { thing: 't1' }), new Peer(cloud, { thing: 't2' })];
	asking.publish(`${T1}get`, '{}');
	asking.publish(`${T1}no-such-job/get`, '{}');
	asking.publish('$aws/things/t1/streams/none/describe/json', '{}');
	await settle();
	t.deepEqual(asking.topics, [`${T1}get/accepted`, `${T1}no-such-job/get/rejected`]);
	t.deepEqual(other.topics, []);
	t.is(cloud.stats.undelivered, 1, 'an answer of a stream is for those who subscribed');
});

for (const [title, change] of [
	['a wrong secret', { password: 'secret of t2' }],
	['a client id of another thing', { clientId: 't2' }],
	['another thing’s name with its own secret', { username: 't2' }],
	['an empty client id', { clientId: '' }],
] as const) {
	withCloud(`${title} is refused with a return code, and counted`, async (t, { cloud, settle, told }) => {
		const peer = new Peer(cloud, { thing: 't1', ...change });
		await settle();
		t.like(peer.packets, [{ cmd: 'connack', returnCode: 5 }]);
		t.true(peer.closed);
		t.is(cloud.stats.refusedConnections, 1);
		t.is(cloud.connectedThings, 0);
		t.deepEqual(told, []);
	});
}

withCloud('what follows CONNECT at once waits for the CONNACK and is then done in order', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1' });
	peer.subscribe([`${T1}get/+`]);
	for (let request = 0; request < 20; request++) peer.publish(`${T1}get`, JSON.stringify({ clientToken: `${request}` }), { qos: 1 });
	await settle();
	const tokens = peer.publishes.map(({ payload }) => (JSON.parse(payload.toString()) as { clientToken: string }).clientToken);
	t.deepEqual(
		tokens,
		Array.from({ length: 20 }, (_, request) => `${request}`),
	);
	t.is(peer.packets[0]?.cmd, 'connack');
});

withCloud('nothing that an unknown client sends behind its CONNECT has an effect', async (t, { cloud, settle, changes, told }) => {
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t1', 'null'] });
	const peer = new Peer(cloud, { thing: 't1', password: 'wrong' });
	peer.subscribe([`${T1}#`, '$aws/things/null/#']);
	for (const thing of ['t1', 'null']) {
		peer.publish(`$aws/things/${thing}/jobs/j1/update`, '{"status":"FAILED"}');
		peer.publish(reportTopic(thing), encodeDeviceReport(REPORT));
	}
	await settle();
	t.true(peer.closed);
	t.deepEqual(
		peer.packets.map(({ cmd }) => cmd),
		['connack'],
	);
	t.is(changes.length, 2);
	t.deepEqual(told, []);
	t.is(cloud.stats.requests, 0);
});

withCloud('a publish to another thing’s topics ends the connection and reaches nobody', async (t, { cloud, settle, changes }) => {
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t2'] });
	for (const topic of ['$aws/things/t2/jobs/j1/update', 'blackstart/things/t2/report', '$SYS/x', 'anything']) {
		const peer = new Peer(cloud, { thing: 't1' });
		await settle();
		peer.publish(topic, JSON.stringify({ status: 'FAILED', ...REPORT }));
		await settle();
		t.true(peer.closed, topic);
	}
	t.is(cloud.stats.refusedPublishes, 4);
	t.is(changes.length, 1);
	t.is(cloud.believedVersion('t2'), null);
});

withCloud('a subscription to another thing’s topics is refused alone, the others hold', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1' });
	await settle();
	peer.subscribe([`${T1}notify-next`, '$aws/things/t2/jobs/notify-next', '#', '$aws/things/+/jobs/#']);
	await settle();
	t.like(peer.packets.at(-1), { cmd: 'suback', granted: [1, 128, 128, 128] });
	t.is(cloud.stats.refusedSubscriptions, 3);
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t1', 't2'] });
	await settle();
	t.deepEqual(peer.topics, [`${T1}notify-next`]);
});

withCloud('reports that are none are counted and change nothing', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1' });
	for (const text of ['', '{', '{}', JSON.stringify({ ...REPORT, version: 1 })]) peer.publish(reportTopic('t1'), text);
	peer.publish(reportTopic('t1'), JSON.stringify({ ...REPORT, more: 1 }), { retain: true });
	await settle();
	t.is(cloud.stats.malformedReports, 4);
	t.deepEqual(cloud.lastReport('t1'), REPORT);
	const later = new Peer(cloud, { thing: 't1' });
	later.subscribe([reportTopic('t1')]);
	await settle();
	t.deepEqual(later.topics, []);
	t.true(peer.closed);
	t.is(cloud.connectedThings, 1);
});

for (const sessions of ['kept', 'lost'] as const) {
	withCloud(
		`a broker that restarts with its sessions ${sessions} cuts everyone and ${sessions === 'kept' ? 'delivers what was missed' : 'has forgotten'}`,
		async (t, { cloud, settle, told }) => {
			const lasting = new Peer(cloud, { thing: 't1', clean: false });
			const clean = new Peer(cloud, { thing: 't2' });
			lasting.subscribe([`${T1}notify-next`]);
			clean.subscribe(['$aws/things/t2/jobs/notify-next']);
			await settle();
			lasting.destroy();
			await settle();
			cloud.createJob({ jobId: 'j1', document: {}, things: ['t1'] });
			await settle();
			cloud.stop({ sessions });
			t.is(cloud.connectedThings, 0);
			const early = new Peer(cloud, { thing: 't1', clean: false });
			await settle();
			t.true(clean.closed);
			t.true(early.closed);
			t.deepEqual(early.packets, []);
			t.deepEqual(told, ['t1 connected', 't2 connected', 't1 disconnected', 't2 disconnected']);
			await cloud.start();
			const again = new Peer(cloud, { thing: 't1', clean: false });
			const cleanAgain = new Peer(cloud, { thing: 't2' });
			await settle();
			t.like(again.packets[0], { cmd: 'connack', returnCode: 0, sessionPresent: sessions === 'kept' });
			t.deepEqual(again.topics, sessions === 'kept' ? [`${T1}notify-next`] : []);
			t.is(cloud.connectedThings, 2);
			t.is(cloud.jobStatus('t1', 'j1'), 'QUEUED');
			cloud.createJob({ jobId: 'j2', document: {}, things: ['t1', 't2'] });
			cloud.cancelJob('j1');
			await settle();
			t.is(again.topics.length, sessions === 'kept' ? 2 : 0);
			t.deepEqual(cleanAgain.topics, []);
		},
	);
}

withCloud('a lasting session gets its QoS 1 messages even when QoS 0 messages overtake them', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1', clean: false });
	peer.subscribe([`${T1}notify`], 1);
	peer.subscribe([`${T1}notify-next`], 0);
	await settle();
	for (let job = 0; job < 5; job++) {
		cloud.createJob({ jobId: `j${job}`, document: {}, things: ['t1'] });
		cloud.cancelJob(`j${job}`);
		await settle();
	}
	for (const [topic, qos] of [
		['notify', 1],
		['notify-next', 0],
	] as const) {
		t.deepEqual(
			peer.publishes.filter((packet) => packet.topic === T1 + topic).map((packet) => packet.qos),
			new Array(10).fill(qos),
		);
	}
});

withCloud('a service that is down hears nothing, and says what it owes when it is back', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1' });
	peer.subscribe([`${T1}notify`, `${T1}notify-next`]);
	await settle();
	cloud.setServiceDown(true);
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t1'] });
	peer.publish(`${T1}start-next`, '{}');
	peer.publish(reportTopic('t1'), encodeDeviceReport(REPORT));
	await settle();
	t.deepEqual(peer.topics, []);
	t.is(cloud.stats.unheard, 2);
	t.is(cloud.jobStatus('t1', 'j1'), 'QUEUED');
	t.is(cloud.believedVersion('t1'), null);
	cloud.setServiceDown(false);
	await settle();
	t.deepEqual(peer.topics, [`${T1}notify`, `${T1}notify-next`]);
	peer.publish(`${T1}start-next`, '{}');
	await settle();
	t.is(cloud.jobStatus('t1', 'j1'), 'IN_PROGRESS');
});

withCloud('steps that run out of time become TIMED_OUT at their second, the earliest first', async (t, { cloud, settle, world, changes }) => {
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t1', 't2'] });
	const first = new Peer(cloud, { thing: 't1' });
	const second = new Peer(cloud, { thing: 't2' });
	first.publish(`${T1}start-next`, '{"stepTimeoutInMinutes":3}');
	second.publish('$aws/things/t2/jobs/start-next', '{"stepTimeoutInMinutes":1}');
	await settle();
	await world.clock.sleep(59_000);
	t.is(cloud.jobStatus('t2', 'j1'), 'IN_PROGRESS');
	await world.clock.sleep(1_100);
	t.is(cloud.jobStatus('t2', 'j1'), 'TIMED_OUT');
	t.is(cloud.jobStatus('t1', 'j1'), 'IN_PROGRESS');
	await world.clock.sleep(120_000);
	t.is(cloud.jobStatus('t1', 'j1'), 'TIMED_OUT');
	t.deepEqual(
		changes.slice(-2).map(({ thing, by }) => [thing, by]),
		[
			['t2', 'service'],
			['t1', 'service'],
		],
	);
});

withCloud('a thing that connects again takes over from its old connection', async (t, { cloud, settle, told }) => {
	const old = new Peer(cloud, { thing: 't1' });
	await settle();
	const young = new Peer(cloud, { thing: 't1' });
	young.subscribe([`${T1}notify-next`]);
	await settle();
	t.true(old.closed);
	t.false(young.closed);
	t.is(cloud.connectedThings, 1);
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t1'] });
	await settle();
	t.deepEqual(young.topics, [`${T1}notify-next`]);
	t.deepEqual(told, ['t1 connected', 't1 disconnected', 't1 connected']);
});

withCloud('bytes that are no MQTT end the connection and nothing else', async (t, { cloud, settle }) => {
	const healthy = new Peer(cloud, { thing: 't1' });
	for (const hex of ['00', 'ffffffffff', '10ffffff7f', '3000', `82${'ff'.repeat(20)}`]) {
		const [near, far] = createPair();
		near.on('error', () => undefined);
		cloud.accept(far);
		near.write(Buffer.from(hex, 'hex'));
	}
	await settle();
	healthy.subscribe([`${T1}get/+`]);
	healthy.publish(`${T1}get`, '{}');
	await settle();
	t.deepEqual(healthy.topics, [`${T1}get/accepted`]);
});

withCloud('a device that stops reading holds nobody up, and is cut when it has taken nothing for a second', async (t, { cloud, settle, world }) => {
	cloud.publishFile('s', [{ fileId: 0, bytes: new Uint8Array(131_072) }]);
	const stalled = new Peer(cloud, { thing: 't1' });
	const healthy = new Peer(cloud, { thing: 't2' });
	for (const [thing, peer] of [
		['t1', stalled],
		['t2', healthy],
	] as const)
		peer.subscribe([`$aws/things/${thing}/streams/+/data/json`], 1);
	await settle();
	stalled.stall();
	const atMs = world.clock.nowMs;
	for (let round = 0; round < 10; round++) {
		for (const [thing, peer] of [
			['t1', stalled],
			['t2', healthy],
		] as const)
			peer.publish(`$aws/things/${thing}/streams/s/get/json`, '{"f":0,"l":4096,"n":32}');
		await settle();
	}
	t.is(healthy.topics.length, 320);
	t.is(world.clock.nowMs - atMs, 100);
	t.false(stalled.closed);
	await world.clock.sleep(1000);
	t.true(stalled.closed);
	t.false(healthy.closed);
	t.is(cloud.connectedThings, 1);
});

withCloud('ten thousand messages at one instant to one that listens to all of them are delivered, with the stack whole', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1' });
	const other = new Peer(cloud, { thing: 't2' });
	peer.subscribe(['$aws/things/t1/#'], 0);
	await settle();
	for (let message = 0; message < 10_000; message++) {
		peer.publish('$aws/things/t1/application', `${message}`);
		other.publish('$aws/things/t2/application', `${message}`);
	}
	await settle();
	t.deepEqual(
		peer.publishes.filter(({ topic }) => topic.endsWith('/application')).map(({ payload }) => Number(payload.toString())),
		Array.from({ length: 10_000 }, (_, message) => message),
	);
});

withCloud('a removed job is taken back from the device', async (t, { cloud, settle }) => {
	const peer = new Peer(cloud, { thing: 't1' });
	peer.subscribe([`${T1}notify-next`]);
	await settle();
	cloud.createJob({ jobId: 'j1', document: {}, things: ['t1'] });
	cloud.removeJob('j1');
	await settle();
	t.is(cloud.jobStatus('t1', 'j1'), 'REMOVED');
	t.deepEqual(
		peer.publishes.map(({ payload }) => 'execution' in (JSON.parse(payload.toString()) as object)),
		[true, false],
	);
});
