import { execFile } from 'node:child_process';

export interface KernelLossOptions {
	/** Of the loopback: packets to it and from it are at stake. */
	readonly port: number;
	/** Of devices of which nothing else is said, 0-1. */
	readonly lossRatio: number;
	/** Called where nft fails later on. */
	readonly onError: (error: Error) => void;
}

/** What became of packets so far. */
export interface PacketCounts {
	readonly dropped: number;
	readonly passed: number;
}

/** Ratios are told to nft in ten-thousandths. */
const PARTS = 10_000;
/** 127.64.0.0/10: every device has a loopback address of its own in it, by which its packets are known. */
const FIRST_ADDRESS = 0x7f40_0000;
const MOST_DEVICES = 1 << 22;

/**
 * Has the kernel drop packets between devices and a port, each way, at random: a table of nftables. It needs a network namespace whose
 * owner this process is, with Debian's nftables. Rejects where nft does.
 */
export const openKernelLoss = async (options: KernelLossOptions): Promise<KernelLoss> => {
	const loss = new KernelLoss(options);
	await loss.open();
	return loss;
};

export class KernelLoss implements AsyncDisposable {
	readonly #options: KernelLossOptions;
	readonly #table: string;
	readonly #addresses = new Map<string, string>();
	/** Chains that exist. */
	readonly #chains = new Set<string>();
	/** Devices that lose another share than the rest, by the chain that is theirs. */
	readonly #exceptions = new Map<string, string>();
	#lines: string[] = [];
	#work: Promise<void> = Promise.resolve();

	constructor(options: KernelLossOptions) {
		this.#options = options;
		this.#table = `ip blackstart_${options.port}`;
	}

	/** Of a device, from which it has to dial; the same each time. */
	addressOf(device: string): string {
		const known = this.#addresses.get(device);
		if (known) return known;
		const place = this.#addresses.size + 1;
		if (place >= MOST_DEVICES) throw new RangeError(`devices: at most ${MOST_DEVICES} have addresses of the loopback`);
		const number = FIRST_ADDRESS + place;
		const address = [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
		this.#addresses.set(device, address);
		return address;
	}

	/** From now on, or milliseconds later, that share of a device's packets is lost. */
	setLoss(device: string, lossRatio: number): void {
		const before = this.#exceptions.get(device);
		const wanted = this.#chainOf(lossRatio);
		if (wanted === (before ?? this.#chainOf(this.#options.lossRatio))) return;
		const address = this.addressOf(device);
		if (before !== undefined) this.#say(`delete element ${this.#table} exceptions { ${address} }`);
		this.#say(`add element ${this.#table} exceptions { ${address} : goto ${wanted} }`);
		this.#exceptions.set(device, wanted);
	}

	/** As nft counted them. */
	async readCounts(): Promise<PacketCounts> {
		await this.#work;
		const counts = { dropped: 0, passed: 0 };
		for (const [, packets, drop] of (await runNft(['list', 'table', ...this.#table.split(' ')])).matchAll(/counter packets (\d+) bytes \d+( drop)?$/gm))
			counts[drop === undefined ? 'passed' : 'dropped'] += Number(packets);
		return counts;
	}

	async open(): Promise<void> {
		const { port, lossRatio } = this.#options;
		this.#lines.push(`add table ${this.#table}`, `add map ${this.#table} exceptions { type ipv4_addr : verdict; }`);
		const rest = this.#chainOf(lossRatio);
		this.#lines.push(`add chain ${this.#table} input { type filter hook input priority 0; policy accept; }`);
		for (const verdict of ['vmap @exceptions', `127.64.0.0/10 goto ${rest}`])
			for (const [end, side] of [
				['dport', 'saddr'],
				['sport', 'daddr'],
			] as const)
				this.#lines.push(`add rule ${this.#table} input tcp ${end} ${port} ip ${side} ${verdict}`);
		await runNft(['-f', '-'], this.#takeLines());
	}

	/** The table goes with its namespace at the latest. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.#work;
		await runNft(['delete', 'table', ...this.#table.split(' ')]);
	}

	/** The chain of a ratio, made where it is new. */
	#chainOf(lossRatio: number): string {
		const parts = Math.round(lossRatio * PARTS);
		const chain = `loss_${parts}`;
		if (this.#chains.has(chain)) return chain;
		this.#chains.add(chain);
		this.#say(
			`add chain ${this.#table} ${chain}`,
			...(parts === 0 ? [] : [`add rule ${this.#table} ${chain} numgen random mod ${PARTS} < ${parts} counter drop`]),
			`add rule ${this.#table} ${chain} counter`,
		);
		return chain;
	}

	/** All that is said in one turn goes to nft at once. */
	#say(...lines: readonly string[]): void {
		if (this.#lines.length === 0)
			this.#work = this.#work
				.then(async () => {
					await new Promise<void>((resolve) => setImmediate(resolve));
					if (this.#lines.length > 0) await runNft(['-f', '-'], this.#takeLines());
				})
				.catch(this.#options.onError);
		this.#lines.push(...lines);
	}

	#takeLines(): string {
		const text = `${this.#lines.join('\n')}\n`;
		this.#lines = [];
		return text;
	}
}

const NFT_WITHIN_MS = 10_000;
/** A table of some hundred thousand devices. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

const runNft = (values: readonly string[], input = ''): Promise<string> =>
	new Promise((resolve, reject) => {
		const child = execFile(
			'nft',
			[...values],
			{ timeout: NFT_WITHIN_MS, maxBuffer: MOST_ANSWER_BYTES, env: { ...process.env, PATH: `/usr/sbin:/sbin:${process.env.PATH ?? ''}` } },
			(error, stdout, stderr) => {
				if (error) reject(new Error(`nft ${values.join(' ')}: ${stderr.trim().split('\n')[0] || error.message}`, { cause: error }));
				else resolve(stdout);
			},
		);
		// It may end before it has read all, which its exit tells.
		child.stdin?.on('error', () => {});
		child.stdin?.end(input);
	});
